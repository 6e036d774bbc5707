// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/stats/stats.h"
#include <stdlib.h>
#include <string.h>
#include "sensor/config/config.h"

// The one counter that is a maximum: its sum over workers says nothing.
static size_t row_of_max(const struct pipeline *pipeline, size_t rows)
{
	size_t row = 0;
	while (row < rows && strcmp(pipeline_counter_name(pipeline, row), "decoder.max_pkt_size") != 0)
		row++;
	return row;
}

void stats_sum(struct pipeline *const *pipelines, unsigned count, uint64_t *values)
{
	size_t rows = pipeline_counter_count(pipelines[0]), max_row = row_of_max(pipelines[0], rows);
	uint64_t max = 0;
	memset(values, 0, rows * sizeof(*values));
	for (unsigned i = 0; i < count; i++) {
		uint64_t before = max_row < rows ? values[max_row] : 0;
		pipeline_read(pipelines[i], values);
		if (max_row < rows && values[max_row] - before > max)
			max = values[max_row] - before;
	}
	if (max_row < rows)
		values[max_row] = max;
}

static uint64_t sum_named(const struct pipeline *pipeline, const uint64_t *values, size_t rows, const char *name)
{
	for (size_t i = 0; i < rows; i++)
		if (strcmp(pipeline_counter_name(pipeline, i), name) == 0)
			return values[i];
	return 0;
}

// eve_stats wants names grouped by prefix: sorting does that.
static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct eve_stat *)a)->name, ((const struct eve_stat *)b)->name);
}

// Share of the fullest budget in use, in percent.
static uint64_t pressure_of(
	const struct sensor_config *config, const struct pipeline *pipeline, const uint64_t *values, size_t rows)
{
	const struct {
		const char *used;
		uint64_t budget;
	} budgets[] = {
		{ "flow.memuse", config->flow.memcap_bytes },
		{ "tcp.memuse", config->stream.memcap_bytes },
		{ "tcp.reassembly_memuse", config->stream.reassembly_memcap_bytes },
	};
	uint64_t pressure = 0;
	for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
		uint64_t used = sum_named(pipeline, values, rows, budgets[i].used);
		uint64_t percent = budgets[i].budget ? used * 100 / budgets[i].budget : 0;
		pressure = percent > pressure ? percent : pressure;
	}
	return pressure;
}

// What the collector's thresholds kept back was no alert. Workers publish their counters now and then, so there may be fewer alerts than that.
static void move_held(struct eve_stat *stats, size_t rows, uint64_t held)
{
	for (size_t i = 0; i < rows; i++) {
		if (strcmp(stats[i].name, "detect.alert") == 0)
			stats[i].value -= held < stats[i].value ? held : stats[i].value;
		else if (strcmp(stats[i].name, "detect.alerts_suppressed") == 0)
			stats[i].value += held;
	}
}

#define FACTS_MAX 10

// The rows that no worker counts. Gives their number.
static size_t fact_rows(struct eve_stat *stats, const struct stats_facts *facts, const struct pipeline *pipeline,
	const uint64_t *values, size_t rows)
{
	const uint64_t packets = sum_named(pipeline, values, rows, "decoder.pkts"),
		       bytes = sum_named(pipeline, values, rows, "decoder.bytes");
	const uint64_t pressure = pressure_of(facts->config, pipeline, values, rows);
	size_t n = 0;
	if (pressure > *facts->pressure_max)
		*facts->pressure_max = pressure;
	stats[n++] =
		(struct eve_stat) { "capture.kernel_packets", facts->capture.received + facts->capture.kernel_drops };
	stats[n++] = (struct eve_stat) { "capture.kernel_drops", facts->capture.kernel_drops };
	stats[n++] = (struct eve_stat) { "capture.kernel_ifdrops", facts->capture.interface_drops };
	stats[n++] = (struct eve_stat) { "decoder.avg_pkt_size", packets ? bytes / packets : 0 };
	stats[n++] = (struct eve_stat) { "memcap.pressure", pressure };
	stats[n++] = (struct eve_stat) { "memcap.pressure_max", *facts->pressure_max };
	stats[n++] = (struct eve_stat) { "file_store.fs_errors", facts->file_errors };
	if (facts->rules) {
		stats[n++] = (struct eve_stat) { "detect.engines.0.rules_loaded", facts->rules->count };
		stats[n++] = (struct eve_stat) { "detect.engines.0.rules_failed", facts->rules->failed };
		stats[n++] = (struct eve_stat) { "detect.engines.0.rules_skipped", facts->rules->skipped };
	}
	return n;
}

bool stats_write(struct eve_writer *eve, struct json *json, struct record *record, uint64_t ts_ns, uint64_t uptime_s,
	struct pipeline *const *pipelines, unsigned count, const struct stats_facts *facts)
{
	size_t rows = pipeline_counter_count(pipelines[0]);
	uint64_t *values = calloc(rows, sizeof(*values));
	struct eve_stat *stats = calloc(rows + FACTS_MAX, sizeof(*stats));
	bool written = false;
	if (values && stats) {
		stats_sum(pipelines, count, values);
		for (size_t i = 0; i < rows; i++)
			stats[i] = (struct eve_stat) { pipeline_counter_name(pipelines[0], i), values[i] };
		move_held(stats, rows, facts->alerts_held);
		size_t all = rows + fact_rows(stats + rows, facts, pipelines[0], values, rows);
		qsort(stats, all, sizeof(*stats), by_name);
		written = eve_stats(eve, json, record, ts_ns, uptime_s, stats, all);
	}
	free(values);
	free(stats);
	return written;
}
