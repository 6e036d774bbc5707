// SPDX-License-Identifier: GPL-3.0-or-later
// Rule's tests: conditions on packet headers, flow state, and fields that are numbers or have a language of their own.
//
// Memory   the set's arena, but for what a field's parse made
// Threads  read by all once the set is loaded
#pragma once
#include "decoders/flow/app_proto.h"
#include "signatures/rule/rule_match.h"

enum test_kind {
	TEST_TTL,
	TEST_TOS,
	TEST_IP_ID,
	TEST_IPOPTS,
	TEST_IP_PROTO,
	TEST_FRAGBITS,
	TEST_FRAGOFFSET,
	TEST_SAMEIP,
	TEST_GEOIP,
	TEST_TCP_FLAGS,
	TEST_TCP_SEQ,
	TEST_TCP_ACK,
	TEST_TCP_WINDOW,
	TEST_TCP_MSS,
	TEST_TCP_WSCALE,
	TEST_ITYPE,
	TEST_ICODE,
	TEST_ICMP_ID,
	TEST_ICMP_SEQ,
	TEST_ICMPV6_MTU,
	TEST_DSIZE,
	TEST_CSUM,
	TEST_STREAM_SIZE,
	TEST_DECODE_EVENT,
	TEST_STREAM_EVENT,
	TEST_APP_EVENT,
	TEST_APP_PROTO,
	TEST_FLOWBITS,
	TEST_FLOWINT,
	TEST_FLOWVAR,
	TEST_PKTVAR,
	TEST_XBITS,
	TEST_FLOW_AGE,
	TEST_FLOW_PKTS,
	TEST_FLOW_BYTES,
	TEST_VLAN_ID,
	TEST_VLAN_LAYERS,
	TEST_L3_PROTO,
	TEST_APP_STATE,
	TEST_IPREP,
	TEST_TCP_SESSION,
	TEST_FLOW_START,
	TEST_KINDS,
};

enum tcp_phase { PHASE_SETUP = 1 << 0, PHASE_ESTABLISHED = 1 << 1, PHASE_CLOSING = 1 << 2 };
#define RULE_EVENT_WAITS UINT8_MAX // of app_event.bit

enum vlan_how { VLAN_ANY, VLAN_ALL, VLAN_LAYER }; // which of a packet's ids must fit; VLAN_ALL needs at least one id
enum flowbit_op { BIT_SET, BIT_UNSET, BIT_ISSET, BIT_ISNOTSET, BIT_TOGGLE };
enum flowint_op { INT_SET, INT_ADD, INT_SUB, INT_LT, INT_LE, INT_EQ, INT_NE, INT_GE, INT_GT, INT_ISSET, INT_NOTSET };
enum app_proto_side {
	SIDE_EITHER,
	SIDE_TO_SERVER,
	SIDE_TO_CLIENT,
	SIDE_FINAL,
	SIDE_ORIGINAL,
	SIDE_DIRECTION /* the packet's; the preset */
};

struct rule_test {
	uint8_t kind; // enum test_kind
	bool negated;
	uint16_t column;
	union {
		struct number_match number; // ttl, tos, id, itype, dsize, seq, window, flow.age, vlan.layers ...
		struct {
			struct number_match number;
			uint8_t how;  // enum vlan_how
			int8_t layer; // VLAN_LAYER: from 0, or from the last with -1
		} vlan;               // vlan.id
		struct {
			uint8_t set, ignore, op; // tcp.flags: op 0 exact, '+' all and more, '*' any, '!' none
		} flags;
		struct {
			uint16_t bits;
			uint8_t op;
		} bits; // fragbits, ipopts
		struct {
			uint8_t what; // 0 ipv4, 1 tcpv4, 2 tcpv6, 3 udpv4, 4 udpv6, 5 icmpv4, 6 icmpv6
			bool valid;
		} csum;
		struct {
			uint8_t side; // 0 client, 1 server, 2 both, 3 either
			struct number_match number;
		} stream_size;
		uint16_t event; // decode, stream: enum packet_event
		struct {
			uint16_t proto; // enum app_proto; APP_UNKNOWN: flow-level event (enum app_layer_event)
			uint8_t bit;    // RULE_EVENT_WAITS: no parser raises it yet
			bool error;
		} app_event;
		struct {
			uint16_t proto;
			uint8_t side; // enum app_proto_side
		} app_proto;
		struct {
			uint8_t op;    // enum flowbit_op
			uint8_t count; // isset a|b: any of these
			uint16_t *bits;
		} flowbits;
		struct {
			uint8_t op; // enum flowint_op
			uint16_t var;
			int32_t other; // variable on the right, RULE_NO_VAR: value
			uint64_t value;
		} flowint;
		struct {
			uint16_t var;
			struct span bytes; // looked for in the variable's text
		} variable;                // flowvar, pktvar
		struct {
			uint8_t op, track; // enum flowbit_op; 0 src, 1 dst, 2 pair, 3 both, 4 tx
			uint16_t bit;
			uint32_t expire_s;
		} xbits;
		struct {
			uint8_t direction; // 0 both sums, 1 to server, 2 to client, 3 either
			struct number_match number;
		} flow_count; // flow.pkts, flow.bytes
		struct {
			uint8_t op, direction, progress; // enum compare_op, of the transaction's progress
		} app_state;
		uint8_t tcp_phases; // enum tcp_phase
		void *data;         // others
	};
};

// Which of several values must fit.
enum number_how {
	NUMBER_ANY,
	NUMBER_ANY_OR_ABSENT,
	NUMBER_ALL, // and at least one is there
	NUMBER_ALL_OR_ABSENT,
	NUMBER_INDEX,
	NUMBER_INDEX_OR_ABSENT,
	NUMBER_TIMES, // how many fit: amount
	NUMBER_COUNT, // how many are there: amount
};

struct rule_number {
	const struct field_number *field;
	struct number_match match;
	bool negated;
	bool has_direction; // as in rule_buffer
	uint8_t direction;
	uint8_t how;                // enum number_how
	int32_t index;              // NUMBER_INDEX: from 0, or from the last with -1
	struct number_match amount; // NUMBER_TIMES, NUMBER_COUNT
	bool sliced;                // only values from (included) to (not), from the last when negative
	int32_t from, to;
};

struct rule_field_test {
	const struct field_test *field;
	void *data; // FIELD_TEST_BYTES as its parse filled them
	bool negated;
	bool has_direction; // as in rule_buffer
	uint8_t direction;
};
