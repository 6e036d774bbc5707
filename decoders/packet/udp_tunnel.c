// SPDX-License-Identifier: GPL-3.0-or-later
// Tunnels over UDP: VXLAN (RFC 7348), Geneve (RFC 8926), Teredo (RFC 4380), GTP-U (3GPP TS 29.281). Anybody may send anything to their
// ports, so what does not look right in every field is taken for plain UDP.
#include "decoders/packet/decoding.h"

#define ETHERNET_LEN      14
#define VXLAN_LEN         8
#define GENEVE_LEN        8
#define GTP_LEN           8
#define GTP_PORT          2152
#define TEREDO_ORIGIN_LEN 8

// The inner packet starts behind the inner Ethernet header. true when its type is one we take.
static bool inner_of_type(uint16_t type, enum inner *inner)
{
	switch (type) {
	case ETHER_TYPE_IPV4: *inner = INNER_IPV4; return true;
	case ETHER_TYPE_IPV6: *inner = INNER_IPV6; return true;
	case ETHER_TYPE_ARP: *inner = INNER_ARP; return true;
	case 0x8100:
	case 0x88a8:
	case 0x9100: *inner = INNER_VLAN; return true;
	default: return false;
	}
}

static bool decode_vxlan(struct packet_decoder *d, struct packet *p, struct span payload)
{
	if (payload.len < VXLAN_LEN + ETHERNET_LEN)
		return false;
	const uint8_t *at = payload.data;
	if (!(at[0] & 0x08) || at[7] != 0) // no network identifier; reserved bits
		return false;
	decode_count(d, PACKET_COUNT_VXLAN);
	enum inner inner;
	if (!inner_of_type(be16_at(at + VXLAN_LEN + 12), &inner)) {
		decode_invalid(d, p, DECODE_VXLAN_MALFORMED);
		return true;
	}
	decode_tunnel(d, p, TUNNEL_VXLAN, inner, be32_at(at + 4) >> 8, span_from(payload, VXLAN_LEN + ETHERNET_LEN));
	return true;
}

// Do the options fill exactly the room the header gives them?
static bool geneve_options_fit(struct span options)
{
	struct cursor c = cursor_on(options);
	while (cursor_left(&c)) {
		cursor_skip(&c, 3);
		cursor_skip(&c, (cursor_u8(&c) & 0x1fu) * 4);
	}
	return cursor_ok(&c);
}

static bool decode_geneve(struct packet_decoder *d, struct packet *p, struct span payload)
{
	if (payload.len < GENEVE_LEN)
		return false;
	const uint8_t *at = payload.data;
	uint32_t len = GENEVE_LEN + (at[0] & 0x3fu) * 4;
	if (at[0] >> 6 != 0 || at[7] != 0 || len + ETHERNET_LEN > payload.len)
		return false;
	if (!geneve_options_fit(span_slice(payload, GENEVE_LEN, len - GENEVE_LEN)))
		return false;
	decode_count(d, PACKET_COUNT_GENEVE);
	uint16_t type = be16_at(at + 2);
	if (type == 0x6558) { // transparent Ethernet bridging
		type = be16_at(at + len + 12);
		len += ETHERNET_LEN;
	}
	enum inner inner;
	if (!inner_of_type(type, &inner)) {
		decode_invalid(d, p, DECODE_GENEVE_MALFORMED);
		return true;
	}
	decode_tunnel(d, p, TUNNEL_GENEVE, inner, be32_at(at + 4) >> 8, span_from(payload, len));
	return true;
}

// Nothing marks a Teredo packet: IPv6 that fits its datagram to the byte, perhaps behind an origin indication (section 5.1.1), and that
// decodes without a fault. An authentication header is negotiation, not a tunnel.
static bool decode_teredo(struct packet_decoder *d, struct packet *p, struct span payload)
{
	if (payload.len >= TEREDO_ORIGIN_LEN && be16_at(payload.data) == 0)
		payload = span_from(payload, TEREDO_ORIGIN_LEN);
	if (payload.len < IPV6_HEADER_LEN)
		return false;
	const uint8_t *ip = payload.data;
	uint32_t len = be16_at(ip + 4);
	if (ip[0] >> 4 != 6 || payload.len != IPV6_HEADER_LEN + len)
		return false;
	if (ip[7] == 0 || (ip[6] == 0 && len < 8)) // hop limit; hop-by-hop header that cannot fit
		return false;
	if (!decode_tunnel(d, p, TUNNEL_TEREDO, INNER_TEREDO, 0, payload))
		return false;
	decode_count(d, PACKET_COUNT_TEREDO);
	return true;
}

// Length of a G-PDU's header with its optional fields and extension headers; 0 when it does not add up.
static uint32_t gtp_header_len(struct span payload)
{
	const uint8_t *at = payload.data;
	if (!(at[0] & 0x07))
		return GTP_LEN;
	struct cursor c = cursor_on(span_from(payload, GTP_LEN));
	cursor_skip(&c, 3);
	uint8_t next = cursor_u8(&c);
	while (at[0] & 0x04 && next && cursor_ok(&c)) {
		uint32_t len = cursor_u8(&c) * 4u;
		if (len == 0)
			return 0;
		cursor_skip(&c, len - 2);
		next = cursor_u8(&c);
	}
	return cursor_ok(&c) ? GTP_LEN + cursor_offset(&c) : 0;
}

static bool decode_gtp(struct packet_decoder *d, struct packet *p, struct span payload)
{
	if (payload.len < GTP_LEN)
		return false;
	const uint8_t *at = payload.data;
	if ((at[0] & 0xf0) != 0x30 || at[1] != 0xff ||
		be16_at(at + 2) + (uint32_t)GTP_LEN != payload.len) // version 1, GTP, G-PDU
		return false;
	uint32_t len = gtp_header_len(payload);
	if (!len) {
		decode_event(d, p, DECODE_GTP_MALFORMED);
		return false;
	}
	struct span rest = span_from(payload, len);
	uint8_t version = rest.len ? rest.data[0] >> 4 : 0;
	if (version != 4 && version != 6)
		return false;
	if (!decode_tunnel(d, p, TUNNEL_GTPU, version == 4 ? INNER_IPV4 : INNER_IPV6, be32_at(at + 4), rest))
		return false;
	decode_count(d, PACKET_COUNT_GTPU);
	return true;
}

bool decode_udp_tunnel(struct packet_decoder *d, struct packet *p, struct span payload)
{
	const struct packet_config *config = d->config;
	if (config->teredo_enabled && (ports_has(&d->teredo, p->sport) || ports_has(&d->teredo, p->dport)) &&
		decode_teredo(d, p, payload))
		return true;
	if (config->geneve_enabled && (ports_has(&d->geneve, p->sport) || ports_has(&d->geneve, p->dport)) &&
		decode_geneve(d, p, payload))
		return true;
	if (config->vxlan_enabled && ports_has(&d->vxlan, p->dport) && decode_vxlan(d, p, payload))
		return true;
	return config->gtp_enabled && p->dport == GTP_PORT && decode_gtp(d, p, payload);
}
