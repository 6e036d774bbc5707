// SPDX-License-Identifier: GPL-3.0-or-later
// DCE-RPC over TCP (C706 chapter 12, MS-RPCE) and UDP: binds with their interfaces, calls with operation and stub data. A request and its answer
// are a transaction. (Over the pipes of SMB the calls are transactions of SMB.)
//
// Life cycle   a request, or an answer without one, makes the transaction; its last answering fragment ends it
// Memory       worker's slab: dcerpc_call.h; the start of a fragment until it is whole
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/dcerpc/dcerpc_call.h"

enum dcerpc_event {
	DCERPC_MALFORMED_DATA,
};

struct dcerpc_tx {
	struct app_tx tx;
	struct dcerpc_call call;
	bool request_lost, response_lost; // in part or whole
	uint8_t major, minor;
	// Connectionless
	bool datagram;
	uint8_t activity[16];      // as written: the two ends need not have the same byte order
	uint8_t activity_told[16]; // as events tell it
	uint32_t sequence;
};

static inline const struct dcerpc_tx *dcerpc_tx_of(const struct app_tx *tx)
{
	return (const struct dcerpc_tx *)(const void *)tx;
}

// X(constant, name)
#define DCERPC_COUNTERS(X)                                              \
	X(DCERPC_COUNT_MALFORMED, "malformed")                          \
	X(DCERPC_COUNT_UNSUPPORTED, "unsupported") /* types not read */ \
	X(DCERPC_COUNT_OVER_BUDGET, "over_budget")                      \
	X(DCERPC_COUNT_TRUNCATED, "truncated") /* fragments cut by a gap */
#define DCERPC_COUNTER_CONSTANT(constant, name) constant,
enum dcerpc_counter { DCERPC_COUNTERS(DCERPC_COUNTER_CONSTANT) DCERPC_COUNTERS_END };

extern const struct app_parser dcerpc_parser;

// dcerpc_udp.c: a datagram.
struct dcerpc_worker {
	const struct app_worker *parts;
	uint64_t counters[DCERPC_COUNTERS_END];
};
void dcerpc_take_datagram(struct app_input *input);
// Progress of tx by its call (dcerpc.c).
void dcerpc_tx_progress(struct flow *flow, struct dcerpc_tx *tx, enum direction direction);
