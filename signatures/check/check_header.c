// SPDX-License-Identifier: GPL-3.0-or-later
// Checks on a rule's header and on its tests on packet and flow: what can never hold, or never hold together.
#include "signatures/check/checking.h"
#include "decoders/packet/packet.h"
#include "signatures/rule/rule_waiting.h"

static void ports(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	const uint16_t with_ports = RULE_PROTO_TCP | RULE_PROTO_UDP | RULE_PROTO_SCTP;
	bool source = !rule->sport->any, some = source || !rule->dport->any;
	if (!some)
		return;
	if (!(rule->proto_bits & with_ports))
		checking_found(checking, CHECK_PORTS_IDLE, checking_header_column(checking, source ? 3 : 6),
			"packets of this protocol have no ports: the rule never matches");
}

static bool overlaps(const struct address_set *a, const struct address_set *b)
{
	if (a->any || b->any)
		return true;
	for (uint32_t i = 0, k = 0; i < a->count && k < b->count;) {
		if (address_compare(&a->ranges[i].high, &b->ranges[k].low) < 0)
			i++;
		else if (address_compare(&b->ranges[k].high, &a->ranges[i].low) < 0)
			k++;
		else
			return true;
	}
	return false;
}

// IPv4 is ::ffff:0:0/96 among the addresses.
static bool has_version(const struct address_set *set, bool v4)
{
	static const uint8_t zeros[4], ones[4] = { 255, 255, 255, 255 };
	struct address low = address_v4(zeros), high = address_v4(ones);
	if (set->any)
		return true;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct address_range *range = &set->ranges[i];
		bool touches = address_compare(&range->low, &high) <= 0 && address_compare(&range->high, &low) >= 0;
		bool beyond = address_compare(&range->low, &low) < 0 || address_compare(&range->high, &high) > 0;
		if (v4 ? touches : beyond)
			return true;
	}
	return false;
}

static void addresses(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	const struct address_set *const sides[2] = { rule->src, rule->dst };
	static const unsigned parts[2] = { 2, 5 };
	for (unsigned i = 0; i < 2; i++) {
		bool v4 = has_version(sides[i], true), v6 = has_version(sides[i], false);
		bool want4 = rule->flags & RULE_IPV4_ONLY || rule->proto_bits == RULE_PROTO_ICMP,
		     want6 = rule->flags & RULE_IPV6_ONLY || rule->proto_bits == RULE_PROTO_ICMPV6;
		if ((want4 && !v4) || (want6 && !v6))
			checking_found(checking, CHECK_UNREACHABLE, checking_header_column(checking, parts[i]),
				"the addresses are of the other IP version than the rule's protocol: it never matches");
	}
	bool mixed = (!has_version(rule->src, true) && !has_version(rule->dst, false)) ||
		     (!has_version(rule->src, false) && !has_version(rule->dst, true));
	if (mixed)
		checking_found(checking, CHECK_UNREACHABLE, checking_header_column(checking, 5),
			"source and destination are of different IP versions: the rule never matches");
	for (unsigned i = 0; i < rule->test_count; i++)
		if (rule->tests[i].kind == TEST_SAMEIP && !rule->tests[i].negated && !overlaps(rule->src, rule->dst))
			checking_found(checking, CHECK_UNREACHABLE, rule->tests[i].column,
				"source and destination have no address in common: sameip never holds");
}

struct interval {
	uint64_t low, high; // inclusive
	bool known;
};

static struct interval interval_of(const struct rule_test *test)
{
	const struct number_match *number = &test->number;
	struct interval all = { 0, UINT64_MAX, true };
	if (test->negated)
		return (struct interval) { 0 };
	switch (number->op) {
	case OP_EQ: return (struct interval) { number->low, number->low, true };
	case OP_LT: all.high = number->low ? number->low - 1 : 0; return all;
	case OP_LE: all.high = number->low; return all;
	case OP_GT: all.low = number->low + 1; return all;
	case OP_GE: all.low = number->low; return all;
	case OP_RANGE: return (struct interval) { number->low + 1, number->high - 1, true };
	default: return (struct interval) { 0 };
	}
}

