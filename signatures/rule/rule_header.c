// SPDX-License-Identifier: GPL-3.0-or-later
// The header of a rule ("alert tcp $HOME_NET any -> any 80") and the cutting of what is between its parentheses into options.
#include "decoders/app/app_layer.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_build.h"
#include "signatures/rule/rule_text.h"
#include <ctype.h>
#include <stdio.h>

static const struct {
	const char *name;
	uint8_t action;
} actions[] = {
	{ "alert", RULE_ALERT },
	{ "pass", RULE_PASS },
	{ "drop", RULE_DROP },
	{ "reject", RULE_REJECT },
	{ "rejectsrc", RULE_REJECT_SRC },
	{ "rejectdst", RULE_REJECT_DST },
	{ "rejectboth", RULE_REJECT_BOTH },
	{ "config", RULE_CONFIG },
};

static const struct {
	const char *name;
	uint16_t bits;
	uint64_t flags;
} protocols[] = {
	{ "tcp", RULE_PROTO_TCP, 0 },
	{ "tcp-pkt", RULE_PROTO_TCP, RULE_TCP_PACKET_ONLY },
	{ "tcp-stream", RULE_PROTO_TCP, RULE_TCP_STREAM_ONLY },
	{ "udp", RULE_PROTO_UDP, 0 },
	{ "icmp", RULE_PROTO_ICMP | RULE_PROTO_ICMPV6, 0 },
	{ "icmpv4", RULE_PROTO_ICMP, 0 },
	{ "icmpv6", RULE_PROTO_ICMPV6, 0 },
	{ "sctp", RULE_PROTO_SCTP, 0 },
	{ "ip", RULE_PROTO_IP, 0 },
	{ "ipv4", RULE_PROTO_IP, RULE_IPV4_ONLY },
	{ "ip4", RULE_PROTO_IP, RULE_IPV4_ONLY },
	{ "ipv6", RULE_PROTO_IP, RULE_IPV6_ONLY },
	{ "ip6", RULE_PROTO_IP, RULE_IPV6_ONLY },
	{ "pkthdr", RULE_PROTO_IP | RULE_PROTO_NON_IP, 0 },
	{ "arp", RULE_PROTO_NON_IP, 0 },
	{ "ether", RULE_PROTO_NON_IP, 0 },
};

// Protocols without an entry among the parsers still say what carries them.
static uint16_t app_carriers(enum app_proto proto)
{
	const struct app_parser *parser = app_parser_of(proto);
	if (parser)
		return (uint16_t)((parser->tcp ? RULE_PROTO_TCP : 0) | (parser->udp ? RULE_PROTO_UDP : 0));
	switch (proto) {
	case APP_QUIC:
	case APP_TFTP:
	case APP_DHCP:
	case APP_NTP:
	case APP_SNMP:
	case APP_IKE:
	case APP_BITTORRENT_DHT:
	case APP_MDNS: return RULE_PROTO_UDP;
	case APP_DNS:
	case APP_SIP:
	case APP_KRB5:
	case APP_ENIP:
	case APP_NFS:
	case APP_DCERPC:
	case APP_LDAP: return RULE_PROTO_TCP | RULE_PROTO_UDP;
	default: return RULE_PROTO_TCP;
	}
}

// A state of a parser that is not there yet: any word will do.
static bool state_to_come(struct span name, enum direction *direction, uint8_t *progress)
{
	for (uint32_t i = 0; i < name.len; i++)
		if (!islower(name.data[i]) && !isdigit(name.data[i]) && name.data[i] != '_')
			return false;
	*direction = span_starts(name, "response") || span_starts(name, "server") ? TO_CLIENT : TO_SERVER;
	*progress = UINT8_MAX;
	return name.len != 0;
}

bool rule_state_find(enum app_proto proto, struct span name, enum direction *direction, uint8_t *progress)
{
	static const char *const ends[2][2] = { { "request_started", "request_complete" },
		{ "response_started", "response_complete" } };
	const struct app_parser *parser = app_parser_of(proto == APP_HTTP ? APP_HTTP1 : proto);
	for (unsigned side = 0; side < 2; side++) {
		*direction = (enum direction)side;
		*progress = 0;
		for (const char *const *state = parser ? parser->progress_names[side] : NULL; state && *state;
			state++, ++*progress)
			if (span_is(name, *state))
				return true;
		*progress = 0;
		if (span_is(name, ends[side][0]))
			return true;
		*progress = parser ? parser->complete[side] : UINT8_MAX;
		if (span_is(name, ends[side][1]))
			return true;
	}
	return !parser && state_to_come(name, direction, progress);
}

