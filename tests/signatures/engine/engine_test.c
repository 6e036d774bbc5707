// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_bench.h"

// An ICMP error of anybody that quotes the flow.
static uint32_t icmp_error(struct bench *b, enum direction direction)
{
	static const uint8_t client[4] = { 10, 0, 0, 1 }, server[4] = { 192, 0, 2, 1 };
	bool back = direction == TO_CLIENT;
	struct packet packet = { .number = ++b->packets,
		.ts_ns = NS_PER_S,
		.ip_version = 4,
		.proto = PROTO_ICMP,
		.icmp_type = 3,
		.direction = direction,
		.src = address_v4(back ? server : client),
		.dst = address_v4(back ? client : server),
		.flow = &b->flow };
	struct inspection inspection = { &packet, &b->flow, false, false };
	engine_inspect(b->worker, &inspection, &b->findings);
	return b->findings.count;
}

static void payload_rules_match_by_header_and_content(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) { "alert udp any any -> any 53 (content:\"evil\"; sid:1;)",
		"alert udp any any -> any 54 (content:\"evil\"; sid:2;)",
		"alert tcp any any -> any 53 (content:\"evil\"; sid:3;)",
		"alert udp 10.0.0.0/8 any -> any any (content:\"EVIL\"; nocase; content:\"more\"; distance:1; "
		"priority:1; sid:4;)",
		"alert udp any 53 <> any any (content:\"evil\"; sid:5;)",
		"alert udp any any -> any any (flow:to_client; content:\"evil\"; sid:6;)",
		"alert udp any any -> any any (content:!\"good\"; dsize:<6; sid:7;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "some evil more"), 3);
	assert_int_equal(sid(b, 0), 4);
	assert_int_equal(sid(b, 1), 1);
	assert_int_equal(sid(b, 2), 5);
	assert_int_equal(text(b, TO_SERVER, "nothing"), 0);
	assert_int_equal(text(b, TO_CLIENT, "evil"), 3);
	assert_int_equal(sid(b, 0), 5);
	assert_int_equal(sid(b, 1), 6);
	assert_int_equal(sid(b, 2), 7);
	assert_int_equal(text(b, TO_SERVER, "good"), 0);
	bench_free(b);
}

