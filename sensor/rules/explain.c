// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules explain`: what the engine makes of a rule. One description is made, as JSON; the text is written from it.
#include "signatures/check/explain.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/verb/tool_json.h"
#include "sensor/rules/tool_rules.h"
#include "sensor/rules/verbs.h"
#include "signatures/check/rule_findings.h"
#include "signatures/check/words.h"

static verb_run run;

const struct verb rules_explain = { &rules_tool, "explain", "SID... [OPTION...]",
	"what the engine makes of a rule: groups, fast pattern, buffers, conditions in order", run };

#define GROUPS_MAX 128
#define OTHERS_MAX 8 // rules that set or read a bit, named

static json_t *groups_of(const struct explain *explain, const struct rule *rule)
{
	struct explain_group *groups = calloc(GROUPS_MAX, sizeof(*groups));
	json_t *array = json_array();
	unsigned count = groups ? explain_groups(explain, rule, groups, GROUPS_MAX) : 0;
	for (unsigned i = 0; i < count; i++) {
		json_t *group = json_object();
		tool_json_text(group, "group", groups[i].text);
		tool_json_number(group, "rules", groups[i].rules);
		json_array_append_new(array, group);
	}
	free(groups);
	return array;
}

static json_t *pattern_of(const struct explain *explain, const struct rule *rule)
{
	struct explain_pattern pattern = explain_pattern(explain, rule);
	json_t *object = json_object();
	char text[512];
	struct words words;
	if (pattern.some) {
		words_begin(&words, text, sizeof(text));
		words_bytes(&words, pattern.bytes, 64);
		tool_json_text(object, "content", text);
		tool_json_number(object, "bytes", pattern.bytes.len);
		tool_json_bool(object, "nocase", pattern.nocase);
		tool_json_text(object, "buffer", rule_buffer_describe(rule, pattern.buffer, text, sizeof(text)));
		if (pattern.max_end)
			tool_json_number(object, "ends_within", pattern.max_end);
	}
	tool_json_text(object, "why", pattern.why);
	return object;
}

static json_t *reader_of(const struct field_reader *reader)
{
	const struct app_parser *parser = app_parser_of(reader->proto);
	const char *const *names = parser ? parser->progress_names[reader->direction] : NULL;
	unsigned known = 0;
	json_t *object = json_object();
	while (names && names[known])
		known++;
	tool_json_text(object, "protocol", reader->proto == APP_UNKNOWN ? "packet" : app_proto_name(reader->proto));
	tool_json_text(object, "direction", reader->direction == TO_SERVER ? "to_server" : "to_client");
	if (reader->proto == APP_UNKNOWN)
		return object;
	if (reader->progress < known)
		tool_json_text(object, "from", names[reader->progress]);
	tool_json_number(object, "progress", reader->progress);
	return object;
}

static json_t *buffers_of(const struct rule *rule)
{
	json_t *array = json_array();
	for (unsigned b = 0; b < rule->buffer_count; b++) {
		const struct rule_buffer *buffer = &rule->buffers[b];
		char name[256];
		json_t *object = json_object(), *readers = json_array();
		tool_json_text(object, "buffer", rule_buffer_describe(rule, b, name, sizeof(name)));
		tool_json_number(object, "conditions", buffer->match_count);
		if (buffer->place == PLACE_FIELD) {
			tool_json_text(object, "about", buffer->field->description);
			for (const struct field_reader *reader = buffer->field->readers; reader && reader->get;
				reader++) {
				bool asked = rule->app_proto == APP_UNKNOWN || reader->proto == APP_UNKNOWN ||
					     app_proto_matches(rule->app_proto, reader->proto);
				bool side = !(rule->flags & (reader->direction == TO_SERVER ? RULE_FLOW_TO_CLIENT
											    : RULE_FLOW_TO_SERVER));
				if (asked && side)
					json_array_append_new(readers, reader_of(reader));
			}
		}
		json_object_set_new(object, "read", readers);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *conditions_of(const struct explain *explain, const struct rule_set *set, const struct rule *rule)
{
	struct rule_part parts[RULE_PARTS_MAX];
	json_t *array = json_array();
	char text[1024];
	unsigned count = explain_order(explain, rule, parts, RULE_PARTS_MAX);
	for (unsigned i = 0; i < count; i++)
		if (parts[i].kind != PART_THRESHOLD)
			tool_json_add(array, rule_part_describe(set, rule, &parts[i], text, sizeof(text)));
	return array;
}

static json_t *thresholds_of(const struct rule_set *set, const struct rule *rule)
{
	json_t *array = json_array();
	char text[512];
	for (unsigned i = 0; i < rule->threshold_count; i++) {
		struct rule_part part = { .kind = PART_THRESHOLD, .index = (uint16_t)i };
		tool_json_add(array, rule_part_describe(set, rule, &part, text, sizeof(text)));
	}
	return array;
}

// Do two tests or actions name one bit?
static bool same_bit(const struct rule_test *a, const struct rule_test *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == TEST_FLOWINT)
		return a->flowint.var == b->flowint.var;
	if (a->kind == TEST_XBITS)
		return a->xbits.bit == b->xbits.bit;
	for (unsigned i = 0; a->kind == TEST_FLOWBITS && i < a->flowbits.count; i++)
		for (unsigned k = 0; k < b->flowbits.count; k++)
			if (a->flowbits.bits[i] == b->flowbits.bits[k])
				return true;
	return false;
}

static bool keeps_state(const struct rule_test *test)
{
	return test->kind == TEST_FLOWBITS || test->kind == TEST_FLOWINT || test->kind == TEST_XBITS;
}

// Other rules that set (of a test) or read (of an action) the same.
static void add_others(
	json_t *object, const struct rule_set *set, const struct rule *rule, const struct rule_test *test, bool readers)
{
	json_t *sids = json_array();
	uint32_t count = 0;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *other = set->rules[i];
		const struct rule_test *tests = readers ? other->tests : other->actions;
		unsigned tests_count = readers ? other->test_count : other->action_count;
		bool some = false;
		for (unsigned k = 0; k < tests_count && !some; k++)
			some = same_bit(&tests[k], test);
		if (!some || other == rule)
			continue;
		if (count++ < OTHERS_MAX)
			json_array_append_new(sids, json_integer(other->sid));
	}
	tool_json_number(object, "rules", count);
	json_object_set_new(object, readers ? "read_by" : "set_by", sids);
}

