// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords on the flow a packet belongs to: flow, its counters, its protocol, its stream.
#include "decoders/app/app_layer.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_event.h"
#include "signatures/rule/rule_text.h"
#include <stdio.h>

static bool parse_flow(struct rule_build *build, const struct rule_option *option)
{
	static const struct {
		const char *name;
		uint64_t flag, against;
	} words[] = {
		{ "established", RULE_FLOW_ESTABLISHED, RULE_FLOW_NOT_ESTABLISHED | RULE_FLOW_STATELESS },
		{ "not_established", RULE_FLOW_NOT_ESTABLISHED, RULE_FLOW_ESTABLISHED },
		{ "stateless", RULE_FLOW_STATELESS, RULE_FLOW_ESTABLISHED },
		{ "to_client", RULE_FLOW_TO_CLIENT, RULE_FLOW_TO_SERVER },
		{ "from_server", RULE_FLOW_TO_CLIENT, RULE_FLOW_TO_SERVER },
		{ "to_server", RULE_FLOW_TO_SERVER, RULE_FLOW_TO_CLIENT },
		{ "from_client", RULE_FLOW_TO_SERVER, RULE_FLOW_TO_CLIENT },
		{ "only_stream", RULE_ONLY_STREAM, RULE_NO_STREAM },
		{ "no_stream", RULE_NO_STREAM, RULE_ONLY_STREAM },
		{ "only_frag", RULE_ONLY_FRAG, RULE_NO_FRAG },
		{ "no_frag", RULE_NO_FRAG, RULE_ONLY_FRAG },
	};
	const unsigned count = sizeof(words) / sizeof(words[0]);
	struct rule *rule = &build->rule;
	if (rule->flags & RULE_FLOW_SET)
		return rule_fail(build, "a rule has one flow option");
	rule->flags |= RULE_FLOW_SET;
	struct span rest = option->value, part;
	while (text_next(&rest, ',', &part)) {
		unsigned i = 0;
		while (i < count && !span_is_nocase(part, words[i].name))
			i++;
		if (i == count)
			return rule_fail(build, "\"%.*s\" is no flow option", SPAN_ARGS(part));
		if (rule->flags & words[i].flag)
			return rule_fail(build, "%s is given twice", words[i].name);
		if (rule->flags & words[i].against)
			return rule_fail(build, "%s contradicts what stands before it", words[i].name);
		rule->flags |= words[i].flag;
	}
	if (rule->flags & RULE_ONLY_STREAM)
		build->needs_stream = true;
	if (rule->flags & RULE_NO_STREAM)
		build->needs_packet = true;
	return true;
}

enum { AGE, PKTS, PKTS_TS, PKTS_TC, BYTES, BYTES_TS, BYTES_TC };

static bool parse_flow_count(struct rule_build *build, const struct rule_option *option)
{
	int which = keyword_of(build)->detail;
	struct span rest = option->value, part;
	uint8_t direction = which == PKTS_TS || which == BYTES_TS ? 1 : which == PKTS_TC || which == BYTES_TC ? 2 : 0;
	if (which == PKTS || which == BYTES) {
		// DIRECTION,NUMBER
		static const struct field_name directions[] = { { "toserver", 1 }, { "to_server", 1 },
			{ "toclient", 2 }, { "to_client", 2 }, { "both", 0 }, { "either", 3 }, { 0 } };
		unsigned i = 0;
		if (!text_next(&rest, ',', &part))
			return rule_fail(build, "expected DIRECTION,NUMBER");
		while (directions[i].name && !span_is_nocase(part, directions[i].name))
			i++;
		if (!directions[i].name)
			return rule_fail(
				build, "\"%.*s\": expected toserver, toclient, both or either", SPAN_ARGS(part));
		direction = (uint8_t)directions[i].value;
	}
	struct rule_test *test = build_test(build, which == AGE     ? TEST_FLOW_AGE
						   : which >= BYTES ? TEST_FLOW_BYTES
								    : TEST_FLOW_PKTS);
	if (!test)
		return false;
	struct number_match number;
	const char *reason =
		text_number_match(rest, which >= BYTES ? 64 : 32, NULL, which >= BYTES, &number, &test->negated);
	if (which == AGE) {
		test->number = number;
	} else {
		test->flow_count.direction = direction;
		test->flow_count.number = number;
	}
	return !reason || rule_fail(build, "%s", reason);
}

