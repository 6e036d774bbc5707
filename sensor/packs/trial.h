// SPDX-License-Identifier: GPL-3.0-or-later
// Trial: reads a capture with rules in this process, and counts the alerts of each; with a trace, also why rules did not match.
#pragma once
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/rules_load.h"
#include "signatures/engine/trace.h"

struct trial {
	const struct sensor_config *config; // trial_config made it fit
	const struct rules *rules;
	const char *capture;
	struct engine_trace *trace; // NULL: none
	// Result
	uint64_t *alerts; // by rule index; the caller frees it
	uint64_t *first;  // number of the first alert's packet
	uint64_t packets;
};

// Leaves out what only events need.
void trial_config(struct sensor_config *config);
// False: told on standard error.
bool trial_run(struct trial *trial);
void trial_fini(struct trial *trial);
