// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/why.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "decoders/flow/app_proto.h"
#include "signatures/check/describe.h"
#include "signatures/engine/plan.h"
#include "signatures/rule/rule_set.h"

struct words {
	char *text;
	size_t len;
};

static void say(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct words *words, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(words->text + words->len, WHY_TEXT_MAX - words->len, format, arguments);
	va_end(arguments);
	if (len > 0)
		words->len += (size_t)len < WHY_TEXT_MAX - words->len ? (size_t)len : WHY_TEXT_MAX - words->len - 1;
}

static const char *part_text(const struct rule_set *set, const struct rule *rule, enum rule_part_kind kind,
	unsigned index, unsigned match, char text[512])
{
	struct rule_part part = { (uint8_t)kind, (uint16_t)index, (uint16_t)match };
	return rule_part_describe(set, rule, &part, text, 512);
}

static void say_packet(struct words *words, const struct trace_attempt *attempt)
{
	char src[ADDRESS_TEXT_SIZE], dst[ADDRESS_TEXT_SIZE];
	address_format(&attempt->src, true, src);
	address_format(&attempt->dst, true, dst);
	if (attempt->has_ports)
		say(words, "packet %llu (%s:%u > %s:%u)", (unsigned long long)attempt->packet, src, attempt->sport, dst,
			attempt->dport);
	else
		say(words, "packet %llu (%s > %s)", (unsigned long long)attempt->packet, src, dst);
}

static void say_parts(struct words *words, const struct rule_set *set, const struct rule *rule,
	enum rule_part_kind first, enum rule_part_kind second)
{
	struct rule_part parts[RULE_PARTS_MAX];
	unsigned count = rule_parts(rule, parts, RULE_PARTS_MAX);
	const char *between = "";
	char text[512];
	for (unsigned i = 0; i < count; i++) {
		if (parts[i].kind != first && parts[i].kind != second)
			continue;
		say(words, "%s%s", between, rule_part_describe(set, rule, &parts[i], text, sizeof(text)));
		between = ", ";
	}
}

static void say_state(struct words *words, const struct trace_attempt *attempt)
{
	static const struct {
		uint32_t trait;
		const char *missing, *unwanted;
	} rows[] = {
		{ TRAIT_TO_SERVER, "it does not go to the server", "it goes to the server" },
		{ TRAIT_TO_CLIENT, "it does not go to the client", "it goes to the client" },
		{ TRAIT_FLOW, "it has no flow", "it has a flow" },
		{ TRAIT_ESTABLISHED, "its session is not established", "its session is established" },
		{ TRAIT_IPV4, "it is not IPv4", "it is IPv4" },
		{ TRAIT_IPV6, "it is not IPv6", "it is IPv6" },
		{ TRAIT_FRAGMENT, "it was not a fragment", "it was a fragment" },
		{ TRAIT_PAYLOAD, "it has no payload", "it has a payload" },
		{ TRAIT_EVENTS, "it raised no decoder or stream event", "it raised an event" },
	};
	const char *between = "";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (attempt->missing & rows[i].trait)
			say(words, "%s%s", between, rows[i].missing);
		else if (attempt->unwanted & rows[i].trait)
			say(words, "%s%s", between, rows[i].unwanted);
		else
			continue;
		between = ", ";
	}
}

static void say_buffer(
	struct words *words, const struct rule_set *set, const struct rule *rule, const struct trace_attempt *attempt)
{
	char text[512], part[512];
	const char *buffer = rule_buffer_describe(rule, attempt->index, text, sizeof(text));
	if (attempt->has_value && attempt->match < rule->buffers[attempt->index].match_count)
		say(words, "false: %s%s", part_text(set, rule, PART_MATCH, attempt->index, attempt->match, part),
			attempt->fast_pattern ? " (its fast pattern: without it the rule is not looked at)" : "");
	else if (attempt->has_value)
		say(words, "false: what is asked of %s, taken together", buffer);
	else if (attempt->waiting)
		say(words, "%s had too few bytes yet to be looked into", buffer);
	else if (rule->buffers[attempt->index].place == PLACE_PAYLOAD)
		say(words, "it has no payload");
	else
		say(words, "there was no %s", buffer);
}

static void say_condition(
	struct words *words, const struct rule_set *set, const struct rule *rule, const struct trace_attempt *attempt)
{
	char part[512];
	switch (attempt->kind) {
	case CONDITION_BUFFER: say_buffer(words, set, rule, attempt); return;
	case CONDITION_NUMBER:
		say(words, "false: %s", part_text(set, rule, PART_NUMBER, attempt->index, 0, part));
		return;
	case CONDITION_TEST:
		say(words, "false: %s", part_text(set, rule, PART_FIELD_TEST, attempt->index, 0, part));
		return;
	case CONDITION_EVENT: say(words, "false: %s", part_text(set, rule, PART_TEST, attempt->index, 0, part)); return;
	default: say(words, "false: %s", part_text(set, rule, PART_HOOK, 0, 0, part)); return;
	}
}

