// SPDX-License-Identifier: GPL-3.0-or-later
// Link layers of capture files and interfaces (pcap-linktype(7)), and ARP (RFC 826).
#include "decoders/packet/decoding.h"

#define ETHERNET_LEN 14
#define SLL_LEN      16
#define SLL2_LEN     20
#define CHDLC_LEN    4
#define DCE_TAG_LEN  2  // of Cisco's fabric path, before the real Ethernet header
#define ARP_LEN      28 // Ethernet and IPv4: the only ARP there is

enum ether_type {
	ETHER_VLAN = 0x8100,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_MULTICAST = 0x8848,
	ETHER_PPPOE_DISCOVERY = 0x8863,
	ETHER_PPPOE_SESSION = 0x8864,
	ETHER_8021AD = 0x88a8,
	ETHER_8021AH = 0x88e7,
	ETHER_DCE = 0x8903,
	ETHER_VNTAG = 0x8926,
	ETHER_NSH = 0x894f,
	ETHER_QINQ = 0x9100,
};

bool packet_linktype_supported(enum linktype linktype)
{
	switch (linktype) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_PPP:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_PPP_SERIAL:
	case LINK_PPP_ETHER:
	case LINK_RAW:
	case LINK_CHDLC:
	case LINK_LOOP:
	case LINK_SLL:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_SLL2: return true;
	}
	return false;
}

static bool decode_dce(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	if (bytes.len < ETHERNET_LEN + DCE_TAG_LEN)
		return decode_reject(d, p, DECODE_DCE_PKT_TOO_SMALL);
	return decode_ethernet(d, p, span_from(bytes, DCE_TAG_LEN));
}

bool decode_ether_type(struct packet_decoder *d, struct packet *p, uint16_t type, struct span bytes, bool *known)
{
	*known = true;
	p->ethertype = type;
	switch (type) {
	case ETHER_TYPE_IPV4: return decode_ipv4(d, p, bytes);
	case ETHER_TYPE_IPV6: return decode_ipv6(d, p, bytes);
	case ETHER_TYPE_ARP: return decode_arp(d, p, bytes);
	case ETHER_VLAN:
	case ETHER_8021AD:
	case ETHER_QINQ: return decode_vlan(d, p, bytes);
	case ETHER_MPLS:
	case ETHER_MPLS_MULTICAST: return decode_mpls(d, p, bytes);
	case ETHER_PPPOE_SESSION: return decode_pppoe_session(d, p, bytes);
	case ETHER_PPPOE_DISCOVERY: return decode_pppoe_discovery(d, p, bytes);
	case ETHER_8021AH: return decode_8021ah(d, p, bytes);
	case ETHER_DCE: return decode_dce(d, p, bytes);
	case ETHER_NSH: return decode_nsh(d, p, bytes);
	case ETHER_VNTAG:
		if (d->config->vntag_enabled)
			return decode_vntag(d, p, bytes);
		break;
	default: break;
	}
	*known = false;
	return false;
}

bool decode_ethernet(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_ETHERNET);
	if (bytes.len < ETHERNET_LEN)
		return decode_reject(d, p, DECODE_ETHERNET_PKT_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	p->ether = bytes.data;
	p->flags |= PACKET_ETHERNET;
	bool known;
	bool good = decode_ether_type(d, p, be16_at(bytes.data + 12), span_from(bytes, ETHERNET_LEN), &known);
	if (!known) {
		decode_count(d, PACKET_COUNT_UNKNOWN_ETHERTYPE);
		decode_event(d, p, DECODE_ETHERNET_UNKNOWN_ETHERTYPE);
		return true;
	}
	return good;
}

