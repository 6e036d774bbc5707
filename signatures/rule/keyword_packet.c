// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords on packet headers: numbers, flag sets, checksums, events.
#include "decoders/packet/events.h"
#include "decoders/packet/network.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"
#include <ctype.h>

// Width of what a number keyword compares.
static unsigned number_bits(enum test_kind kind)
{
	switch (kind) {
	case TEST_TTL:
	case TEST_TOS:
	case TEST_ITYPE:
	case TEST_ICODE:
	case TEST_TCP_WSCALE:
	case TEST_VLAN_LAYERS: return 8;
	case TEST_TCP_SEQ:
	case TEST_TCP_ACK:
	case TEST_ICMPV6_MTU:
	case TEST_FLOW_AGE: return 32;
	default: return 16;
	}
}

static bool parse_number(struct rule_build *build, const struct rule_option *option)
{
	enum test_kind kind = (enum test_kind)keyword_of(build)->detail;
	struct rule_test *test = build_test(build, kind);
	if (!test)
		return false;
	const char *reason =
		text_number_match(option->value, number_bits(kind), NULL, false, &test->number, &test->negated);
	return !reason || rule_fail(build, "%s", reason);
}

// NUMBER[,any or all or LAYER]
static bool parse_vlan_id(struct rule_build *build, const struct rule_option *option)
{
	struct rule_test *test = build_test(build, TEST_VLAN_ID);
	struct span rest = option->value, number, where = { NULL, 0 };
	int64_t layer;
	if (!test)
		return false;
	text_next(&rest, ',', &number);
	text_next(&rest, ',', &where);
	const char *reason = text_number_match(number, 12, NULL, false, &test->vlan.number, &test->negated);
	if (reason)
		return rule_fail(build, "%s", reason);
	if (where.len == 0 || span_is(where, "any"))
		return true;
	if (span_is(where, "all")) {
		test->vlan.how = VLAN_ALL;
		return true;
	}
	if (!text_i64(where, &layer) || layer < -PACKET_VLANS_MAX || layer >= PACKET_VLANS_MAX)
		return rule_fail(build, "\"%.*s\": expected any, all or a layer from %d to %d", SPAN_ARGS(where),
			-PACKET_VLANS_MAX, PACKET_VLANS_MAX - 1);
	test->vlan.how = VLAN_LAYER;
	test->vlan.layer = (int8_t)layer;
	return true;
}

static bool parse_ip_proto(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name names[] = {
		{ "icmp", PROTO_ICMP },
		{ "igmp", 2 },
		{ "ip-in-ip", PROTO_IPIP },
		{ "ipip", PROTO_IPIP },
		{ "ipencap", PROTO_IPIP },
		{ "tcp", PROTO_TCP },
		{ "egp", 8 },
		{ "igp", 9 },
		{ "udp", PROTO_UDP },
		{ "ipv6", PROTO_IPV6 },
		{ "rsvp", 46 },
		{ "gre", PROTO_GRE },
		{ "esp", PROTO_ESP },
		{ "ah", PROTO_AH },
		{ "ipv6-icmp", PROTO_ICMPV6 },
		{ "icmpv6", PROTO_ICMPV6 },
		{ "eigrp", 88 },
		{ "ospf", 89 },
		{ "pim", 103 },
		{ "vrrp", 112 },
		{ "l2tp", 115 },
		{ "isis", 124 },
		{ "sctp", PROTO_SCTP },
		{ "udplite", 136 },
		{ 0 },
	};
	struct rule_test *test = build_test(build, TEST_IP_PROTO);
	if (!test)
		return false;
	const char *reason = text_number_match(option->value, 8, names, false, &test->number, &test->negated);
	return !reason || rule_fail(build, "expected the number or name of an IP protocol with <, > or ! before it");
}

