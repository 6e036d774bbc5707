// SPDX-License-Identifier: GPL-3.0-or-later
// Class: hash flooding. Keys are picked so that all fall into one bucket of a table whose hash the attacker can compute: every look-up walks all of them
// (a fixed seed of a hash table, and flows of IPv4 and IPv6 that collide, in the field of 2024 to 2026). Tables that peers can aim at are keyed with a
// random seed; those that are not are short, or walked no further than a bound.
//
// Keys that collide under a known seed are made and sent: they cost what other keys cost.
#include <string.h>
#include "decoders/app/http2/http2.h"
#include "decoders/base/clock.h"
#include "decoders/flow/flow_key.h"
#include "decoders/flow/flow_table.h"
#include "decoders/packet/decoding.h"
#include "tests/support/decoders/decoding_fixture.h"
#include "tests/support/decoders/history.h"
#include "tests/support/decoders/make_packet.h"

#define BUCKET_BITS 10
#define KEYS        4000u

static uint16_t ports[KEYS][2];

static struct flow_key key_of(uint16_t sport, uint16_t dport)
{
	struct flow_key key = { .proto = PROTO_UDP, .sport = sport, .dport = dport };
	key.src = make_address("10.0.0.1");
	key.dst = make_address("10.0.0.2");
	return key;
}

// Ports of KEYS flows that share a bucket under seed 0, or of any flows.
static void pick_keys(bool colliding)
{
	unsigned count = 0;
	for (unsigned n = 0; count < KEYS; n++) {
		uint16_t sport = (uint16_t)(1 + n % 65000), dport = (uint16_t)(1 + n / 65000 * 7);
		struct flow_key key = key_of(sport, dport);
		if (colliding && flow_key_hash(&key, 0) & ((1u << BUCKET_BITS) - 1))
			continue;
		ports[count][0] = sport;
		ports[count++][1] = dport;
	}
}

static unsigned longest_chain(uint64_t seed)
{
	static unsigned lens[1u << BUCKET_BITS];
	unsigned longest = 0;
	memset(lens, 0, sizeof(lens));
	for (unsigned i = 0; i < KEYS; i++) {
		struct flow_key key = key_of(ports[i][0], ports[i][1]);
		unsigned len = ++lens[flow_key_hash(&key, seed) & ((1u << BUCKET_BITS) - 1)];
		longest = len > longest ? len : longest;
	}
	return longest;
}

static void keys_that_collide_do_so_under_one_seed_only(void **state)
{
	(void)state;
	pick_keys(true);
	assert_int_equal(longest_chain(0), KEYS);
	for (uint64_t seed = 1; seed < 100; seed++)
		assert_true(longest_chain(seed) < 30); // 4 in the middle
}

static uint64_t flow_flood_ns(void)
{
	struct flow_config config = {
		.memcap_bytes = 64u * MIB, .hash_size = 1u << BUCKET_BITS, .emergency_recovery_pct = 30, .workers = 1
	};
	for (unsigned i = 0; i < FLOW_FAMILIES; i++)
		config.timeouts[i] = config.emergency[i] = (struct flow_timeouts) { 60, 600, 60, 100 };
	struct slab *slab = slab_new(64u * MIB);
	struct flow_table *table = flow_table_new(&config, slab);
	assert_non_null(table);
	uint64_t begin = history_cpu_ns();
	for (int round = 0; round < 5; round++)
		for (unsigned i = 0; i < KEYS; i++) {
			struct packet packet =
				make_packet(PROTO_UDP, "10.0.0.1", ports[i][0], "10.0.0.2", ports[i][1], 1);
			assert_non_null(flow_table_lookup(table, &packet));
		}
	uint64_t took = history_cpu_ns() - begin;
	for (struct flow *flow; (flow = flow_table_end_all(table));)
		flow_release(table, flow);
	flow_table_free(table);
	slab_destroy(slab);
	return took;
}

