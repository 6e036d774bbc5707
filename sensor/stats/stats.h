// SPDX-License-Identifier: GPL-3.0-or-later
// Stats: sums the workers' published counters into one stats event.
//
// Threads      any thread may read published counters; the event is written by the collector
#pragma once
#include "export/eve/eve.h"
#include "sensor/pipeline/pipeline.h"

// Sums of every pipeline's counters in the order of pipeline_counter_name. values: pipeline_counter_count entries.
void stats_sum(struct pipeline *const *pipelines, unsigned count, uint64_t *values);
struct stats_rules {
	uint32_t count, failed, skipped;
};
// What the stats event tells besides the workers' counters.
struct stats_facts {
	const struct sensor_config *config;
	const struct stats_rules *rules; // NULL: not told
	struct capture_counts capture;
	uint64_t alerts_held;   // alerts workers gave that thresholds over all workers kept from being written
	uint64_t file_errors;   // files the disk did not take
	uint64_t *pressure_max; // highest memcap.pressure so far; updated
};

// The stats event. False: the family is off, or no memory.
bool stats_write(struct eve_writer *eve, struct json *json, struct record *record, uint64_t ts_ns, uint64_t uptime_s,
	struct pipeline *const *pipelines, unsigned count, const struct stats_facts *facts);
