// SPDX-License-Identifier: GPL-3.0-or-later
// Sightings options: whether what was seen is kept, where, for how long.
#pragma once
#include "decoders/base/option.h"

enum sightings_choice { SIGHTINGS_AUTO, SIGHTINGS_YES, SIGHTINGS_NO };

struct sightings_config {
	int enabled; // enum sightings_choice
	char *path;
	uint64_t keep_days, max_bytes;
};
extern const struct option sightings_options[];
