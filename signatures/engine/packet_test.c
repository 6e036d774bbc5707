// SPDX-License-Identifier: GPL-3.0-or-later
// Tests on headers: a rule's five-tuple and flow keyword, and its keywords on IP, TCP, UDP and ICMP headers.
#include "signatures/engine/worker.h"
#include "signatures/engine/address_test.h"
#include "signatures/engine/flow_test.h"
#include "signatures/match/number.h"

static bool address_fits(struct engine_worker *worker, uint16_t id, const struct address_set *set, bool source)
{
	if (set->any)
		return true;
	const struct packet *packet = worker->now->packet;
	uint32_t *memo = &worker->address_memo[source ? 0 : 1][id];
	if (*memo >> 1 != worker->address_stamp)
		*memo = worker->address_stamp << 1 | address_set_has(set, source ? &packet->src : &packet->dst);
	return *memo & 1;
}

static bool ports_matter(const struct engine_worker *worker)
{
	return worker->proto_bit & (RULE_PROTO_TCP | RULE_PROTO_UDP | RULE_PROTO_SCTP);
}

static bool five_tuple_fits(struct engine_worker *worker, const struct plan *plan)
{
	const struct rule *rule = plan->rule;
	const struct packet *packet = worker->now->packet;
	bool ports = ports_matter(worker);
	if (ports && !(rule->sport->any || port_set_has(rule->sport, packet->sport)))
		return false;
	if (ports && !(rule->dport->any || port_set_has(rule->dport, packet->dport)))
		return false;
	if (!ports && !(rule->sport->any && rule->dport->any))
		return false;
	return address_fits(worker, plan->src_id, rule->src, true) &&
	       address_fits(worker, plan->dst_id, rule->dst, false);
}

static bool five_tuple_fits_swapped(struct engine_worker *worker, const struct plan *plan)
{
	const struct rule *rule = plan->rule;
	const struct packet *packet = worker->now->packet;
	if (ports_matter(worker) && (!(rule->sport->any || port_set_has(rule->sport, packet->dport)) ||
					    !(rule->dport->any || port_set_has(rule->dport, packet->sport))))
		return false;
	return address_fits(worker, plan->src_id, rule->src, false) &&
	       address_fits(worker, plan->dst_id, rule->dst, true);
}

bool header_fits(struct engine_worker *worker, const struct plan *plan)
{
	const struct rule *rule = plan->rule;
	if ((worker->traits & plan->need) != plan->need || worker->traits & plan->refuse ||
		!(plan->proto_bits & worker->proto_bit))
		return false;
	if (rule->app_proto != APP_UNKNOWN &&
		(!worker->now->flow ||
			!app_proto_matches(rule->app_proto, (enum app_proto)worker->now->flow->app.proto)))
		return false;
	if (five_tuple_fits(worker, plan))
		return true;
	// A rule over both directions of a transaction names its client first: the answers come the other way.
	bool swapped = rule->flags & RULE_BIDIRECTIONAL ||
		       (rule->flags & RULE_TX_BIDIRECTIONAL && worker->direction == TO_CLIENT);
	return swapped && five_tuple_fits_swapped(worker, plan);
}

static bool flags_hold(const struct packet *packet, const struct rule_test *test)
{
	if (!packet->l4)
		return false;
	uint8_t flags = (uint8_t)(packet->tcp.flags & ~test->flags.ignore), set = test->flags.set;
	switch (test->flags.op) {
	case '+': return (flags & set) == set;
	case '*': return (flags & set) != 0;
	case '!': return (flags & set) != set;
	default: return flags == set;
	}
}

static bool bits_hold(uint16_t have, const struct rule_test *test)
{
	uint16_t bits = test->bits.bits;
	switch (test->bits.op) {
	case '+': return (have & bits) == bits;
	case '*': return (have & bits) != 0;
	case '!': return (have & bits) != bits;
	default: return have == bits;
	}
}

static bool checksum_holds(const struct packet *packet, const struct rule_test *test)
{
	static const struct {
		uint8_t version, proto;
	} kinds[] = { { 4, 0 }, { 4, PROTO_TCP }, { 6, PROTO_TCP }, { 4, PROTO_UDP }, { 6, PROTO_UDP },
		{ 4, PROTO_ICMP }, { 6, PROTO_ICMPV6 } };
	if (test->csum.what >= sizeof(kinds) / sizeof(*kinds))
		return false;
	uint8_t version = kinds[test->csum.what].version, proto = kinds[test->csum.what].proto;
	if (packet->ip_version != version || (proto && (packet->proto != proto || !packet->l4)))
		return false;
	bool bad = packet->flags & (proto ? PACKET_BAD_L4_CHECKSUM : PACKET_BAD_IP_CHECKSUM);
	return bad != test->csum.valid;
}

static bool event_holds(const struct packet *packet, uint16_t event)
{
	for (unsigned i = 0; i < packet->event_count; i++)
		if (packet->events[i] == event)
			return true;
	return false;
}

static bool tcp_holds(const struct packet *packet, const struct rule_test *test)
{
	const struct tcp_header *tcp = &packet->tcp;
	if (packet->proto != PROTO_TCP || !packet->l4)
		return false;
	switch (test->kind) {
	case TEST_TCP_FLAGS: return flags_hold(packet, test);
	case TEST_TCP_SEQ: return number_holds(&test->number, tcp->seq);
	case TEST_TCP_ACK: return number_holds(&test->number, tcp->ack);
	case TEST_TCP_WINDOW: return number_holds(&test->number, tcp->window);
	case TEST_TCP_MSS: return tcp->has & TCP_OPTION_MSS && number_holds(&test->number, tcp->mss);
	default: return tcp->has & TCP_OPTION_WSCALE && number_holds(&test->number, tcp->wscale);
	}
}

