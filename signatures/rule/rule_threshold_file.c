// SPDX-License-Identifier: GPL-3.0-or-later
// threshold.config: limits, rate filters and suppressions put on rules from outside. gen_id 0 stands for all rules, sig_id 0 for all of a
// gen_id; a rule's own threshold gives way to one written for its sid, and stays before one written for all.
#include "signatures/rule/rule_build.h"
#include "signatures/rule/rule_text.h"
#include <stdlib.h>

struct rule_threshold_line {
	uint32_t gid, sid, line;
	struct rule_threshold threshold;
};

static const struct field_name kinds[] = { { "threshold", THRESHOLD_THRESHOLD },
	{ "event_filter", THRESHOLD_THRESHOLD }, { "rate_filter", THRESHOLD_RATE }, { "suppress", THRESHOLD_SUPPRESS },
	{ 0 } };
static const struct field_name types[] = { { "limit", THRESHOLD_LIMIT }, { "threshold", THRESHOLD_THRESHOLD },
	{ "both", THRESHOLD_BOTH }, { "backoff", THRESHOLD_BACKOFF }, { 0 } };
static const struct field_name tracks[] = { { "by_src", TRACK_SRC }, { "by_dst", TRACK_DST }, { "by_both", TRACK_BOTH },
	{ "by_rule", TRACK_RULE }, { "by_flow", TRACK_FLOW }, { "by_either", TRACK_EITHER }, { 0 } };
static const struct field_name new_actions[] = { { "alert", RULE_ALERT }, { "drop", RULE_DROP }, { "pass", RULE_PASS },
	{ "reject", RULE_REJECT }, { 0 } };

static bool named(const struct field_name *names, struct span text, uint8_t *out)
{
	for (unsigned i = 0; names[i].name; i++)
		if (span_is_nocase(text, names[i].name)) {
			*out = (uint8_t)names[i].value;
			return true;
		}
	return false;
}

// The next "key value", commas between pairs but not inside brackets.
static bool next_pair(struct span *rest, struct span *key, struct span *value)
{
	int open = 0;
	uint32_t end = 0;
	for (; end < rest->len && (rest->data[end] != ',' || open); end++)
		open += rest->data[end] == '[' ? 1 : rest->data[end] == ']' ? -1 : 0;
	struct span pair = text_trim(span_slice(*rest, 0, end));
	*rest = text_trim(span_from(*rest, end < rest->len ? end + 1 : end));
	if (!text_word(&pair, key))
		return false;
	*value = pair;
	return true;
}

static bool line_read(struct rule_build *build, struct span text, struct rule_threshold_line *line)
{
	struct rule_threshold *threshold = &line->threshold;
	struct span kind, key, value;
	bool tracked = false;
	if (!text_word(&text, &kind) || !named(kinds, kind, &threshold->type))
		return rule_fail(build, "expected threshold, event_filter, rate_filter or suppress");
	bool suppress = threshold->type == THRESHOLD_SUPPRESS, rate = threshold->type == THRESHOLD_RATE;
	while (text.len) {
		bool good = next_pair(&text, &key, &value);
		if (good && span_is(key, "gen_id"))
			good = text_u32(value, &line->gid);
		else if (good && span_is(key, "sig_id"))
			good = text_u32(value, &line->sid);
		else if (good && span_is(key, "track"))
			tracked = good = named(tracks, value, &threshold->track);
		else if (good && span_is(key, "type") && !suppress && !rate)
			good = named(types, value, &threshold->type);
		else if (good && span_is(key, "count") && !suppress)
			good = text_u32(value, &threshold->count) && threshold->count > 0;
		else if (good && span_is(key, "seconds") && !suppress)
			good = text_u32(value, &threshold->seconds);
		else if (good && span_is(key, "multiplier") && !suppress)
			good = text_u32(value, &threshold->multiplier);
		else if (good && span_is(key, "new_action") && rate)
			good = named(new_actions, value, &threshold->new_action);
		else if (good && span_is(key, "timeout") && rate)
			good = text_u32(value, &threshold->timeout_s);
		else if (good && span_is(key, "ip") && suppress)
			good = (threshold->addresses = rule_address_set(build, value)) != NULL;
		else
			good = false;
		if (!good)
			return rule_fail(build, "\"%.*s %.*s\" does not fit here", SPAN_ARGS(key), SPAN_ARGS(value));
	}
	if (!suppress && (!tracked || threshold->count == 0 ||
				 (threshold->seconds == 0 && threshold->type != THRESHOLD_BACKOFF)))
		return rule_fail(build, "expected track, count and seconds");
	if (suppress && tracked != (threshold->addresses != NULL))
		return rule_fail(build, "track and ip go together");
	return line->sid == 0 || line->gid != 0 || rule_fail(build, "a sig_id needs a gen_id that is not 0");
}