static json_t *state_of(const struct rule_set *set, const struct rule *rule)
{
	json_t *array = json_array();
	char text[512];
	for (unsigned i = 0; i < rule->test_count; i++) {
		if (!keeps_state(&rule->tests[i]))
			continue;
		json_t *object = json_object();
		struct rule_part part = { .kind = PART_TEST, .index = (uint16_t)i };
		tool_json_text(object, "asks", rule_part_describe(set, rule, &part, text, sizeof(text)));
		add_others(object, set, rule, &rule->tests[i], false);
		json_array_append_new(array, object);
	}
	for (unsigned i = 0; i < rule->action_count; i++) {
		json_t *object = json_object();
		tool_json_text(object, "does", rule_action_describe(set, rule, i, text, sizeof(text)));
		if (keeps_state(&rule->actions[i]))
			add_others(object, set, rule, &rule->actions[i], true);
		json_array_append_new(array, object);
	}
	return array;
}

struct gathering {
	const struct rule *rule;
	json_t *array;
};

static void gather(void *context, const struct check_finding *finding)
{
	struct gathering *gathering = context;
	if (finding->rule != gathering->rule)
		return;
	json_t *object = json_object();
	tool_json_text(object, "severity", check_severity_name((enum check_severity)finding->check->severity));
	tool_json_text(object, "id", finding->check->id);
	tool_json_text(object, "reason", finding->reason);
	json_array_append_new(gathering->array, object);
}

