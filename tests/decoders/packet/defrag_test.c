// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/clock.h"
#include "decoders/packet/decoding.h"
#include "decoders/packet/defrag_pieces.h"
#include "tests/support/decoders/decoding_fixture.h"

#define SRC  "10.0.0.1"
#define DST  "10.0.0.2"
#define SRC6 "2001:db8::1"
#define DST6 "2001:db8::2"

#define DATA_LEN 3000u

// The UDP datagram that is cut up: 8 bytes of header, then data that differs everywhere.
static struct frame whole, whole6;

static int make_whole(void **state)
{
	(void)state;
	static uint8_t data[DATA_LEN];
	for (unsigned i = 0; i < DATA_LEN; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	frame_begin(&whole, data, DATA_LEN);
	frame_udp(&whole, 7, 8, SRC, DST);
	frame_begin(&whole6, data, DATA_LEN);
	frame_udp(&whole6, 7, 8, SRC6, DST6);
	return 0;
}

static struct packet *send_v4(struct decoding_fixture *t, unsigned id, unsigned offset, unsigned len, bool more)
{
	frame_begin(&t->frame, whole.bytes + offset, len);
	frame_ipv4_fragment(&t->frame, PROTO_UDP, SRC, DST, id, offset, more);
	frame_wrap(&t->frame, "020000000001 020000000002 8100 0006 0800");
	return decoding_run(t, LINK_ETHERNET);
}

static struct packet *send_v6(struct decoding_fixture *t, unsigned id, unsigned offset, unsigned len, bool more)
{
	frame_begin(&t->frame, whole6.bytes + offset, len);
	frame_ipv6_fragment(&t->frame, PROTO_UDP, id, offset, more);
	frame_wrap(&t->frame, "2c00 0502 0000 0000"); // hop-by-hop
	frame_ipv6(&t->frame, 0, SRC6, DST6);
	return decoding_run(t, LINK_RAW);
}

static void assert_whole(const struct decoding_fixture *t)
{
	assert_int_equal(t->batch.count, 2);
	const struct packet *p = &t->batch.packets[1];
	assert_int_equal(p->dport, 8);
	assert_int_equal(p->payload.len, DATA_LEN);
	assert_memory_equal(p->payload.data, whole.bytes + 8, DATA_LEN);
	assert_int_equal(p->tunnel, TUNNEL_DEFRAG);
	assert_int_equal(p->depth, 0);
	assert_int_equal(
		p->flags & (PACKET_REASSEMBLED | PACKET_FRAGMENT | PACKET_BAD_IP_CHECKSUM | PACKET_BAD_L4_CHECKSUM),
		PACKET_REASSEMBLED);
}

static void fragments_in_any_order_make_the_datagram(void **state)
{
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
		{ 2, 1, 0 } };
	static const unsigned cuts[4] = { 0, 1480, 2960, DATA_LEN + 8 };
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < 6; i++) {
		for (unsigned k = 0; k < 3; k++) {
			unsigned part = orders[i][k];
			struct packet *p = send_v4(t, 100 + i, cuts[part], cuts[part + 1] - cuts[part], part < 2);
			assert_true(p->flags & PACKET_FRAGMENT);
			assert_null(p->l4);
			assert_int_equal(t->batch.count, k < 2 ? 1 : 2);
		}
		assert_whole(t);
		const struct packet *p = &t->batch.packets[1];
		assert_int_equal(p->vlan[0], 6);
		assert_int_equal(p->frame.len, 18 + 20 + 8 + DATA_LEN); // link headers are kept
		assert_ptr_equal(p->ether, p->frame.data);
		for (unsigned k = 0; k < 3; k++) {
			unsigned part = orders[i][k];
			send_v6(t, 100 + i, cuts[part], cuts[part + 1] - cuts[part], part < 2);
		}
		assert_whole(t);
		assert_int_equal(t->batch.packets[1].ip[40], PROTO_UDP); // hop-by-hop names what was fragmented
	}
	assert_int_equal(defrag_waiting(t->decoder->defrag), 0);
	assert_int_equal(decoding_counter(t, PACKET_COUNT_REASSEMBLED_V4), 6);
	assert_int_equal(decoding_counter(t, PACKET_COUNT_REASSEMBLED_V6), 6);
}

