// SPDX-License-Identifier: GPL-3.0-or-later
// Tests on packet headers and flow state, what a match does to that state, and thresholds, in words.
#include "decoders/app/app_layer.h"
#include "decoders/packet/events.h"
#include "signatures/check/describe_part.h"
#include "signatures/rule/rule_set.h"

// What compares one number, by test kind.
static const char *const numbers[TEST_KINDS] = {
	[TEST_TTL] = "the TTL",
	[TEST_TOS] = "the TOS byte",
	[TEST_IP_ID] = "the IP id",
	[TEST_IP_PROTO] = "the IP protocol",
	[TEST_FRAGOFFSET] = "the fragment offset",
	[TEST_TCP_SEQ] = "the TCP sequence number",
	[TEST_TCP_ACK] = "the TCP acknowledgment number",
	[TEST_TCP_WINDOW] = "the TCP window",
	[TEST_TCP_MSS] = "the TCP MSS option",
	[TEST_TCP_WSCALE] = "the TCP window scale option",
	[TEST_ITYPE] = "the ICMP type",
	[TEST_ICODE] = "the ICMP code",
	[TEST_ICMP_ID] = "the ICMP id",
	[TEST_ICMP_SEQ] = "the ICMP sequence number",
	[TEST_ICMPV6_MTU] = "the ICMPv6 MTU",
	[TEST_DSIZE] = "the packet's payload length",
	[TEST_FLOW_AGE] = "the flow's age in seconds",
	[TEST_VLAN_LAYERS] = "the number of VLAN tags",
	[TEST_L3_PROTO] = "the IP version",
};

static void name(struct words *words, const char *const *names, uint32_t count, uint32_t number, const char *what)
{
	if (names && number < count)
		words_add(words, "%s", names[number]);
	else
		words_add(words, "%s %u", what, number);
}

static void flowbits(struct words *words, const struct rule_set *set, const struct rule_test *test)
{
	static const char *const verbs[] = { "sets the flow bit ", "clears the flow bit ", "the flow bit ",
		"the flow bit ", "toggles the flow bit " };
	bool several = test->flowbits.count > 1;
	words_add(words, several ? "one of the flow bits " : "%s", verbs[test->flowbits.op]);
	for (unsigned i = 0; i < test->flowbits.count; i++) {
		words_add(words, "%s", i ? ", " : "");
		name(words, set ? set->flowbit_names : NULL, set ? set->flowbit_count : 0, test->flowbits.bits[i],
			"number");
	}
	if (test->flowbits.op == BIT_ISSET)
		words_add(words, " is set");
	else if (test->flowbits.op == BIT_ISNOTSET)
		words_add(words, several ? " is set: must not be" : " is not set");
}

static void flowint(struct words *words, const struct rule_set *set, const struct rule_test *test)
{
	static const char *const ops[] = { "is set to ", "goes up by ", "goes down by ", "is under ", "is at most ",
		"is ", "is not ", "is at least ", "is over ", "has a value", "has no value" };
	const char *const *names = set ? set->flowvar_names : NULL;
	uint32_t count = set ? set->flowvar_count : 0;
	words_add(words, "the flow integer ");
	name(words, names, count, test->flowint.var, "number");
	words_add(words, " %s", ops[test->flowint.op]);
	if (test->flowint.op == INT_ISSET || test->flowint.op == INT_NOTSET)
		return;
	if (test->flowint.other != RULE_NO_VAR)
		name(words, names, count, (uint32_t)test->flowint.other, "number");
	else
		words_add(words, "%llu", (unsigned long long)test->flowint.value);
}

static void xbits(struct words *words, const struct rule_set *set, const struct rule_test *test)
{
	static const char *const tracks[] = { "the source", "the destination", "the address pair", "either host",
		"the transaction" };
	static const char *const verbs[] = { "sets the bit ", "clears the bit ", "the bit ", "the bit ",
		"toggles the bit " };
	words_add(words, "%s", verbs[test->xbits.op]);
	name(words, set ? set->xbit_names : NULL, set ? set->xbit_count : 0, test->xbits.bit, "number");
	words_add(words, " of %s", test->xbits.track < 5 ? tracks[test->xbits.track] : "?");
	if (test->xbits.op == BIT_ISSET)
		words_add(words, " is set");
	else if (test->xbits.op == BIT_ISNOTSET)
		words_add(words, " is not set");
	else if (test->xbits.op != BIT_UNSET)
		words_add(words, " for %u s", test->xbits.expire_s);
}

