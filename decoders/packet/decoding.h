// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding: what the decoder's files share. Private to decoders/packet.
//
// Shape        one function a header: it gets the packet being filled and the bytes from its header on, notes what it found and calls
//              the next. false: nothing of this packet can be trusted from this header on
// Bounds       every header but the transport's goes through decode_enter, so depth of calls is at most DECODE_LAYERS_MAX a frame
// Events       decode_event: odd, but usable · decode_invalid: also counted as decoder.invalid · decode_reject: also without a flow.
//              Which is which follows the field's reference
#pragma once
#include "decoders/base/cursor.h"
#include "decoders/packet/checksum.h"
#include "decoders/packet/decoder.h"
#include "decoders/packet/defrag.h"
#include "decoders/packet/network.h"
#include "decoders/packet/ports.h"

struct packet_decoder {
	const struct packet_config *config;
	struct ports vxlan, geneve, teredo;
	struct defrag *defrag;
	struct packet_batch *batch;  // of the frame in work
	uint32_t invalid;            // bit a slot of batch: counted as invalid
	uint8_t layers[PACKETS_MAX]; // headers so far, by slot; an inner packet goes on from its carrier's
	bool verify;                 // checksums
	bool judging;                // CHECKSUM_AUTO has not decided yet
	uint32_t verified, wrong;    // sums looked at while it judges, and how many were wrong
	uint64_t counters[PACKET_COUNTERS_END];
	uint64_t event_counts[PACKET_EVENTS_END];
};

static inline unsigned decode_slot(const struct packet_decoder *d, const struct packet *p)
{
	return (unsigned)(p - d->batch->packets);
}

static inline void decode_count(struct packet_decoder *d, enum packet_counter counter)
{
	d->counters[counter]++;
}

// All three in decoder.c. The latter two give false, to be returned.
void decode_event(struct packet_decoder *d, struct packet *p, uint16_t event);
bool decode_invalid(struct packet_decoder *d, struct packet *p, uint16_t event);
bool decode_reject(struct packet_decoder *d, struct packet *p, uint16_t event);

// One more header. false (and the event) when there are too many.
bool decode_enter(struct packet_decoder *d, struct packet *p);

// What a tunnel carries.
enum inner {
	INNER_IPV4,
	INNER_IPV6,
	INNER_ETHERNET,
	INNER_VLAN,
	INNER_ARP,
	INNER_PPP,
	INNER_ERSPAN2,
	INNER_ERSPAN3,
	INNER_TEREDO, // IPv6, taken only when nothing in it is wrong
};

// Decodes bytes as a packet of its own, carried by outer. false: it was no such packet, and nothing came of it (its events are counted).
bool decode_tunnel(struct packet_decoder *d, struct packet *outer, enum tunnel_kind kind, enum inner inner,
	uint32_t tunnel_id, struct span bytes);
// The next free slot, begun as an inner packet of outer. NULL when the batch is full (and the event on outer).
struct packet *decode_slot_after(struct packet_decoder *d, struct packet *outer, struct span bytes);

// link.c
bool decode_link(struct packet_decoder *d, struct packet *p, enum linktype linktype, struct span bytes);
bool decode_ethernet(struct packet_decoder *d, struct packet *p, struct span bytes);
// What follows an Ethernet type. known is false for a type we have no decoder for.
bool decode_ether_type(struct packet_decoder *d, struct packet *p, uint16_t type, struct span bytes, bool *known);
bool decode_arp(struct packet_decoder *d, struct packet *p, struct span bytes);
// tags.c
bool decode_vlan(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_8021ah(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_vntag(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_mpls(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_nsh(struct packet_decoder *d, struct packet *p, struct span bytes);
// ppp.c
bool decode_ppp(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_pppoe_session(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_pppoe_discovery(struct packet_decoder *d, struct packet *p, struct span bytes);
// ipv4.c, ipv4_options.c, ipv6.c, ipv6_headers.c
bool decode_ipv4(struct packet_decoder *d, struct packet *p, struct span bytes);
void decode_ipv4_options(struct packet_decoder *d, struct packet *p, struct span options);
bool decode_ipv6(struct packet_decoder *d, struct packet *p, struct span bytes);
void decode_ipv6_headers(struct packet_decoder *d, struct packet *p, uint8_t next, struct span bytes);
// transport.c: by IP protocol number. false: not one of ours.
bool decode_transport(struct packet_decoder *d, struct packet *p, uint8_t proto, struct span bytes);
void decode_ip_in_ipv6(struct packet_decoder *d, struct packet *p, uint8_t proto, struct span bytes);
// Notes the outcome of a transport checksum: sum over header, payload and pseudo header must fold to 0xffff.
void decode_l4_checksum(struct packet_decoder *d, struct packet *p, struct span bytes, bool pseudo_header);
// tcp.c, udp.c, icmp.c, icmpv6.c
void decode_tcp(struct packet_decoder *d, struct packet *p, struct span bytes);
void decode_udp(struct packet_decoder *d, struct packet *p, struct span bytes);
void decode_icmpv4(struct packet_decoder *d, struct packet *p, struct span bytes);
void decode_icmpv6(struct packet_decoder *d, struct packet *p, struct span bytes);
// gre.c
void decode_gre(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_erspan2(struct packet_decoder *d, struct packet *p, struct span bytes);
bool decode_erspan3(struct packet_decoder *d, struct packet *p, struct span bytes);
// udp_tunnel.c: true when payload was a tunnel
bool decode_udp_tunnel(struct packet_decoder *d, struct packet *p, struct span payload);
// fragment.c: hands a fragment to the defragmenter, and decodes the datagram it completed
struct fragment;
void decode_fragment(struct packet_decoder *d, struct packet *p, const struct fragment *fragment);
