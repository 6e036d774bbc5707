// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/decoding_fixture.h"

#define SRC  "10.0.0.1"
#define DST  "10.0.0.2"
#define SRC6 "2001:db8::1"
#define DST6 "2001:db8::2"

static struct packet *run_tcp(struct decoding_fixture *t, const char *options)
{
	frame_begin(&t->frame, "xyz", 3);
	frame_tcp(&t->frame, 40000, 80, SRC, DST, options);
	frame_ipv4(&t->frame, PROTO_TCP, SRC, DST, NULL);
	return decoding_run(t, LINK_RAW);
}

static void tcp_fields_and_options_are_read(void **state)
{
	struct decoding_fixture *t = *state;
	struct packet *p = run_tcp(t, "020405b4 0402 080a 00000011 00000022 01 030307");
	assert_int_equal(p->event_count, 0);
	assert_int_equal(p->flags, 0);
	assert_int_equal(p->sport, 40000);
	assert_int_equal(p->tcp.seq, 1);
	assert_int_equal(p->tcp.ack, 2);
	assert_int_equal(p->tcp.flags, TCP_ACK | TCP_PSH);
	assert_int_equal(p->tcp.window, 8192);
	assert_int_equal(p->tcp.has, TCP_OPTION_MSS | TCP_OPTION_SACK_OK | TCP_OPTION_TS | TCP_OPTION_WSCALE);
	assert_int_equal(p->tcp.mss, 1460);
	assert_int_equal(p->tcp.wscale, 7);
	assert_int_equal(p->tcp.ts_value, 0x11);
	assert_int_equal(p->tcp.ts_echo, 0x22);
	assert_int_equal(p->payload.len, 3);
	assert_memory_equal(p->payload.data, "xyz", 3);
	p = run_tcp(t, "0101 080a 00000033 00000044");
	assert_int_equal(p->tcp.has, TCP_OPTION_TS);
	assert_int_equal(p->tcp.ts_echo, 0x44);
	p = run_tcp(t, "0101 0512 00000001 00000002 00000003 00000004");
	assert_int_equal(p->tcp.sack_blocks, 2);
	assert_int_equal(p->tcp.sack_offset, 24);
	p = run_tcp(t, "220a 0102030405060708 0101");
	assert_int_equal(p->tcp.has, TCP_OPTION_TFO);
	assert_int_equal(p->tcp.tfo_len, 8);
	p = run_tcp(t, "fe04 f989");
	assert_int_equal(p->tcp.has, TCP_OPTION_TFO);
	assert_int_equal(p->tcp.tfo_len, 0);
}

static void odd_tcp_options_are_events_and_the_segment_stays(void **state)
{
	static const struct {
		const char *options;
		uint16_t event;
	} rows[] = {
		{ "0203 0000", DECODE_TCP_OPT_INVALID_LEN },
		{ "0809 0000", DECODE_TCP_OPT_INVALID_LEN },
		{ "0300 0000", DECODE_TCP_OPT_INVALID_LEN },
		{ "0505 0000 01010101", DECODE_TCP_OPT_INVALID_LEN },
		{ "2203 0001", DECODE_TCP_OPT_INVALID_LEN },
		{ "03030103 03020000", DECODE_TCP_OPT_DUPLICATE },
		{ "13040000", DECODE_TCP_OPT_INVALID_LEN },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct packet *p = run_tcp(t, rows[i].options);
		assert_true(has_event(p, rows[i].event));
		assert_false(p->flags & PACKET_INVALID);
		assert_int_equal(p->payload.len, 3);
	}
}

static void broken_tcp_headers_have_no_transport(void **state)
{
	static const struct {
		uint8_t offset_byte;
		uint16_t event;
	} rows[] = { { 0x40, DECODE_TCP_INVALID_OPTLEN }, { 0xf0, DECODE_TCP_HLEN_TOO_SMALL } };
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < 2; i++) {
		run_tcp(t, NULL);
		t->frame.bytes[20 + 12] = rows[i].offset_byte;
		struct packet *p = decoding_run(t, LINK_RAW);
		assert_true(has_event(p, rows[i].event));
		assert_null(p->l4);
		assert_int_equal(p->proto, PROTO_TCP);
		assert_int_equal(p->sport, 0);
		assert_true(p->flags & PACKET_INVALID);
	}
	frame_begin(&t->frame, "", 0);
	frame_append(&t->frame, "0102");
	frame_ipv4(&t->frame, PROTO_TCP, SRC, DST, NULL);
	assert_true(has_event(decoding_run(t, LINK_RAW), DECODE_TCP_PKT_TOO_SMALL));
}

static void udp_lengths(void **state)
{
	static const struct {
		uint8_t len;
		uint16_t event;
		unsigned payload;
	} rows[] = { { 11, EVENT_NONE, 3 }, { 9, EVENT_NONE, 1 }, { 8, EVENT_NONE, 0 },
		{ 7, DECODE_UDP_LEN_INVALID, 0 }, { 12, DECODE_UDP_PKT_TOO_SMALL, 0 } };
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "xyz", 3);
		frame_udp(&t->frame, 1, 2, SRC, DST);
		t->frame.bytes[5] = rows[i].len;
		frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, NULL);
		struct packet *p = decoding_run(t, LINK_RAW);
		assert_int_equal(p->event_count ? p->events[0] : EVENT_NONE, rows[i].event);
		assert_int_equal(p->payload.len, rows[i].payload);
		assert_int_equal(p->l4 != NULL, rows[i].event == EVENT_NONE);
	}
}

