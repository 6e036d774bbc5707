// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/decoding_fixture.h"

#define SRC     "10.0.0.1"
#define DST     "10.0.0.2"
#define SRC6    "2001:db8::1"
#define DST6    "2001:db8::2"
#define OUT_SRC "192.0.2.1"
#define OUT_DST "192.0.2.2"

static void inner_v4(struct frame *f)
{
	frame_begin(f, "inner", 5);
	frame_udp(f, 7, 8, SRC, DST);
	frame_ipv4(f, PROTO_UDP, SRC, DST, NULL);
}

static void inner_v6(struct frame *f)
{
	frame_begin(f, "inner", 5);
	frame_udp(f, 7, 8, SRC6, DST6);
	frame_ipv6(f, PROTO_UDP, SRC6, DST6);
}

static const struct {
	const char *header; // between outer IP (or UDP) and the inner datagram
	unsigned proto;     // of the outer IP
	unsigned port;      // of the outer UDP
	uint8_t kind;
	uint32_t id;
	uint8_t inner_version;
} tunnels[] = {
	{ "", PROTO_IPIP, 0, TUNNEL_IPIP, 0, 4 },
	{ "", PROTO_IPV6, 0, TUNNEL_IPIP, 0, 6 },
	{ "0000 0800", PROTO_GRE, 0, TUNNEL_GRE, 0, 4 },
	{ "0000 86dd", PROTO_GRE, 0, TUNNEL_GRE, 0, 6 },
	{ "b000 0800 00000000 00000009 00000001", PROTO_GRE, 0, TUNNEL_GRE, 9, 4 },
	{ "4000 0800 00000000 0001 00 04 01020304 00000000", PROTO_GRE, 0, TUNNEL_GRE, 0, 4 },
	{ "0000 6558 020000000001 020000000002 0800", PROTO_GRE, 0, TUNNEL_GRE, 0, 4 },
	{ "0000 8100 0005 0800", PROTO_GRE, 0, TUNNEL_GRE, 0, 4 },
	{ "3081 880b 00050001 00000001 00000002 ff03 0021", PROTO_GRE, 0, TUNNEL_GRE, 0, 4 },
	{ "1000 88be 00000001 1005 0001 00000000 020000000001 020000000002 0800", PROTO_GRE, 0, TUNNEL_ERSPAN, 1, 4 },
	{ "1000 22eb 00000001 2005 0001 00000000 0000 0000 020000000001 020000000002 0800", PROTO_GRE, 0, TUNNEL_ERSPAN,
		1, 4 },
	{ "1000 22eb 00000001 2005 0001 00000000 0000 0001 0000000000000000 020000000001 020000000002 86dd", PROTO_GRE,
		0, TUNNEL_ERSPAN, 1, 6 },
	{ "08000000 00007b00 020000000001 020000000002 0800", PROTO_UDP, 4789, TUNNEL_VXLAN, 123, 4 },
	{ "08000000 00007b00 020000000001 020000000002 8100 0005 86dd", PROTO_UDP, 4789, TUNNEL_VXLAN, 123, 6 },
	{ "0000 6558 00007b00 020000000001 020000000002 0800", PROTO_UDP, 6081, TUNNEL_GENEVE, 123, 4 },
	{ "0200 0800 00007b00 0001 80 01 01020304", PROTO_UDP, 6081, TUNNEL_GENEVE, 123, 4 },
	{ "", PROTO_UDP, 3544, TUNNEL_TEREDO, 0, 6 },
	{ "0000 ffff ffffffff", PROTO_UDP, 3544, TUNNEL_TEREDO, 0, 6 },
};

static void every_tunnel_gives_its_inner_packet(void **state)
{
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		if (tunnels[i].inner_version == 4)
			inner_v4(&t->frame);
		else
			inner_v6(&t->frame);
		frame_wrap(&t->frame, tunnels[i].header);
		if (tunnels[i].port)
			frame_udp(&t->frame, 50000, tunnels[i].port, OUT_SRC, OUT_DST);
		frame_ipv4(&t->frame, tunnels[i].proto, OUT_SRC, OUT_DST, NULL);
		frame_ethernet(&t->frame, 0x0800);
		struct packet *outer = decoding_run(t, LINK_ETHERNET), *inner = &t->batch.packets[1];
		if (t->batch.count != 2 || inner->ip_version != tunnels[i].inner_version || inner->dport != 8)
			fail_msg("row %u: %u packets, version %u, port %u", i, t->batch.count, inner->ip_version,
				inner->dport);
		assert_int_equal(inner->tunnel, tunnels[i].kind);
		assert_int_equal(inner->tunnel_id, tunnels[i].id);
		assert_int_equal(inner->depth, 1);
		assert_int_equal(inner->outer, 0);
		assert_true(inner->flags & PACKET_TUNNELED);
		assert_true(outer->flags & PACKET_NO_INSPECT_PAYLOAD);
		assert_false(inner->flags & PACKET_BAD_L4_CHECKSUM);
		assert_memory_equal(inner->payload.data, "inner", 5);
		assert_ptr_equal(inner->frame.data + inner->frame.len, t->frame.bytes + t->frame.len);
		assert_int_equal(inner->wire_len, inner->frame.len);
		uint64_t hash = packet_spread_hash(t->decoder, frame_span(&t->frame), LINK_ETHERNET);
		if (tunnels[i].inner_version == 4)
			inner_v4(&t->frame);
		else
			inner_v6(&t->frame);
		bool routed =
			strncmp(tunnels[i].header, "4000", 4) == 0; // source routes are not followed for spreading
		if (!routed && hash != packet_spread_hash(t->decoder, frame_span(&t->frame), LINK_RAW))
			fail_msg("row %u: spread by other than the inner addresses", i);
	}
}

