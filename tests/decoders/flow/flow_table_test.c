// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/flow_key.h"
#include "decoders/flow/flow_table.h"
#include "tests/support/decoders/make_packet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define A "10.0.0.1"
#define B "10.0.0.2"

struct world {
	struct flow_config config;
	struct slab *slab;
	struct flow_table *table;
};

static struct world world_new(uint64_t memcap)
{
	struct world w = { .config = { .memcap_bytes = memcap,
				   .hash_size = 1024,
				   .emergency_recovery_pct = 30,
				   .vlan_use_for_tracking = true,
				   .workers = 1 } };
	for (unsigned i = 0; i < FLOW_FAMILIES; i++) {
		w.config.timeouts[i] = (struct flow_timeouts) { 30, 300, 0, 100 };
		w.config.emergency[i] = (struct flow_timeouts) { 10, 100, 0, 50 };
	}
	w.config.timeouts[FLOW_FAMILY_TCP] = (struct flow_timeouts) { 60, 600, 60, 100 };
	w.slab = slab_new(16u << 20);
	return w;
}

static void world_start(struct world *w)
{
	w->table = flow_table_new(&w->config, w->slab);
	assert_non_null(w->table);
}

static void world_end(struct world *w)
{
	struct flow *flow;
	while ((flow = flow_table_end_all(w->table)))
		flow_release(w->table, flow);
	flow_table_free(w->table);
	slab_destroy(w->slab);
}

static void both_directions_are_one_flow(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	struct packet p = make_packet(PROTO_UDP, A, 1000, B, 53, 1), q = make_packet(PROTO_UDP, B, 53, A, 1000, 2);
	struct flow *flow = flow_table_lookup(w.table, &p);
	assert_non_null(flow);
	assert_true(p.flags & PACKET_FLOW_FIRST);
	assert_int_equal(p.direction, TO_SERVER);
	assert_int_equal(flow->state, FLOW_NEW);
	q.ttl = 7;
	assert_ptr_equal(flow_table_lookup(w.table, &q), flow);
	assert_int_equal(q.direction, TO_CLIENT);
	assert_false(q.flags & PACKET_FLOW_FIRST);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	assert_int_equal(flow->packets[TO_CLIENT], 1);
	assert_int_equal(flow->bytes[TO_SERVER], 54);
	assert_int_equal(flow->min_ttl[TO_CLIENT], 7);
	assert_true(flow->id > 0 && flow->id < (UINT64_C(1) << 51));
	assert_int_equal(flow->id, flow_key_id(&flow->key, p.ts_ns));
	world_end(&w);
}

static void what_has_no_flow(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	struct packet p = make_packet(PROTO_UDP, A, 1000, B, 53, 1);
	p.flags = PACKET_FRAGMENT;
	assert_null(flow_table_lookup(w.table, &p));
	p.flags = PACKET_INVALID;
	assert_null(flow_table_lookup(w.table, &p));
	p.flags = 0;
	p.ip_version = 0;
	assert_null(flow_table_lookup(w.table, &p));
	p.ip_version = 4;
	p.proto = PROTO_ICMP;
	p.icmp_type = 11;
	assert_null(flow_table_lookup(w.table, &p));
	assert_int_equal(flow_table_counters(w.table)[FLOW_COUNT_TOTAL], 0);
	world_end(&w);
}

static void icmp_request_and_reply_meet(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	struct packet p = make_packet(PROTO_ICMP, A, 0, B, 0, 1), q = make_packet(PROTO_ICMP, B, 0, A, 0, 1.1);
	p.icmp_type = 8;
	q.icmp_type = 0;
	struct flow *flow = flow_table_lookup(w.table, &p);
	assert_ptr_equal(flow_table_lookup(w.table, &q), flow);
	assert_true(flow->icmp_reply_seen);
	assert_int_equal(flow->icmp_type, 8);
	assert_int_equal(flow->icmp_reply_type, 0);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	q.icmp_type = 8;
	assert_ptr_not_equal(flow_table_lookup(w.table, &q), flow);
	world_end(&w);
}

static void icmp_unreachable_joins_the_flow_it_is_about(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	static const uint8_t bytes[] = { [0] = 0x45,
		[28] = 0x45,
		[28 + 9] = PROTO_UDP,
		[28 + 12] = 10,
		0,
		0,
		1,
		10,
		0,
		0,
		2,
		/* ports 1000, 53 */ 3,
		232,
		0,
		53,
		0,
		8,
		0,
		0 };
	struct packet p = make_packet(PROTO_UDP, A, 1000, B, 53, 1),
		      e = make_packet(PROTO_ICMP, "10.9.9.9", 0, A, 0, 1.1);
	e.icmp_type = 3;
	e.ip = bytes;
	e.l4 = bytes + 20;
	e.ip_len = sizeof(bytes);
	assert_null(flow_table_lookup(w.table, &e));
	struct flow *flow = flow_table_lookup(w.table, &p);
	assert_ptr_equal(flow_table_lookup(w.table, &e), flow);
	assert_int_equal(e.direction, TO_CLIENT);
	assert_int_equal(flow->state, FLOW_NEW);
	e.ip_len = sizeof(bytes) - 1;
	assert_null(flow_table_lookup(w.table, &e));
	world_end(&w);
}