// All conditions held.
static void say_held(struct words *words, const struct rule *rule, const struct engine_trace *trace,
	const struct trace_attempt *attempt, uint64_t alerts)
{
	unsigned long long matches = attempt->matches;
	if (matches && rule->action == RULE_PASS)
		say(words, "it matched %llu times; it is a pass rule, which writes no alert", matches);
	else if (matches && rule->flags & RULE_NOALERT)
		say(words, "it matched %llu times; it has noalert, so that no alert is written", matches);
	else if (matches > alerts)
		say(words, "it matched %llu times; %s kept alerts back", matches,
			rule->threshold_count ? "its threshold" : "the number of alerts a packet, or another rule,");
	else if (matches)
		say(words, "it matched %llu times, and not more", matches);
	else
		say(words,
			"all its conditions held on packet %llu, yet it was not raised: it is looked at once a flow or "
			"before what it "
			"asks for was set",
			(unsigned long long)attempt->packet);
	if (trace->passed_over)
		say(words, "; %llu packets were of flows that a rule passed or dropped",
			(unsigned long long)trace->passed_over);
}

static void say_near(struct words *words, const struct rule *rule, const struct trace_attempt *attempt)
{
	char text[512];
	if (!attempt->has_value)
		return;
	say(words, "%s has %llu bytes", rule_buffer_describe(rule, attempt->index, text, sizeof(text)),
		(unsigned long long)attempt->value_len);
	if (!attempt->kept)
		return;
	say(words, attempt->kept_at ? "; from byte %u: \"" : ": \"", attempt->kept_at);
	for (uint32_t i = 0; i < attempt->kept && words->len < WHY_TEXT_MAX - 64; i++) {
		uint8_t c = attempt->value[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '|' && c != '"';
		say(words, plain ? "%c" : "|%02x|", c);
	}
	say(words, "\"");
	if (attempt->near_len > 1)
		say(words, "; its first %u bytes are at %u", attempt->near_len, attempt->near_at);
}

void why_describe(const struct rule_set *set, const struct engine_trace *trace, const struct trace_attempt *attempt,
	uint64_t alerts, char reason[WHY_TEXT_MAX], char near[WHY_TEXT_MAX])
{
	const struct rule *rule = set->rules[attempt->rule];
	struct words words = { reason, 0 };
	char part[512];
	reason[0] = near[0] = 0;
	if (attempt->stage == TRACE_HELD) {
		say_held(&words, rule, trace, attempt, alerts);
		return;
	}
	if (attempt->stage == TRACE_NOTHING) {
		say(&words, trace->passed_over ? "no rule was tried: the flow was passed or dropped"
					       : "no packet was looked at");
		return;
	}
	if (attempt->stage == TRACE_PROTOCOL) {
		say(&words, "no packet was of its protocol: %s", part_text(set, rule, PART_PROTOCOL, 0, 0, part));
		return;
	}
	say(&words, "nearest it came on ");
	say_packet(&words, attempt);
	say(&words, ": ");
	switch (attempt->stage) {
	case TRACE_ADDRESS:
		say(&words, "false: ");
		say_parts(&words, set, rule, PART_SOURCE, PART_DESTINATION);
		break;
	case TRACE_PORT:
		say(&words, "false: ");
		say_parts(&words, set, rule, PART_SOURCE_PORT, PART_DESTINATION_PORT);
		break;
	case TRACE_STATE: say_state(&words, attempt); break;
	case TRACE_APP:
		say(&words, "its application protocol is %s, not %s",
			attempt->app_proto == APP_UNKNOWN ? "not known"
							  : app_proto_eve_name((enum app_proto)attempt->app_proto),
			app_proto_eve_name(rule->app_proto));
		break;
	case TRACE_TEST: say(&words, "false: %s", part_text(set, rule, PART_TEST, attempt->index, 0, part)); break;
	case TRACE_PAYLOAD: say_buffer(&words, set, rule, attempt); break;
	case TRACE_NO_TX: say(&words, "there was no transaction of the rule's protocol and direction"); break;
	case TRACE_TX_WAITING:
		say(&words, "the transaction ended before this could be looked at: ");
		if (attempt->kind == CONDITION_BUFFER)
			say(&words, "%s", rule_buffer_describe(rule, attempt->index, part, sizeof(part)));
		else
			say_condition(&words, set, rule, attempt);
		break;
	default: say_condition(&words, set, rule, attempt); break;
	}
	words = (struct words) { near, 0 };
	if (attempt->stage == TRACE_PAYLOAD || attempt->kind == CONDITION_BUFFER)
		say_near(&words, rule, attempt);
}
