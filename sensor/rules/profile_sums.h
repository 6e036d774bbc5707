// SPDX-License-Identifier: GPL-3.0-or-later
// Profile sums: what rules cost in a run, over all workers.
//
// Life cycle   zeroed -> profile_sums_take when a run is over -> profile_sums_sort -> profile_sums_free
// Memory       a row a rule that was checked, with copies of what is shown
#pragma once
#include "sensor/run/sensor_run.h"
#include "signatures/engine/engine.h"

struct profile_row {
	uint32_t sid, gid, rev;
	char *msg;
	struct engine_profile cost;
};

struct profile_sums {
	struct profile_row *rows;
	uint32_t count, rules; // rules: of the set
	struct engine_stages stages;
	uint64_t packets, rules_ns; // rules_ns: of all rows
	double read_s;
	bool failed; // no memory
};

// A run_options.finished; the context is the sums.
void profile_sums_take(void *sums, const struct run_outcome *outcome);

enum profile_order {
	PROFILE_BY_TIME,
	PROFILE_BY_AVERAGE,
	PROFILE_BY_CHECKS,
	PROFILE_BY_MATCHES,
	PROFILE_BY_OVER,
	PROFILE_ORDERS
};
extern const char *const profile_order_names[PROFILE_ORDERS]; // "time", "average" ...
// The largest first.
void profile_sums_sort(struct profile_sums *sums, enum profile_order order);
void profile_sums_free(struct profile_sums *sums);
