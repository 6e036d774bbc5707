// SPDX-License-Identifier: GPL-3.0-or-later
// Packet: what the packet decoder found in one frame, or in one packet inside a tunnel, or in one reassembled datagram.
//
// Life cycle   the decoder fills slots of a packet_batch the caller owns; spans and pointers go into the captured bytes (or the
//              defragmenter's buffer) and are valid until the next packet_decode of the same decoder
// Threads      belongs to one worker
#pragma once
#include <assert.h>
#include "decoders/base/address.h"
#include "decoders/base/span.h"

enum direction {
	TO_SERVER = 0,
	TO_CLIENT = 1,
};

static inline enum direction direction_other(enum direction d)
{
	return d == TO_SERVER ? TO_CLIENT : TO_SERVER;
}

// Names as tcpdump has them (pcap-linktype(7)); values are libpcap's DLT of the file format.
enum linktype {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_PPP_SERIAL = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_CHDLC = 104,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

enum packet_flag {
	PACKET_TRUNCATED = 1 << 0,   // captured shorter than it was
	PACKET_FRAGMENT = 1 << 1,    // an IP fragment, not reassembled (it has no transport header to trust)
	PACKET_REASSEMBLED = 1 << 2, // made by the defragmenter
	PACKET_TUNNELED = 1 << 3,    // was inside another packet of this batch: see outer
	PACKET_BAD_IP_CHECKSUM = 1 << 4,
	PACKET_BAD_L4_CHECKSUM = 1 << 5,
	PACKET_INVALID = 1 << 6,  // a decode event says its headers cannot be trusted; it has no flow
	PACKET_PSEUDO = 1 << 7,   // made at the end of a flow: no bytes, only a direction
	PACKET_ETHERNET = 1 << 8, // ether holds 14 bytes
	PACKET_ALERTED = 1 << 9,
	PACKET_DROPPED = 1 << 10, // verdict of this packet: drop (inline or simulated)
	PACKET_REJECTED = 1 << 11,
	PACKET_NO_INSPECT_PAYLOAD = 1 << 12, // flow passed or encrypted: payload is not looked at
	PACKET_NO_INSPECT = 1 << 13,
	PACKET_STREAM_EST = 1 << 14,   // belongs to an established TCP session
	PACKET_STREAM_ADDED = 1 << 15, // its payload went into the stream (stream rules see it there)
	PACKET_FLOW_FIRST = 1 << 16,   // first packet of its flow
	PACKET_MORE_FRAGMENTS = 1 << 17,
	PACKET_OFFLOADED =
		1
		<< 19, // captured before the card cut it up: longer than a wire's packet, its transport checksum not yet made
	PACKET_FLOW_EST =
		1 << 20, // its flow was established before it (UDP and others: with it): what flow:established asks for
	PACKET_STREAM_INVALID =
		1 << 18, // TCP: refused by the session (out of window, bad ack ...); its data was not used
};

enum tunnel_kind {
	TUNNEL_NONE,
	TUNNEL_IPIP, // IP in IP, 6in4, 4in6
	TUNNEL_GRE,
	TUNNEL_ERSPAN,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_TEREDO,
	TUNNEL_GTPU,
	TUNNEL_DEFRAG, // not a tunnel: outer is the fragment that completed this datagram
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20
#define TCP_ECE 0x40
#define TCP_CWR 0x80

#define PROTO_ICMP   1
#define PROTO_IPIP   4
#define PROTO_TCP    6
#define PROTO_UDP    17
#define PROTO_IPV6   41
#define PROTO_GRE    47
#define PROTO_ESP    50
#define PROTO_AH     51
#define PROTO_ICMPV6 58
#define PROTO_SCTP   132

#define PACKET_VLANS_MAX  3
#define PACKET_EVENTS_MAX 15 // decode and stream events kept a packet; more are counted, not kept

// TCP options that matter later (RFC 9293, 7323, 2018, 7413); a bit in has says which were there.
enum tcp_option_bit {
	TCP_OPTION_MSS = 1 << 0,
	TCP_OPTION_WSCALE = 1 << 1,
	TCP_OPTION_SACK_OK = 1 << 2,
	TCP_OPTION_SACK = 1 << 3,
	TCP_OPTION_TS = 1 << 4,
	TCP_OPTION_TFO = 1 << 5,
};

struct tcp_header {
	uint32_t seq, ack; // host order
	uint16_t window;   // as sent, unscaled
	uint16_t urgent;
	uint8_t flags; // TCP_*
	uint8_t has;   // enum tcp_option_bit
	uint8_t wscale;
	uint8_t tfo_len; // bytes of the fast open cookie
	uint16_t mss;
	uint16_t sack_offset; // of the first SACK block from the TCP header's start; blocks are 8 bytes
	uint8_t sack_blocks;
	uint32_t ts_value, ts_echo;
};

struct packet {
	// The frame: set by capture, copied into every packet of the batch
	uint64_t number; // counts from 1 in a capture file (EVE pcap_cnt); 0 live
	uint64_t ts_ns;  // packet time
	// Bytes of this packet: the captured frame; of a tunneled packet its part of it; of a reassembled datagram its own
	struct span frame;
	uint32_t wire_len;  // bytes on the wire; of a tunneled or reassembled packet frame.len
	uint32_t flags;     // enum packet_flag
	uint16_t interface; // index of the capture source
	uint16_t linktype;  // enum linktype: how frame begins; LINK_RAW_BSD for IP that was inside a tunnel
	uint8_t vlan_count;
	uint16_t vlan[PACKET_VLANS_MAX]; // 12-bit ids, outermost first
	uint16_t ethertype;              // of what follows link, VLAN and MPLS; 0 when unknown
	const uint8_t *ether;            // 14 bytes (dst, src, type) when PACKET_ETHERNET
	struct span arp;                 // whole ARP message when ethertype is 0x0806
	struct span payload;             // after the transport header; empty when l4 is NULL

