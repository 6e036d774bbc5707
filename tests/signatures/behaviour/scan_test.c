// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/clock.h"
#include "decoders/packet/packet.h"
#include "signatures/behaviour/behaviour.h"

#define START 1000000

struct bench {
	struct behaviour_config config;
	struct behaviour *behaviour;
	struct scan_finding findings[BEHAVIOUR_FINDINGS_MAX];
	unsigned told[SCAN_KINDS + 1]; // by sid
};

static char *ignored[] = { "192.0.2.0/28", "2001:db8::7" };

static void bench_init(struct bench *bench)
{
	*bench = (struct bench) {
		.config = { .enabled = true,
			.scan = { .ports = 50, .hosts = 25, .memcap_bytes = 4 << 20, .ignore = { ignored, 2 } } }
	};
	bench->behaviour = behaviour_new(&bench->config);
	assert_non_null(bench->behaviour);
}

static void bench_fini(struct bench *bench)
{
	behaviour_free(bench->behaviour);
}

static struct observation opening(double second, const char *src, const char *dst, uint16_t port, uint8_t flags)
{
	struct observation o = { .kind = OBSERVATION_FLOW_END,
		.proto = PROTO_TCP,
		.ip_version = 4,
		.sport = 40000,
		.dport = port,
		.flags = flags };
	o.start_ns = o.end_ns = (uint64_t)((START + second) * 1e9);
	assert_true(address_parse(src, &o.src));
	assert_true(address_parse(dst, &o.dst));
	return o;
}

static unsigned observe(struct bench *bench, struct observation observation)
{
	unsigned count = behaviour_observe(bench->behaviour, &observation, bench->findings);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(bench->findings[i].rule->gid, SCAN_GID);
		bench->told[bench->findings[i].rule->sid]++;
	}
	return count;
}

static const struct detail_pair *detail(const struct scan_finding *finding, const char *key)
{
	for (uint32_t i = 0; i < finding->detail.count; i++)
		if (strcmp(finding->detail.pairs[i].key, key) == 0)
			return &finding->detail.pairs[i];
	fail_msg("no %s", key);
	return NULL;
}

static const char *host(char text[32], unsigned last)
{
	snprintf(text, 32, "10.0.%u.%u", last / 200, last % 200 + 1);
	return text;
}

static void many_ports_of_one_host_are_one_alert_with_its_figures(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	for (unsigned port = 1; port < 50; port++)
		assert_int_equal(observe(&b, opening(port * 0.1, "10.1.1.1", "10.2.2.2", (uint16_t)port,
						     port % 2 ? OBSERVED_SILENT : OBSERVED_REFUSED)),
			0);
	assert_int_equal(
		observe(&b, opening(4.9, "10.1.1.1", "10.2.2.2", 49, OBSERVED_SILENT)), 0); // again the same port
	assert_int_equal(observe(&b, opening(5, "10.1.1.1", "10.2.2.2", 50, OBSERVED_HALF_OPEN)), 1);
	const struct scan_finding *f = &b.findings[0];
	assert_int_equal(f->rule->sid, SCAN_VERTICAL);
	assert_int_equal(f->rule->priority, 4);
	assert_int_equal(f->ends.dport, 0);
	assert_int_equal(f->ends.sport, 0);
	assert_int_equal(detail(f, "ports")->number, 50);
	assert_int_equal(detail(f, "targets")->number, 1);
	assert_int_equal(detail(f, "window_seconds")->number, 60);
	assert_int_equal(detail(f, "unanswered")->number, 26);
	assert_int_equal(detail(f, "refused")->number, 25);
	assert_int_equal(detail(f, "count")->number, 51);
	assert_int_equal(detail(f, "first_seen")->number, START * NS_PER_S + 100000000);
	assert_int_equal(detail(f, "last_seen")->number, (START + 5) * NS_PER_S);
	struct span examples = detail(f, "examples")->text;
	assert_memory_equal(examples.data, "1, 2, 3, 4, 5, 6, 7, 8", examples.len);
	// It goes on, at another host too: told again after ten minutes only
	for (unsigned i = 0; i < 599; i++)
		assert_int_equal(
			observe(&b, opening(5 + i, "10.1.1.1", "10.2.2.2", (uint16_t)(100 + i), OBSERVED_SILENT)), 0);
	assert_int_equal(observe(&b, opening(605, "10.1.1.1", "10.2.2.2", 800, OBSERVED_SILENT)), 1);
	assert_int_equal(detail(&b.findings[0], "alerts")->number, 2);
	assert_int_equal(detail(&b.findings[0], "count")->number, 651);
	assert_int_equal(detail(&b.findings[0], "first_seen")->number, START * NS_PER_S + 100000000);
	assert_int_equal(b.told[SCAN_HORIZONTAL], 0);
	bench_fini(&b);
}

