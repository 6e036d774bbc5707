// SPDX-License-Identifier: GPL-3.0-or-later
// Rule: a signature as parsed: its header, what it asks (rule_match.h, rule_test.h), and what comes of a match. rule_set.h has all of them.
//
// Memory   the set's arena
// Threads  read by all once the set is loaded
#pragma once
#include "decoders/base/address.h"
#include "decoders/packet/packet.h"
#include "signatures/rule/rule_match.h"
#include "signatures/rule/rule_test.h"

enum rule_action {
	RULE_ALERT,
	RULE_PASS,
	RULE_DROP,
	RULE_REJECT,
	RULE_REJECT_SRC = RULE_REJECT,
	RULE_REJECT_DST,
	RULE_REJECT_BOTH,
	RULE_CONFIG
};
const char *rule_action_name(enum rule_action action);

// Header -------------------------------------------------------------------------------------------------------------------------

enum rule_proto_bit {
	RULE_PROTO_TCP = 1 << 0,
	RULE_PROTO_UDP = 1 << 1,
	RULE_PROTO_ICMP = 1 << 2, // v4
	RULE_PROTO_ICMPV6 = 1 << 3,
	RULE_PROTO_SCTP = 1 << 4,
	RULE_PROTO_OTHER = 1 << 5,  // any other IP protocol (a number in ip_proto); "ip" has all bits
	RULE_PROTO_NON_IP = 1 << 6, // pkthdr, arp, ether
	RULE_PROTO_IP = RULE_PROTO_TCP | RULE_PROTO_UDP | RULE_PROTO_ICMP | RULE_PROTO_ICMPV6 | RULE_PROTO_SCTP |
			RULE_PROTO_OTHER,
};

enum rule_flag {
	RULE_TCP_PACKET_ONLY = 1 << 0, // tcp-pkt
	RULE_TCP_STREAM_ONLY = 1 << 1, // tcp-stream
	RULE_IPV4_ONLY = 1 << 2,
	RULE_IPV6_ONLY = 1 << 3,
	RULE_BIDIRECTIONAL = 1 << 4,    // <>: parsed as one rule, matches with ends swapped too
	RULE_TX_BIDIRECTIONAL = 1 << 5, // =>: one rule over both directions of a transaction
	RULE_FLOW_TO_SERVER = 1 << 6,
	RULE_FLOW_TO_CLIENT = 1 << 7,
	RULE_FLOW_ESTABLISHED = 1 << 8,
	RULE_FLOW_NOT_ESTABLISHED = 1 << 9,
	RULE_FLOW_STATELESS = 1 << 10,
	RULE_ONLY_STREAM = 1 << 11,
	RULE_NO_STREAM = 1 << 12,
	RULE_ONLY_FRAG = 1 << 13,
	RULE_NO_FRAG = 1 << 14,
	RULE_NOALERT = 1 << 15,
	RULE_HAS_TX = 1 << 16,  // reads transactions: has FIELD_TX/FIELD_BODY conditions or an app-layer-event/hook
	RULE_IP_ONLY = 1 << 17, // only addresses (and protocol): tested once a flow and direction
	// Has payload conditions that may be met in the reassembled stream; without HAS_PACKET, a TCP packet whose payload went
	// into the stream is not looked at apart from it
	RULE_HAS_STREAM = 1 << 18,
	RULE_HAS_PACKET = 1 << 19,     // has conditions on single packets, or on nothing but header and flow
	RULE_EVENT_ONLY = 1 << 20,     // decode-event / stream-event ...
	RULE_FLOW_SET = 1 << 21,       // a flow keyword was given
	RULE_PREFILTER = 1 << 22,      // prefilter keyword
	RULE_APP_PROTO_ONLY = 1 << 23, // header protocol alone ("alert http"): matches packets of such flows
	RULE_FILESTORE = 1 << 24,
	RULE_BYPASS = 1 << 25,
	RULE_NEEDS_MAGIC = 1 << 26,
	RULE_NEEDS_JA3 = 1 << 27,
	RULE_NEEDS_JA4 = 1 << 28,
	RULE_TARGET_SRC = 1 << 29,
	RULE_TARGET_DST = 1 << 30,
};
// Flags of a rule too: past what an enum holds
#define RULE_NEEDS_FILE_HASH (UINT64_C(1) << 32)
#define RULE_HAS_FRAME       (UINT64_C(1) << 33) // has conditions on frames of app_proto

// Addresses: sorted, non-overlapping ranges with negation worked in. any: count 0 and any set. Shared between rules with the same text.
struct address_set {
	bool any;
	bool negated; // some part was given with "!"
	uint32_t count;
	struct address_range {
		struct address low, high; // inclusive, network order comparison
	} * ranges;
};