static void small_transports(void **state)
{
	static const struct {
		unsigned proto;
		const char *bytes;
		uint16_t event;
		unsigned sport, dport, payload;
		bool l4;
	} rows[] = {
		{ PROTO_SCTP, "0016 0017 00000001 00000002 0000", EVENT_NONE, 22, 23, 2, true },
		{ PROTO_SCTP, "0016 0017 00000001 000000", DECODE_SCTP_PKT_TOO_SMALL, 0, 0, 0, false },
		{ PROTO_ESP, "00010002 00000001 00", EVENT_NONE, 1, 2, 1, true },
		{ PROTO_ESP, "00010002 000000", DECODE_ESP_PKT_TOO_SMALL, 0, 0, 0, false },
		{ PROTO_AH, "1104 0000 00000001 00000001 000000000000000000000000 0001 0002 0008 0000", EVENT_NONE, 1,
			2, 0, true },
		{ PROTO_AH, "1100 0000 0000", DECODE_AH_MALFORMED, 0, 0, 0, false },
		{ 2, "1600 09fe e0000001", EVENT_NONE, 0, 0, 0, false },
		{ 2, "1600 0aff e0000001", DECODE_IGMP_CHECKSUM_INVALID, 0, 0, 0, false },
		{ 2, "1600", DECODE_IGMP_PKT_TOO_SMALL, 0, 0, 0, false },
		{ PROTO_ICMPV6, "8000 0000 0000 0000", DECODE_IPV4_ICMPV6, 0, 0, 0, false },
		{ 253, "00", EVENT_NONE, 0, 0, 0, false },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].bytes);
		frame_ipv4(&t->frame, rows[i].proto, SRC, DST, NULL);
		struct packet *p = decoding_run(t, LINK_RAW);
		if ((p->event_count ? p->events[0] : EVENT_NONE) != rows[i].event || p->sport != rows[i].sport ||
			p->dport != rows[i].dport || p->payload.len != rows[i].payload || (p->l4 != NULL) != rows[i].l4)
			fail_msg("row %u: %s %u %u %u", i, p->event_count ? packet_event_name(p->events[0]) : "",
				p->sport, p->dport, p->payload.len);
	}
}

static void icmp_types_and_codes(void **state)
{
	static const struct {
		const char *bytes;
		uint16_t event;
	} rows[] = {
		{ "0800 0000 1234 0001", EVENT_NONE },
		{ "0801 0000 1234 0001", DECODE_ICMPV4_UNKNOWN_CODE },
		{ "0c03 0000 1234 0001", DECODE_ICMPV4_UNKNOWN_CODE },
		{ "2a00 0000 1234 0001", DECODE_ICMPV4_UNKNOWN_TYPE },
		{ "0100 0000 1234 0001", DECODE_ICMPV4_UNKNOWN_TYPE },
		{ "0800 0000 1234 00", DECODE_ICMPV4_PKT_TOO_SMALL },
		{ "0303 0000 00000000 4500", DECODE_ICMPV4_IPV4_TRUNC_PKT },
		{ "0303 0000 00000000 6500000000000000000000000000000000000000", DECODE_ICMPV4_IPV4_UNKNOWN_VER },
		{ "0303 0000 00000000 4500000000000000000000000000000000000000", EVENT_NONE },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].bytes);
		frame_ipv4(&t->frame, PROTO_ICMP, SRC, DST, NULL);
		struct packet *p = decoding_run(t, LINK_RAW);
		assert_int_equal(p->event_count ? p->events[0] : EVENT_NONE, rows[i].event);
		if (i == 0) {
			assert_int_equal(p->icmp_id, 0x1234);
			assert_int_equal(p->icmp_seq, 1);
		}
	}
}

static void icmpv6_types_and_codes(void **state)
{
	static const struct {
		const char *bytes;
		uint16_t event;
	} rows[] = {
		{ "8000 0000 1234 0001", EVENT_NONE },
		{ "8001 0000 1234 0001", DECODE_ICMPV6_UNKNOWN_CODE },
		{ "0500 0000 1234 0001", DECODE_ICMPV6_UNASSIGNED_TYPE },
		{ "6400 0000 1234 0001", DECODE_ICMPV6_EXPERIMENTATION_TYPE },
		{ "c800 0000 1234 0001", DECODE_ICMPV6_EXPERIMENTATION_TYPE },
		{ "ff00 0000 1234 0001", DECODE_ICMPV6_UNKNOWN_TYPE },
		{ "a000 0000 1234 0001", DECODE_ICMPV6_UNASSIGNED_TYPE },
		{ "8300 0000 0000 0000", DECODE_ICMPV6_MLD_MESSAGE_WITH_INVALID_HL },
		{ "0100 0000 00000000 6000", DECODE_ICMPV6_IPV6_TRUNC_PKT },
		{ "0107 0000 00000000", DECODE_ICMPV6_UNKNOWN_CODE },
		{ "80", DECODE_IPV6_TRUNC_EXTHDR },
		{ "800000", DECODE_ICMPV6_PKT_TOO_SMALL },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].bytes);
		if (rows[i].event == DECODE_IPV6_TRUNC_EXTHDR)
			frame_wrap(&t->frame, "3a00 05020000 0000");
		frame_ipv6(&t->frame, rows[i].event == DECODE_IPV6_TRUNC_EXTHDR ? 0 : PROTO_ICMPV6, SRC6, DST6);
		struct packet *p = decoding_run(t, LINK_RAW);
		assert_int_equal(p->event_count ? p->events[0] : EVENT_NONE, rows[i].event);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, decoding_setup, decoding_teardown)
		TEST(tcp_fields_and_options_are_read),
		TEST(odd_tcp_options_are_events_and_the_segment_stays),
		TEST(broken_tcp_headers_have_no_transport),
		TEST(udp_lengths),
		TEST(small_transports),
		TEST(icmp_types_and_codes),
		TEST(icmpv6_types_and_codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
