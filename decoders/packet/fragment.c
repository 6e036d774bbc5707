// SPDX-License-Identifier: GPL-3.0-or-later
// Fragments: what the decoder notes of them, and the datagram that comes out.
#include "decoders/packet/decoding.h"

#define DATAGRAM_MAX 65535

// The datagram is a packet of its own, at the depth of its fragments, decoded from its IP header on.
static void decode_datagram(struct packet_decoder *d, struct packet *last, const struct defrag_outcome *outcome)
{
	struct packet *p = decode_slot_after(d, last, outcome->frame);
	if (!p)
		return;
	p->flags = PACKET_REASSEMBLED | (last->flags & PACKET_TUNNELED);
	p->linktype = last->linktype;
	p->depth = last->depth;
	p->tunnel = TUNNEL_DEFRAG;
	p->tunnel_id = last->tunnel_id;
	p->vlan_count = last->vlan_count;
	memcpy(p->vlan, last->vlan, sizeof(p->vlan));
	if (outcome->has_ether) {
		p->flags |= PACKET_ETHERNET;
		p->ether = outcome->frame.data + outcome->ether_offset;
	}
	struct span datagram = span_from(outcome->frame, outcome->ip_offset);
	bool good = last->ip_version == 4 ? decode_ipv4(d, p, datagram) : decode_ipv6(d, p, datagram);
	if (good)
		last->flags |= PACKET_NO_INSPECT_PAYLOAD;
}

void decode_fragment(struct packet_decoder *d, struct packet *p, const struct fragment *fragment)
{
	bool v4 = p->ip_version == 4;
	decode_count(d, v4 ? PACKET_COUNT_FRAGMENTS_V4 : PACKET_COUNT_FRAGMENTS_V6);
	uint32_t end = fragment->offset + fragment->data.len + (v4 ? fragment->header_len : 0);
	if (end > DATAGRAM_MAX) { // the ping of death
		decode_event(d, p, v4 ? DECODE_IPV4_FRAG_PKT_TOO_LARGE : DECODE_IPV6_FRAG_PKT_TOO_LARGE);
		return;
	}
	struct defrag_outcome outcome;
	defrag_add(d->defrag, p, fragment, &outcome);
	if (outcome.overlap)
		decode_event(d, p, v4 ? DECODE_IPV4_FRAG_OVERLAP : DECODE_IPV6_FRAG_OVERLAP);
	if (outcome.too_large)
		decode_event(d, p, v4 ? DECODE_IPV4_FRAG_PKT_TOO_LARGE : DECODE_IPV6_FRAG_PKT_TOO_LARGE);
	if (outcome.frame.len) {
		decode_count(d, v4 ? PACKET_COUNT_REASSEMBLED_V4 : PACKET_COUNT_REASSEMBLED_V6);
		decode_datagram(d, p, &outcome);
	}
}
