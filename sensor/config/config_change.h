// SPDX-License-Identifier: GPL-3.0-or-later
// Config change: which settings differ between two configurations.
//
// Memory       scratch only
// Threads      any; neither configuration may be written meanwhile
#pragma once
#include "sensor/config/config.h"

// Calls each for every option whose value differs, once a key.
void config_changes(const struct sensor_config *before, const struct sensor_config *now,
	void (*each)(void *context, const struct option *option), void *context);