static json_t *describe(const struct explain *explain, const struct rule_set *set, const struct rule *rule)
{
	json_t *object = json_object();
	struct gathering gathering = { rule, json_array() };
	tool_json_number(object, "sid", rule->sid);
	tool_json_number(object, "gid", rule->gid);
	tool_json_number(object, "rev", rule->rev);
	tool_json_text(object, "msg", rule->msg);
	tool_json_text(object, "file", rule->file);
	tool_json_number(object, "line", rule->line);
	tool_json_text(object, "text", rule->text);
	tool_json_text(object, "action", rule_action_name((enum rule_action)rule->action));
	tool_json_bool(object, "alerts", !(rule->flags & RULE_NOALERT));
	tool_json_number(object, "priority", rule->priority);
	tool_json_number(object, "order", rule->index + 1);
	tool_json_text(object, "asked_of", explain_type(rule));
	json_object_set_new(object, "groups", groups_of(explain, rule));
	json_object_set_new(object, "fast_pattern", pattern_of(explain, rule));
	json_object_set_new(object, "buffers", buffers_of(rule));
	json_object_set_new(object, "conditions", conditions_of(explain, set, rule));
	json_object_set_new(object, "state", state_of(set, rule));
	json_object_set_new(object, "thresholds", thresholds_of(set, rule));
	rule_set_findings(set, gather, &gathering);
	json_object_set_new(object, "findings", gathering.array);
	return object;
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static long long number_at(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void show_readers(const json_t *readers)
{
	size_t i;
	json_t *reader;
	json_array_foreach(readers, i, reader) plain_printf(stdout, "%s%s %s%s%s", i ? ", " : "; read from ",
		text_at(reader, "protocol"), text_at(reader, "direction"), text_at(reader, "from")[0] ? " at " : "",
		text_at(reader, "from"));
}

static void show_state(const json_t *state)
{
	size_t i, k;
	json_t *row, *sid;
	json_array_foreach(state, i, row)
	{
		bool asks = text_at(row, "asks")[0] != 0;
		const json_t *others = json_object_get(row, asks ? "set_by" : "read_by");
		plain_printf(stdout, "  %s %s", asks ? "asks:" : "does:", text_at(row, asks ? "asks" : "does"));
		if (others)
			plain_printf(stdout, " (%s by %lld rules", asks ? "set" : "read", number_at(row, "rules"));
		json_array_foreach(others, k, sid)
			plain_printf(stdout, "%s %lld", k ? "," : ":", (long long)json_integer_value(sid));
		plain_printf(stdout, "%s\n", others ? ")" : "");
	}
}

static void show(const json_t *rule)
{
	const json_t *pattern = json_object_get(rule, "fast_pattern");
	size_t i;
	json_t *row;
	plain_printf(stdout, "%lld:%lld rev %lld  %s\n  %s:%lld\n  %s\n\n", number_at(rule, "gid"),
		number_at(rule, "sid"), number_at(rule, "rev"), text_at(rule, "msg"), text_at(rule, "file"),
		number_at(rule, "line"), text_at(rule, "text"));
	plain_printf(stdout, "Action        %s%s, priority %lld; number %lld in order of evaluation\n",
		text_at(rule, "action"), json_is_true(json_object_get(rule, "alerts")) ? "" : " (no alert)",
		number_at(rule, "priority"), number_at(rule, "order"));
	plain_printf(stdout, "Asked of      %s\n", text_at(rule, "asked_of"));
	json_array_foreach(json_object_get(rule, "groups"), i, row) plain_printf(
		stdout, "%-13s %s (%lld rules)\n", i ? "" : "Groups", text_at(row, "group"), number_at(row, "rules"));
	plain_printf(stdout, "Fast pattern  ");
	if (text_at(pattern, "content")[0])
		plain_printf(stdout, "%s%s in %s (%lld bytes): ", text_at(pattern, "content"),
			json_is_true(json_object_get(pattern, "nocase")) ? " in any case" : "",
			text_at(pattern, "buffer"), number_at(pattern, "bytes"));
	plain_printf(stdout, "%s\n", text_at(pattern, "why"));
	if (number_at(pattern, "ends_within"))
		plain_printf(stdout, "              must end within the first %lld bytes\n",
			number_at(pattern, "ends_within"));
	plain_printf(stdout, "\nBuffers\n");
	json_array_foreach(json_object_get(rule, "buffers"), i, row)
	{
		plain_printf(stdout, "  %s%s%s", text_at(row, "buffer"), text_at(row, "about")[0] ? ": " : "",
			text_at(row, "about"));
		show_readers(json_object_get(row, "read"));
		putchar('\n');
	}
	plain_printf(stdout, "\nConditions, in this order\n");
	json_array_foreach(json_object_get(rule, "conditions"), i, row)
		plain_printf(stdout, "  %2zu  %s\n", i + 1, json_string_value(row));
	if (json_array_size(json_object_get(rule, "state")))
		plain_printf(stdout, "\nState\n");
	show_state(json_object_get(rule, "state"));
	json_array_foreach(json_object_get(rule, "thresholds"), i, row)
		plain_printf(stdout, "%s  %s\n", i ? "" : "\nThresholds\n", json_string_value(row));
	json_array_foreach(json_object_get(rule, "findings"), i, row) plain_printf(stdout, "%s  %s: %s [%s]\n",
		i ? "" : "\nDoubtful\n", text_at(row, "severity"), text_at(row, "reason"), text_at(row, "id"));
}

static int explain_all(const struct tool_rules *rules, const struct verb_line *line, bool as_json)
{
	struct explain *explain = explain_new(rules->set);
	json_t *document = json_object(), *array = json_array();
	int result = explain ? VERB_DONE : VERB_FOUND;
	for (unsigned i = 0; explain && i < line->count; i++) {
		uint32_t sid = (uint32_t)strtoul(line->arguments[i], NULL, 10), found = 0;
		for (uint32_t k = 0; k < rules->set->count; k++) {
			if (rules->set->rules[k]->sid != sid)
				continue;
			found++;
			json_array_append_new(array, describe(explain, rules->set, rules->set->rules[k]));
		}
		if (!found) {
			log_error("no rule has the sid %s", line->arguments[i]);
			result = VERB_FOUND;
		}
	}
	size_t i;
	json_t *rule;
	if (!as_json)
		json_array_foreach(array, i, rule)
		{
			plain_printf(stdout, "%s", i ? "\n\n" : "");
			show(rule);
		}
	json_object_set_new(document, "rules", array);
	if (!as_json)
		json_decref(document);
	else if (!tool_json_print(document))
		result = VERB_FOUND;
	explain_free(explain);
	return result;
}

static int run(int argc, char **argv)
{
	bool as_json = false;
	const struct verb_option own[] = { { "json", &as_json, NULL, "one JSON document" }, { 0 } };
	struct verb_line line;
	struct tool_rules rules;
	int result;
	if (!verb_parse(&line, &rules_explain, own, argc, argv, &result))
		return result;
	if (!line.count) {
		log_error("rules explain: expected a sid (sekisho rules explain --help)");
		return VERB_BAD;
	}
	result = VERB_BAD;
	if (tool_rules_open(&rules, &line) && tool_rules_load(&rules, &line, NULL, false, tool_rules_log, NULL))
		result = explain_all(&rules, &line, as_json);
	tool_rules_close(&rules);
	return result;
}
