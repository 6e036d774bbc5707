// SPDX-License-Identifier: GPL-3.0-or-later
// Trace: why chosen rules did not match: for each, how far its best attempt came, and the first condition that was false there.
//
// A traced worker tries the chosen rules' conditions one by one, beside its own inspection and on every packet and transaction, prefilter or
// not. What rules do after a match is left to the inspection. Without a trace a worker pays one comparison a packet.
//
// Life cycle   the caller fills rules (index, the rest zero), engine_worker_trace, inspection, then reads the attempts
// Memory       the caller's; a traced inspection calls malloc
// Threads      the worker's
#pragma once
#include "signatures/engine/engine.h"

#define TRACE_VALUE_MAX 192 // bytes kept of the value a condition was false on

// In the order they are asked: a later one is nearer to a match.
enum trace_stage {
	TRACE_NOTHING,          // no packet was looked at
	TRACE_PROTOCOL,         // no packet of the rule's IP protocol
	TRACE_ADDRESS,          // source or destination
	TRACE_PORT,             //
	TRACE_STATE,            // direction, established, fragment ...: missing says what
	TRACE_APP,              // application protocol: app_proto is the flow's
	TRACE_TEST,             // index: of rule->tests
	TRACE_PAYLOAD,          // index: of rule->buffers
	TRACE_PACKET_CONDITION, // kind and index
	TRACE_NO_TX,            // all of the packet's conditions held; no transaction that the rule is about
	TRACE_TX_CONDITION,     // kind and index
	TRACE_TX_WAITING,       // as TX_CONDITION; it could not be read: the transaction did not come that far
	TRACE_HELD,             // all conditions
};

struct trace_attempt {
	uint32_t rule; // index in the set
	uint8_t stage; // enum trace_stage
	uint8_t kind;  // enum condition_kind (plan.h)
	uint16_t index;
	uint16_t match;    // of the buffer: which of its matches was false
	bool has_value;    // the buffer was there
	bool fast_pattern; // what was false is the literal the rule is looked up by
	bool waiting;      // a body with too little yet
	uint32_t missing;  // TRACE_STATE: traits (plan.h) that were not there; unwanted: that were
	uint32_t unwanted; //
	uint8_t app_proto; // TRACE_APP: enum app_proto of the flow
	uint32_t held;     // conditions that held before it
	uint64_t packet;   // number of the packet, its addresses and ports
	struct address src, dst;
	uint16_t sport, dport;
	bool has_ports;
	uint64_t tx_id;     //
	uint64_t value_len; // of the whole value
	uint32_t near_len;  // of a content: longest beginning of it that is in the value
	uint32_t near_at;   // and where
	uint32_t kept_at, kept;
	uint8_t value[TRACE_VALUE_MAX]; // kept bytes of it from kept_at on
	uint64_t matches;               // of the inspection itself
};

struct engine_trace {
	struct trace_attempt *rules;
	uint32_t count;
	uint64_t passed_over; // packets that no rule was tried on: of a flow that was passed or dropped
};

// trace is borrowed as long as worker lives, or until NULL is given.
void engine_worker_trace(struct engine_worker *worker, struct engine_trace *trace);