static void gtp_gives_its_inner_packet(void **state)
{
	static const struct {
		const char *header;
		uint8_t extra;
	} rows[] = { { "00000007", 0 }, { "00000007 0001 00 00", 4 }, { "00000007 0001 00 85 01 0900 00", 8 } };
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < 3; i++) {
		inner_v4(&t->frame);
		uint32_t len = t->frame.len + rows[i].extra;
		frame_wrap(&t->frame, rows[i].header);
		frame_wrap(&t->frame, "30ff 0000");
		t->frame.bytes[0] = (uint8_t)(0x30 | (i == 1 ? 2 : i == 2 ? 4 : 0));
		t->frame.bytes[3] = (uint8_t)len;
		frame_udp(&t->frame, 2152, 2152, OUT_SRC, OUT_DST);
		frame_ipv4(&t->frame, PROTO_UDP, OUT_SRC, OUT_DST, NULL);
		decoding_run(t, LINK_RAW);
		assert_int_equal(t->batch.count, 2);
		assert_int_equal(t->batch.packets[1].tunnel_id, 7);
		assert_int_equal(t->batch.packets[1].dport, 8);
	}
}

static void ip_in_ipv6(void **state)
{
	struct decoding_fixture *t = *state;
	inner_v4(&t->frame);
	frame_ipv6(&t->frame, PROTO_IPIP, SRC6, DST6);
	decoding_run(t, LINK_RAW);
	assert_int_equal(t->batch.count, 2);
	assert_int_equal(t->batch.packets[1].ip_version, 4);
	inner_v6(&t->frame);
	frame_ipv6(&t->frame, PROTO_IPV6, "2001:db8::8", "2001:db8::9");
	decoding_run(t, LINK_RAW);
	assert_int_equal(t->batch.count, 2);
	assert_int_equal(t->batch.packets[1].dport, 8);
	inner_v6(&t->frame);
	frame_ipv6(&t->frame, PROTO_IPIP, SRC6, DST6);
	assert_true(has_event(decoding_run(t, LINK_RAW), DECODE_IPV6_IPV4_IN_IPV6_WRONG_VERSION));
	frame_begin(&t->frame, "6", 1);
	frame_ipv6(&t->frame, PROTO_IPV6, SRC6, DST6);
	assert_true(has_event(decoding_run(t, LINK_RAW), DECODE_IPV6_IPV6_IN_IPV6_TOO_SMALL));
}

static void what_is_no_tunnel_stays_plain_udp(void **state)
{
	static const struct {
		unsigned port;
		const char *payload;
	} rows[] = {
		{ 4789, "00000000 00007b00 020000000001 020000000002 0800 4500" },
		{ 4789, "08000000 00007bff 020000000001 020000000002 0800 4500" },
		{ 4789, "0800" },
		{ 6081, "4000 6558 00007b00 020000000001 020000000002 0800 4500" },
		{ 6081, "0200 6558 00007b00 0001 80 1f 01020304 020000000001 020000000002 0800 4500" },
		{ 3544, "6000 0000 0001 11 40 20010db8000000000000000000000001 "
			"20010db8000000000000000000000002" },
		{ 3544, "6000 0000 0000 11 00 20010db8000000000000000000000001 "
			"20010db8000000000000000000000002" },
		{ 3544, "6000 0000 0000 11 40 20010db8000000000000000000000001 "
			"20010db8000000000000000000000002" }, // no UDP in it
		{ 2152, "30ff 0004 00000007 4500" },
		{ 2152, "32ff" },
		{ 2152, "3001 0004 00000007 01020304" },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].payload);
		uint32_t len = t->frame.len;
		frame_udp(&t->frame, 50000, rows[i].port, OUT_SRC, OUT_DST);
		frame_ipv4(&t->frame, PROTO_UDP, OUT_SRC, OUT_DST, NULL);
		struct packet *p = decoding_run(t, LINK_RAW);
		if (t->batch.count != 1 || p->flags || p->payload.len != len)
			fail_msg("row %u: %u packets, flags %x", i, t->batch.count, p->flags);
		assert_int_equal(decoding_counter(t, PACKET_COUNT_INVALID), 0);
	}
}