static bool parse_ipopts(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name names[] = {
		{ "rr", IP_OPTION_RR },
		{ "lsrr", IP_OPTION_LSRR },
		{ "lsrre", IP_OPTION_LSRR },
		{ "eol", IP_OPTION_EOL },
		{ "nop", IP_OPTION_NOP },
		{ "ts", IP_OPTION_TS },
		{ "sec", IP_OPTION_SEC },
		{ "esec", IP_OPTION_ESEC },
		{ "ssrr", IP_OPTION_SSRR },
		{ "satid", IP_OPTION_SATID },
		{ "cipso", IP_OPTION_CIPSO },
		{ "rtralt", IP_OPTION_RTRALT },
		{ "qs", IP_OPTION_QS },
		{ "any", 0xffff },
		{ 0 },
	};
	struct rule_test *test = build_test(build, TEST_IPOPTS);
	for (unsigned i = 0; test && names[i].name; i++)
		if (span_is_nocase(option->value, names[i].name)) {
			test->bits.bits = (uint16_t)names[i].value;
			return true;
		}
	return rule_fail(build, "\"%.*s\" is no IPv4 option", SPAN_ARGS(option->value));
}

static bool parse_fragbits(struct rule_build *build, const struct rule_option *option)
{
	struct rule_test *test = build_test(build, TEST_FRAGBITS);
	if (!test)
		return false;
	for (uint32_t i = 0; i < option->value.len; i++) {
		uint8_t c = (uint8_t)toupper(option->value.data[i]);
		if (c == 'R')
			test->bits.bits |= 4;
		else if (c == 'D')
			test->bits.bits |= 2;
		else if (c == 'M')
			test->bits.bits |= 1;
		else if (c == '+' || c == '*' || c == '!')
			test->bits.op = c;
		else if (!isspace(c))
			return rule_fail(build, "'%c': expected R, D and M with +, * or ! before them", c);
	}
	return test->bits.bits != 0 || rule_fail(build, "expected at least one of R, D and M");
}

// Letters of TCP flags into bits. False on any other.
static bool flag_letters(struct span text, uint8_t *bits, uint8_t *op)
{
	static const struct {
		char letter;
		uint8_t bit;
	} letters[] = { { 'F', TCP_FIN }, { 'S', TCP_SYN }, { 'R', TCP_RST }, { 'P', TCP_PSH }, { 'A', TCP_ACK },
		{ 'U', TCP_URG }, { 'E', TCP_ECE }, { '2', TCP_ECE }, { 'C', TCP_CWR }, { '1', TCP_CWR }, { '0', 0 } };
	for (uint32_t i = 0; i < text.len; i++) {
		char c = (char)toupper(text.data[i]);
		unsigned k = 0;
		if (op && (c == '+' || c == '*' || c == '!')) {
			*op = (uint8_t)c;
			continue;
		}
		while (k < sizeof(letters) / sizeof(letters[0]) && letters[k].letter != c)
			k++;
		if (k == sizeof(letters) / sizeof(letters[0]))
			return false;
		*bits |= letters[k].bit;
	}
	return true;
}

static bool parse_tcp_flags(struct rule_build *build, const struct rule_option *option)
{
	struct rule_test *test = build_test(build, TEST_TCP_FLAGS);
	struct span rest = option->value, set, ignore;
	if (!test)
		return false;
	if (!text_next(&rest, ',', &set) || set.len == 0 || !flag_letters(set, &test->flags.set, &test->flags.op))
		return rule_fail(build, "expected letters of F S R P A U E C 1 2 0, with +, * or ! before them, and "
					"after a comma those to ignore");
	if (text_next(&rest, ',', &ignore) && !flag_letters(ignore, &test->flags.ignore, NULL))
		return rule_fail(build, "\"%.*s\": expected letters of F S R P A U E C 1 2", SPAN_ARGS(ignore));
	return true;
}

static bool parse_sameip(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	return build_test(build, TEST_SAMEIP) != NULL;
}

static bool parse_csum(struct rule_build *build, const struct rule_option *option)
{
	struct rule_test *test = build_test(build, TEST_CSUM);
	if (!test)
		return false;
	test->csum.what = (uint8_t)keyword_of(build)->detail;
	test->csum.valid = span_is_nocase(option->value, "valid");
	return test->csum.valid || span_is_nocase(option->value, "invalid") ||
	       rule_fail(build, "expected valid or invalid");
}