static bool is_number(uint8_t kind)
{
	static const bool numbers[TEST_KINDS] = { [TEST_TTL] = true,
		[TEST_TOS] = true,
		[TEST_IP_ID] = true,
		[TEST_IP_PROTO] = true,
		[TEST_FRAGOFFSET] = true,
		[TEST_TCP_SEQ] = true,
		[TEST_TCP_ACK] = true,
		[TEST_TCP_WINDOW] = true,
		[TEST_TCP_MSS] = true,
		[TEST_TCP_WSCALE] = true,
		[TEST_ITYPE] = true,
		[TEST_ICODE] = true,
		[TEST_ICMP_ID] = true,
		[TEST_ICMP_SEQ] = true,
		[TEST_DSIZE] = true,
		[TEST_FLOW_AGE] = true,
		[TEST_VLAN_LAYERS] = true };
	return kind < TEST_KINDS && numbers[kind];
}

static void numbers(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	for (unsigned i = 0; i < rule->test_count; i++) {
		if (!is_number(rule->tests[i].kind))
			continue;
		struct interval one = interval_of(&rule->tests[i]);
		for (unsigned k = i + 1; k < rule->test_count; k++) {
			if (rule->tests[k].kind != rule->tests[i].kind)
				continue;
			struct interval other = interval_of(&rule->tests[k]);
			if (one.known && other.known && (one.low > other.high || other.low > one.high))
				checking_found(checking, CHECK_UNREACHABLE, rule->tests[k].column,
					"this and the same keyword before it never hold together");
		}
	}
}

// Payload a packet must have at least for the contents in it.
static uint64_t payload_needed(const struct rule *rule)
{
	uint64_t need = 0;
	for (unsigned b = 0; b < rule->buffer_count; b++)
		for (unsigned i = 0; rule->buffers[b].place == PLACE_PAYLOAD && i < rule->buffers[b].match_count; i++) {
			const struct match *match = &rule->buffers[b].matches[i];
			if (match->kind == MATCH_CONTENT && !match->negated && match->content.bytes.len > need)
				need = match->content.bytes.len;
		}
	return need;
}

static void flow(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	unsigned column = checking_column(checking, "flow", 0);
	if (rule->flags & RULE_FLOW_NOT_ESTABLISHED && rule->flags & RULE_HAS_TX &&
		!(rule->proto_bits & RULE_PROTO_UDP))
		checking_found(checking, CHECK_FLOW_CONTRADICTION, column,
			"transactions are of established connections: not_established never holds with them");
	for (unsigned i = 0; i < rule->test_count; i++) {
		const struct rule_test *test = &rule->tests[i];
		bool opens = test->kind == TEST_TCP_FLAGS && !test->negated && test->flags.op == 0 &&
			     test->flags.set == TCP_SYN;
		if (opens && rule->flags & RULE_FLOW_ESTABLISHED)
			checking_found(checking, CHECK_FLOW_CONTRADICTION, test->column,
				"a SYN opens a connection: flow:established does not hold for it");
		if (test->kind == TEST_DSIZE && !test->negated && rule->flags & RULE_ONLY_STREAM)
			checking_found(checking, CHECK_FLOW_CONTRADICTION, test->column,
				"dsize is of a packet, only_stream looks at none");
		struct interval size = test->kind == TEST_DSIZE ? interval_of(test) : (struct interval) { 0 };
		if (size.known && size.high < payload_needed(rule))
			checking_found(checking, CHECK_UNREACHABLE, test->column,
				"dsize allows less payload than a content needs: the rule never matches");
	}
}

static void parser(struct checking *checking)
{
	enum app_proto proto = rule_waits_for(checking->rule);
	if (proto != APP_UNKNOWN)
		checking_found(checking, CHECK_NO_PARSER, checking_header_column(checking, 1),
			"%s is not parsed by this version: the rule is kept and cannot match", app_proto_name(proto));
}

void check_header(struct checking *checking)
{
	ports(checking);
	addresses(checking);
	numbers(checking);
	flow(checking);
	parser(checking);
}
