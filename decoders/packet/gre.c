// SPDX-License-Identifier: GPL-3.0-or-later
// GRE version 0 (RFC 1701, 2784, 2890) and 1 (PPTP, RFC 2637), and ERSPAN (draft-foschiano-erspan-03) inside it.
#include "decoders/packet/decoding.h"

#define GRE_LEN 4

#define ERSPAN2_LEN     8
#define ERSPAN3_LEN     12
#define ERSPAN3_SUB_LEN 8

enum gre_bit { // of the first 16 bits
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTE = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_STRICT_ROUTE = 0x0800,
	GRE_RECURSION = 0x0700,
	GRE_FLAGS0 = 0x00f8,
	GRE_ACK = 0x0080,
	GRE_FLAGS1 = 0x0078,
	GRE_VERSION = 0x0007,
};

enum gre_protocol {
	GRE_VLAN = 0x8100,
	GRE_PPP = 0x880b,
	GRE_ERSPAN12 = 0x88be,
	GRE_ERSPAN3 = 0x22eb,
	GRE_BRIDGE = 0x6558,
};

// Length of the header with what its flags announce; 0 when it does not fit or breaks the rules, and the event is noted.
static uint32_t header_len_v0(
	struct packet_decoder *d, struct packet *p, struct span bytes, uint16_t flags, uint32_t *key)
{
	if (flags & GRE_RECURSION)
		return decode_reject(d, p, DECODE_GRE_VERSION0_RECUR);
	if (flags & GRE_FLAGS0)
		return decode_reject(d, p, DECODE_GRE_VERSION0_FLAGS);
	struct cursor c = cursor_on(span_from(bytes, GRE_LEN));
	if (flags & (GRE_CHECKSUM | GRE_ROUTE))
		cursor_skip(&c, 4);
	if (flags & GRE_KEY)
		*key = cursor_be32(&c);
	if (flags & GRE_SEQUENCE)
		cursor_skip(&c, 4);
	for (bool last = !(flags & GRE_ROUTE); !last && cursor_ok(&c);) {
		uint16_t family = cursor_be16(&c);
		cursor_skip(&c, 1);
		uint8_t len = cursor_u8(&c);
		last = family == 0 && len == 0;
		cursor_skip(&c, len);
	}
	if (!cursor_ok(&c))
		return decode_reject(d, p, DECODE_GRE_VERSION0_HDR_TOO_BIG);
	return GRE_LEN + cursor_offset(&c);
}