static void flow_bits_last_for_the_flow(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert udp any any -> any any (content:\"first\"; flowbits:set,seen; flowbits:noalert; sid:1;)",
		"alert udp any any -> any any (content:\"second\"; flowbits:isset,seen; sid:2;)",
		"alert udp any any -> any any (content:\"count\"; flowint:n,+,1; sid:3;)",
		"alert udp any any -> any any (content:\"count\"; flowint:n,>,2; sid:4;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "second"), 0);
	assert_int_equal(text(b, TO_SERVER, "first"), 0);
	assert_int_equal(text(b, TO_CLIENT, "second"), 1);
	assert_int_equal(datagram(b, TO_SERVER, "second", 6, false), 0);
	assert_int_equal(text(b, TO_SERVER, "count"), 1);
	assert_int_equal(text(b, TO_SERVER, "count"), 1);
	assert_int_equal(text(b, TO_SERVER, "count"), 2);
	bench_free(b);
}

static void address_rules_run_once_a_direction(void **state)
{
	(void)state;
	struct bench *b =
		bench_new((const char *const[]) { "alert ip [192.0.2.0/24,198.51.100.7] any -> any any (sid:1;)",
			"alert ip any any -> 192.0.2.1 any (sid:2;)", "alert ip 203.0.113.0/24 any -> any any (sid:3;)",
			NULL });
	assert_int_equal(text(b, TO_SERVER, "x"), 1);
	assert_int_equal(sid(b, 0), 2);
	assert_int_equal(text(b, TO_SERVER, "x"), 0);
	assert_int_equal(text(b, TO_CLIENT, "x"), 1);
	assert_int_equal(sid(b, 0), 1);
	assert_int_equal(datagram(b, TO_SERVER, "x", 1, false), 1);
	bench_free(b);
}

static const uint8_t query[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 4, 'e', 'v', 'i', 'l', 7,
	'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1 };

static void parse(struct bench *b, enum direction direction, const uint8_t *bytes, uint32_t len)
{
	const struct app_parser *parser = app_parser_of(APP_DNS);
	if (!b->flow.app.parser) {
		b->flow.app.parser = parser;
		b->flow.app.proto = APP_DNS;
		b->flow.app.tx_max = 256;
		b->shared = parser->worker_new ? parser->worker_new(&b->apps, NULL) : NULL;
		assert_true(app_state_open(parser, &b->flow, b->slab, b->shared));
	}
	struct app_input input = { .direction = direction,
		.data = { bytes, len },
		.datagram = true,
		.flow = &b->flow,
		.slab = b->slab,
		.shared = b->shared,
		.consumed = len };
	parser->parse(&input);
}

static void transactions_are_told_once(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert dns any any -> any any (dns.query; content:\"evil\"; endswith; sid:1;)",
		"alert dns any any -> any any (dns.query; content:\"evil.example\"; endswith; sid:2;)",
		"alert dns any any -> any any (dns.query; dotprefix; content:\".evil.example\"; sid:3;)",
		"alert dns any any -> any any (dns.query; content:\"example\"; content:\"GOOD\"; nocase; sid:4;)",
		"alert dns any any -> any any (dns.query; pcre:\"/^www\\./\"; sid:5;)",
		"alert dns any any -> any any (dns.query; content:\"evil\"; dsize:<10; sid:6;)", NULL });
	parse(b, TO_SERVER, query, sizeof(query));
	assert_int_equal(datagram(b, TO_SERVER, query, sizeof(query), true), 3);
	assert_int_equal(sid(b, 0), 2);
	assert_int_equal(sid(b, 1), 3);
	assert_int_equal(sid(b, 2), 5);
	assert_non_null(b->findings.items[0].tx);
	assert_int_equal(datagram(b, TO_SERVER, query, sizeof(query), true), 0);
	parse(b, TO_SERVER, query, sizeof(query));
	assert_int_equal(datagram(b, TO_SERVER, query, sizeof(query), true), 3);
	assert_int_equal(b->findings.items[0].tx_id, 1);
	bench_free(b);
}

// Transactions and addresses are looked at once a flow: not at a packet that is not the flow's own.
static void an_icmp_error_uses_nothing_up(void **state)
{
	(void)state;
	struct bench *b = bench_new(
		(const char *const[]) { "alert dns any any -> any any (dns.query; content:\"evil.example\"; sid:1;)",
			"alert udp 10.0.0.1 any -> any any (sid:2;)", NULL });
	parse(b, TO_SERVER, query, sizeof(query));
	assert_int_equal(icmp_error(b, TO_SERVER), 0);
	assert_int_equal(datagram(b, TO_SERVER, query, sizeof(query), true), 2);
	bench_free(b);
}

#define DECOYS 400

// Names of the longest kind by the hundred, then the one a rule wants.
static void many_long_names_do_not_hide_one(void **state)
{
	(void)state;
	struct bench *b = bench_new(
		(const char *const[]) { "alert dns any any -> any any (dns.query; content:\"evil.example\"; sid:1;)",
			"alert dns any any -> any any (dns.query; to_lowercase; content:\"evil\"; sid:2;)", NULL });
	static uint8_t message[8192];
	uint32_t len = 12;
	memcpy(message, (const uint8_t[]) { 0, 1, 1, 0, (DECOYS + 2) >> 8, (DECOYS + 2) & 255 }, 6);
	for (unsigned label = 0; label < 15; label++) {
		message[len++] = 63;
		memset(message + len, 'a', 63);
		len += 63;
	}
	memcpy(message + len, (const uint8_t[]) { 0, 0, 1, 0, 1 }, 5);
	len += 5;
	for (unsigned i = 0; i < DECOYS; i++, len += 6)
		memcpy(message + len, (const uint8_t[]) { 0xc0, 12, 0, 1, 0, 1 }, 6);
	memcpy(message + len, query + 12, sizeof(query) - 12);
	len += (uint32_t)sizeof(query) - 12;
	parse(b, TO_SERVER, message, len);
	assert_non_null(b->flow.app.tx_first);
	assert_int_equal(datagram(b, TO_SERVER, message, len, true), 2);
	bench_free(b);
}

static void a_worker_without_room_goes_on(void **state)
{
	(void)state;
	struct bench *b = bench_new(
		(const char *const[]) { "alert udp any any -> any any (content:\"x\"; flowbits:set,a; sid:1;)", NULL });
	void *blocks[64];
	unsigned count = 0;
	while (count < 64 && (blocks[count] = slab_alloc_raw(b->slab, SLAB_MAX_BLOCK)))
		count++;
	size_t size = SLAB_MAX_BLOCK;
	assert_true(count < 64);
	void *small[4096];
	unsigned smalls = 0;
	for (size = 32768; size >= 32; size /= 2)
		while (smalls < 4096 && (small[smalls] = slab_alloc_raw(b->slab, size)))
			smalls++;
	assert_int_equal(text(b, TO_SERVER, "x"), 1);
	slab_destroy(b->slab);
	b->slab = slab_new(1u << 20);
	b->flow.inspect = NULL;
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payload_rules_match_by_header_and_content),
		cmocka_unit_test(flow_bits_last_for_the_flow),
		cmocka_unit_test(address_rules_run_once_a_direction),
		cmocka_unit_test(transactions_are_told_once),
		cmocka_unit_test(an_icmp_error_uses_nothing_up),
		cmocka_unit_test(many_long_names_do_not_hide_one),
		cmocka_unit_test(a_worker_without_room_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
