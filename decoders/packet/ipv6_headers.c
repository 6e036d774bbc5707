// SPDX-License-Identifier: GPL-3.0-or-later
// IPv6 extension headers (RFC 8200 section 4). The chain is walked once; each header takes at least eight bytes of a datagram of at
// most 64 KiB, and what may come once only is skipped when it comes again.
#include "decoders/packet/decoding.h"

enum next_header {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_NONE = 59,
	NEXT_DESTINATION = 60,
	NEXT_MOBILITY = 135,
	NEXT_HIP = 139,
	NEXT_SHIM6 = 140,
};

enum option6 {
	OPTION6_PAD1 = 0,
	OPTION6_PADN = 1,
	OPTION6_ROUTER_ALERT = 0x05,
	OPTION6_JUMBO = 0xc2,
	OPTION6_HOME_ADDRESS = 0xc9,
};

struct chain {
	struct packet_decoder *d;
	struct packet *p;
	struct span rest;     // from the header in work on
	uint32_t next_offset; // of the byte that named it, from the IP header on
	uint8_t next;         // which header it is
	bool hop_by_hop, routing, auth, fragment;
	uint8_t destinations;
	bool done;
};

// Past a header of len bytes. false: cut off, and the chain ends.
static bool header_fits(struct chain *c, uint32_t len)
{
	if (len <= c->rest.len)
		return true;
	c->done = true;
	return decode_reject(c->d, c->p, DECODE_IPV6_TRUNC_EXTHDR);
}

static void step_over(struct chain *c, uint32_t len)
{
	c->next = c->rest.data[0];
	c->next_offset = (uint32_t)(c->rest.data - c->p->ip);
	c->rest = span_from(c->rest, len);
}

// One option, or false when the rest makes no sense. Gives in *padding whether it was.
static bool check_option(struct chain *c, struct span option, bool hop, bool *padding)
{
	uint8_t len = (uint8_t)(option.len - 2), least = 0;
	*padding = false;
	switch (option.data[0]) {
	case OPTION6_PADN:
		*padding = true;
		if (len == 0)
			decode_event(c->d, c->p, DECODE_IPV6_ZERO_LEN_PADN);
		break;
	case OPTION6_ROUTER_ALERT: least = 2; break;
	case OPTION6_JUMBO: least = 4; break;
	case OPTION6_HOME_ADDRESS: least = 16; break;
	default:
		decode_event(c->d, c->p, hop ? DECODE_IPV6_HOPOPTS_UNKNOWN_OPT : DECODE_IPV6_DSTOPTS_UNKNOWN_OPT);
		break;
	}
	if (len < least)
		return decode_invalid(c->d, c->p, DECODE_IPV6_EXTHDR_INVALID_OPTLEN);
	return true;
}

static void check_options(struct chain *c, struct span options, bool hop)
{
	bool pads = false, others = false, padding;
	while (options.len) {
		if (options.data[0] == OPTION6_PAD1) {
			pads = true;
			options = span_from(options, 1);
			continue;
		}
		uint32_t len = options.len < 2 ? UINT32_MAX : options.data[1] + 2u;
		if (len > options.len) {
			decode_invalid(c->d, c->p, DECODE_IPV6_EXTHDR_INVALID_OPTLEN);
			break;
		}
		if (!check_option(c, span_slice(options, 0, len), hop, &padding))
			break;
		pads |= padding;
		others |= !padding;
		options = span_from(options, len);
	}
	if (pads && !others)
		decode_event(c->d, c->p, hop ? DECODE_IPV6_HOPOPTS_ONLY_PADDING : DECODE_IPV6_DSTOPTS_ONLY_PADDING);
}

static void take_options(struct chain *c)
{
	uint32_t len = 8u + c->rest.data[1] * 8u;
	if (!header_fits(c, len))
		return;
	bool hop = c->next == NEXT_HOP_BY_HOP;
	if (hop && c->hop_by_hop) {
		decode_event(c->d, c->p, DECODE_IPV6_EXTHDR_DUPL_HH);
	} else if (!hop && c->destinations == 2) { // before and after a routing header
		decode_event(c->d, c->p, DECODE_IPV6_EXTHDR_DUPL_DH);
	} else {
		if (hop)
			c->hop_by_hop = true;
		else
			c->destinations++;
		check_options(c, span_slice(c->rest, 2, len - 2), hop);
	}
	step_over(c, len);
}

static void take_routing(struct chain *c)
{
	uint32_t len = 8u + c->rest.data[1] * 8u;
	if (!header_fits(c, len))
		return;
	if (c->routing)
		decode_event(c->d, c->p, DECODE_IPV6_EXTHDR_DUPL_RH);
	else if (c->rest.data[2] == 0)
		decode_event(c->d, c->p, DECODE_IPV6_RH_TYPE_0); // source routing, deprecated by RFC 5095
	c->routing = true;
	step_over(c, len);
}