static void datagrams_do_not_mix(void **state)
{
	struct decoding_fixture *t = *state;
	send_v4(t, 1, 0, 1480, true);
	send_v4(t, 2, 1480, DATA_LEN + 8 - 1480, false);
	assert_int_equal(t->batch.count, 1);
	assert_int_equal(defrag_waiting(t->decoder->defrag), 2);
	send_v4(t, 1, 1480, DATA_LEN + 8 - 1480, false);
	assert_whole(t);
}

static void old_fragments_are_forgotten_by_packet_time(void **state)
{
	struct decoding_fixture *t = *state;
	send_v4(t, 1, 0, 1480, true);
	t->now_ns += 59 * NS_PER_S;
	send_v4(t, 1, 1480, 1480, true);
	t->now_ns += 61 * NS_PER_S;
	send_v4(t, 1, 2960, DATA_LEN + 8 - 2960, false);
	assert_int_equal(t->batch.count, 1);
	assert_int_equal(decoding_counter(t, PACKET_COUNT_DEFRAG_TIMEOUT), 1);
}

static void a_flood_of_first_fragments_stays_in_budget(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.defrag_memcap_bytes = 1u << 20;
	t->config.defrag_max_trackers = 100000;
	decoding_restart(t);
	for (unsigned i = 0; i < 60000; i++)
		send_v4(t, i, 0, i % 2 ? 8 : 1480, true);
	assert_true(decoding_counter(t, PACKET_COUNT_DEFRAG_EVICTED) > 0);
	send_v4(t, 60001, 0, 1480, true);
	send_v4(t, 60001, 1480, DATA_LEN + 8 - 1480, false);
	assert_whole(t);
}

static void sizes_in_turn_do_not_starve_each_other(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.defrag_memcap_bytes = 1u << 20;
	t->config.defrag_max_trackers = 100000;
	decoding_restart(t);
	for (unsigned i = 0; i < 30000; i++)
		send_v4(t, i, 0, 8, true);
	for (unsigned i = 30000; i < 30010; i++) {
		send_v4(t, i, 0, 1480, true);
		send_v4(t, i, 1480, DATA_LEN + 8 - 1480, false);
	}
	assert_whole(t);
}

static void trackers_are_bounded(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.defrag_max_trackers = 10;
	decoding_restart(t);
	for (unsigned i = 0; i < 50; i++)
		send_v4(t, i, 0, 8, true);
	assert_int_equal(defrag_waiting(t->decoder->defrag), 10);
	assert_int_equal(decoding_counter(t, PACKET_COUNT_DEFRAG_EVICTED), 40);
}

static void fragments_are_bounded(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.defrag_max_fragments = 20;
	decoding_restart(t);
	for (unsigned i = 0; i < 50; i++)
		send_v4(t, i, 0, 8, true);
	assert_int_equal(defrag_waiting(t->decoder->defrag), 20);
}

static void the_ping_of_death_is_an_event(void **state)
{
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, whole.bytes, 100);
	frame_ipv4_fragment(&t->frame, PROTO_UDP, SRC, DST, 1, 65528, false);
	assert_true(has_event(decoding_run(t, LINK_RAW), DECODE_IPV4_FRAG_PKT_TOO_LARGE));
	frame_begin(&t->frame, whole.bytes, 100);
	frame_ipv6_fragment(&t->frame, PROTO_UDP, 1, 65528, false);
	frame_ipv6(&t->frame, 44, SRC6, DST6);
	assert_true(has_event(decoding_run(t, LINK_RAW), DECODE_IPV6_FRAG_PKT_TOO_LARGE));
	assert_int_equal(defrag_waiting(t->decoder->defrag), 0);
}