static bool parse_stream_size(struct rule_build *build, const struct rule_option *option)
{
	static const char *const sides[] = { "client", "server", "both", "either" };
	static const struct field_name ops[] = { { "=", OP_EQ }, { "!=", OP_NE }, { "<", OP_LT }, { "<=", OP_LE },
		{ ">", OP_GT }, { ">=", OP_GE }, { 0 } };
	struct rule_test *test = build_test(build, TEST_STREAM_SIZE);
	struct span rest = option->value, side, op, number;
	if (!test)
		return false;
	// The size is that at the packet; where a rule is on the stream only it is asked there
	if (!(build->rule.flags & RULE_TCP_STREAM_ONLY))
		build->needs_packet = true;
	if (!text_next(&rest, ',', &side) || !text_next(&rest, ',', &op))
		return rule_fail(build, "expected SIDE,OPERATOR,BYTES");
	while (test->stream_size.side < 4 && !span_is_nocase(side, sides[test->stream_size.side]))
		test->stream_size.side++;
	if (test->stream_size.side == 4)
		return rule_fail(build, "\"%.*s\": expected client, server, both or either", SPAN_ARGS(side));
	if (!text_next(&rest, ',', &number)) {
		// "client,>5"
		const char *reason = text_number_match(op, 32, NULL, false, &test->stream_size.number, &test->negated);
		return !reason || rule_fail(build, "%s", reason);
	}
	unsigned i = 0;
	while (ops[i].name && !span_is(op, ops[i].name))
		i++;
	if (!ops[i].name || !text_u64(number, &test->stream_size.number.low))
		return rule_fail(build, "expected one of =, !=, <, <=, >, >= and a number of bytes");
	test->stream_size.number.op = (uint8_t)ops[i].value;
	return true;
}

static bool parse_app_layer_protocol(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name modes[] = { { "either", SIDE_EITHER }, { "to_server", SIDE_TO_SERVER },
		{ "toserver", SIDE_TO_SERVER }, { "to_client", SIDE_TO_CLIENT }, { "toclient", SIDE_TO_CLIENT },
		{ "final", SIDE_FINAL }, { "original", SIDE_ORIGINAL }, { "direction", SIDE_DIRECTION }, { 0 } };
	struct rule_test *test = build_test(build, TEST_APP_PROTO);
	struct span rest = option->value, name, mode;
	char text[32];
	if (!test)
		return false;
	if (!text_next(&rest, ',', &name) || name.len >= sizeof(text))
		return rule_fail(build, "expected the name of a protocol");
	memcpy(text, name.data, name.len);
	text[name.len] = 0;
	enum app_proto proto = span_is_nocase(name, "failed") ? APP_FAILED : app_proto_find(text);
	if (proto == APP_UNKNOWN && !span_is_nocase(name, "unknown"))
		return rule_fail(build, "\"%s\" is no protocol", text);
	if (build->header_app_proto)
		return rule_fail(build, "the rule's header already names a protocol");
	test->app_proto.proto = (uint16_t)proto;
	test->app_proto.side = SIDE_DIRECTION;
	if (!text_next(&rest, ',', &mode))
		return true;
	unsigned i = 0;
	while (modes[i].name && !span_is_nocase(mode, modes[i].name))
		i++;
	if (!modes[i].name)
		return rule_fail(build, "\"%.*s\": expected final, original, either, to_server, to_client or direction",
			SPAN_ARGS(mode));
	test->app_proto.side = (uint8_t)modes[i].value;
	return true;
}

// "http.event", or a flow-level "applayer_..." one.
static bool parse_app_layer_event(struct rule_build *build, const struct rule_option *option)
{
	char name[96];
	struct span text = option->value;
	if (text.len >= sizeof(name))
		return rule_fail(build, "unknown event");
	memcpy(name, text.data, text.len);
	name[text.len] = 0;
	struct rule_test *test = build_test(build, TEST_APP_EVENT);
	if (!test)
		return false;
	for (unsigned i = 0; i < APPLAYER_EVENTS_END; i++)
		if (strcasecmp(name, app_layer_event_names[i]) == 0) {
			test->app_event.proto = APP_UNKNOWN;
			test->app_event.bit = (uint8_t)i;
			return true;
		}
	char *dot = strchr(name, '.');
	if (!dot)
		return rule_fail(build, "\"%s\": expected PROTOCOL.EVENT", name);
	*dot = 0;
	bool http = strcasecmp(name, "http") == 0;
	enum app_proto proto = http ? APP_HTTP1 : app_proto_find(name);
	const struct app_parser *parser = app_parser_of(proto);
	if (proto == APP_UNKNOWN)
		return rule_fail(build, "\"%s\" is no protocol", name);
	const char *const *events = parser ? parser->event_names : NULL;
	unsigned bit = 0;
	while (events && events[bit] && strcasecmp(events[bit], dot + 1) != 0)
		bit++;
	bool raised = events && events[bit];
	if (!raised && !rule_event_known(proto, dot + 1))
		return rule_fail(build, "%s has no event \"%s\"", name, dot + 1);
	test->app_event.proto = (uint16_t)proto;
	test->app_event.bit = raised ? (uint8_t)bit : RULE_EVENT_WAITS;
	return build_app_proto(build, http ? APP_HTTP : proto, "the event");
}