struct port_set {
	bool any;
	uint16_t count;
	struct port_range {
		uint16_t low, high; // inclusive
	} * ranges;
};

bool address_set_has(const struct address_set *set, const struct address *address);
bool port_set_has(const struct port_set *set, uint16_t port);

// After a match ----------------------------------------------------------------------------------------------------------------------

enum threshold_type {
	THRESHOLD_LIMIT,
	THRESHOLD_THRESHOLD,
	THRESHOLD_BOTH,
	THRESHOLD_BACKOFF,
	THRESHOLD_DETECTION,
	THRESHOLD_RATE,
	THRESHOLD_SUPPRESS
};
enum threshold_track { TRACK_RULE, TRACK_SRC, TRACK_DST, TRACK_BOTH, TRACK_FLOW, TRACK_EITHER };

struct rule_threshold {
	uint8_t type, track;
	uint8_t new_action; // rate_filter: enum rule_action
	uint32_t count, seconds, timeout_s;
	uint32_t multiplier;                 // backoff
	const struct address_set *addresses; // suppress: of the tracked side; NULL all
};

// A suppress line about alerts that no rule of the set makes, but a detector (docs/detections.md): of all (gid 0), of a gid (sid 0) or of one signature.
struct rule_suppression {
	uint32_t gid, sid;
	struct rule_threshold threshold;
};
#define RULE_GID_DETECTORS     4000 // gids of detectors
#define RULE_GID_DETECTORS_END 5000

struct rule_tag {
	uint8_t type;      // 0 session, 1 host
	uint8_t direction; // host: 0 src, 1 dst
	uint8_t metric;    // 0 packets, 1 seconds, 2 bytes
	uint32_t count;
};

// config: switches logging off for transactions or flows.
enum rule_config_what { CONFIG_TX, CONFIG_FLOW };
struct rule_config_action {
	uint8_t type, scope; // enum rule_config_what
};

struct rule_pair {
	const char *key, *value;
};

// Hook after the protocol: "tls:client_hello_done".
struct rule_hook {
	bool set;
	uint8_t direction, progress;
};

// What a rule is evaluated against, which also says how far its action reaches: pass and drop of the types marked "flow" take the
// whole flow, those marked "flow if stateful" when the match was in the stream.
enum rule_type {
	RULE_TYPE_PACKET,        // single packets
	RULE_TYPE_IP_ONLY,       // flow; once a flow and direction
	RULE_TYPE_LIKE_IP_ONLY,  // flow; addresses only, but negated: every packet
	RULE_TYPE_EVENT_ONLY,    // decode-event and nothing else: packets without trusted headers too
	RULE_TYPE_PROTO_ONLY,    // flow; app-layer-protocol and nothing else: when detection is done
	RULE_TYPE_STREAM,        // flow if stateful; payload in the stream
	RULE_TYPE_PACKET_STREAM, // flow if stateful; payload in packets and the stream
	RULE_TYPE_APP,           // flow; header protocol and no transaction conditions
	RULE_TYPE_TX,            // flow; transaction conditions
};

struct rule {
	uint32_t sid, gid, rev;
	uint32_t index;           // in the set, in order of evaluation (action order, then priority, then as loaded)
	uint8_t action;           // enum rule_action
	uint8_t type;             // enum rule_type
	uint8_t priority;         // 1 highest
	uint16_t proto_bits;      // enum rule_proto_bit
	uint8_t var_count;        // byte variables
	enum app_proto app_proto; // of the header or implied by fields; APP_UNKNOWN: none
	uint64_t flags;           // enum rule_flag
	const struct address_set *src, *dst;
	const struct port_set *sport, *dport;
	struct rule_hook hook;

	struct rule_buffer *buffers;
	struct rule_test *tests;   // conditions, flowbits isset among them
	struct rule_test *actions; // after the match: flowbits set, flowint set, xbits set
	struct rule_number *numbers;
	struct rule_field_test *field_tests;
	struct rule_threshold *thresholds;
	uint16_t buffer_count, test_count, action_count, number_count, field_test_count, threshold_count;
	struct rule_tag *tag;
	struct rule_config_action *config;
	uint32_t mark, mark_mask; // nfq_set_mark; mask 0: none

	// For alerts
	const char *msg, *classtype, *category; // category: the class's description
	const char *text; // the rule as written, joined to one line; NULL unless options.keep_text
	struct rule_pair *metadata, *references; // references: key is the URL prefix by reference.config
	uint16_t metadata_count, reference_count;

	// Where it comes from
	const char *file;
	uint32_t line;
	uint8_t parts;         // the set's: which of its parts what is above lies in
	bool header_apart;     // addresses and ports do not lie there but with the set
	uint64_t text_hash[2]; // 0: a set that follows parses the text again
};