static void an_idle_flow_ends_by_its_own_times(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	struct packet p = make_packet(PROTO_UDP, A, 1000, B, 53, 100),
		      q = make_packet(PROTO_UDP, A, 1000, B, 53, 129.9),
		      r = make_packet(PROTO_UDP, A, 1000, B, 53, 160);
	struct flow *first = flow_table_lookup(w.table, &p);
	assert_ptr_equal(flow_table_lookup(w.table, &q), first);
	assert_null(flow_table_expire(w.table, q.ts_ns));
	struct flow *second = flow_table_lookup(w.table, &r);
	assert_ptr_not_equal(first, second);
	assert_int_not_equal(first->id, second->id);
	assert_ptr_equal(flow_table_expire(w.table, r.ts_ns), first);
	assert_int_equal(first->end_reason, FLOW_END_TIMEOUT);
	flow_release(w.table, first);
	assert_null(flow_table_expire(w.table, r.ts_ns));
	assert_ptr_equal(flow_table_expire(w.table, r.ts_ns + 40 * NS_PER_S), second);
	flow_release(w.table, second);
	assert_null(flow_table_end_all(w.table));
	assert_int_equal(flow_table_counters(w.table)[FLOW_COUNT_ACTIVE], 0);
	world_end(&w);
}

static void time_that_goes_back_starts_anew(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	struct packet late = make_packet(PROTO_UDP, A, 1, B, 53, 100000),
		      early = make_packet(PROTO_UDP, A, 2, B, 53, 1000);
	struct flow *first = flow_table_lookup(w.table, &late), *second = flow_table_lookup(w.table, &early);
	// Sorted by time: the younger flow times out though it came later
	assert_ptr_equal(flow_table_expire(w.table, early.ts_ns), first);
	flow_release(w.table, first);
	assert_null(flow_table_expire(w.table, early.ts_ns));
	assert_ptr_equal(flow_table_expire(w.table, early.ts_ns + 33 * NS_PER_S), second);
	flow_release(w.table, second);
	struct packet other = make_packet(PROTO_UDP, A, 3, B, 53, 50000);
	struct flow *third = flow_table_lookup(w.table, &other);
	struct flow *ended = flow_table_expire(w.table, 2000 * NS_PER_S); // the clock went back for it
	assert_ptr_equal(ended, third);
	flow_release(w.table, ended);
	world_end(&w);
}

static void vlan_is_in_the_key_by_option(void **state)
{
	(void)state;
	for (int use = 0; use < 2; use++) {
		struct world w = world_new(1 << 20);
		w.config.vlan_use_for_tracking = use;
		world_start(&w);
		struct packet p = make_packet(PROTO_UDP, A, 1000, B, 53, 1), q = p;
		p.vlan_count = q.vlan_count = 1;
		p.vlan[0] = 10;
		q.vlan[0] = 20;
		struct flow *a = flow_table_lookup(w.table, &p), *b = flow_table_lookup(w.table, &q);
		assert_int_equal(a != b, use);
		assert_int_equal(a->vlan[0], 10);
		world_end(&w);
	}
}

static bool always(const struct flow *flow, const struct packet *packet, enum direction direction)
{
	(void)flow, (void)packet, (void)direction;
	return true;
}

static void a_syn_can_start_a_flow_anew(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	flow_table_set_reuse_test(w.table, always);
	struct packet p = make_packet(PROTO_TCP, A, 1000, B, 80, 1);
	p.tcp.flags = TCP_SYN;
	struct flow *flow = flow_table_lookup(w.table, &p);
	assert_ptr_equal(flow_table_lookup(w.table, &p), flow); // no session yet
	flow->tcp = (struct tcp_session *)&w;
	p.tcp.flags = TCP_ACK;
	assert_ptr_equal(flow_table_lookup(w.table, &p), flow);
	p.tcp.flags = TCP_SYN;
	assert_ptr_not_equal(flow_table_lookup(w.table, &p), flow);
	assert_ptr_equal(flow_table_expire(w.table, 0), flow);
	assert_int_equal(flow->end_reason, FLOW_END_TCP_REUSE);
	flow_release(w.table, flow);
	world_end(&w);
}