bool decode_arp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_ARP);
	p->ethertype = ETHER_TYPE_ARP;
	if (bytes.len < ARP_LEN)
		return decode_reject(d, p, DECODE_ARP_PKT_TOO_SMALL);
	const uint8_t *arp = bytes.data;
	if (be16_at(arp) != 1)
		return decode_reject(d, p, DECODE_ARP_UNSUPPORTED_HARDWARE);
	if (be16_at(arp + 2) != ETHER_TYPE_IPV4)
		return decode_reject(d, p, DECODE_ARP_UNSUPPORTED_PROTOCOL);
	if (arp[4] != 6)
		return decode_reject(d, p, DECODE_ARP_INVALID_HARDWARE_SIZE);
	if (arp[5] != 4)
		return decode_reject(d, p, DECODE_ARP_INVALID_PROTOCOL_SIZE);
	uint16_t opcode = be16_at(arp + 6);
	bool usual = opcode >= 1 && opcode <= 4;   // ARP, RARP
	bool inverse = opcode == 8 || opcode == 9; // RFC 2390
	if (!usual && !inverse)
		return decode_reject(d, p, DECODE_ARP_UNSUPPORTED_OPCODE);
	p->arp = span_slice(bytes, 0, ARP_LEN);
	return true;
}

// Address family of BSD systems in four bytes, in the order of the machine that captured (null) or of the network (loop).
static bool decode_null(struct packet_decoder *d, struct packet *p, struct span bytes, bool loop)
{
	decode_count(d, PACKET_COUNT_NULL);
	if (bytes.len < 4)
		return decode_reject(d, p, loop ? DECODE_LOOP_PKT_TOO_SMALL : DECODE_LTNULL_PKT_TOO_SMALL);
	uint32_t family = be32_at(bytes.data);
	if (!loop && family > UINT16_MAX)
		family = __builtin_bswap32(family);
	struct span rest = span_from(bytes, 4);
	switch (family) {
	case 2: return decode_ipv4(d, p, rest);
	case 24: // NetBSD, OpenBSD
	case 28: // FreeBSD
	case 30: // Darwin
		return decode_ipv6(d, p, rest);
	default: decode_event(d, p, DECODE_LTNULL_UNSUPPORTED_TYPE); return false;
	}
}

static bool decode_raw(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_RAW);
	if (bytes.len < IPV4_HEADER_LEN)
		return decode_reject(d, p, DECODE_IPV4_PKT_TOO_SMALL);
	switch (bytes.data[0] >> 4) {
	case 4: return decode_ipv4(d, p, bytes);
	case 6: return decode_ipv6(d, p, bytes);
	default: return decode_reject(d, p, DECODE_IPRAW_INVALID_IP_VERSION);
	}
}

// Headers that end in, or hold, nothing but an Ethernet type.
static bool decode_typed(struct packet_decoder *d, struct packet *p, struct span bytes, uint32_t header_len,
	uint32_t type_offset, enum packet_counter counter, uint16_t too_small)
{
	decode_count(d, counter);
	if (bytes.len < header_len)
		return decode_reject(d, p, too_small);
	bool known;
	return decode_ether_type(d, p, be16_at(bytes.data + type_offset), span_from(bytes, header_len), &known);
}

// Cisco's HDLC in captures that say PPP, as routers write them: address 0x0f (unicast) or 0x8f, control 0. PPP's address is 0xff.
static bool is_chdlc(struct span bytes)
{
	return bytes.len >= CHDLC_LEN && (bytes.data[0] & 0x7f) == 0x0f && bytes.data[1] == 0;
}

bool decode_link(struct packet_decoder *d, struct packet *p, enum linktype linktype, struct span bytes)
{
	switch (linktype) {
	case LINK_ETHERNET: return decode_ethernet(d, p, bytes);
	case LINK_SLL: return decode_typed(d, p, bytes, SLL_LEN, 14, PACKET_COUNT_SLL, DECODE_SLL_PKT_TOO_SMALL);
	case LINK_SLL2: return decode_typed(d, p, bytes, SLL2_LEN, 0, PACKET_COUNT_SLL2, DECODE_SLL2_PKT_TOO_SMALL);
	case LINK_CHDLC: return decode_typed(d, p, bytes, CHDLC_LEN, 2, PACKET_COUNT_CHDLC, DECODE_CHDLC_PKT_TOO_SMALL);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6: return decode_raw(d, p, bytes);
	case LINK_NULL: return decode_null(d, p, bytes, false);
	case LINK_LOOP: return decode_null(d, p, bytes, true);
	case LINK_PPP:
	case LINK_PPP_SERIAL: return is_chdlc(bytes) ? decode_link(d, p, LINK_CHDLC, bytes) : decode_ppp(d, p, bytes);
	case LINK_PPP_ETHER: return decode_pppoe_session(d, p, bytes);
	}
	return false;
}