static uint32_t header_len_v1(struct packet_decoder *d, struct packet *p, struct span bytes, uint16_t flags)
{
	static const struct {
		uint16_t bits, event;
	} forbidden[] = {
		{ GRE_CHECKSUM, DECODE_GRE_VERSION1_CHKSUM },
		{ GRE_ROUTE, DECODE_GRE_VERSION1_ROUTE },
		{ GRE_STRICT_ROUTE, DECODE_GRE_VERSION1_SSR },
		{ GRE_RECURSION, DECODE_GRE_VERSION1_RECUR },
		{ GRE_FLAGS1, DECODE_GRE_VERSION1_FLAGS },
	};
	for (unsigned i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		if (flags & forbidden[i].bits)
			return decode_reject(d, p, forbidden[i].event);
	if (be16_at(bytes.data + 2) != GRE_PPP)
		return decode_reject(d, p, DECODE_GRE_VERSION1_WRONG_PROTOCOL);
	if (!(flags & GRE_KEY))
		return decode_reject(d, p, DECODE_GRE_VERSION1_NO_KEY);
	uint32_t len = GRE_LEN + 4 + (flags & GRE_SEQUENCE ? 4u : 0) + (flags & GRE_ACK ? 4u : 0);
	if (len > bytes.len)
		return decode_reject(d, p, DECODE_GRE_VERSION1_HDR_TOO_BIG);
	return len;
}

void decode_gre(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_GRE);
	if (bytes.len < GRE_LEN) {
		decode_reject(d, p, DECODE_GRE_PKT_TOO_SMALL);
		return;
	}
	uint16_t flags = be16_at(bytes.data), version = flags & GRE_VERSION;
	if (version > 1) {
		decode_reject(d, p, DECODE_GRE_WRONG_VERSION);
		return;
	}
	uint32_t key = 0;
	uint32_t len = version ? header_len_v1(d, p, bytes, flags) : header_len_v0(d, p, bytes, flags, &key);
	if (!len)
		return;
	struct span rest = span_from(bytes, len);
	switch (be16_at(bytes.data + 2)) {
	case ETHER_TYPE_IPV4: decode_tunnel(d, p, TUNNEL_GRE, INNER_IPV4, key, rest); break;
	case ETHER_TYPE_IPV6: decode_tunnel(d, p, TUNNEL_GRE, INNER_IPV6, key, rest); break;
	case ETHER_TYPE_ARP: decode_tunnel(d, p, TUNNEL_GRE, INNER_ARP, key, rest); break;
	case GRE_VLAN: decode_tunnel(d, p, TUNNEL_GRE, INNER_VLAN, key, rest); break;
	case GRE_PPP: decode_tunnel(d, p, TUNNEL_GRE, INNER_PPP, key, rest); break;
	case GRE_BRIDGE: decode_tunnel(d, p, TUNNEL_GRE, INNER_ETHERNET, key, rest); break;
	case GRE_ERSPAN12:
		if (flags & GRE_SEQUENCE)
			decode_tunnel(d, p, TUNNEL_ERSPAN, INNER_ERSPAN2, key, rest);
		else if (d->config->erspan_type1_enabled) // no header of its own
			decode_tunnel(d, p, TUNNEL_ERSPAN, INNER_ETHERNET, key, rest);
		break;
	case GRE_ERSPAN3: decode_tunnel(d, p, TUNNEL_ERSPAN, INNER_ERSPAN3, key, rest); break;
	default: break;
	}
}

// Both types begin with version, VLAN and, in the second word, a session's id.
static bool take_erspan(struct packet_decoder *d, struct packet *p, struct span bytes, uint32_t len, uint8_t version)
{
	decode_count(d, PACKET_COUNT_ERSPAN);
	if (bytes.len < len)
		return decode_reject(d, p, DECODE_ERSPAN_HEADER_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	uint32_t word = be32_at(bytes.data);
	if (word >> 28 != version)
		return decode_reject(d, p, DECODE_ERSPAN_UNSUPPORTED_VERSION);
	uint16_t vlan = word >> 16 & 0x0fff;
	if (vlan) {
		if (p->vlan_count == PACKET_VLANS_MAX)
			return decode_reject(d, p, DECODE_ERSPAN_TOO_MANY_VLAN_LAYERS);
		p->vlan[p->vlan_count++] = vlan;
	}
	p->tunnel_id = word & 0x3ff;
	return true;
}

bool decode_erspan2(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	if (!take_erspan(d, p, bytes, ERSPAN2_LEN, 1))
		return false;
	return decode_ethernet(d, p, span_from(bytes, ERSPAN2_LEN));
}

bool decode_erspan3(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	if (!take_erspan(d, p, bytes, ERSPAN3_LEN, 2))
		return false;
	uint16_t word = be16_at(bytes.data + 10);
	uint32_t len = ERSPAN3_LEN + (word & 1 ? ERSPAN3_SUB_LEN : 0);
	if (bytes.len < len)
		return decode_reject(d, p, DECODE_ERSPAN_HEADER_TOO_SMALL);
	if ((word >> 10 & 0x1f) == 2) // frame type: bare IP
		return bytes.len > len && bytes.data[len] >> 4 == 6 ? decode_ipv6(d, p, span_from(bytes, len))
								    : decode_ipv4(d, p, span_from(bytes, len));
	return decode_ethernet(d, p, span_from(bytes, len));
}