static uint64_t least_of_three(uint64_t (*measure)(void))
{
	uint64_t least = UINT64_MAX;
	for (int i = 0; i < 3; i++) {
		uint64_t took = measure();
		least = took < least ? took : least;
	}
	return least;
}

static void a_flood_of_flows(void **state)
{
	(void)state;
	pick_keys(false);
	uint64_t any = least_of_three(flow_flood_ns);
	pick_keys(true);
	bool quick = false;
	for (int i = 0; i < 5 && !quick; i++) {
		uint64_t colliding = least_of_three(flow_flood_ns);
		print_message("flows: %.2f ms, picked ones %.2f ms\n", (double)any / 1e6, (double)colliding / 1e6);
		quick = colliding < 3 * any + 1000000; // all in one bucket: some hundred times
	}
	assert_true(quick);
}

// Fragments whose ids are all there are: the table of datagrams waiting is keyed too.
static void a_flood_of_fragments(void **state)
{
	struct decoding_fixture *t = *state;
	uint64_t took[2] = { UINT64_MAX, UINT64_MAX };
	t->config.defrag_max_trackers = 20000;
	t->config.defrag_memcap_bytes = 32u * MIB;
	for (int n = 0; n < 6; n++) { // the least of three of each
		int step = n & 1;
		decoding_restart(t);
		uint64_t begin = history_cpu_ns();
		for (unsigned i = 0; i < 16000; i++) {
			frame_begin(&t->frame, "12345678", 8);
			frame_ipv4_fragment(&t->frame, PROTO_UDP, "10.0.0.1", "10.0.0.2",
				step ? (i * 64 + i / 1024) & 0xffff : i, 8, true);
			decoding_run(t, LINK_RAW);
		}
		uint64_t this = history_cpu_ns() - begin;
		took[step] = this < took[step] ? this : took[step];
	}
	print_message("fragments: ids in turn %.2f ms, in steps of 64 %.2f ms\n", (double)took[0] / 1e6,
		(double)took[1] / 1e6);
	assert_true(took[1] < 3 * took[0] + 2000000);
}

// HTTP/2's streams are in 64 buckets by number, without a seed: a peer can aim, and a look-up walks no further than a bound.
static unsigned stream_step;

static void open_streams(unsigned n)
{
	struct app_drive drive;
	history_open_plain(&drive, &http2_parser, true);
	app_drive_hex(&drive, TO_SERVER, "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a");
	for (unsigned i = 0; i < n; i++) {
		uint8_t frame[12] = { 0, 0, 3, 1, 4, [9] = 0x82, 0x84, 0x86 };
		history_put_be(frame + 5, (i * stream_step + 1) & 0x7fffffff, 4);
		app_drive_feed(&drive, TO_SERVER, frame, sizeof(frame));
		app_drive_clean(&drive);
	}
	app_drive_close(&drive);
}

static void http2_streams_of_one_bucket(void **state)
{
	(void)state;
	stream_step = 128;
	assert_linear("HTTP/2: streams of one bucket", open_streams, 4000);
}

// The same name again and again, names that differ in their last byte, names of the same sum: header lists have no hash to flood.
static void names_alike(unsigned n)
{
	struct app_drive drive;
	char line[64];
	history_open_plain(&drive, app_parser_of(APP_HTTP1), true);
	app_drive_text(&drive, TO_SERVER, "GET / HTTP/1.1\r\n");
	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "%s%s: x\r\n", i & 1 ? "ab" : "ba", i & 2 ? "cd" : "dc");
		app_drive_text(&drive, TO_SERVER, line);
	}
	app_drive_close(&drive);
}

static void header_names_alike(void **state)
{
	(void)state;
	assert_linear("HTTP/1: names alike", names_alike, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_collide_do_so_under_one_seed_only),
		cmocka_unit_test(a_flood_of_flows),
		cmocka_unit_test_setup_teardown(a_flood_of_fragments, decoding_setup, decoding_teardown),
		cmocka_unit_test(http2_streams_of_one_bucket),
		cmocka_unit_test(header_names_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