static void flow_count(struct words *words, const struct rule_test *test)
{
	static const char *const sides[] = { "", " to the server", " to the client", " in either direction" };
	words_add(words, "the flow's %s%s: their number ", test->kind == TEST_FLOW_PKTS ? "packets" : "bytes",
		sides[test->flow_count.direction & 3]);
	words_number(words, &test->flow_count.number, false, NULL);
}

static void app_event(struct words *words, const struct rule_test *test)
{
	const struct app_parser *parser = app_parser_of((enum app_proto)test->app_event.proto);
	unsigned bit = test->app_event.bit, count = 0;
	if (test->app_event.proto == APP_UNKNOWN) {
		words_add(words, "the event %s was seen", bit < APPLAYER_EVENTS_END ? app_layer_event_names[bit] : "?");
		return;
	}
	while (parser && parser->event_names && parser->event_names[count])
		count++;
	words_add(words, "the event %s.%s was seen", app_proto_name((enum app_proto)test->app_event.proto),
		bit < count ? parser->event_names[bit] : "(which no parser raises yet)");
}

static void app_proto(struct words *words, const struct rule_test *test)
{
	static const char *const sides[] = { " in either direction", " to the server", " to the client", " in the end",
		" at first", "" };
	words_add(words, "the application protocol%s is %s",
		sides[test->app_proto.side < 6 ? test->app_proto.side : SIDE_DIRECTION],
		app_proto_name((enum app_proto)test->app_proto.proto));
}

static void stream_size(struct words *words, const struct rule_test *test)
{
	static const char *const sides[] = { "the client", "the server", "each side", "either side" };
	words_add(words, "the number of bytes %s has sent ", sides[test->stream_size.side & 3]);
	words_number(words, &test->stream_size.number, false, NULL);
}

void describe_test(
	struct words *words, const struct rule_set *set, const struct rule *rule, const struct rule_test *test)
{
	if (test->negated)
		words_add(words, "not: ");
	if (test->kind < TEST_KINDS && numbers[test->kind]) {
		words_add(words, "%s ", numbers[test->kind]);
		words_number(words, &test->number, false, NULL);
		return;
	}
	switch (test->kind) {
	case TEST_FLOWBITS: flowbits(words, set, test); return;
	case TEST_FLOWINT: flowint(words, set, test); return;
	case TEST_XBITS: xbits(words, set, test); return;
	case TEST_FLOW_PKTS:
	case TEST_FLOW_BYTES: flow_count(words, test); return;
	case TEST_APP_EVENT: app_event(words, test); return;
	case TEST_APP_PROTO: app_proto(words, test); return;
	case TEST_STREAM_SIZE: stream_size(words, test); return;
	case TEST_SAMEIP: words_add(words, "source and destination address are the same"); return;
	case TEST_DECODE_EVENT:
	case TEST_STREAM_EVENT: words_add(words, "the event %s was seen", packet_event_name(test->event)); return;
	default: break;
	}
	words_add(words, "meets ");
	if (!describe_as_written(words, rule, test->column))
		words_add(words, "a test on packet or flow (kind %u)", test->kind);
}

void describe_threshold(struct words *words, const struct rule_threshold *threshold)
{
	static const char *const tracks[] = { "rule", "source", "destination", "address pair", "flow",
		"source or destination" };
	const char *track = threshold->track < 6 ? tracks[threshold->track] : "?";
	switch (threshold->type) {
	case THRESHOLD_LIMIT:
		words_add(words, "at most %u alerts in %u s a %s", threshold->count, threshold->seconds, track);
		return;
	case THRESHOLD_THRESHOLD:
		words_add(words, "an alert each %u matches in %u s a %s", threshold->count, threshold->seconds, track);
		return;
	case THRESHOLD_BOTH:
		words_add(words, "one alert in %u s a %s, at the %uth match", threshold->seconds, track,
			threshold->count);
		return;
	case THRESHOLD_BACKOFF:
		words_add(words, "an alert at %u matches a %s, then after %u times as many each time", threshold->count,
			track, threshold->multiplier);
		return;
	case THRESHOLD_DETECTION:
		words_add(words, "matches only from the match after %u in %u s a %s on", threshold->count,
			threshold->seconds, track);
		return;
	case THRESHOLD_RATE:
		words_add(words, "over %u matches in %u s a %s: action %s for %u s", threshold->count,
			threshold->seconds, track, rule_action_name((enum rule_action)threshold->new_action),
			threshold->timeout_s);
		return;
	default:
		words_add(words, "suppressed by %s", track);
		if (threshold->addresses) {
			words_add(words, ": ");
			words_addresses(words, threshold->addresses);
		}
	}
}