static void gre_that_breaks_its_rules(void **state)
{
	static const struct {
		const char *bytes;
		uint16_t event;
	} rows[] = {
		{ "0000", DECODE_GRE_PKT_TOO_SMALL },
		{ "0002 0800", DECODE_GRE_WRONG_VERSION },
		{ "0100 0800", DECODE_GRE_VERSION0_RECUR },
		{ "0008 0800", DECODE_GRE_VERSION0_FLAGS },
		{ "2000 0800 0000", DECODE_GRE_VERSION0_HDR_TOO_BIG },
		{ "4000 0800 00000000 0001 00 ff 00", DECODE_GRE_VERSION0_HDR_TOO_BIG },
		{ "a001 880b 00000000", DECODE_GRE_VERSION1_CHKSUM },
		{ "6001 880b 00000000", DECODE_GRE_VERSION1_ROUTE },
		{ "2801 880b 00000000", DECODE_GRE_VERSION1_SSR },
		{ "2101 880b 00000000", DECODE_GRE_VERSION1_RECUR },
		{ "2041 880b 00000000", DECODE_GRE_VERSION1_FLAGS },
		{ "2001 0800 00000000", DECODE_GRE_VERSION1_WRONG_PROTOCOL },
		{ "0001 880b 00000000", DECODE_GRE_VERSION1_NO_KEY },
		{ "3001 880b 00000000", DECODE_GRE_VERSION1_HDR_TOO_BIG },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].bytes);
		frame_ipv4(&t->frame, PROTO_GRE, OUT_SRC, OUT_DST, NULL);
		struct packet *p = decoding_run(t, LINK_RAW);
		assert_int_equal(p->event_count, 1);
		assert_int_equal(p->events[0], rows[i].event);
		assert_int_equal(t->batch.count, 1);
	}
}

static void tunnels_in_tunnels_end_at_the_limit(void **state)
{
	struct decoding_fixture *t = *state;
	inner_v4(&t->frame);
	for (int i = 0; i < 30; i++)
		frame_ipv4(&t->frame, PROTO_IPIP, SRC, DST, NULL);
	decoding_run(t, LINK_RAW);
	assert_in_range(t->batch.count, 2, PACKETS_MAX);
	for (unsigned i = 1; i < t->batch.count; i++) {
		assert_int_equal(t->batch.packets[i].depth, i);
		assert_int_equal(t->batch.packets[i].outer, i - 1);
	}
}

static void switches_turn_tunnels_off(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.vxlan_enabled = t->config.teredo_enabled = t->config.geneve_enabled = t->config.gtp_enabled = false;
	decoding_restart(t);
	for (unsigned i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		if (!tunnels[i].port)
			continue;
		inner_v6(&t->frame);
		frame_wrap(&t->frame, tunnels[i].header);
		frame_udp(&t->frame, 50000, tunnels[i].port, OUT_SRC, OUT_DST);
		frame_ipv4(&t->frame, PROTO_UDP, OUT_SRC, OUT_DST, NULL);
		decoding_run(t, LINK_RAW);
		assert_int_equal(t->batch.count, 1);
	}
}

static void ports_are_read_from_config(void **state)
{
	struct decoding_fixture *t = *state;
	static char list[] = "[8472, 100:200]", variable[] = "$VXLAN_PORTS", wrong[] = "banana";
	static const struct {
		char *text;
		unsigned port;
		unsigned packets;
	} rows[] = { { list, 8472, 2 }, { list, 150, 2 }, { list, 4789, 1 }, { variable, 4789, 2 }, { NULL, 4789, 2 } };
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		t->config.vxlan_ports = rows[i].text;
		decoding_restart(t);
		inner_v4(&t->frame);
		frame_wrap(&t->frame, "08000000 00007b00 020000000001 020000000002 0800");
		frame_udp(&t->frame, 1, rows[i].port, OUT_SRC, OUT_DST);
		frame_ipv4(&t->frame, PROTO_UDP, OUT_SRC, OUT_DST, NULL);
		decoding_run(t, LINK_RAW);
		assert_int_equal(t->batch.count, rows[i].packets);
	}
	t->config.vxlan_ports = wrong;
	assert_null(packet_decoder_new(&t->config));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, decoding_setup, decoding_teardown)
		TEST(every_tunnel_gives_its_inner_packet),
		TEST(gtp_gives_its_inner_packet),
		TEST(ip_in_ipv6),
		TEST(what_is_no_tunnel_stays_plain_udp),
		TEST(gre_that_breaks_its_rules),
		TEST(tunnels_in_tunnels_end_at_the_limit),
		TEST(switches_turn_tunnels_off),
		TEST(ports_are_read_from_config),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