static void one_port_of_many_hosts_is_one_alert(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	char text[32];
	for (unsigned i = 0; i < 24; i++)
		assert_int_equal(observe(&b, opening(i, "10.1.1.1", host(text, i), 445, OBSERVED_SILENT)), 0);
	assert_int_equal(observe(&b, opening(24, "10.1.1.1", host(text, 24), 445, OBSERVED_SILENT)), 1);
	const struct scan_finding *f = &b.findings[0];
	assert_int_equal(f->rule->sid, SCAN_HORIZONTAL);
	assert_int_equal(f->ends.dport, 445);
	assert_int_equal(detail(f, "targets")->number, 25);
	assert_int_equal(detail(f, "ports")->number, 1);
	// A second port over the same hosts is the same situation
	for (unsigned i = 0; i < 60; i++)
		assert_int_equal(observe(&b, opening(30 + i, "10.1.1.1", host(text, i), 139, OBSERVED_SILENT)), 0);
	assert_int_equal(observe(&b, opening(700, "10.1.1.1", host(text, 61), 139, OBSERVED_SILENT)), 1);
	assert_int_equal(b.findings[0].ends.dport, 139);
	assert_int_equal(detail(&b.findings[0], "ports")->number, 2);
	assert_int_equal(detail(&b.findings[0], "alerts")->number, 2);
	assert_int_equal(detail(&b.findings[0], "window_seconds")->number, 3600);
	bench_fini(&b);
}

static void pings_of_many_hosts_are_a_sweep_without_ports(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	char text[32];
	for (unsigned i = 0; i < 25; i++) {
		struct observation o = opening(i, "10.1.1.1", host(text, i), 0, OBSERVED_SILENT);
		o.proto = PROTO_ICMP;
		observe(&b, o);
	}
	assert_int_equal(b.told[SCAN_HORIZONTAL], 1);
	assert_int_equal(b.told[SCAN_VERTICAL], 0);
	bench_fini(&b);
}

static void a_slow_scan_needs_twice_as_many_within_the_hour(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	for (unsigned i = 1; i <= 99; i++) // one in 30 s
		assert_int_equal(observe(&b, opening(30 * i, "10.1.1.1", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT)), 0);
	assert_int_equal(observe(&b, opening(3000, "10.1.1.1", "10.2.2.2", 100, OBSERVED_SILENT)), 1);
	assert_int_equal(detail(&b.findings[0], "window_seconds")->number, 3600);
	bench_fini(&b);
	bench_init(&b);
	for (unsigned i = 1; i <= 500; i++) // one in 50 s: never 100 in an hour
		assert_int_equal(observe(&b, opening(50 * i, "10.1.1.1", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT)), 0);
	bench_fini(&b);
}

static void openings_that_come_out_of_order_count_where_they_began(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	for (unsigned i = 50; i >= 1; i--)
		observe(&b, opening(i, "10.1.1.1", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT));
	assert_int_equal(b.told[SCAN_VERTICAL], 1);
	bench_fini(&b);
}

static void an_hour_later_it_is_another_situation(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	for (unsigned i = 1; i <= 60; i++)
		observe(&b, opening(i * 0.1, "10.1.1.1", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT));
	for (unsigned i = 1; i <= 60; i++)
		observe(&b, opening(4000 + i * 0.1, "10.1.1.1", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT));
	assert_int_equal(b.told[SCAN_VERTICAL], 2);
	// And a capture of an earlier day is none of these
	for (unsigned i = 1; i <= 60; i++)
		observe(&b, opening(i * 0.1 - 500000, "10.1.1.1", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT));
	assert_int_equal(b.told[SCAN_VERTICAL], 3);
	bench_fini(&b);
}

static void ordinary_hosts_do_not_scan(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	char text[32];
	for (unsigned i = 0; i < 2000; i++) {
		// A busy server, a browser with many answered flows, a client that tries a dead server over and over
		observe(&b,
			opening(i * 0.01, host(text, i), "10.2.2.2", 443, OBSERVED_ANSWERED | OBSERVED_ESTABLISHED));
		observe(&b,
			opening(i * 0.01, "10.3.3.3", host(text, i), 443, OBSERVED_ANSWERED | OBSERVED_ESTABLISHED));
		observe(&b, opening(i * 0.01, "10.4.4.4", "10.2.2.2", 8443, OBSERVED_REFUSED));
		// Many clients of a server that is down
		observe(&b, opening(i * 0.01, host(text, i), "10.5.5.5", 443, OBSERVED_SILENT));
		// What is sent to groups is not answered
		struct observation o =
			opening(i * 0.01, "10.6.6.6", "239.255.255.250", (uint16_t)(1 + i), OBSERVED_SILENT);
		o.proto = PROTO_UDP;
		observe(&b, o);
	}
	for (unsigned i = 0; i < 24; i++) // a browser whose sites are half dead
		observe(&b, opening(30, "10.3.3.3", host(text, i), 443, OBSERVED_SILENT));
	assert_int_equal(b.told[SCAN_VERTICAL] + b.told[SCAN_HORIZONTAL], 0);
	bench_fini(&b);
}

