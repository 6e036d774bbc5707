// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/decoding_fixture.h"

static uint64_t spread(struct decoding_fixture *t)
{
	return packet_spread_hash(t->decoder, frame_span(&t->frame), LINK_ETHERNET);
}

static uint64_t spread_udp(struct decoding_fixture *t, const char *src, const char *dst, unsigned sport)
{
	frame_begin(&t->frame, "payload of some bytes", 21);
	frame_udp(&t->frame, sport, 53, src, dst);
	if (strchr(src, ':'))
		frame_ipv6(&t->frame, PROTO_UDP, src, dst);
	else
		frame_ipv4(&t->frame, PROTO_UDP, src, dst, NULL);
	frame_ethernet(&t->frame, strchr(src, ':') ? 0x86dd : 0x0800);
	return spread(t);
}

static void both_directions_and_all_ports_meet(void **state)
{
	struct decoding_fixture *t = *state;
	uint64_t hash = spread_udp(t, "10.0.0.1", "10.0.0.2", 1000);
	assert_true(hash != 0);
	assert_true(hash == spread_udp(t, "10.0.0.2", "10.0.0.1", 1000));
	assert_true(hash == spread_udp(t, "10.0.0.1", "10.0.0.2", 2000));
	assert_true(hash != spread_udp(t, "10.0.0.1", "10.0.0.3", 1000));
	hash = spread_udp(t, "2001:db8::1", "2001:db8::2", 1000);
	assert_true(hash == spread_udp(t, "2001:db8::2", "2001:db8::1", 1000));
	assert_true(hash != spread_udp(t, "2001:db8::1", "2001:db8::3", 1000));
}

static void fragments_meet_whatever_they_hold(void **state)
{
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, "inner", 5);
	frame_udp(&t->frame, 7, 8, "10.9.9.9", "10.8.8.8");
	frame_ipv4(&t->frame, PROTO_UDP, "10.9.9.9", "10.8.8.8", NULL);
	frame_ipv4_fragment(&t->frame, PROTO_IPIP, "10.0.0.1", "10.0.0.2", 1, 0, true); // first: the tunnel can be seen
	frame_ethernet(&t->frame, 0x0800);
	uint64_t hash = spread(t);
	frame_begin(&t->frame, "bytes", 5);
	frame_ipv4_fragment(&t->frame, PROTO_IPIP, "10.0.0.1", "10.0.0.2", 1, 64, false);
	frame_ethernet(&t->frame, 0x0800);
	assert_true(hash == spread(t));
	assert_true(hash == spread_udp(t, "10.0.0.1", "10.0.0.2", 1000));
	frame_begin(&t->frame, "01234567", 8);
	frame_ipv6_fragment(&t->frame, PROTO_UDP, 1, 64, false);
	frame_wrap(&t->frame, "2c00 0502 0000 0000");
	frame_ipv6(&t->frame, 0, "2001:db8::1", "2001:db8::2");
	frame_ethernet(&t->frame, 0x86dd);
	assert_true(spread(t) == spread_udp(t, "2001:db8::1", "2001:db8::2", 1000));
}

static void link_headers_do_not_matter(void **state)
{
	static const struct {
		enum linktype linktype;
		const char *header;
	} rows[] = {
		{ LINK_RAW, "" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 88a8 0005 8100 0006 0800" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00064040 00065140" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00064140 00000000 ffffffffffff 020000000003 0800" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8864 1100 0001 0023 0021" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 88e7 00000000 ffffffffffff 020000000003 0800" },
		{ LINK_SLL, "0000 0001 0006 0200000000010000 0800" },
		{ LINK_SLL2, "0800 0000 00000001 0001 00 06 0200000000010000" },
		{ LINK_NULL, "02000000" },
		{ LINK_PPP, "ff03 0021" },
		{ LINK_PPP, "21" },
		{ LINK_CHDLC, "0f00 0800" },
	};
	struct decoding_fixture *t = *state;
	uint64_t hash = spread_udp(t, "10.0.0.1", "10.0.0.2", 1000);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "x", 1);
		frame_udp(&t->frame, 1, 2, "10.0.0.1", "10.0.0.2");
		frame_ipv4(&t->frame, PROTO_UDP, "10.0.0.1", "10.0.0.2", NULL);
		frame_wrap(&t->frame, rows[i].header);
		if (packet_spread_hash(t->decoder, frame_span(&t->frame), rows[i].linktype) != hash)
			fail_msg("row %u", i);
	}
}

static void unreachable_meets_the_flow_it_is_about(void **state)
{
	struct decoding_fixture *t = *state;
	uint64_t hash = spread_udp(t, "10.0.0.1", "10.0.0.2", 1000);
	t->frame.len -= 14;
	memmove(t->frame.bytes, t->frame.bytes + 14, t->frame.len);
	frame_wrap(&t->frame, "0303 0000 00000000");
	frame_ipv4(&t->frame, PROTO_ICMP, "192.0.2.1", "10.0.0.1", NULL);
	frame_ethernet(&t->frame, 0x0800);
	assert_true(spread(t) == hash);
}

static void no_ip_is_zero_and_addresses_spread(void **state)
{
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, "0123456789", 10);
	frame_ethernet(&t->frame, 0x0806);
	assert_true(spread(t) == 0);
	unsigned buckets[4] = { 0 };
	for (unsigned i = 0; i < 250; i++) {
		char src[32];
		snprintf(src, sizeof(src), "10.0.0.%u", i + 1);
		buckets[spread_udp(t, src, "10.1.0.1", 1) % 4]++;
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(buckets[i], 35, 95);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, decoding_setup, decoding_teardown)
		TEST(both_directions_and_all_ports_meet),
		TEST(fragments_meet_whatever_they_hold),
		TEST(link_headers_do_not_matter),
		TEST(unreachable_meets_the_flow_it_is_about),
		TEST(no_ip_is_zero_and_addresses_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
