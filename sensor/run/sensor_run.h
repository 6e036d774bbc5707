// SPDX-License-Identifier: GPL-3.0-or-later
// Sensor run: sets up rules, workers and sinks, reads captures or interfaces until they end or a stop is asked for, and says what was seen.
//
// Threads      called from the main thread; makes one thread a worker, one for the collector
#pragma once
#include "sensor/config/config.h"

enum run_result {
	RUN_OK = 0,
	RUN_FAULT = 1, // something at run time: a capture or sink failed
	RUN_BAD_CONFIG = 2,
};

struct pipeline;
struct rule_set;

// What a run leaves behind, before it is freed.
struct run_outcome {
	const struct rule_set *rules;
	struct pipeline *const *pipelines; // finished
	unsigned workers;
	uint64_t packets; // read
	double read_s;    // machine time
};

struct command_line;

struct run_options {
	const struct sensor_config *config;
	const struct command_line *command; // what config is from: a reload reads it again; NULL: it does not
	const char *read_path;              // -r; NULL: live
	const char *const *interfaces;      // -i; NULL-terminated
	const char *only_rules;             // -S; NULL: those of the config
	const char *const *more_rules;      // -s; NULL-terminated
	bool simulate_ips;
	bool test_only;                                                     // -T
	bool progress;                                                      // a terminal: show how far reading is
	bool quiet;                                                         // no summary
	void (*finished)(void *context, const struct run_outcome *outcome); // when all is read; may be NULL
	void *finished_context;
};

enum run_result sensor_run(const struct run_options *options);
