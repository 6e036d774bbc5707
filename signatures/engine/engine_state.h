// SPDX-License-Identifier: GPL-3.0-or-later
// Engine state: what inspection keeps on flows and transactions.
//
// Life cycle   made when first needed, freed by engine_flow_free / engine_tx_free
// Memory       the worker's slab; a call that finds no room gives NULL or false, and the caller counts it
// Threads      the worker of the flow
#pragma once
#include "decoders/flow/flow.h"
#include "signatures/engine/plan.h"

#define TX_RULES_MAX    4096 // rules a transaction keeps in half-matched state
#define TX_BITS         8    // xbits of a transaction set at once
#define TX_BODIES       4    // bodies of a transaction whose inspected position is kept
#define FLOW_INTS_MAX   256
#define FLOW_TEXTS_MAX  64   // captured by pcre, and entropies
#define FLOW_TEXT_BYTES 4096 // of one; longer ones are cut

// A rule that matched some of its conditions in a transaction, or all of them.
struct tx_rule {
	uint32_t rule;
	uint8_t direction; // enum direction
	bool done;         // alerted, or cannot match any more
	uint64_t matched;  // a bit a condition
};

struct tx_state {
	uint8_t next_progress[2]; // engines below it have run for good
	uint8_t seen_progress[2];
	bool seen[2];
	uint32_t seen_updated[2];
	uint64_t seen_events[2];
	uint16_t count, room;
	struct tx_rule *rules;
	uint16_t bit_count;
	uint16_t bits[TX_BITS]; // xbits with track tx that are set
	struct tx_body {
		uint16_t key, index;
		uint8_t direction;
		bool used;
		uint64_t offset; // everything before was looked at
	} bodies[TX_BODIES];
};

struct tx_state *tx_state_of(struct app_tx *tx, struct slab *slab);
void tx_state_free(struct app_tx *tx, struct slab *slab);
// What is kept of rule in direction. NULL: nothing.
struct tx_rule *tx_state_find(struct tx_state *state, uint32_t rule, uint8_t direction);
// As above, made when it is not there. NULL: no room.
struct tx_rule *tx_state_take(struct tx_state *state, struct slab *slab, uint32_t rule, uint8_t direction);
bool tx_bit_has(const struct app_tx *tx, uint16_t bit);
// False: no room.
bool tx_bit_put(struct app_tx *tx, struct slab *slab, uint16_t bit, bool on);
// Forgets what is kept by rules and their buffers, and where inspection was; bits stay.
void tx_state_restart(struct tx_state *state);
// Forgets what belongs to a direction that is over.
void tx_state_end(struct tx_state *state, uint8_t direction);

struct flow_tag {
	bool on;
	uint8_t metric;
	uint32_t left; // packets or bytes
	uint64_t until_ns;
	uint64_t first_packet; // the one that alerted is logged anyway
};

struct flow_notes {
	uint64_t app_events_seen; // flow-level events already told to rules
	bool detected_seen[2];    // rules were run for the end of detection
	struct flow_tag tag;
	uint32_t bit_bytes;
	uint8_t *bits; // flow bits
	uint16_t int_count, int_room;
	struct flow_int {
		uint16_t var;
		uint64_t value;
	} * ints;
	uint16_t text_count, text_room;
	struct flow_text {
		uint16_t var;
		uint32_t len;
		uint8_t *bytes;
		const char *real_name; // an entropy, named for its buffer; NULL: a text
		double real;
	} * texts; // in the order they were first set
};

struct flow_notes *flow_notes_of(struct flow *flow, struct slab *slab);
static inline struct flow_notes *flow_notes_peek(const struct flow *flow)
{
	return flow ? flow->inspect : NULL;
}
void flow_notes_free(struct flow *flow, struct slab *slab);
bool flow_bit_has(const struct flow *flow, uint16_t bit);
// False: no room.
bool flow_bit_put(struct flow *flow, struct slab *slab, uint16_t bit, uint16_t bit_count, bool on);
struct flow_int *flow_int_find(const struct flow *flow, uint16_t var);
struct flow_int *flow_int_take(struct flow *flow, struct slab *slab, uint16_t var);
const struct flow_text *flow_text_find(const struct flow *flow, uint16_t var);
// False: no room.
bool flow_text_put(struct flow *flow, struct slab *slab, uint16_t var, struct span text);
// name: lives as long as the process.
bool flow_real_put(struct flow *flow, struct slab *slab, const char *name, double value);
