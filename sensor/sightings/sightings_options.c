// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sightings_options.h"

static const struct option_choice choices[] = {
	{ "auto", SIGHTINGS_AUTO },
	{ "yes", SIGHTINGS_YES },
	{ "no", SIGHTINGS_NO },
	{ 0 },
};

#define AT(member) offsetof(struct sightings_config, member)

const struct option sightings_options[] = {
	{ "sightings.enabled", OPTION_CHOICE, AT(enabled), "auto", 0, 0, choices, CHANGE_RESTART,
		"keep what was seen, to look back (sekisho hunt); auto: when capturing live, not of files" },
	{ "sightings.path", OPTION_STRING, AT(path), "/var/lib/sekisho/sightings", 0, 0, NULL, CHANGE_RESTART,
		"folder it is kept in" },
	{ "sightings.keep-days", OPTION_UINT, AT(keep_days), "30", 1, 3650, NULL, CHANGE_RESTART,
		"days after which what was not seen again is forgotten" },
	{ "sightings.max-size", OPTION_SIZE, AT(max_bytes), "2 GiB", 1u << 20, 0, NULL, CHANGE_RESTART,
		"bytes on disk; what was not seen for the longest time goes first" },
	{ 0 },
};
