// SPDX-License-Identifier: GPL-3.0-or-later
// Transports by IP protocol number, and the small ones: SCTP (RFC 9260), ESP and AH (RFC 4303, 4302), IGMP (RFC 3376), and IP in IPv6 (RFC 2473).
#include "decoders/packet/decoding.h"

#define PROTO_IGMP 2
#define SCTP_LEN   12
#define ESP_LEN    8
#define IGMP_LEN   8
#define AH_MIN_LEN 12

static void decode_sctp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_SCTP);
	if (bytes.len < SCTP_LEN) {
		decode_reject(d, p, DECODE_SCTP_PKT_TOO_SMALL);
		return;
	}
	p->l4 = bytes.data;
	p->l4_header_len = SCTP_LEN;
	p->sport = be16_at(bytes.data);
	p->dport = be16_at(bytes.data + 2);
	p->payload = span_from(bytes, SCTP_LEN);
}

static void decode_esp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_ESP);
	if (bytes.len < ESP_LEN) {
		decode_reject(d, p, DECODE_ESP_PKT_TOO_SMALL);
		return;
	}
	p->l4 = bytes.data;
	p->l4_header_len = ESP_LEN;
	p->sport = be16_at(bytes.data);
	p->dport = be16_at(bytes.data + 2);
	p->payload = span_from(bytes, ESP_LEN);
}

static void decode_igmp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_IGMP);
	if (bytes.len < IGMP_LEN) {
		decode_reject(d, p, DECODE_IGMP_PKT_TOO_SMALL);
		return;
	}
	if (d->verify) {
		decode_l4_checksum(d, p, bytes, false);
		if (p->flags & PACKET_BAD_L4_CHECKSUM)
			decode_event(d, p, DECODE_IGMP_CHECKSUM_INVALID);
	}
}

// Of IPv4; IPv6 has it as an extension header. Authenticated, not encrypted: what it protects is in clear behind it.
static void decode_ah(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_AH);
	uint32_t len = bytes.len < 2 ? AH_MIN_LEN : (bytes.data[1] + 2u) * 4;
	if (len < AH_MIN_LEN || len > bytes.len) {
		decode_reject(d, p, DECODE_AH_MALFORMED);
		return;
	}
	if (!decode_enter(d, p))
		return;
	uint8_t next = bytes.data[0];
	struct span rest = span_from(bytes, len);
	p->proto = next;
	if (next == PROTO_ICMP)
		decode_icmpv4(d, p, rest);
	else if (next == PROTO_IPIP)
		decode_tunnel(d, p, TUNNEL_IPIP, INNER_IPV4, 0, rest);
	else if (next == PROTO_IPV6)
		decode_tunnel(d, p, TUNNEL_IPIP, INNER_IPV6, 0, rest);
	else
		decode_transport(d, p, next, rest);
}

bool decode_transport(struct packet_decoder *d, struct packet *p, uint8_t proto, struct span bytes)
{
	switch (proto) {
	case PROTO_TCP: decode_tcp(d, p, bytes); return true;
	case PROTO_UDP: decode_udp(d, p, bytes); return true;
	case PROTO_SCTP: decode_sctp(d, p, bytes); return true;
	case PROTO_ESP: decode_esp(d, p, bytes); return true;
	case PROTO_GRE: decode_gre(d, p, bytes); return true;
	case PROTO_IGMP:
		if (p->ip_version != 4)
			return false;
		decode_igmp(d, p, bytes);
		return true;
	case PROTO_AH: decode_ah(d, p, bytes); return true;
	default: return false;
	}
}

void decode_ip_in_ipv6(struct packet_decoder *d, struct packet *p, uint8_t proto, struct span bytes)
{
	bool v4 = proto == PROTO_IPIP;
	decode_count(d, v4 ? PACKET_COUNT_IPV4_IN_IPV6 : PACKET_COUNT_IPV6_IN_IPV6);
	if (bytes.len < (v4 ? IPV4_HEADER_LEN : IPV6_HEADER_LEN))
		decode_invalid(d, p, v4 ? DECODE_IPV6_IPV4_IN_IPV6_TOO_SMALL : DECODE_IPV6_IPV6_IN_IPV6_TOO_SMALL);
	else if (bytes.data[0] >> 4 != (v4 ? 4 : 6))
		decode_event(
			d, p, v4 ? DECODE_IPV6_IPV4_IN_IPV6_WRONG_VERSION : DECODE_IPV6_IPV6_IN_IPV6_WRONG_VERSION);
	else
		decode_tunnel(d, p, TUNNEL_IPIP, v4 ? INNER_IPV4 : INNER_IPV6, 0, bytes);
}