static bool parse_event(struct rule_build *build, const struct rule_option *option)
{
	char name[96];
	int which = keyword_of(build)->detail; // 0 decode, 1 stream, 2 either
	struct span text = option->value;
	if (which != 1 && span_starts(text, "decoder."))
		text = span_from(text, 8);
	if (which != 0 && span_starts(text, "stream."))
		text = span_from(text, 7);
	if (text.len >= sizeof(name))
		return rule_fail(build, "unknown event");
	memcpy(name, text.data, text.len);
	name[text.len] = 0;
	uint16_t event = which != 1 ? packet_event_find(name, false) : EVENT_NONE;
	if (event == EVENT_NONE && which != 0)
		event = packet_event_find(name, true);
	if (event == EVENT_NONE)
		return rule_fail(build, "unknown event \"%s\"", name);
	struct rule_test *test =
		build_test(build, packet_event_is_stream(event) ? TEST_STREAM_EVENT : TEST_DECODE_EVENT);
	if (!test)
		return false;
	test->event = event;
	return true;
}

static bool parse_l3_proto(struct rule_build *build, const struct rule_option *option)
{
	bool four = span_is_nocase(option->value, "ipv4") || span_is_nocase(option->value, "ip4");
	bool six = span_is_nocase(option->value, "ipv6") || span_is_nocase(option->value, "ip6");
	if (!four && !six)
		return rule_fail(build, "expected ipv4 or ipv6");
	build->rule.flags |= four ? RULE_IPV4_ONLY : RULE_IPV6_ONLY;
	return true;
}

#define PACKET_NUMBER (KEYWORD_NEEDS_VALUE | KEYWORD_PACKET)

const struct keyword keywords_packet[] = {
	{ "ttl", NULL, PACKET_NUMBER, parse_number, TEST_TTL },
	{ "tos", NULL, PACKET_NUMBER, parse_number, TEST_TOS },
	{ "id", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_number, TEST_IP_ID },
	{ "ipopts", NULL, PACKET_NUMBER | KEYWORD_NEGATABLE, parse_ipopts, 0 },
	{ "ip_proto", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES, parse_ip_proto, 0 },
	{ "fragbits", NULL, PACKET_NUMBER, parse_fragbits, 0 },
	{ "fragoffset", NULL, PACKET_NUMBER, parse_number, TEST_FRAGOFFSET },
	{ "sameip", NULL, KEYWORD_NO_VALUE | KEYWORD_PACKET, parse_sameip, 0 },
	{ "l3_proto", NULL, KEYWORD_NEEDS_VALUE, parse_l3_proto, 0 },
	{ "tcp.flags", "flags", PACKET_NUMBER, parse_tcp_flags, 0 },
	{ "tcp.seq", "seq", PACKET_NUMBER, parse_number, TEST_TCP_SEQ },
	{ "tcp.ack", "ack", PACKET_NUMBER, parse_number, TEST_TCP_ACK },
	{ "tcp.window", "window", PACKET_NUMBER, parse_number, TEST_TCP_WINDOW },
	{ "tcp.mss", NULL, PACKET_NUMBER, parse_number, TEST_TCP_MSS },
	{ "tcp.wscale", NULL, PACKET_NUMBER, parse_number, TEST_TCP_WSCALE },
	{ "itype", NULL, PACKET_NUMBER, parse_number, TEST_ITYPE },
	{ "icode", NULL, PACKET_NUMBER, parse_number, TEST_ICODE },
	{ "icmp_id", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_number, TEST_ICMP_ID },
	{ "icmp_seq", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_number, TEST_ICMP_SEQ },
	{ "icmpv6.mtu", NULL, PACKET_NUMBER, parse_number, TEST_ICMPV6_MTU },
	{ "dsize", NULL, PACKET_NUMBER, parse_number, TEST_DSIZE },
	{ "ipv4-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 0 },
	{ "tcpv4-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 1 },
	{ "tcpv6-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 2 },
	{ "udpv4-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 3 },
	{ "udpv6-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 4 },
	{ "icmpv4-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 5 },
	{ "icmpv6-csum", NULL, PACKET_NUMBER | KEYWORD_QUOTES, parse_csum, 6 },
	{ "vlan.id", NULL, PACKET_NUMBER, parse_vlan_id, 0 },
	{ "vlan.layers", NULL, PACKET_NUMBER, parse_number, TEST_VLAN_LAYERS },
	{ "decode-event", NULL, PACKET_NUMBER, parse_event, 0 },
	{ "stream-event", NULL, KEYWORD_NEEDS_VALUE, parse_event, 1 },
	{ "engine-event", NULL, KEYWORD_NEEDS_VALUE, parse_event, 2 },
	{ 0 },
};
