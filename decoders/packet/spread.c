// SPDX-License-Identifier: GPL-3.0-or-later
// Spreading: finds the addresses a frame is about without decoding it. It follows the same tunnels as the decoder, but asks for less: a frame it
// takes wrongly only meets another worker, always the same one.
#include "decoders/packet/decoding.h"

#define STEPS_MAX 24 // headers looked at

struct walk {
	const struct packet_decoder *d;
	struct span rest;
	uint64_t hash; // of the innermost addresses so far
	bool found;
};

enum step { STEP_ETHER_TYPE, STEP_ETHERNET, STEP_IP, STEP_PPP, STEP_END };

static uint64_t mix(uint64_t v)
{
	v ^= v >> 32;
	v *= UINT64_C(0xd6e8feb86659fd93);
	v ^= v >> 32;
	v *= UINT64_C(0xd6e8feb86659fd93);
	return v ^ v >> 32;
}

static uint64_t half_at(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return v;
}

// The sum makes it the same in both directions.
static uint64_t hash_v4(const uint8_t *ip)
{
	return mix(mix(be32_at(ip + 12)) + mix(be32_at(ip + 16)));
}

static uint64_t hash_v6(const uint8_t *ip)
{
	uint64_t src = mix(half_at(ip + 8) + mix(half_at(ip + 16)));
	uint64_t dst = mix(half_at(ip + 24) + mix(half_at(ip + 32)));
	return mix(src + dst);
}

static enum step skip_to(struct walk *w, uint32_t len, enum step next)
{
	if (len >= w->rest.len)
		return STEP_END;
	w->rest = span_from(w->rest, len);
	return next;
}

static enum step walk_gre(struct walk *w)
{
	if (w->rest.len < 4)
		return STEP_END;
	uint16_t flags = be16_at(w->rest.data), type = be16_at(w->rest.data + 2);
	if (flags & 0x4000) // source routes
		return STEP_END;
	bool sequence = flags & 0x1000;
	uint32_t len = 4 + (flags & 0x8000 ? 4u : 0) + (flags & 0x2000 ? 4u : 0) + (sequence ? 4u : 0) +
		       (flags & 0x0080 ? 4u : 0);
	switch (type) {
	case ETHER_TYPE_IPV4:
	case ETHER_TYPE_IPV6: return skip_to(w, len, STEP_IP);
	case 0x880b: return skip_to(w, len, STEP_PPP);
	case 0x6558: return skip_to(w, len, STEP_ETHERNET);
	case 0x88be: return skip_to(w, len + (sequence ? 8 : 0), STEP_ETHERNET);
	case 0x22eb: {
		if (w->rest.len < len + 12)
			return STEP_END;
		bool more = w->rest.data[len + 11] & 1;
		return skip_to(w, len + (more ? 20 : 12), STEP_ETHERNET);
	}
	case 0x8100: // a tag: its type is at its end
		return skip_to(w, len + 2, STEP_ETHER_TYPE);
	default: return STEP_END;
	}
}

static enum step walk_udp(struct walk *w)
{
	const struct packet_decoder *d = w->d;
	if (w->rest.len < 16)
		return STEP_END;
	const uint8_t *udp = w->rest.data, *at = udp + 8;
	uint16_t sport = be16_at(udp), dport = be16_at(udp + 2);
	if (d->config->vxlan_enabled && ports_has(&d->vxlan, dport) && (at[0] & 0x08))
		return skip_to(w, 16, STEP_ETHERNET);
	if (d->config->geneve_enabled && (ports_has(&d->geneve, dport) || ports_has(&d->geneve, sport)) &&
		at[0] >> 6 == 0)
		return skip_to(w, 16 + (at[0] & 0x3fu) * 4, be16_at(at + 2) == 0x6558 ? STEP_ETHERNET : STEP_IP);
	if (d->config->gtp_enabled && dport == 2152 && (at[0] & 0xf0) == 0x30 && at[1] == 0xff && !(at[0] & 0x04))
		return skip_to(w, at[0] & 3 ? 20 : 16, STEP_IP);
	if (d->config->teredo_enabled && (ports_has(&d->teredo, dport) || ports_has(&d->teredo, sport))) {
		uint32_t skip = be16_at(at) == 0 ? 16 : 8;
		if (w->rest.len >= skip + IPV6_HEADER_LEN && udp[skip] >> 4 == 6 &&
			be16_at(udp + skip + 4) + skip + IPV6_HEADER_LEN == be16_at(udp + 4))
			return skip_to(w, skip, STEP_IP);
	}
	return STEP_END;
}

// Destination unreachable belongs to the flow it is about: the addresses are in the datagram it quotes.
static enum step walk_icmpv4(struct walk *w)
{
	const uint8_t *quoted = w->rest.data + 8;
	if (w->rest.len >= 8 + IPV4_HEADER_LEN && w->rest.data[0] == 3 && quoted[0] >> 4 == 4)
		w->hash = hash_v4(quoted);
	return STEP_END;
}

static enum step walk_transport(struct walk *w, uint8_t proto)
{
	switch (proto) {
	case PROTO_ICMP: return walk_icmpv4(w);
	case PROTO_IPIP:
	case PROTO_IPV6: return STEP_IP;
	case PROTO_GRE: return walk_gre(w);
	case PROTO_UDP: return walk_udp(w);
	default: return STEP_END;
	}
}