static void probes_without_syn_are_a_scan(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	for (unsigned port = 1; port <= 50; port++) {
		struct observation o = opening(port, "10.1.1.1", "10.2.2.2", (uint16_t)port, 0);
		assert_false(behaviour_wants(&o)); // the flow's end says nothing of it
		o.kind = OBSERVATION_PROBE;
		assert_true(behaviour_wants(&o));
		assert_int_equal(observe(&b, o), port == 50);
	}
	assert_int_equal(detail(&b.findings[0], "without_syn")->number, 50);
	assert_int_equal(detail(&b.findings[0], "unanswered")->number, 0);
	assert_int_equal(detail(&b.findings[0], "count")->number, 50);
	bench_fini(&b);
}

static void datagrams_that_get_no_answer_by_trade_are_none(void **state)
{
	(void)state;
	struct observation o = opening(1, "10.1.1.1", "10.2.2.2", 33434, OBSERVED_SILENT);
	assert_true(behaviour_wants(&o)); // TCP
	o.proto = PROTO_UDP;
	assert_false(behaviour_wants(&o)); // traceroute
	o.dport = 33535;
	assert_true(behaviour_wants(&o));
	o.sport = 53; // an answer whose question went another way
	assert_false(behaviour_wants(&o));
	o.dport = 161;
	assert_true(behaviour_wants(&o));
}

static void ignored_sources_may_scan(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	for (unsigned i = 1; i <= 200; i++) {
		observe(&b, opening(i * 0.1, "192.0.2.15", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT));
		observe(&b, opening(i * 0.1, "2001:db8::7", "2001:db8::9", (uint16_t)i, OBSERVED_SILENT));
	}
	assert_int_equal(b.told[SCAN_VERTICAL], 0);
	struct scan_counts counts;
	behaviour_counts(b.behaviour, &counts);
	assert_int_equal(counts.ignored, 400);
	for (unsigned i = 1; i <= 200; i++)
		observe(&b, opening(i * 0.1, "192.0.2.16", "10.2.2.2", (uint16_t)i, OBSERVED_SILENT));
	assert_int_equal(b.told[SCAN_VERTICAL], 1);
	bench_fini(&b);
	const char *const wrong[] = { "10.0.0.0/33", "10.0.0.0/", "host", "10.0.0.0/8x", "2001:db8::/129", "" };
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *list[] = { (char *)wrong[i] };
		b.config.scan.ignore = (struct option_list) { list, 1 };
		assert_null(behaviour_new(&b.config));
	}
}

static void a_flood_of_sources_evicts_and_is_counted(void **state)
{
	(void)state;
	struct bench b;
	bench_init(&b);
	b.config.scan.memcap_bytes = 1 << 20;
	behaviour_free(b.behaviour);
	b.behaviour = behaviour_new(&b.config);
	assert_non_null(b.behaviour);
	for (unsigned i = 0; i < 65535; i++) { // every port of a host: as many series of one target
		observe(&b, opening(i * 0.001, "10.1.1.1", "10.2.2.2", (uint16_t)(i + 1), OBSERVED_SILENT));
	}
	assert_int_equal(b.told[SCAN_VERTICAL], 1);
	for (unsigned i = 0; i < 60; i++) // and another scan is still seen
		observe(&b, opening(66 + i * 0.1, "10.7.7.7", "10.2.2.2", (uint16_t)(i + 1), OBSERVED_SILENT));
	assert_int_equal(b.told[SCAN_VERTICAL], 2);
	struct scan_counts counts;
	behaviour_counts(b.behaviour, &counts);
	assert_true(counts.evicted > 10000);
	bench_fini(&b);
}

static void observations_sort_by_end_then_flow(void **state)
{
	(void)state;
	struct observation o[3] = { { .end_ns = 2, .flow_id = 1 }, { .end_ns = 1, .flow_id = 9 },
		{ .end_ns = 1, .flow_id = 3 } };
	qsort(o, 3, sizeof(o[0]), observation_compare);
	assert_int_equal(o[0].flow_id, 3);
	assert_int_equal(o[1].flow_id, 9);
	assert_int_equal(o[2].flow_id, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_ports_of_one_host_are_one_alert_with_its_figures),
		cmocka_unit_test(one_port_of_many_hosts_is_one_alert),
		cmocka_unit_test(pings_of_many_hosts_are_a_sweep_without_ports),
		cmocka_unit_test(a_slow_scan_needs_twice_as_many_within_the_hour),
		cmocka_unit_test(openings_that_come_out_of_order_count_where_they_began),
		cmocka_unit_test(an_hour_later_it_is_another_situation),
		cmocka_unit_test(ordinary_hosts_do_not_scan),
		cmocka_unit_test(probes_without_syn_are_a_scan),
		cmocka_unit_test(datagrams_that_get_no_answer_by_trade_are_none),
		cmocka_unit_test(ignored_sources_may_scan),
		cmocka_unit_test(a_flood_of_sources_evicts_and_is_counted),
		cmocka_unit_test(observations_sort_by_end_then_flow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