static bool icmp_holds(const struct packet *packet, const struct rule_test *test)
{
	if ((packet->proto != PROTO_ICMP && packet->proto != PROTO_ICMPV6) || !packet->l4)
		return false;
	bool six = packet->proto == PROTO_ICMPV6;
	bool query = six ? packet->icmp_type == 128 || packet->icmp_type == 129
			 : packet->icmp_type == 0 || packet->icmp_type == 8 ||
				     (packet->icmp_type >= 13 && packet->icmp_type <= 18);
	switch (test->kind) {
	case TEST_ITYPE: return number_holds(&test->number, packet->icmp_type);
	case TEST_ICODE: return number_holds(&test->number, packet->icmp_code);
	case TEST_ICMP_ID: return query && number_holds(&test->number, packet->icmp_id);
	case TEST_ICMP_SEQ: return query && number_holds(&test->number, packet->icmp_seq);
	default: // mtu of "packet too big"
		return six && packet->icmp_type == 2 && packet->l4_header_len >= 8 &&
		       number_holds(&test->number, (uint64_t)packet->l4[4] << 24 | (uint64_t)packet->l4[5] << 16 |
							   (uint64_t)packet->l4[6] << 8 | packet->l4[7]);
	}
}

static bool ip_holds(const struct packet *packet, const struct rule_test *test)
{
	if (packet->ip_version == 0)
		return false;
	switch (test->kind) {
	case TEST_TTL: return number_holds(&test->number, packet->ttl);
	case TEST_TOS: return number_holds(&test->number, packet->tos);
	case TEST_IP_ID: return packet->ip_version == 4 && number_holds(&test->number, packet->ip_id);
	case TEST_IPOPTS: return (packet->ip_options & test->bits.bits) != 0;
	case TEST_IP_PROTO: return number_holds(&test->number, packet->proto);
	case TEST_FRAGBITS: return packet->ip_version == 4 && bits_hold(packet->ip_flags, test);
	case TEST_FRAGOFFSET: return number_holds(&test->number, packet->ip_fragment_offset);
	default: return address_equal(&packet->src, &packet->dst);
	}
}

static bool vlan_holds(const struct packet *packet, const struct rule_test *test)
{
	const struct number_match *number = &test->vlan.number;
	int count = packet->vlan_count < PACKET_VLANS_MAX ? packet->vlan_count : PACKET_VLANS_MAX, held = 0;
	if (test->vlan.how == VLAN_LAYER) {
		int layer = test->vlan.layer < 0 ? test->vlan.layer + count : test->vlan.layer;
		return layer >= 0 && layer < count && number_holds(number, packet->vlan[layer]);
	}
	for (int i = 0; i < count; i++)
		held += number_holds(number, packet->vlan[i]);
	return test->vlan.how == VLAN_ALL ? count != 0 && held == count : held != 0;
}

static bool test_holds(struct engine_worker *worker, const struct rule_test *test)
{
	const struct packet *packet = worker->now->packet;
	switch (test->kind) {
	case TEST_TTL:
	case TEST_TOS:
	case TEST_IP_ID:
	case TEST_IPOPTS:
	case TEST_IP_PROTO:
	case TEST_FRAGBITS:
	case TEST_FRAGOFFSET:
	case TEST_SAMEIP: return ip_holds(packet, test);
	case TEST_TCP_FLAGS:
	case TEST_TCP_SEQ:
	case TEST_TCP_ACK:
	case TEST_TCP_WINDOW:
	case TEST_TCP_MSS:
	case TEST_TCP_WSCALE: return tcp_holds(packet, test);
	case TEST_ITYPE:
	case TEST_ICODE:
	case TEST_ICMP_ID:
	case TEST_ICMP_SEQ:
	case TEST_ICMPV6_MTU: return icmp_holds(packet, test);
	case TEST_DSIZE: return !(packet->flags & PACKET_PSEUDO) && number_holds(&test->number, packet->payload.len);
	case TEST_CSUM: return checksum_holds(packet, test);
	case TEST_DECODE_EVENT:
	case TEST_STREAM_EVENT: return event_holds(packet, test->event);
	case TEST_VLAN_ID: return vlan_holds(packet, test);
	case TEST_VLAN_LAYERS: return number_holds(&test->number, packet->vlan_count);
	case TEST_L3_PROTO: return number_holds(&test->number, packet->ip_version);
	case TEST_GEOIP:
	case TEST_IPREP: return address_test_holds(packet, test);
	default: return flow_test_holds(worker, test);
	}
}

bool packet_tests_hold(struct engine_worker *worker, const struct rule *rule)
{
	for (unsigned i = 0; i < rule->test_count; i++) {
		const struct rule_test *test = &rule->tests[i];
		if (test->kind == TEST_APP_STATE ||
			(test->kind == TEST_APP_EVENT && test->app_event.proto != APP_UNKNOWN))
			continue; // a condition on transactions
		if (test_holds(worker, test) == test->negated)
			return false;
	}
	return true;
}