// tcp.session: one or more phases.
static bool parse_tcp_session(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name phases[] = { { "setup", PHASE_SETUP }, { "established", PHASE_ESTABLISHED },
		{ "closing", PHASE_CLOSING }, { NULL, 0 } };
	struct rule_test *test = build_test(build, TEST_TCP_SESSION);
	struct span rest = option->value, part;
	if (!test)
		return false;
	if (!(build->rule.proto_bits & RULE_PROTO_TCP))
		return rule_fail(build, "is of TCP, the rule is not");
	while (text_next(&rest, ',', &part)) {
		unsigned i = 0;
		while (phases[i].name && !span_is_nocase(part, phases[i].name))
			i++;
		if (!phases[i].name)
			return rule_fail(build, "\"%.*s\": expected setup, established or closing", SPAN_ARGS(part));
		test->tcp_phases |= (uint8_t)phases[i].value;
	}
	return true;
}

// app-layer-state: a state of the protocol in the rule's header: "STATE", "<STATE" or ">STATE".
static bool parse_app_layer_state(struct rule_build *build, const struct rule_option *option)
{
	struct span name = option->value;
	enum direction direction = TO_SERVER;
	struct rule_test *test = build_test(build, TEST_APP_STATE);
	if (!test)
		return false;
	enum app_proto proto = build->rule.app_proto;
	if (proto == APP_UNKNOWN)
		return rule_fail(build, "the rule's header must name the protocol whose states are meant");
	test->app_state.op = span_starts(name, "<") ? OP_LT : span_starts(name, ">") ? OP_GT : OP_EQ;
	name = text_trim(span_from(name, test->app_state.op != OP_EQ));
	if (!rule_state_find(proto, name, &direction, &test->app_state.progress))
		return rule_fail(build, "%s has no state \"%.*s\"", app_proto_name(proto), SPAN_ARGS(name));
	const struct app_parser *parser = app_parser_of(proto == APP_HTTP ? APP_HTTP1 : proto);
	if (test->app_state.op == OP_LT && test->app_state.progress == 0)
		return rule_fail(build, "nothing comes before the first state");
	if (test->app_state.op == OP_GT && parser && test->app_state.progress >= parser->complete[direction])
		return rule_fail(build, "nothing comes after the last state");
	test->app_state.direction = (uint8_t)direction;
	build->field_directions &= (uint8_t)(1u << direction);
	return true;
}

const struct keyword keywords_flow[] = {
	{ "flow", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES, parse_flow, 0 },
	{ "flow.age", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, AGE },
	{ "flow.pkts", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, PKTS },
	{ "flow.pkts_toserver", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, PKTS_TS },
	{ "flow.pkts_toclient", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, PKTS_TC },
	{ "flow.bytes", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, BYTES },
	{ "flow.bytes_toserver", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, BYTES_TS },
	{ "flow.bytes_toclient", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_PACKET, parse_flow_count, BYTES_TC },
	{ "stream_size", NULL, KEYWORD_NEEDS_VALUE, parse_stream_size, 0 },
	{ "app-layer-protocol", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE | KEYWORD_QUOTES,
		parse_app_layer_protocol, 0 },
	{ "app-layer-event", NULL, KEYWORD_NEEDS_VALUE, parse_app_layer_event, 0 },
	{ "app-layer-state", NULL, KEYWORD_NEEDS_VALUE, parse_app_layer_state, 0 },
	{ "tcp.session", NULL, KEYWORD_NEEDS_VALUE, parse_tcp_session, 0 },
	{ 0 },
};