static void take_auth(struct chain *c)
{
	uint32_t len = 8u + c->rest.data[1] * 4u;
	if (len < 12)
		len = 12;
	if (!header_fits(c, len))
		return;
	if (be16_at(c->rest.data + 2) != 0)
		decode_event(c->d, c->p, DECODE_IPV6_EXTHDR_AH_RES_NOT_NULL);
	if (c->auth)
		decode_event(c->d, c->p, DECODE_IPV6_EXTHDR_DUPL_AH);
	else
		decode_count(c->d, PACKET_COUNT_AH);
	c->auth = true;
	step_over(c, len);
}

static void take_fragment(struct chain *c)
{
	struct packet *p = c->p;
	if (!header_fits(c, 8))
		return;
	const uint8_t *header = c->rest.data;
	if (header[1] != 0)
		decode_event(c->d, p, DECODE_IPV6_FH_NON_ZERO_RESERVED_FIELD);
	if (c->fragment) {
		decode_event(c->d, p, DECODE_IPV6_EXTHDR_DUPL_FH);
		step_over(c, 8);
		return;
	}
	c->fragment = true;
	uint16_t word = be16_at(header + 2);
	bool more = word & 1;
	struct fragment fragment = {
		.offset = word & 0xfff8u,
		.more = more,
		.header_len = (uint32_t)(header - p->ip),
		.next_offset = c->next_offset,
		.next_header = header[0],
		.data = span_from(c->rest, 8),
	};
	p->ip_id = be32_at(header + 4);
	p->ip_fragment_offset = (uint16_t)(fragment.offset / 8);
	if (!more && fragment.offset == 0) {
		decode_event(c->d, p, DECODE_IPV6_EXTHDR_USELESS_FH);
		step_over(c, 8);
		return;
	}
	if (more && fragment.data.len % 8)
		decode_event(c->d, p, DECODE_IPV6_FRAG_INVALID_LENGTH);
	p->proto = header[0];
	p->flags |= PACKET_FRAGMENT | (more ? PACKET_MORE_FRAGMENTS : 0);
	c->done = true;
	decode_fragment(c->d, p, &fragment);
}

// Headers that only say how long they are.
static void take_unread(struct chain *c)
{
	uint32_t len = 8u + c->rest.data[1] * 8u;
	if (header_fits(c, len))
		step_over(c, len);
}

static void take_last(struct chain *c)
{
	struct packet *p = c->p;
	c->done = true;
	p->proto = c->next;
	if (c->next == PROTO_ICMPV6)
		decode_icmpv6(c->d, p, c->rest);
	else if (c->next == PROTO_ICMP)
		decode_event(c->d, p, DECODE_IPV6_ICMPV4);
	else if (c->next == PROTO_IPIP || c->next == PROTO_IPV6)
		decode_ip_in_ipv6(c->d, p, c->next, c->rest);
	else if (!decode_transport(c->d, p, c->next, c->rest))
		decode_event(c->d, p, DECODE_IPV6_UNKNOWN_NEXT_HEADER);
}

void decode_ipv6_headers(struct packet_decoder *d, struct packet *p, uint8_t next, struct span bytes)
{
	struct chain c = { .d = d, .p = p, .rest = bytes, .next = next, .next_offset = 6 };
	for (bool first = true; !c.done; first = false) {
		bool extension = c.next == NEXT_HOP_BY_HOP || c.next == NEXT_ROUTING || c.next == NEXT_FRAGMENT ||
				 c.next == NEXT_DESTINATION || c.next == PROTO_AH;
		p->proto = c.next;
		if (c.next == NEXT_NONE) {
			if (c.rest.len)
				decode_event(d, p, DECODE_IPV6_DATA_AFTER_NONE_HEADER);
			return;
		}
		if (c.rest.len < 2 && (extension || !first)) {
			decode_reject(d, p, DECODE_IPV6_TRUNC_EXTHDR);
			return;
		}
		switch (c.next) {
		case NEXT_HOP_BY_HOP:
		case NEXT_DESTINATION: take_options(&c); break;
		case NEXT_ROUTING: take_routing(&c); break;
		case NEXT_FRAGMENT: take_fragment(&c); break;
		case PROTO_AH: take_auth(&c); break;
		case NEXT_MOBILITY:
		case NEXT_HIP:
		case NEXT_SHIM6:
			if (first) // the reference knows these behind another extension header only
				take_last(&c);
			else
				take_unread(&c);
			break;
		default: take_last(&c); break;
		}
	}
}