static bool is_of_detectors(uint32_t gid)
{
	return gid >= RULE_GID_DETECTORS && gid < RULE_GID_DETECTORS_END;
}

bool rule_thresholds_load(struct rule_set *set, const char *path)
{
	struct rule_set_private *own = set->own;
	size_t len;
	char *text = rule_read_list(own, path, &len);
	if (!text)
		return false;
	struct rule_build *build = own->build;
	struct span rest = span_of(text, len);
	for (uint32_t number = 1; rest.len; number++) {
		for (uint32_t i = 0; i + 1 < rest.len && rest.data[i] != '\n'; i++)
			if (rest.data[i] == '\\' && rest.data[i + 1] == '\n') {
				text[rest.data - (const uint8_t *)text + i] =
					text[rest.data - (const uint8_t *)text + i + 1] = ' ';
				number++;
			}
		struct span row;
		if (!text_line(&rest, &row) || row.len == 0)
			continue;
		struct rule_threshold_line line = { .line = number };
		*build = (struct rule_build) { .set = set, .own = own, .arena = own->arena };
		if (!line_read(build, row, &line)) {
			rule_report(own, path, number, true, "%s; the line is left out", build->error.reason);
			continue;
		}
		if (is_of_detectors(line.gid) && line.threshold.type != THRESHOLD_SUPPRESS) {
			rule_report(own, path, number, true,
				"gen_id %u is a detector, which tells a situation once: expected suppress; the line is "
				"left out",
				line.gid);
			continue;
		}
		own->threshold_lines =
			rule_realloc(own->threshold_lines, (own->threshold_line_count + 1) * sizeof(line));
		own->threshold_lines[own->threshold_line_count++] = line;
	}
	free(text);
	return true;
}

static void threshold_put(struct rule_set *set, struct rule *rule, const struct rule_threshold *threshold, bool replace)
{
	struct rule_threshold kept[BUILD_THRESHOLDS_MAX * 4];
	unsigned count = 0;
	for (unsigned i = 0; i < rule->threshold_count && count + 1 < sizeof(kept) / sizeof(kept[0]); i++)
		if (!replace || rule->thresholds[i].type == THRESHOLD_SUPPRESS)
			kept[count++] = rule->thresholds[i];
	kept[count++] = *threshold;
	rule->thresholds = rule_arena_copy(set->own->arena, kept, count * sizeof(kept[0]));
	rule->threshold_count = (uint16_t)count;
}

// Detectors' rules are in no set: lines about them are kept beside it.
static void keep_suppressions(struct rule_set *set)
{
	const struct rule_set_private *own = set->own;
	struct rule_suppression *kept = rule_arena_take(own->arena, own->threshold_line_count * sizeof(*kept));
	for (uint32_t i = 0; i < own->threshold_line_count; i++) {
		const struct rule_threshold_line *line = &own->threshold_lines[i];
		if (line->threshold.type == THRESHOLD_SUPPRESS && (!line->gid || is_of_detectors(line->gid)))
			kept[set->suppression_count++] =
				(struct rule_suppression) { line->gid, line->sid, line->threshold };
	}
	set->suppressions = kept;
}

static bool limits(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->threshold_count; i++)
		if (rule->thresholds[i].type != THRESHOLD_SUPPRESS)
			return true;
	return false;
}

void rule_thresholds_apply(struct rule_set *set)
{
	const struct rule_set_private *own = set->own;
	if (own->threshold_line_count)
		keep_suppressions(set);
	for (uint32_t i = 0; i < own->threshold_line_count; i++) {
		const struct rule_threshold_line *line = &own->threshold_lines[i];
		bool suppress = line->threshold.type == THRESHOLD_SUPPRESS;
		for (uint32_t k = 0; k < set->count; k++) {
			struct rule *rule = set->rules[k];
			if ((line->gid && rule->gid != line->gid) || (line->sid && rule->sid != line->sid))
				continue;
			if (!suppress && line->sid == 0 && limits(rule))
				continue;
			threshold_put(set, rule, &line->threshold, !suppress);
		}
	}
}
