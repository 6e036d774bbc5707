// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation pending: hits that wait for what comes of them: a question for its answer, an address for the name its flow is about, a request for its
// answer. What a transaction names is not kept: it is read again when the transaction is answered.
//
// Memory       PENDING_ENTRIES in the caller's struct; a full set of PENDING_WAYS takes no more: what is asked is told at once then, a flow's
//          address looked up again with each packet
// Threads      one table belongs to one worker
#pragma once
#include "signatures/reputation/named.h"

#define PENDING_ENTRIES 1024 // a power of two
#define PENDING_WAYS    8
#define PENDING_ENDS \
	4 // of these, for addresses of flows: whoever knocks makes these, and leaves room for what is asked
#define PENDING_VALUE_MAX 256

struct pending {
	uint64_t flow_id; // 0 empty
	uint64_t first_ns;
	bool request;  // a transaction with listed names in its request: tx_id; else a value
	uint8_t about; // enum about: of an address, what is known of its flow so far
	uint64_t tx_id;
	uint64_t server_packets, server_bytes; // that its server had sent when it was asked
	uint8_t kind, place;                   // of the named value
	uint16_t port, len;
	uint8_t value[PENDING_VALUE_MAX];
};

struct pending_table {
	struct pending entries[PENDING_ENTRIES];
};

// False: no room, or the value is too long. The same value of a flow is kept once (true).
bool pending_add(struct pending_table *table, const struct flow *flow, const struct named *named, uint64_t now_ns);
// Takes the flow's entry of this value out. False: there is none.
bool pending_take(struct pending_table *table, const struct flow *flow, const struct named *named, struct pending *out);
// Takes any value of the flow out; kind: only of this kind, INDICATOR_KINDS any. False: there is none.
bool pending_take_any(struct pending_table *table, const struct flow *flow, unsigned kind, struct pending *out);
// The flow's entries, one after the other: *at counts from 0 and is set to go on. NULL: no more. It is dropped by pending_drop.
struct pending *pending_next(struct pending_table *table, const struct flow *flow, unsigned *at);
static inline void pending_drop(struct pending *entry)
{
	entry->flow_id = 0;
}
// A request waits for its answer. NULL: no room. The same one is kept once.
struct pending *pending_add_request(
	struct pending_table *table, const struct flow *flow, const struct app_tx *tx, uint64_t now_ns);