// Novak's overlaps, each older or newer fragment a letter: what a host of the policy keeps. Units of 8 bytes.
static void overlaps_go_by_the_hosts_policy(void **state)
{
	(void)state;
	static const struct {
		unsigned offset, len;
	} sent[] = { { 0, 3 }, { 4, 2 }, { 6, 3 }, { 1, 4 }, { 6, 3 }, { 9, 3 }, { 11, 3 }, { 8, 2 } };
	static const struct {
		enum defrag_policy policy;
		const char *kept;
	} rows[] = {
		{ DEFRAG_FIRST, "AAADBBCCCFFFGG" },
		{ DEFRAG_LAST, "ADDDDBEEHHFGGG" },
		{ DEFRAG_BSD, "AAADDBCCCHFFGG" },
		{ DEFRAG_BSD_RIGHT, "ADDDBBEEHFFGGG" },
		{ DEFRAG_LINUX, "AAADDBEEEHFFGG" },
		{ DEFRAG_WINDOWS, "AAADBBCCCFFFGG" },
		{ DEFRAG_SOLARIS, "AAADBBCCCFFFGG" },
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slab *slab = slab_new(1u << 20);
		struct pieces pieces = { 0 };
		bool overlap, any = false;
		for (unsigned k = 0; k < sizeof(sent) / sizeof(*sent); k++) {
			uint8_t data[64];
			memset(data, 'A' + (int)k, sizeof(data));
			assert_true(pieces_add(slab, &pieces, rows[i].policy, sent[k].offset * 8,
				(struct span) { data, sent[k].len * 8 }, &overlap));
			any |= overlap;
		}
		assert_true(any);
		assert_true(pieces_whole(&pieces));
		uint8_t out[14 * 8];
		assert_int_equal(pieces.end, sizeof(out));
		pieces_copy(&pieces, out);
		char got[15] = { 0 };
		for (unsigned k = 0; k < 14; k++) {
			got[k] = (char)out[k * 8];
			assert_int_equal(out[k * 8], out[k * 8 + 7]);
		}
		assert_string_equal(got, rows[i].kept);
		pieces_fini(slab, &pieces);
		assert_int_equal(slab_used_bytes(slab), 0);
		slab_destroy(slab);
	}
}

static void a_newer_fragment_can_cut_an_older_in_two(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	struct pieces pieces = { 0 };
	uint8_t older[80], newer[16], out[80];
	bool overlap;
	memset(older, 'o', sizeof(older));
	memset(newer, 'n', sizeof(newer));
	assert_true(pieces_add(slab, &pieces, DEFRAG_LAST, 0, span_of(older, sizeof(older)), &overlap));
	assert_false(overlap);
	assert_true(pieces_add(slab, &pieces, DEFRAG_LAST, 24, span_of(newer, sizeof(newer)), &overlap));
	assert_true(overlap);
	assert_int_equal(pieces.count, 3);
	assert_true(pieces_whole(&pieces));
	pieces_copy(&pieces, out);
	assert_int_equal(out[23], 'o');
	assert_int_equal(out[24], 'n');
	assert_int_equal(out[39], 'n');
	assert_int_equal(out[40], 'o');
	pieces_fini(slab, &pieces);
	slab_destroy(slab);
}

static void the_policy_is_the_receivers(void **state)
{
	static char network[] = "[10.0.0.0/24]", host[] = "10.0.0.2", linux_name[] = "linux.0",
		    windows_name[] = "windows", wrong[] = "10.0.0.0/99";
	struct option_pair pairs[] = { { windows_name, network }, { linux_name, host } };
	struct decoding_fixture *t = *state;
	t->config.host_os_policy = (struct option_map) { pairs, 2 };
	decoding_restart(t);
	send_v4(t, 1, 0, 1480, true);
	whole.bytes[100] ^= 0xff;
	struct packet *p = send_v4(t, 1, 0, 1480, true); // Linux takes one that begins with the older
	whole.bytes[100] ^= 0xff;
	assert_true(has_event(p, DECODE_IPV4_FRAG_OVERLAP));
	send_v4(t, 1, 1480, DATA_LEN + 8 - 1480, false);
	assert_int_equal(t->batch.packets[1].payload.data[92], whole.bytes[100] ^ 0xff);
	assert_true(t->batch.packets[1].flags & PACKET_BAD_L4_CHECKSUM);
	pairs[0].value = wrong;
	assert_null(packet_decoder_new(&t->config));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, decoding_setup, decoding_teardown)
		TEST(fragments_in_any_order_make_the_datagram),
		TEST(datagrams_do_not_mix),
		TEST(old_fragments_are_forgotten_by_packet_time),
		TEST(a_flood_of_first_fragments_stays_in_budget),
		TEST(sizes_in_turn_do_not_starve_each_other),
		TEST(trackers_are_bounded),
		TEST(fragments_are_bounded),
		TEST(the_ping_of_death_is_an_event),
		cmocka_unit_test(overlaps_go_by_the_hosts_policy),
		cmocka_unit_test(a_newer_fragment_can_cut_an_older_in_two),
		TEST(the_policy_is_the_receivers),
	};
	return cmocka_run_group_tests(tests, make_whole, NULL);
}