static bool hook_set(struct rule_build *build, struct span hook)
{
	struct rule *rule = &build->rule;
	if (rule->app_proto == APP_UNKNOWN) {
		build->more_than_address = true; // every packet, not once a flow
		if (span_is(hook, "flow_start")) {
			build->tests[build->test_count++] = (struct rule_test) { .kind = TEST_FLOW_START };
			build->needs_packet = true;
			return true;
		}
		if (span_is(hook, "all") || span_is(hook, "pre_stream") || span_is(hook, "pre_flow"))
			return true;
		return rule_fail(build, "unknown hook \"%.*s\" of a packet protocol", SPAN_ARGS(hook));
	}
	enum direction direction;
	rule->hook.set = true;
	if (!rule_state_find(rule->app_proto, hook, &direction, &rule->hook.progress))
		return rule_fail(
			build, "unknown hook \"%.*s\" of %s", SPAN_ARGS(hook), app_proto_name(rule->app_proto));
	rule->hook.direction = (uint8_t)direction;
	return true;
}

static bool protocol_set(struct rule_build *build, struct span text)
{
	struct rule *rule = &build->rule;
	uint32_t colon = span_find(text, ':', 0);
	struct span name = span_slice(text, 0, colon);
	char lower[32];
	for (unsigned i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (span_is_nocase(name, protocols[i].name)) {
			rule->proto_bits = protocols[i].bits;
			rule->flags |= protocols[i].flags;
			build->needs_packet = (rule->flags & RULE_TCP_PACKET_ONLY) != 0;
			build->needs_stream = (rule->flags & RULE_TCP_STREAM_ONLY) != 0;
			return colon == text.len || hook_set(build, span_from(text, colon + 1));
		}
	snprintf(lower, sizeof(lower), "%.*s", (int)(name.len < 31 ? name.len : 31), (const char *)name.data);
	rule->app_proto = app_proto_find(lower);
	if (rule->app_proto == APP_UNKNOWN)
		return rule_fail(build, "\"%.*s\" is no protocol", SPAN_ARGS(name));
	build->header_app_proto = true;
	rule->proto_bits = app_carriers(rule->app_proto);
	return colon == text.len || hook_set(build, span_from(text, colon + 1));
}

// The next part of the header: white space ends it, but not inside brackets.
static struct span header_part(const struct rule_build *build, uint32_t *at)
{
	const uint8_t *text = (const uint8_t *)build->text;
	while (*at < build->text_len && isspace(text[*at]))
		++*at;
	uint32_t start = *at;
	for (int open = 0; *at < build->text_len && (open > 0 || !isspace(text[*at])); ++*at) {
		if (text[*at] == '(')
			break;
		open += text[*at] == '[' ? 1 : text[*at] == ']' ? -1 : 0;
	}
	return (struct span) { text + start, *at - start };
}

static bool direction_set(struct rule_build *build, struct span text)
{
	if (span_is(text, "<>"))
		build->rule.flags |= RULE_BIDIRECTIONAL;
	else if (span_is(text, "=>"))
		build->rule.flags |= RULE_TX_BIDIRECTIONAL;
	else if (!span_is(text, "->"))
		return rule_fail(build, "\"%.*s\": expected ->, <> or =>", SPAN_ARGS(text));
	return true;
}

bool rule_header_parse(struct rule_build *build, uint32_t *options)
{
	enum { ACTION, PROTOCOL, SOURCE, SPORT, DIRECTION, DESTINATION, DPORT, PARTS };
	static const char *const names[PARTS] = { "an action", "a protocol", "source addresses", "source ports",
		"a direction", "destination addresses", "destination ports" };
	struct span parts[PARTS];
	uint32_t at = 0;
	for (unsigned i = 0; i < PARTS; i++) {
		parts[i] = header_part(build, &at);
		build->error.column = (uint32_t)(parts[i].data - (const uint8_t *)build->text) + 1;
		if (parts[i].len == 0)
			return rule_fail(build, "the rule's header ends early: expected %s", names[i]);
	}
	struct rule *rule = &build->rule;
	unsigned action = 0;
	for (; action < sizeof(actions) / sizeof(actions[0]) && !span_is(parts[ACTION], actions[action].name);)
		action++;
	build->error.column = (uint32_t)(parts[ACTION].data - (const uint8_t *)build->text) + 1;
	if (action == sizeof(actions) / sizeof(actions[0]))
		return rule_fail(build,
			"\"%.*s\" is no action (alert, pass, drop, reject, rejectsrc, rejectdst, rejectboth, config)",
			SPAN_ARGS(parts[ACTION]));
	rule->action = actions[action].action;
	build->error.column = (uint32_t)(parts[PROTOCOL].data - (const uint8_t *)build->text) + 1;
	if (!protocol_set(build, parts[PROTOCOL]))
		return false;
	build->error.column = (uint32_t)(parts[DIRECTION].data - (const uint8_t *)build->text) + 1;
	if (!direction_set(build, parts[DIRECTION]))
		return false;
	build->error.column = (uint32_t)(parts[SOURCE].data - (const uint8_t *)build->text) + 1;
	if (!(rule->src = rule_address_set(build, parts[SOURCE])))
		return false;
	build->error.column = (uint32_t)(parts[SPORT].data - (const uint8_t *)build->text) + 1;
	if (!(rule->sport = rule_port_set(build, parts[SPORT])))
		return false;
	build->error.column = (uint32_t)(parts[DESTINATION].data - (const uint8_t *)build->text) + 1;
	if (!(rule->dst = rule_address_set(build, parts[DESTINATION])))
		return false;
	build->error.column = (uint32_t)(parts[DPORT].data - (const uint8_t *)build->text) + 1;
	if (!(rule->dport = rule_port_set(build, parts[DPORT])))
		return false;
	while (at < build->text_len && isspace((unsigned char)build->text[at]))
		at++;
	build->error.column = at + 1;
	if (at == build->text_len || build->text[at] != '(')
		return rule_fail(build, "expected \"(\" after the destination ports");
	*options = at;
	return true;
}

static bool option_value(struct rule_build *build, struct rule_option *option)
{
	const struct keyword *keyword = option->keyword = keyword_find(option->name);
	unsigned flags = keyword ? keyword->flags : KEYWORD_NEGATABLE | KEYWORD_QUOTES;
	if ((flags & KEYWORD_NEGATABLE) && option->value.len && option->value.data[0] == '!') {
		// "!" belongs to numbers ("!5"), which read it themselves
		option->negated = true;
		option->value = text_trim(span_from(option->value, 1));
	}
	if (option->value.len && option->value.data[0] == '"' && (flags & KEYWORD_QUOTES)) {
		build->option = option;
		if (option->value.len < 2 || option->value.data[option->value.len - 1] != '"')
			return rule_fail(build, "a quote without its end");
		option->value = text_unquote(option->value);
		option->quoted = true;
	} else if (flags & KEYWORD_MUST_QUOTE) {
		build->option = option;
		return rule_fail(build, "expected a text in double quotes");
	}
	return true;
}

bool rule_options_split(struct rule_build *build, uint32_t start)
{
	const char *text = build->text;
	uint32_t end = build->text_len;
	while (end > start && isspace((unsigned char)text[end - 1]))
		end--;
	build->error.column = end;
	if (end <= start + 1 || text[end - 1] != ')')
		return rule_fail(build, "expected \")\" at the end of the rule");
	end--;
	for (uint32_t at = start + 1; at < end;) {
		while (at < end && isspace((unsigned char)text[at]))
			at++;
		if (at == end)
			break;
		uint32_t name = at, semicolon, colon;
		for (semicolon = at; semicolon < end && (text[semicolon] != ';' || text[semicolon - 1] == '\\');)
			semicolon++;
		build->error.column = name + 1;
		if (semicolon == end)
			return rule_fail(build, "an option without \";\" at its end");
		for (colon = name; colon < semicolon && text[colon] != ':';)
			colon++;
		if (build->option_count == BUILD_OPTIONS_MAX)
			return rule_fail(build, "more than %d options", BUILD_OPTIONS_MAX);
		struct rule_option *option = &build->options[build->option_count++];
		*option =
			(struct rule_option) { .offset = name, .name = text_trim(span_of(text + name, colon - name)) };
		if (option->name.len == 0)
			return rule_fail(build, "an option without a name");
		if (colon < semicolon)
			option->value = text_trim(span_of(text + colon + 1, semicolon - colon - 1));
		if (!option_value(build, option))
			return false;
		at = semicolon + 1;
	}
	build->option = NULL;
	return true;
}
