// SPDX-License-Identifier: GPL-3.0-or-later
// Threshold: limits how often a rule alerts (threshold, detection_filter, rate_filter, suppress, backoff), by rule, source, target, pair or flow.
//
// Life cycle   threshold_table_new -> threshold_apply per alert, in packet order -> threshold_table_free
// Memory       a table of fixed size, keyed hash; full: the oldest expired entry goes, else the oldest
// Threads      none of its own: one worker uses its table alone; with several workers the collector applies it to alerts in packet order, so
//              that the outcome does not depend on their number
#pragma once
#include "signatures/rule/rule.h"

struct rule_set;

struct threshold_table;

struct threshold_table *threshold_table_new(size_t memcap_bytes);
void threshold_table_free(struct threshold_table *table);

struct threshold_event {
	const struct rule *rule;
	struct address src, dst; // of the packet
	uint64_t flow_id;
	uint64_t ts_ns; // packet time
};

enum threshold_answer {
	THRESHOLD_PASS,     // event is written
	THRESHOLD_SILENT,   // no event; the action still holds (limit used up, suppress)
	THRESHOLD_NO_MATCH, // as if the rule had not matched (detection_filter, threshold not yet over its count)
};

// new_action is set to a rate_filter's action when one is in force, else left alone.
enum threshold_answer threshold_apply(
	struct threshold_table *table, const struct threshold_event *event, uint8_t *new_action);
// Does a suppress line take this event out, whatever else was counted? Needs no table.
bool threshold_suppressed(const struct threshold_event *event);
// The same of a detector's alert, by the lines kept in set. inside: the host it is about, whichever end of the event it is; "track by_src" means it, too.
bool threshold_suppressed_of(
	const struct rule_set *set, const struct threshold_event *event, const struct address *inside);
// Rules whose outcome depends on other flows: true when rule has thresholds at all.
static inline bool threshold_needed(const struct rule *rule)
{
	return rule->threshold_count != 0;
}