static void a_full_table_evicts_what_saw_no_answer(void **state)
{
	(void)state;
	struct world w = world_new(0);
	world_start(&w);
	struct packet answered = make_packet(PROTO_UDP, A, 1, B, 53, 1),
		      answer = make_packet(PROTO_UDP, B, 53, A, 1, 1);
	struct flow *keep = flow_table_lookup(w.table, &answered);
	flow_table_lookup(w.table, &answer);
	for (uint16_t i = 2; i < 1000; i++) {
		struct packet p = make_packet(PROTO_UDP, A, i, B, 53, 2 + i / 1000.0);
		assert_non_null(flow_table_lookup(w.table, &p));
		struct flow *ended;
		while ((ended = flow_table_expire(w.table, p.ts_ns))) {
			assert_ptr_not_equal(ended, keep);
			assert_int_equal(ended->end_reason, FLOW_END_FORCED);
			flow_release(w.table, ended);
		}
	}
	const uint64_t *counters = flow_table_counters(w.table);
	assert_int_equal(counters[FLOW_COUNT_EMERG_ENTERED], 1);
	assert_true(counters[FLOW_COUNT_ACTIVE] <= 64);
	assert_int_equal(counters[FLOW_COUNT_EVICTED_NEW], 999 - 64);
	assert_int_equal(counters[FLOW_COUNT_EVICTED], 0);
	// In emergency the shorter timeouts hold; below the recovery mark it ends
	struct flow *ended;
	while ((ended = flow_table_expire(w.table, 14 * NS_PER_S)))
		flow_release(w.table, ended);
	assert_int_equal(counters[FLOW_COUNT_EMERG_OVER], 1);
	world_end(&w);
}

static void nobody_fetching_ended_flows_bounds_memory(void **state)
{
	(void)state;
	struct world w = world_new(0);
	world_start(&w);
	for (uint16_t i = 1; i < 1000; i++) {
		struct packet p = make_packet(PROTO_UDP, A, i, B, 53, 2);
		flow_table_lookup(w.table, &p);
	}
	assert_true(flow_table_counters(w.table)[FLOW_COUNT_NO_ROOM] > 0);
	assert_true(flow_table_counters(w.table)[FLOW_COUNT_MEMUSE] <= 70 * sizeof(struct flow));
	world_end(&w);
}

static void a_long_flow_is_reported_by_its_packets(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	w.config.report_interval_s = 10;
	world_start(&w);
	unsigned reports = 0;
	for (int i = 0; i <= 100; i++) {
		struct packet p = make_packet(PROTO_UDP, A, 1, B, 53, 1000 + i);
		struct flow *flow = flow_table_lookup(w.table, &p), *report = flow_table_report(w.table, p.ts_ns);
		if (report) {
			assert_ptr_equal(report, flow);
			assert_int_equal(i % 10, 0);
			reports++;
		}
	}
	assert_int_equal(reports, 10);
	world_end(&w);
}

static void swapping_turns_everything_round(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	world_start(&w);
	struct packet p = make_packet(PROTO_TCP, A, 80, B, 4000, 1), q = make_packet(PROTO_TCP, B, 4000, A, 80, 1);
	struct flow *flow = flow_table_lookup(w.table, &p);
	uint64_t id = flow->id;
	flow_swap_direction(flow);
	assert_int_equal(flow->key.dport, 80);
	assert_int_equal(flow->packets[TO_CLIENT], 1);
	assert_true(flow->flags & FLOW_REVERSED);
	assert_true((flow->flags & FLOW_SEEN_TC) && !(flow->flags & FLOW_SEEN_TS));
	assert_ptr_equal(flow_table_lookup(w.table, &q), flow);
	assert_int_equal(q.direction, TO_SERVER);
	assert_int_equal(flow->id, id);
	world_end(&w);
}

static void elephants_are_marked(void **state)
{
	(void)state;
	struct world w = world_new(1 << 20);
	w.config.elephant_bytes = 100;
	world_start(&w);
	struct packet p = make_packet(PROTO_TCP, A, 80, B, 4000, 1);
	struct flow *flow = flow_table_lookup(w.table, &p);
	assert_false(flow->flags & FLOW_ELEPHANT_TS);
	flow_table_lookup(w.table, &p);
	assert_true(flow->flags & FLOW_ELEPHANT_TS);
	assert_false(flow->flags & FLOW_ELEPHANT_TC);
	assert_int_equal(flow_table_counters(w.table)[FLOW_COUNT_ELEPHANT], 1);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_one_flow),
		cmocka_unit_test(what_has_no_flow),
		cmocka_unit_test(icmp_request_and_reply_meet),
		cmocka_unit_test(icmp_unreachable_joins_the_flow_it_is_about),
		cmocka_unit_test(an_idle_flow_ends_by_its_own_times),
		cmocka_unit_test(time_that_goes_back_starts_anew),
		cmocka_unit_test(vlan_is_in_the_key_by_option),
		cmocka_unit_test(a_syn_can_start_a_flow_anew),
		cmocka_unit_test(a_full_table_evicts_what_saw_no_answer),
		cmocka_unit_test(nobody_fetching_ended_flows_bounds_memory),
		cmocka_unit_test(a_long_flow_is_reported_by_its_packets),
		cmocka_unit_test(swapping_turns_everything_round),
		cmocka_unit_test(elephants_are_marked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
