// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_waiting.h"
#include "decoders/app/app_layer.h"
#include "decoders/app/identify/detector.h"
#include <stdio.h>

bool field_buffer_waits(const struct field_buffer *field)
{
	return !field->readers[0].get;
}

bool field_number_waits(const struct field_number *field)
{
	return !field->readers[0].get;
}

bool field_test_waits(const struct field_test *field)
{
	return !field->readers[0].match;
}

static bool has_parser(enum app_proto proto)
{
	return proto == APP_HTTP || app_parser_of(proto);
}

// Known by sight: its name is there for rules, its contents are not.
static bool is_recognised(enum app_proto proto)
{
	for (const struct app_parser *seen = app_recognisers; seen->name; seen++)
		if (seen->proto == proto)
			return true;
	return has_parser(proto);
}

static enum app_proto fields_wait_for(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->buffer_count; i++)
		if (rule->buffers[i].place == PLACE_FIELD && field_buffer_waits(rule->buffers[i].field))
			return rule->buffers[i].field->proto;
	for (unsigned i = 0; i < rule->number_count; i++)
		if (field_number_waits(rule->numbers[i].field))
			return rule->numbers[i].field->proto;
	for (unsigned i = 0; i < rule->field_test_count; i++)
		if (field_test_waits(rule->field_tests[i].field))
			return rule->field_tests[i].field->proto;
	return APP_UNKNOWN;
}

static enum app_proto test_waits_for(const struct rule_test *test)
{
	enum app_proto proto;
	switch (test->kind) {
	case TEST_APP_EVENT:
		proto = (enum app_proto)test->app_event.proto;
		return test->app_event.bit == RULE_EVENT_WAITS ? proto : APP_UNKNOWN;
	case TEST_APP_PROTO:
		proto = (enum app_proto)test->app_proto.proto;
		return test->negated || proto == APP_FAILED || proto == APP_UNKNOWN || is_recognised(proto)
			       ? APP_UNKNOWN
			       : proto;
	default: return APP_UNKNOWN;
	}
}

enum app_proto rule_waits_for(const struct rule *rule)
{
	enum app_proto proto = fields_wait_for(rule);
	for (unsigned i = 0; proto == APP_UNKNOWN && i < rule->test_count; i++)
		proto = test_waits_for(&rule->tests[i]);
	if (proto != APP_UNKNOWN || rule->app_proto == APP_UNKNOWN)
		return proto;
	bool transactions = (rule->flags & RULE_HAS_TX) && !has_parser(rule->app_proto);
	return transactions || !is_recognised(rule->app_proto) ? rule->app_proto : APP_UNKNOWN;
}

uint32_t rule_set_waiting(const struct rule_set *set, uint32_t *counts)
{
	uint32_t total = 0;
	memset(counts, 0, APP_PROTOS_END * sizeof(*counts));
	for (uint32_t i = 0; i < set->count; i++) {
		enum app_proto proto = rule_waits_for(set->rules[i]);
		counts[proto]++;
		total += proto != APP_UNKNOWN;
	}
	counts[APP_UNKNOWN] = 0;
	return total;
}

const char *rule_waiting_text(const uint32_t *counts, char *text, size_t size)
{
	bool told[APP_PROTOS_END] = { [APP_UNKNOWN] = true };
	size_t at = 0;
	*text = 0;
	for (;;) {
		unsigned most = 0;
		for (unsigned i = 1; i < APP_PROTOS_END; i++)
			if (!told[i] && counts[i] && (!most || counts[i] > counts[most]))
				most = i;
		if (!most || at >= size)
			return text;
		told[most] = true;
		at += (size_t)snprintf(text + at, size - at, "%s%s %u", at ? ", " : "",
			app_proto_name((enum app_proto)most), counts[most]);
	}
}
