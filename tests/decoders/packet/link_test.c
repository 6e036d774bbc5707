// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/decoding_fixture.h"

#define SRC "10.0.0.1"
#define DST "10.0.0.2"

static void udp_datagram(struct frame *f)
{
	frame_begin(f, "hello", 5);
	frame_udp(f, 1000, 2000, SRC, DST);
	frame_ipv4(f, PROTO_UDP, SRC, DST, NULL);
}

static void udp6_datagram(struct frame *f)
{
	frame_begin(f, "hello", 5);
	frame_udp(f, 1000, 2000, "2001:db8::1", "2001:db8::2");
	frame_ipv6(f, PROTO_UDP, "2001:db8::1", "2001:db8::2");
}

static void every_link_type_reaches_the_datagram(void **state)
{
	static const struct {
		enum linktype linktype;
		const char *header;
	} rows[] = {
		{ LINK_ETHERNET, "ffffffffffff 020000000001 0800" },
		{ LINK_SLL, "0000 0001 0006 0200000000010000 0800" },
		{ LINK_SLL2, "0800 0000 00000001 0001 00 06 0200000000010000" },
		{ LINK_RAW, "" },
		{ LINK_RAW_BSD, "" },
		{ LINK_IPV4, "" },
		{ LINK_NULL, "02000000" },
		{ LINK_NULL, "00000002" },
		{ LINK_LOOP, "00000002" },
		{ LINK_PPP, "ff03 0021" },
		{ LINK_PPP, "21" },
		{ LINK_PPP_SERIAL, "ff03 0021" },
		{ LINK_CHDLC, "0f00 0800" },
		{ LINK_PPP, "0f00 0800" },
		{ LINK_PPP_SERIAL, "8f00 0800" },
		{ LINK_PPP_ETHER, "1100 0001 0023 0021" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8100 0005 0800" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 88a8 0005 8100 0006 9100 0007 0800" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00064040 00065140 " },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00000140" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00064140 00000000 ffffffffffff 020000000003 0800" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8864 1100 0001 0023 0021" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 88e7 00000000 ffffffffffff 020000000003 0800" },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8903 0000 ffffffffffff 020000000003 0800" },
		{ LINK_ETHERNET,
			"ffffffffffff 020000000001 894f 0006 0101 00000100 00000000 00000000 00000000 00000000" },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		udp_datagram(&t->frame);
		frame_wrap(&t->frame, rows[i].header);
		struct packet *p = decoding_run(t, rows[i].linktype);
		if (p->sport != 1000 || p->payload.len != 5 || p->event_count)
			fail_msg("row %u: port %u, payload %u, events %u", i, p->sport, p->payload.len, p->event_count);
		assert_int_equal(p->ip_version, 4);
		assert_int_equal(p->ethertype, 0x0800);
		assert_int_equal(t->batch.count, 1);
		assert_false(p->flags & (PACKET_BAD_IP_CHECKSUM | PACKET_BAD_L4_CHECKSUM));
	}
}

static void ipv6_behind_bsd_and_ppp_links(void **state)
{
	static const struct {
		enum linktype linktype;
		const char *header;
	} rows[] = { { LINK_NULL, "1e000000" }, { LINK_NULL, "18000000" }, { LINK_LOOP, "0000001c" },
		{ LINK_PPP, "0057" }, { LINK_IPV6, "" },
		{ LINK_SLL2, "86dd 0000 00000001 0001 00 06 0200000000010000" } };
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		udp6_datagram(&t->frame);
		frame_wrap(&t->frame, rows[i].header);
		struct packet *p = decoding_run(t, rows[i].linktype);
		assert_int_equal(p->ip_version, 6);
		assert_int_equal(p->dport, 2000);
		assert_int_equal(p->event_count, 0);
	}
}

static void vlans_are_kept_outermost_first(void **state)
{
	struct decoding_fixture *t = *state;
	udp_datagram(&t->frame);
	frame_wrap(&t->frame, "ffffffffffff 020000000001 88a8 0005 8100 f006 8100 0007 0800");
	struct packet *p = decoding_run(t, LINK_ETHERNET);
	assert_int_equal(p->vlan_count, 3);
	assert_int_equal(p->vlan[0], 5);
	assert_int_equal(p->vlan[1], 6);
	assert_int_equal(p->vlan[2], 7);
	assert_ptr_equal(p->ether, t->frame.bytes);
}

static void a_fourth_vlan_is_too_many(void **state)
{
	struct decoding_fixture *t = *state;
	udp_datagram(&t->frame);
	frame_wrap(&t->frame, "ffffffffffff 020000000001 8100 0001 8100 0002 8100 0003 8100 0004 0800");
	struct packet *p = decoding_run(t, LINK_ETHERNET);
	assert_true(has_event(p, DECODE_VLAN_TOO_MANY_LAYERS));
	assert_true(p->flags & PACKET_INVALID);
	assert_int_equal(p->ip_version, 0);
}

static void headers_on_headers_end_at_the_limit(void **state)
{
	struct decoding_fixture *t = *state;
	udp_datagram(&t->frame);
	for (int i = 0; i < 40; i++)
		frame_wrap(&t->frame, "ffffffffffff 020000000001 8903 0000");
	struct packet *p = decoding_run(t, LINK_ETHERNET);
	assert_true(has_event(p, DECODE_TOO_MANY_LAYERS));
	assert_int_equal(decoding_counter(t, PACKET_COUNT_TOO_MANY_LAYERS), 1);
}

