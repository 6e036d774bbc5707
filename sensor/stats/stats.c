// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/stats/stats.h"
#include <stdlib.h>
#include <string.h>

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

uint64_t stats_value(struct pipeline *const *pipelines, unsigned count, const char *name)
{
	size_t rows = pipeline_counter_count(pipelines[0]);
	uint64_t *values = calloc(rows, sizeof(*values)), found = 0;
	if (!values)
		return 0;
	stats_sum(pipelines, count, values);
	for (size_t i = 0; i < rows; i++)
		if (strcmp(pipeline_counter_name(pipelines[0], i), name) == 0)
			found = values[i];
	free(values);
	return found;
}

// eve_stats wants names grouped by prefix: sorting does that.
static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct eve_stat *)a)->name, ((const struct eve_stat *)b)->name);
}

bool stats_write(struct eve_writer *eve, struct json *json, struct record *record, uint64_t ts_ns, uint64_t uptime_s,
	struct pipeline *const *pipelines, unsigned count, const struct capture_counts *capture)
{
	size_t rows = pipeline_counter_count(pipelines[0]);
	uint64_t *values = calloc(rows, sizeof(*values));
	struct eve_stat *stats = calloc(rows + 4, sizeof(*stats));
	bool written = false;
	if (values && stats) {
		stats_sum(pipelines, count, values);
		for (size_t i = 0; i < rows; i++)
			stats[i] = (struct eve_stat) { pipeline_counter_name(pipelines[0], i), values[i] };
		stats[rows] = (struct eve_stat) { "capture.kernel_packets", capture->received + capture->kernel_drops };
		stats[rows + 1] = (struct eve_stat) { "capture.kernel_drops", capture->kernel_drops };
		stats[rows + 2] = (struct eve_stat) { "capture.kernel_ifdrops", capture->interface_drops };
		uint64_t packets = sum_named(pipelines[0], values, rows, "decoder.pkts");
		uint64_t bytes = sum_named(pipelines[0], values, rows, "decoder.bytes");
		stats[rows + 3] = (struct eve_stat) { "decoder.avg_pkt_size", packets ? bytes / packets : 0 };
		qsort(stats, rows + 4, sizeof(*stats), by_name);
		written = eve_stats(eve, json, record, ts_ns, uptime_s, stats, rows + 4);
	}
	free(values);
	free(stats);
	return written;
}
