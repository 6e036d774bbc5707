// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics: counters by dotted names as nested objects. The schema of stats is closed: what it has no place for goes out by the metrics only.
#include <stdio.h>
#include "export/eve/eve_header.h"

// Names the schema has no place for, whole or as what they begin with (a dot at the end).
static const char *const left_out[] = {
	"app_layer.detected", "app_layer.failed", "app_layer.tx_over_budget", "app_layer.error.parser", "app_layer.error.gap",
	"app_layer.error.alloc", "app_layer.ndpi_named", "app_layer.ndpi_packets", "decoder.gtpu", "decoder.igmp", "decoder.ah",
	"decoder.ipv4_invalid_checksum", "decoder.l4_invalid_checksum", "defrag.ipv4.fragments_dropped", "defrag.tracker_timeout", "defrag.memcap_drops",
	"flow.evicted_new", "flow.evicted", "flow.end.timeout", "flow.end.forced", "flow.end.shutdown", "tcp.segment_over_budget", "tcp.copied_bytes",
	"tcp.zero_copy_bytes", "detect.pcre_limit", "detect.step_limit", "detect.state_over_budget", "detect.rule_checks", "detect.prefilter_hits",
	"detect.scanned_bytes", "detect.scans", "memory.", "pipeline.", "events.", "record.", "sink.", "kafka.", "threads.", "worker.",
};

static bool is_left_out(const char *name)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		size_t len = strlen(left_out[i]);
		if (left_out[i][len - 1] == '.' ? strncmp(name, left_out[i], len) == 0 : strcmp(name, left_out[i]) == 0)
			return true;
	}
	return false;
}

static bool below(const char *name, const char *prefix, size_t len)
{
	return strncmp(name, prefix, len) == 0;
}

// All values whose names begin with the first len bytes of prefix; a name's next part opens an object where it is met first.
static void write_level(struct json *json, const struct eve_stat *stats, size_t count, const char *prefix, size_t len)
{
	char key[64];
	for (size_t i = 0; i < count; i++) {
		if (!below(stats[i].name, prefix, len) || is_left_out(stats[i].name))
			continue;
		const char *part = stats[i].name + len, *dot = strchr(part, '.');
		if (!dot) {
			json_uint(json, part, stats[i].value);
			continue;
		}
		size_t part_len = (size_t)(dot - part) + 1; // with its dot
		bool seen = false;
		for (size_t j = 0; j < i && !seen; j++)
			seen = below(stats[j].name, stats[i].name, len + part_len) && !is_left_out(stats[j].name);
		if (seen || json->depth + 2 >= JSON_DEPTH_MAX)
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)part_len - 1, part);
		json_object(json, key);
		write_level(json, stats + i, count - i, stats[i].name, len + part_len);
		json_object_end(json);
	}
}

bool eve_stats(struct eve_writer *writer, struct json *json, struct record *record, uint64_t ts_ns, uint64_t uptime_s, const struct eve_stat *stats,
	size_t count)
{
	if (!writer->config->stats)
		return false;
	const struct eve_event event = { .type = RECORD_STATS, .name = "stats", .ts_ns = ts_ns };
	eve_header(writer, json, record, &event);
	json_object(json, "stats");
	json_uint(json, "uptime", uptime_s);
	write_level(json, stats, count, "", 0);
	json_object_end(json);
	return true;
}