static void short_and_odd_links_are_events(void **state)
{
	static const struct {
		enum linktype linktype;
		const char *bytes;
		uint16_t event;
	} rows[] = {
		{ LINK_ETHERNET, "ffffffffffff02", DECODE_ETHERNET_PKT_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 88cc 00", DECODE_ETHERNET_UNKNOWN_ETHERTYPE },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8100 00", DECODE_VLAN_HEADER_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8100 0001 88cc 00", DECODE_VLAN_UNKNOWN_TYPE },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 0000", DECODE_MPLS_HEADER_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00001140 45", DECODE_MPLS_BAD_LABEL_ROUTER_ALERT },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00003140 45", DECODE_MPLS_BAD_LABEL_IMPLICIT_NULL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00005140 45", DECODE_MPLS_BAD_LABEL_RESERVED },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00064140 45", DECODE_MPLS_PKT_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8847 00064140 a5000000", DECODE_MPLS_UNKNOWN_PAYLOAD_TYPE },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8864 1100", DECODE_PPPOE_PKT_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8863 1155 0000 0000", DECODE_PPPOE_WRONG_CODE },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8863 1109 0000 0010 0101", DECODE_PPPOE_MALFORMED_TAGS },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8863 1109 0000 0005 0101 00ff 00",
			DECODE_PPPOE_MALFORMED_TAGS },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 8903", DECODE_DCE_PKT_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 88e7 0000", DECODE_IEEE8021AH_HEADER_TOO_SMALL },
		{ LINK_ETHERNET, "ffffffffffff 020000000001 894f 4002 0101 00000000 00",
			DECODE_NSH_UNSUPPORTED_VERSION },
		{ LINK_SLL, "0000", DECODE_SLL_PKT_TOO_SMALL },
		{ LINK_SLL2, "0000", DECODE_SLL2_PKT_TOO_SMALL },
		{ LINK_CHDLC, "0f", DECODE_CHDLC_PKT_TOO_SMALL },
		{ LINK_NULL, "0200", DECODE_LTNULL_PKT_TOO_SMALL },
		{ LINK_NULL, "07000000 45", DECODE_LTNULL_UNSUPPORTED_TYPE },
		{ LINK_LOOP, "0000", DECODE_LOOP_PKT_TOO_SMALL },
		{ LINK_RAW, "45", DECODE_IPV4_PKT_TOO_SMALL },
		{ LINK_RAW, "55000000000000000000000000000000000000000000", DECODE_IPRAW_INVALID_IP_VERSION },
		{ LINK_PPP, "", DECODE_PPP_PKT_TOO_SMALL },
		{ LINK_PPP, "ff03 0021 45", DECODE_PPP_IP4_PKT_TOO_SMALL },
		{ LINK_PPP, "ff03 0057 60", DECODE_PPP_IP6_PKT_TOO_SMALL },
		{ LINK_PPP, "ff03 002f 45", DECODE_PPP_VJU_PKT_TOO_SMALL },
		{ LINK_PPP, "ff03 c021 0101", DECODE_PPP_UNSUP_PROTO },
		{ LINK_PPP, "ff03 7777 0101", DECODE_PPP_WRONG_TYPE },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].bytes);
		struct packet *p = decoding_run(t, rows[i].linktype);
		if (!has_event(p, rows[i].event))
			fail_msg("row %u: no %s", i, packet_event_name(rows[i].event));
		assert_null(p->l4);
		assert_int_equal(packet_decoder_event_counts(t->decoder)[rows[i].event] > 0, true);
	}
}

static void arp_is_kept_whole_and_checked(void **state)
{
	static const struct {
		const char *bytes;
		uint16_t event;
	} rows[] = {
		{ "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002", EVENT_NONE },
		{ "0001 0800 06 04 0001 020000000001", DECODE_ARP_PKT_TOO_SMALL },
		{ "0006 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002", DECODE_ARP_UNSUPPORTED_HARDWARE },
		{ "0001 86dd 06 04 0001 020000000001 0a000001 000000000000 0a000002", DECODE_ARP_UNSUPPORTED_PROTOCOL },
		{ "0001 0800 08 04 0001 020000000001 0a000001 000000000000 0a000002",
			DECODE_ARP_INVALID_HARDWARE_SIZE },
		{ "0001 0800 06 10 0001 020000000001 0a000001 000000000000 0a000002",
			DECODE_ARP_INVALID_PROTOCOL_SIZE },
		{ "0001 0800 06 04 0063 020000000001 0a000001 000000000000 0a000002", DECODE_ARP_UNSUPPORTED_OPCODE },
	};
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		frame_begin(&t->frame, "", 0);
		frame_append(&t->frame, rows[i].bytes);
		frame_ethernet(&t->frame, 0x0806);
		struct packet *p = decoding_run(t, LINK_ETHERNET);
		assert_int_equal(p->event_count ? p->events[0] : EVENT_NONE, rows[i].event);
		assert_int_equal(p->arp.len, rows[i].event ? 0 : 28);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, decoding_setup, decoding_teardown)
		TEST(every_link_type_reaches_the_datagram),
		TEST(ipv6_behind_bsd_and_ppp_links),
		TEST(vlans_are_kept_outermost_first),
		TEST(a_fourth_vlan_is_too_many),
		TEST(headers_on_headers_end_at_the_limit),
		TEST(short_and_odd_links_are_events),
		TEST(arp_is_kept_whole_and_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
