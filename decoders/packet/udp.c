// SPDX-License-Identifier: GPL-3.0-or-later
// UDP (RFC 768).
#include "decoders/packet/decoding.h"

#define UDP_LEN 8

void decode_udp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_UDP);
	if (bytes.len < UDP_LEN) {
		decode_reject(d, p, DECODE_UDP_HLEN_TOO_SMALL);
		return;
	}
	const uint8_t *udp = bytes.data;
	uint32_t len = be16_at(udp + 4);
	if (len > bytes.len) {
		decode_reject(d, p, DECODE_UDP_PKT_TOO_SMALL);
		return;
	}
	if (len < UDP_LEN) {
		decode_reject(d, p, DECODE_UDP_LEN_INVALID);
		return;
	}
	p->l4 = udp;
	p->l4_header_len = UDP_LEN;
	p->sport = be16_at(udp);
	p->dport = be16_at(udp + 2);
	p->payload = (struct span) { udp + UDP_LEN, len - UDP_LEN };
	bool summed = be16_at(udp + 6) != 0 ||
		      p->ip_version == 6; // zero: not computed, which IPv6 forbids (RFC 8200 section 8.1)
	if (d->verify && summed)
		decode_l4_checksum(d, p, (struct span) { udp, len }, true);
	decode_udp_tunnel(d, p, p->payload);
}
