// SPDX-License-Identifier: GPL-3.0-or-later
// Flow: one conversation, both directions, and what hangs on it.
//
// Life cycle   flow_table makes it at its first packet; stream, application and engine hang their state on it; flow_table_expire
//              hands it out when it ended, the pipeline writes its events and calls flow_release, which frees all of it
// Memory       from the worker's slab; idle and unremarkable at most 512 bytes, what hangs on it apart
// Threads      belongs to one worker
#pragma once
#include "decoders/flow/app_flow.h"
#include "decoders/base/slab.h"
#include "decoders/packet/packet.h"

enum flow_state {
	FLOW_NEW,         // one direction seen (TCP: no handshake yet)
	FLOW_ESTABLISHED, // both directions seen (TCP: handshake done)
	FLOW_CLOSED,      // TCP: closed by FINs or RST
	FLOW_BYPASSED,
};

enum flow_end_reason {
	FLOW_END_NONE,
	FLOW_END_TIMEOUT,
	FLOW_END_FORCED,   // evicted: table or memory full, or emergency
	FLOW_END_SHUTDOWN, // sensor stops, capture file ends
	FLOW_END_TCP_REUSE,
};

enum flow_flag {
	FLOW_ALERTED = 1 << 0,
	FLOW_DROPPED = 1 << 1,  // verdict drop for the whole flow
	FLOW_PASSED = 1 << 2,   // a pass rule took the whole flow: not inspected further
	FLOW_REVERSED = 1 << 3, // first packet turned out to come from the server: direction was swapped
	FLOW_ELEPHANT_TS = 1 << 4,
	FLOW_ELEPHANT_TC = 1 << 5,
	FLOW_SEEN_TS = 1 << 6,
	FLOW_SEEN_TC = 1 << 7,
	FLOW_EMERGENCY = 1 << 8, // made while the table was in emergency mode
	FLOW_NO_PAYLOAD_INSPECT = 1 << 9,
	FLOW_BYPASS = 1 << 10,
	FLOW_IP_RULES_TS = 1 << 11, // address-only rules ran in this direction
	FLOW_IP_RULES_TC = 1 << 12,
	FLOW_TAGGED = 1 << 13,
	FLOW_REJECTED = 1 << 14,
	FLOW_MIDSTREAM_POLICY = 1 << 16, // stream.midstream-policy was applied to it
	FLOW_DROP_TOLD_TS = 1 << 17,     // a drop event was written, in this direction
	FLOW_DROP_TOLD_TC = 1 << 18,
	FLOW_NO_LOG = 1 << 19,    // a rule's config keyword: no flow event ...
	FLOW_NO_TX_LOG = 1 << 20, // ... no events of its transactions
	FLOW_LISTED = 1 << 21,    // signatures/reputation waits for what comes of a hit in it
};

struct flow_key {
	struct address src, dst; // as in the first packet: src is the client unless FLOW_REVERSED
	uint16_t sport, dport;   // ICMP: type << 8 | code, and the answering type << 8 (see flow_key.h)
	uint8_t proto;
	uint8_t ip_version;
	uint8_t depth;      // tunnel depth: inner flows do not meet outer ones
	uint8_t vlan_count; // 0 when vlan.use-for-tracking is off
	uint16_t vlan[PACKET_VLANS_MAX];
	uint16_t interface; // livedev.use-for-tracking
	uint32_t tunnel_id; // when in the key by option, else 0
};

struct flow {
	// Table's
	struct flow *hash_next;
	struct flow *list_next, *list_prev; // timeout list of its state and protocol
	uint64_t hash;
	struct flow_key key;
	uint8_t list;
	uint8_t state;                // enum flow_state
	uint8_t end_reason;           // enum flow_end_reason
	uint8_t icmp_type, icmp_code; // of the first packet
	uint8_t icmp_reply_type, icmp_reply_code;
	bool icmp_reply_seen;
	uint8_t min_ttl[2], max_ttl[2];
	uint16_t vlan_count;
	uint16_t vlan[PACKET_VLANS_MAX];    // for events, whether in the key or not
	uint8_t ether_src[6], ether_dst[6]; // of the first packet, client's view
	bool has_ether;
	uint16_t lists_seen; // generation of the lists that its ends were looked up in (signatures/reputation); 0 none
	uint16_t evidence_left; // frames still to be kept as evidence; by the pipeline

	// Per packet, by the flow stage
	uint64_t first_ns, last_ns; // packet time
	uint64_t packets[2], bytes[2];
	uint64_t reported_ns;  // last time a long flow was reported while alive
	uint32_t flags;        // enum flow_flag
	uint32_t inspected_by; // generation of the rules that looked at it last (signatures/engine); 0 none
	uint64_t id;           // EVE flow_id: 51 bits, the same for any number of workers
	uint64_t parent_id;    // of the flow that carried or announced this one; 0 none

	// What hangs on it
	struct tcp_session *tcp; // decoders/stream; NULL for other protocols
	struct app_flow app;     // decoders/app
	void *inspect;           // signatures/engine: flow bits and the like; freed through the hook below
	void *names;             // nDPI state; owned by decoders/app/identify
};
