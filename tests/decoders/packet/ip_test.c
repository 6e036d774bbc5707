// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/decoding_fixture.h"
#include "decoders/packet/network.h"

#define SRC  "10.0.0.1"
#define DST  "10.0.0.2"
#define SRC6 "2001:db8::1"
#define DST6 "2001:db8::2"

static void padding_behind_the_datagram_is_not_payload(void **state)
{
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, "ab", 2);
	frame_udp(&t->frame, 1, 2, SRC, DST);
	frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, NULL);
	frame_ethernet(&t->frame, 0x0800);
	frame_append(&t->frame, "00000000000000000000000000000000");
	struct packet *p = decoding_run(t, LINK_ETHERNET);
	assert_int_equal(p->payload.len, 2);
	assert_int_equal(p->ip_len, 30);
	assert_int_equal(p->ttl, 64);
	char text[ADDRESS_TEXT_SIZE];
	address_format(&p->src, true, text);
	assert_string_equal(text, SRC);
}

static void broken_ipv4_headers_are_rejected(void **state)
{
	static const struct {
		unsigned offset;
		uint8_t value;
		uint16_t event;
	} rows[] = {
		{ 0, 0x65, DECODE_IPV4_WRONG_IP_VERSION },
		{ 0, 0x44, DECODE_IPV4_HLEN_TOO_SMALL },
		{ 3, 19, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN },
		{ 3, 200, DECODE_IPV4_TRUNC_PKT },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "ab", 2);
		frame_udp(&t->frame, 1, 2, SRC, DST);
		frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, NULL);
		frame_ethernet(&t->frame, 0x0800);
		t->frame.bytes[14 + rows[i].offset] = rows[i].value;
		struct packet *p = decoding_run(t, LINK_ETHERNET);
		assert_int_equal(p->event_count, 1);
		assert_int_equal(p->events[0], rows[i].event);
		assert_int_equal(p->ip_version, 0);
		assert_true(p->flags & PACKET_INVALID);
		assert_int_equal(decoding_counter(t, PACKET_COUNT_INVALID), i + 1);
	}
}

static void segments_before_offloading_are_malformed_unless_asked_for(void **state)
{
	static uint8_t data[3000];
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, data, sizeof(data));
	frame_tcp(&t->frame, 1, 2, SRC, DST, NULL);
	frame_ipv4(&t->frame, PROTO_TCP, SRC, DST, NULL);
	t->frame.bytes[2] = t->frame.bytes[3] = 0;
	struct packet *p = decoding_run(t, LINK_RAW);
	assert_true(has_event(p, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN));
	assert_true(p->flags & PACKET_INVALID);
	assert_int_equal(p->payload.len, 0);
	assert_int_equal(decoding_counter(t, PACKET_COUNT_OFFLOADED_REFUSED), 1);
	frame_begin(&t->frame, data, sizeof(data));
	frame_tcp(&t->frame, 1, 2, SRC6, DST6, NULL);
	frame_ipv6(&t->frame, PROTO_TCP, SRC6, DST6);
	t->frame.bytes[4] = t->frame.bytes[5] = 0;
	p = decoding_run(t, LINK_RAW);
	assert_true(has_event(p, DECODE_TCP_PKT_TOO_SMALL));
	assert_int_equal(p->payload.len, 0);
	assert_int_equal(decoding_counter(t, PACKET_COUNT_OFFLOADED_REFUSED), 2);
}