static enum step walk_v4(struct walk *w)
{
	const uint8_t *ip = w->rest.data;
	if (w->rest.len < IPV4_HEADER_LEN)
		return STEP_END;
	w->found = true;
	w->hash = hash_v4(ip);
	uint32_t len = (ip[0] & 0x0fu) * 4;
	if (be16_at(ip + 6) & 0x3fff ||
		len < IPV4_HEADER_LEN) // every fragment, the first too: only the addresses are in all
		return STEP_END;
	return skip_to(w, len, STEP_IP) == STEP_END ? STEP_END : walk_transport(w, ip[9]);
}

static enum step walk_v6(struct walk *w)
{
	const uint8_t *ip = w->rest.data;
	if (w->rest.len < IPV6_HEADER_LEN)
		return STEP_END;
	w->found = true;
	w->hash = hash_v6(ip);
	uint8_t next = ip[6];
	uint32_t len = IPV6_HEADER_LEN;
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		if (skip_to(w, len, STEP_IP) == STEP_END || w->rest.len < 8)
			return STEP_END;
		const uint8_t *at = w->rest.data;
		if (next == 44 && (be16_at(at + 2) & 0xfff9))
			return STEP_END;
		if (next != 0 && next != 43 && next != 44 && next != 60 && next != PROTO_AH)
			return walk_transport(w, next);
		len = next == 44 ? 8 : next == PROTO_AH ? 8u + at[1] * 4u : 8u + at[1] * 8u;
		next = at[0];
	}
	return STEP_END;
}

static enum step walk_ip(struct walk *w)
{
	if (w->rest.len == 0)
		return STEP_END;
	switch (w->rest.data[0] >> 4) {
	case 4: return walk_v4(w);
	case 6: return walk_v6(w);
	default: return STEP_END;
	}
}

static enum step walk_mpls(struct walk *w)
{
	for (unsigned i = 0; i < STEPS_MAX && w->rest.len >= 8; i++) {
		bool bottom = w->rest.data[2] & 1;
		w->rest = span_from(w->rest, 4);
		if (bottom)
			return w->rest.data[0] >> 4 ? STEP_IP : skip_to(w, 4, STEP_ETHERNET);
	}
	return STEP_END;
}

static enum step walk_ppp(struct walk *w)
{
	if (w->rest.len > 2 && be16_at(w->rest.data) == 0xff03)
		w->rest = span_from(w->rest, 2);
	if (w->rest.len == 0)
		return STEP_END;
	return skip_to(w, w->rest.data[0] & 1 ? 1 : 2, STEP_IP);
}

// rest begins with an Ethernet type.
static enum step walk_ether_type(struct walk *w)
{
	if (w->rest.len < 2)
		return STEP_END;
	uint16_t type = be16_at(w->rest.data);
	w->rest = span_from(w->rest, 2);
	switch (type) {
	case ETHER_TYPE_IPV4:
	case ETHER_TYPE_IPV6: return STEP_IP;
	case 0x8100:
	case 0x88a8:
	case 0x9100: return skip_to(w, 2, STEP_ETHER_TYPE);
	case 0x88e7: return skip_to(w, 16, STEP_ETHER_TYPE);
	case 0x8903: return skip_to(w, 2, STEP_ETHERNET);
	case 0x8926: return skip_to(w, 4, STEP_ETHER_TYPE);
	case 0x8847:
	case 0x8848: return walk_mpls(w);
	case 0x8864: return skip_to(w, 6, STEP_PPP);
	default: return STEP_END;
	}
}

static enum step walk_link(struct walk *w, enum linktype linktype)
{
	switch (linktype) {
	case LINK_ETHERNET: return STEP_ETHERNET;
	case LINK_SLL: return skip_to(w, 14, STEP_ETHER_TYPE);
	case LINK_SLL2: {
		struct span type = span_slice(w->rest, 0, 2); // in front, 18 bytes before what it names
		enum step next = skip_to(w, 20, STEP_IP);
		return type.len == 2 && (be16_at(type.data) == ETHER_TYPE_IPV4 || be16_at(type.data) == ETHER_TYPE_IPV6)
			       ? next
			       : STEP_END;
	}
	case LINK_CHDLC: return skip_to(w, 2, STEP_ETHER_TYPE);
	case LINK_NULL:
	case LINK_LOOP: return skip_to(w, 4, STEP_IP);
	case LINK_PPP:
	case LINK_PPP_SERIAL: return STEP_PPP;
	case LINK_PPP_ETHER: return skip_to(w, 6, STEP_PPP);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6: return STEP_IP;
	}
	return STEP_END;
}

uint64_t packet_spread_hash(const struct packet_decoder *decoder, struct span frame, enum linktype linktype)
{
	struct walk w = { .d = decoder, .rest = frame };
	enum step next = walk_link(&w, linktype);
	for (unsigned i = 0; i < STEPS_MAX && next != STEP_END; i++) {
		switch (next) {
		case STEP_ETHERNET: next = skip_to(&w, 12, STEP_ETHER_TYPE); break;
		case STEP_ETHER_TYPE: next = walk_ether_type(&w); break;
		case STEP_IP: next = walk_ip(&w); break;
		case STEP_PPP: next = walk_ppp(&w); break;
		case STEP_END: break;
		}
	}
	return w.found && w.hash == 0 ? 1 : w.hash; // 0 says that there are none
}
