// SPDX-License-Identifier: GPL-3.0-or-later
// Plan: a rule as the engine evaluates it: what its header asks as bit masks, its conditions sorted by where they are read, and the
// literal that makes it a candidate.
//
// Life cycle   plans_build once a generation; const afterwards
// Memory       the generation's region
#pragma once
#include "signatures/engine/region.h"
#include "signatures/rule/rule.h"

struct rule_set;

// What is known of a packet, tested against a plan's masks.
enum trait {
	TRAIT_TO_SERVER = 1 << 0,
	TRAIT_TO_CLIENT = 1 << 1,
	TRAIT_FLOW = 1 << 2,
	TRAIT_ESTABLISHED = 1 << 3,
	TRAIT_IPV4 = 1 << 4,
	TRAIT_IPV6 = 1 << 5,
	TRAIT_FRAGMENT = 1 << 6,
	TRAIT_PAYLOAD = 1 << 7, // payload or stream to look into
	TRAIT_EVENTS = 1 << 8,
	TRAIT_APP = 1 << 9, // the flow's protocol is known
};

enum condition_kind {
	CONDITION_BUFFER,
	CONDITION_NUMBER,
	CONDITION_TEST,
	CONDITION_EVENT,
	CONDITION_HOOK,
	CONDITION_STATE
};

struct condition {
	uint8_t kind; // enum condition_kind
	bool body;
	uint16_t index; // in the rule's buffers, numbers, field_tests or tests
	uint16_t key;   // CONDITION_BUFFER: buffer key
};

#define CONDITIONS_MAX 60 // a bit each in a transaction's state

enum payload_kind { PAYLOAD_PACKET = 1 << 0, PAYLOAD_STREAM = 1 << 1 };

enum pattern_place { PATTERN_NONE, PATTERN_PAYLOAD, PATTERN_FIELD /* of the packet */, PATTERN_TX, PATTERN_FRAME };

struct plan {
	const struct rule *rule;
	uint32_t need, refuse;       // enum trait
	uint16_t proto_bits;         // the rule's, less those its conditions rule out
	uint16_t size_min, size_max; // of the packet's payload, as dsize asks
	uint16_t src_id, dst_id;
	uint8_t payload; // enum payload_kind; 0: no payload conditions
	uint8_t tx_count, packet_count, frame_count;
	uint8_t directions;              // bit 0 to server, bit 1 to client: what the flow keyword allows
	bool tx;                         // has conditions on transactions
	bool whole_flow;                 // an action other than alert is the flow's
	struct condition *tx_conditions; // fast pattern's first
	struct condition *packet_conditions;
	struct condition *frame_conditions; // all on frames of one type
	struct {
		uint8_t place; // enum pattern_place
		bool nocase;
		uint16_t key; // PATTERN_FIELD, PATTERN_TX, PATTERN_FRAME
		struct span bytes;
		uint32_t max_end; // it must end by there in the value; 0: anywhere
	} pattern;
};

// A field under transforms: what is read and scanned once, whoever asks.
struct buffer_key {
	const struct field_buffer *field;
	const struct transform *transforms;
	uint16_t transform_count;
	const struct field_reader *readers[APP_PROTOS_END][2]; // NULL: not readable there
};

struct plan_set {
	struct plan *plans; // by rule index
	uint32_t count;
	struct buffer_key *keys;
	uint32_t key_count;
	const struct address_set **addresses;
	uint32_t address_count;
};

// False: no memory.
bool plans_build(struct plan_set *plans, struct region *region, const struct rule_set *set);
void plans_free(struct plan_set *plans); // what is not in the region
uint16_t plan_proto_bit(uint64_t proto); // enum rule_proto_bit of an IP protocol

// Can the condition be read in a transaction of proto in direction? progress: from when on.
bool condition_readable(const struct plan_set *plans, const struct rule *rule, const struct condition *condition,
	enum app_proto proto, enum direction direction, uint8_t *progress);
// Does the plan's rule apply to transactions of proto in direction?
bool plan_fits_tx(
	const struct plan_set *plans, const struct plan *plan, enum app_proto proto, enum direction direction);

// Picks plan's literal (fast_pattern.c).
void plan_choose_pattern(struct plan *plan);