static void segments_before_offloading_are_whole_when_asked_for(void **state)
{
	static uint8_t data[3000];
	struct decoding_fixture *t = *state;
	t->config.offloaded_segments = true;
	decoding_restart(t);
	static const unsigned lengths[] = { 1000, 1420, 3000 };
	for (unsigned i = 0; i < 3; i++) {
		unsigned len = lengths[i];
		frame_begin(&t->frame, data, len);
		frame_tcp(&t->frame, 1, 2, SRC, DST, NULL);
		t->frame.bytes[16] ^= 0x55;
		frame_ipv4(&t->frame, PROTO_TCP, SRC, DST, NULL);
		t->frame.bytes[2] = t->frame.bytes[3] = 0;
		struct packet *p = decoding_run(t, LINK_RAW);
		assert_true(has_event(p, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN));
		assert_int_equal(p->payload.len, len > 1280 ? len : 0); // every path could have brought the small one
		assert_int_equal(p->flags & PACKET_INVALID, len > 1280 ? 0 : PACKET_INVALID);
		assert_false(p->flags & PACKET_BAD_L4_CHECKSUM);
		frame_begin(&t->frame, data, len);
		frame_tcp(&t->frame, 1, 2, SRC6, DST6, NULL);
		frame_ipv6(&t->frame, PROTO_TCP, SRC6, DST6);
		t->frame.bytes[4] = t->frame.bytes[5] = 0;
		p = decoding_run(t, LINK_RAW);
		assert_int_equal(p->payload.len, len > 1280 ? len : 0);
	}
}

static void ipv4_options_are_checked_and_noted(void **state)
{
	static const struct {
		const char *options;
		uint16_t event, bits;
	} rows[] = {
		{ "01010101 01010100", EVENT_NONE, IP_OPTION_NOP | IP_OPTION_EOL },
		{ "94040000 00000000", EVENT_NONE, IP_OPTION_RTRALT | IP_OPTION_EOL },
		{ "94040000", DECODE_IPV4_OPT_PAD_REQUIRED, IP_OPTION_RTRALT },
		{ "07070400 00000000", EVENT_NONE, IP_OPTION_RR | IP_OPTION_EOL },
		{ "07070500 00000000", DECODE_IPV4_OPT_MALFORMED, IP_OPTION_EOL },
		{ "83070400 00000000", EVENT_NONE, IP_OPTION_LSRR | IP_OPTION_EOL },
		{ "89070c00 00000000", DECODE_IPV4_OPT_MALFORMED, IP_OPTION_EOL },
		{ "44080500 00000000", EVENT_NONE, IP_OPTION_TS },
		{ "44080600 00000000", DECODE_IPV4_OPT_MALFORMED, 0 },
		{ "88050000 00000000", DECODE_IPV4_OPT_INVALID_LEN, IP_OPTION_EOL },
		{ "94040000 94040000", DECODE_IPV4_OPT_DUPLICATE, IP_OPTION_RTRALT },
		{ "94400000 00000000", DECODE_IPV4_OPT_INVALID_LEN, 0 },
		{ "94010000 00000000", DECODE_IPV4_OPT_INVALID_LEN, 0 },
		{ "01010101 01010194", DECODE_IPV4_OPT_EOL_REQUIRED, IP_OPTION_NOP },
		{ "5e040000 00000000", DECODE_IPV4_OPT_UNKNOWN, IP_OPTION_EOL },
		{ "860e 00000001 0108 0000 00000000 0000", EVENT_NONE, IP_OPTION_CIPSO | IP_OPTION_EOL },
		{ "860e 00000001 0908 0000 00000000 0000", DECODE_IPV4_OPT_MALFORMED, IP_OPTION_EOL },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "ab", 2);
		frame_udp(&t->frame, 1, 2, SRC, DST);
		frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, rows[i].options);
		frame_ethernet(&t->frame, 0x0800);
		struct packet *p = decoding_run(t, LINK_ETHERNET);
		if ((p->event_count ? p->events[0] : EVENT_NONE) != rows[i].event || p->ip_options != rows[i].bits)
			fail_msg("row %u: %s, bits %x", i, p->event_count ? packet_event_name(p->events[0]) : "nothing",
				p->ip_options);
		assert_int_equal(p->payload.len, 2); // hosts take it all the same, so we look
		assert_false(p->flags & PACKET_INVALID);
	}
}

