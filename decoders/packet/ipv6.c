// SPDX-License-Identifier: GPL-3.0-or-later
// IPv6 (RFC 8200).
#include "decoders/packet/decoding.h"

static bool header_is_sound(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	if (bytes.len < IPV6_HEADER_LEN)
		return decode_reject(d, p, DECODE_IPV6_PKT_TOO_SMALL);
	if (bytes.data[0] >> 4 != 6)
		return decode_reject(d, p, DECODE_IPV6_WRONG_IP_VERSION);
	if (bytes.len < IPV6_HEADER_LEN + (uint32_t)be16_at(bytes.data + 4))
		return decode_reject(d, p, DECODE_IPV6_TRUNC_PKT);
	return true;
}

bool decode_ipv6(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_IPV6);
	if (!decode_enter(d, p) || !header_is_sound(d, p, bytes))
		return false;
	const uint8_t *ip = bytes.data;
	uint32_t payload_len = be16_at(ip + 4);
	if (payload_len == 0 && ip[6] == PROTO_TCP && bytes.len > LEAST_MTU) { // offloaded, as in IPv4
		if (d->config->offloaded_segments) {
			payload_len = bytes.len - IPV6_HEADER_LEN;
			p->flags |= PACKET_OFFLOADED;
		} else {
			decode_count(d, PACKET_COUNT_OFFLOADED_REFUSED);
		}
	}
	p->ethertype = ETHER_TYPE_IPV6;
	p->ip = ip;
	p->ip_version = 6;
	p->ip_header_len = IPV6_HEADER_LEN;
	p->ip_len = IPV6_HEADER_LEN + payload_len;
	p->tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	p->proto = ip[6];
	p->ttl = ip[7];
	p->src = address_v6(ip + 8);
	p->dst = address_v6(ip + 24);
	struct span rest = { ip + IPV6_HEADER_LEN, payload_len };
	if (p->proto == PROTO_TCP)
		decode_tcp(d, p, rest);
	else if (p->proto == PROTO_UDP)
		decode_udp(d, p, rest);
	else
		decode_ipv6_headers(d, p, p->proto, rest);
	return true;
}
