// SPDX-License-Identifier: GPL-3.0-or-later
// IPv4 (RFC 791).
#include "decoders/packet/decoding.h"

#define FLAG_MORE 0x2000

static void hand_to_defrag(struct packet_decoder *d, struct packet *p, struct span datagram)
{
	uint32_t header_len = p->ip_header_len;
	uint16_t word = be16_at(p->ip + 6);
	p->flags |= PACKET_FRAGMENT | (word & FLAG_MORE ? PACKET_MORE_FRAGMENTS : 0);
	struct fragment fragment = {
		.offset = p->ip_fragment_offset * 8u,
		.more = (word & FLAG_MORE) != 0,
		.header_len = header_len,
		.data = span_from(datagram, header_len),
		.next_header = p->proto,
	};
	decode_fragment(d, p, &fragment);
}

// A segment the card was to cut up, captured before it did: the stack leaves the length at zero then. Only what is larger than some path
// allows passes for one (in clouds segments of 1,418 bytes are seen): no host takes a length of zero, and what hosts refuse must not reach the stream.
static bool is_offloaded(struct packet_decoder *d, struct span bytes)
{
	if (be16_at(bytes.data + 2) != 0 || bytes.data[9] != PROTO_TCP || bytes.len <= LEAST_MTU)
		return false;
	if (!d->config->offloaded_segments)
		decode_count(d, PACKET_COUNT_OFFLOADED_REFUSED);
	return d->config->offloaded_segments;
}

static bool header_is_sound(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	const uint8_t *ip = bytes.data;
	if (bytes.len < IPV4_HEADER_LEN)
		return decode_reject(d, p, DECODE_IPV4_PKT_TOO_SMALL);
	if (ip[0] >> 4 != 4)
		return decode_reject(d, p, DECODE_IPV4_WRONG_IP_VERSION);
	uint32_t header_len = (ip[0] & 0x0fu) * 4;
	if (header_len < IPV4_HEADER_LEN)
		return decode_reject(d, p, DECODE_IPV4_HLEN_TOO_SMALL);
	uint32_t len = be16_at(ip + 2);
	if (is_offloaded(d, bytes)) {
		decode_event(d, p, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN);
		return true;
	}
	if (len < header_len)
		return decode_reject(d, p, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN);
	if (bytes.len < len)
		return decode_reject(d, p, DECODE_IPV4_TRUNC_PKT);
	return true;
}

static void note_header(struct packet *p, const uint8_t *ip)
{
	p->ethertype = ETHER_TYPE_IPV4;
	p->ip = ip;
	p->ip_version = 4;
	p->ip_header_len = (uint16_t)((ip[0] & 0x0f) * 4);
	p->ip_len = be16_at(ip + 2);
	p->tos = ip[1];
	p->ip_id = be16_at(ip + 4);
	p->ip_flags = ip[6] >> 5;
	p->ip_fragment_offset = be16_at(ip + 6) & 0x1fff;
	p->ttl = ip[8];
	p->proto = ip[9];
	p->src = address_v4(ip + 12);
	p->dst = address_v4(ip + 16);
}

bool decode_ipv4(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_IPV4);
	if (!decode_enter(d, p) || !header_is_sound(d, p, bytes))
		return false;
	const uint8_t *ip = bytes.data;
	note_header(p, ip);
	uint32_t header_len = p->ip_header_len;
	if (d->verify && checksum_fold(checksum_sum((struct span) { ip, header_len })) != 0xffff) {
		p->flags |= PACKET_BAD_IP_CHECKSUM;
		decode_count(d, PACKET_COUNT_BAD_IP_CHECKSUM);
	}
	if (header_len > IPV4_HEADER_LEN)
		decode_ipv4_options(d, p, (struct span) { ip + IPV4_HEADER_LEN, header_len - IPV4_HEADER_LEN });
	if (p->ip_len == 0) { // offloaded
		p->ip_len = bytes.len;
		p->flags |= PACKET_OFFLOADED;
	}
	struct span datagram = { ip, p->ip_len }; // what lies behind is padding of the link
	if (p->ip_fragment_offset || (p->ip_flags & 1)) {
		hand_to_defrag(d, p, datagram);
		return true;
	}
	struct span rest = span_from(datagram, header_len);
	switch (p->proto) {
	case PROTO_ICMP: decode_icmpv4(d, p, rest); break;
	case PROTO_ICMPV6: decode_invalid(d, p, DECODE_IPV4_ICMPV6); break;
	case PROTO_IPIP:
		decode_count(d, PACKET_COUNT_IPV4_IN_IPV4);
		decode_tunnel(d, p, TUNNEL_IPIP, INNER_IPV4, 0, rest);
		break;
	case PROTO_IPV6:
		decode_count(d, PACKET_COUNT_IPV6_IN_IPV4);
		decode_tunnel(d, p, TUNNEL_IPIP, INNER_IPV6, 0, rest);
		break;
	default: decode_transport(d, p, p->proto, rest); break;
	}
	return true;
}