static void checksums_follow_the_mode(void **state)
{
	struct decoding_fixture *t = *state;
	for (int mode = 0; mode < 2; mode++) {
		t->config.checksum_mode = mode ? CHECKSUM_NONE : CHECKSUM_ALL;
		decoding_restart(t);
		frame_begin(&t->frame, "abc", 3);
		frame_tcp(&t->frame, 1, 2, SRC, DST, NULL);
		frame_ipv4(&t->frame, PROTO_TCP, SRC, DST, NULL);
		frame_ethernet(&t->frame, 0x0800);
		assert_int_equal(decoding_run(t, LINK_ETHERNET)->flags, PACKET_ETHERNET);
		t->frame.bytes[t->frame.len - 1] ^= 1;
		unsigned bad = mode ? 0 : PACKET_BAD_L4_CHECKSUM;
		assert_int_equal(decoding_run(t, LINK_ETHERNET)->flags, PACKET_ETHERNET | bad);
		t->frame.bytes[14 + 8]--; // time to live
		bad |= mode ? 0 : PACKET_BAD_IP_CHECKSUM;
		assert_int_equal(decoding_run(t, LINK_ETHERNET)->flags, PACKET_ETHERNET | bad);
		assert_int_equal(decoding_counter(t, PACKET_COUNT_BAD_IP_CHECKSUM), mode ? 0 : 1);
	}
}

static void offloaded_checksums_turn_verification_off_in_auto_mode(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.checksum_mode = CHECKSUM_AUTO;
	decoding_restart(t);
	frame_begin(&t->frame, "abc", 3);
	frame_udp(&t->frame, 1, 2, SRC, DST);
	t->frame.bytes[6] ^= 0xff;
	frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, NULL);
	for (int i = 0; i < 1000; i++)
		assert_true(decoding_run(t, LINK_RAW)->flags & PACKET_BAD_L4_CHECKSUM);
	assert_false(decoding_run(t, LINK_RAW)->flags & PACKET_BAD_L4_CHECKSUM);
}

static void auto_mode_judges_by_what_there_is_where_frames_end(void **state)
{
	struct decoding_fixture *t = *state;
	t->config.checksum_mode = CHECKSUM_AUTO;
	for (int wrong = 7; wrong <= 8; wrong++) {
		decoding_restart(t);
		for (int i = 0; i < wrong + 60; i++) {
			frame_begin(&t->frame, "abc", 3);
			frame_udp(&t->frame, 1, 2, SRC, DST);
			t->frame.bytes[6] ^= i < wrong ? 0xff : 0;
			frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, NULL);
			decoding_run(t, LINK_RAW);
		}
		assert_true(packet_decoder_verifies(t->decoder));
		packet_decoder_judge(t->decoder);
		assert_false(packet_decoder_judging(t->decoder));
		assert_int_equal(packet_decoder_verifies(t->decoder), wrong == 7);
	}
}

static void a_missing_udp_checksum_is_right_in_ipv4_only(void **state)
{
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, "abc", 3);
	frame_udp(&t->frame, 1, 2, SRC, DST);
	t->frame.bytes[6] = t->frame.bytes[7] = 0;
	frame_ipv4(&t->frame, PROTO_UDP, SRC, DST, NULL);
	assert_int_equal(decoding_run(t, LINK_RAW)->flags, 0);
	frame_begin(&t->frame, "abc", 3);
	frame_udp(&t->frame, 1, 2, SRC6, DST6);
	t->frame.bytes[6] = t->frame.bytes[7] = 0;
	frame_ipv6(&t->frame, PROTO_UDP, SRC6, DST6);
	assert_int_equal(decoding_run(t, LINK_RAW)->flags, PACKET_BAD_L4_CHECKSUM);
}