	// Network: ip_version 0 when there is none
	uint8_t ip_version;          // 0, 4 or 6
	uint8_t proto;               // of the transport, after extension headers
	uint8_t ttl;                 // or hop limit
	uint8_t tos;                 // or traffic class
	uint8_t depth;               // 0 outermost packet of the batch
	uint8_t index;               // of this packet in its batch: packet - packet->index is the outermost
	uint8_t outer;               // index in the batch of the packet that carried this one (TUNNELED, REASSEMBLED)
	uint8_t tunnel;              // enum tunnel_kind: how it was carried
	uint16_t ip_options;         // bit set of enum ip_option_bit seen (ipopts keyword); see network.h
	const uint8_t *ip;           // IP header
	uint16_t ip_header_len;      // IPv4 with options; IPv6: 40
	uint16_t ip_fragment_offset; // bytes / 8
	uint32_t ip_len;             // of the datagram by its header, header included, at most what was captured
	uint32_t ip_id;              // IPv4 id, or the id of an IPv6 fragment header
	uint8_t ip_flags;            // IPv4: 4 reserved, 2 don't fragment, 1 more fragments
	uint32_t tunnel_id;          // VNI, GRE key, TEID ... of the innermost tunnel; 0 none
	struct address src, dst;

	// Transport: l4 is NULL when there is none to trust; TCP, UDP, SCTP, ICMP, ICMPv6 and ESP set it
	const uint8_t *l4;
	uint16_t l4_header_len;
	uint16_t sport, dport; // host order; 0 for protocols without; ESP: the SPI's high and low half
	uint8_t icmp_type, icmp_code;
	uint16_t icmp_id, icmp_seq; // where the type has them
	struct tcp_header tcp;

	// Events: enum packet_event of events.h, in the order found
	uint8_t event_count;
	uint16_t events[PACKET_EVENTS_MAX];

	// Filled by the flow stage
	enum direction direction;
	struct flow *flow; // borrowed; NULL when it has none
};

#define PACKETS_MAX 16 // packets one frame can hold: tunnels in tunnels, and what fragments gave

struct packet_batch {
	unsigned count;
	struct packet packets[PACKETS_MAX];
};

// Notes an event, as often as it was found (two bad options are two events); over PACKET_EVENTS_MAX it is dropped.
static inline void packet_add_event(struct packet *p, uint16_t event)
{
	if (p->event_count < PACKET_EVENTS_MAX)
		p->events[p->event_count++] = event;
}