static void ipv6_extension_headers_are_walked(void **state)
{
	static const struct {
		unsigned first;
		const char *headers; // before UDP
		uint16_t event;
		bool reached; // UDP
	} rows[] = {
		{ 0, "1100 05020000 0000", EVENT_NONE, true }, // router alert, two Pad1
		{ 0, "1100 010400000000", DECODE_IPV6_HOPOPTS_ONLY_PADDING, true },
		{ 60, "1100 010400000000", DECODE_IPV6_DSTOPTS_ONLY_PADDING, true },
		{ 60, "1100 1e0400000000", DECODE_IPV6_DSTOPTS_UNKNOWN_OPT, true },
		{ 0, "1100 1e0400000000", DECODE_IPV6_HOPOPTS_UNKNOWN_OPT, true },
		{ 0, "1100 0502 0000 0100", DECODE_IPV6_ZERO_LEN_PADN, true },
		{ 0, "1100 05ff 0000 0000", DECODE_IPV6_EXTHDR_INVALID_OPTLEN, true },
		{ 0, "1100 0501 0000 0000", DECODE_IPV6_EXTHDR_INVALID_OPTLEN, true },
		{ 0, "11ff 05020000 0000", DECODE_IPV6_TRUNC_EXTHDR, false },
		{ 0, "0000 05020000 0000 1100 05020000 0000", DECODE_IPV6_EXTHDR_DUPL_HH, true },
		{ 43, "1100 00000000 0000", DECODE_IPV6_RH_TYPE_0, true },
		{ 43, "1100 02000000 0000", EVENT_NONE, true },
		{ 43, "2b00 02000000 0000 1100 02000000 0000", DECODE_IPV6_EXTHDR_DUPL_RH, true },
		{ 44, "1100 0000 00000001", DECODE_IPV6_EXTHDR_USELESS_FH, true },
		{ 44, "1101 0000 00000001", DECODE_IPV6_FH_NON_ZERO_RESERVED_FIELD, true },
		{ 51, "1104 0000 00000001 00000001 00000000 00000000 00000000", EVENT_NONE, true },
		{ 51, "1104 0001 00000001 00000001 00000000 00000000 00000000", DECODE_IPV6_EXTHDR_AH_RES_NOT_NULL,
			true },
		{ 0, "3b00 05020000 0000", DECODE_IPV6_DATA_AFTER_NONE_HEADER, false },
		{ 1, "", DECODE_IPV6_ICMPV4, false }, { 200, "", DECODE_IPV6_UNKNOWN_NEXT_HEADER, false },
		{ 60, "8700 010400000000 1100 000000000000", DECODE_IPV6_DSTOPTS_ONLY_PADDING, true }, // mobility
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "abc", 3);
		frame_udp(&t->frame, 7, 8, SRC6, DST6);
		frame_wrap(&t->frame, rows[i].headers);
		frame_ipv6(&t->frame, rows[i].first, SRC6, DST6);
		struct packet *p = decoding_run(t, LINK_RAW);
		uint16_t event = p->event_count ? p->events[0] : EVENT_NONE;
		if (event != rows[i].event || (p->dport == 8) != rows[i].reached)
			fail_msg("row %u: %s, port %u", i, packet_event_name(event), p->dport);
		if (rows[i].reached)
			assert_int_equal(p->proto, PROTO_UDP);
	}
}

static void broken_ipv6_headers_are_rejected(void **state)
{
	struct decoding_fixture *t = *state;
	frame_begin(&t->frame, "", 0);
	frame_append(&t->frame, "6000000000001140");
	frame_ethernet(&t->frame, 0x86dd);
	assert_int_equal(decoding_run(t, LINK_ETHERNET)->events[0], DECODE_IPV6_PKT_TOO_SMALL);
	frame_begin(&t->frame, "", 0);
	frame_ipv6(&t->frame, 59, SRC6, DST6);
	t->frame.bytes[5] = 1;
	frame_ethernet(&t->frame, 0x86dd);
	assert_int_equal(decoding_run(t, LINK_ETHERNET)->events[0], DECODE_IPV6_TRUNC_PKT);
	t->frame.bytes[14] = 0x45;
	struct packet *p = decoding_run(t, LINK_ETHERNET);
	assert_int_equal(p->events[0], DECODE_IPV6_WRONG_IP_VERSION);
	assert_true(p->flags & PACKET_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, decoding_setup, decoding_teardown)
		TEST(padding_behind_the_datagram_is_not_payload),
		TEST(broken_ipv4_headers_are_rejected),
		TEST(segments_before_offloading_are_malformed_unless_asked_for),
		TEST(segments_before_offloading_are_whole_when_asked_for),
		TEST(ipv4_options_are_checked_and_noted),
		TEST(checksums_follow_the_mode),
		TEST(offloaded_checksums_turn_verification_off_in_auto_mode),
		TEST(auto_mode_judges_by_what_there_is_where_frames_end),
		TEST(a_missing_udp_checksum_is_right_in_ipv4_only),
		TEST(ipv6_extension_headers_are_walked),
		TEST(broken_ipv6_headers_are_rejected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
