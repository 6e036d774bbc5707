// SPDX-License-Identifier: GPL-3.0-or-later
// State of reputation, shared by its files. Private to the folder.
//
// Threads  struct reputation is read by all workers (holders alone is counted); the rest is one worker's
#pragma once
#include <stdatomic.h>
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/reputation.h"
#include "signatures/reputation/reputation_pending.h"
#include "signatures/reputation/reputation_told.h"

#define HITS_MAX      16 // told of one packet; more are counted as lost
#define SOURCES_SHOWN 8
#define SEVERITIES    4
#define BESIDE_MAX    16 // addresses remembered of one packet

struct reputation {
	_Atomic uint32_t holders;
	struct store *store; // NULL: empty
	bool has_allow, tell_allowed;
	uint32_t wanted; // bits by enum indicator_kind: there are indicators of it
	uint8_t least_confidence;
	uint64_t hold_ns;
	struct rule rules[REPUTATION_SIDS_END][SEVERITIES + 1];
	struct rule_pair pairs[REPUTATION_SIDS_END][SEVERITIES + 1][6];
};

// What the packet at hand says that its flow, or the answer in it, is about.
enum about { ABOUT_NOTHING, ABOUT_UNLISTED, ABOUT_LISTED, ABOUT_ALLOWED, ABOUT_UNDECIDED };

// What came of it, from the least to the most.
enum outcome {
	OUTCOME_UNANSWERED, // asked or tried, and nothing or a refusal came back
	OUTCOME_INBOUND,    // it came to us, and was not answered with more than a refusal
	OUTCOME_ASKED,      // a name was resolved
	OUTCOME_SAID,       // somebody said it, which is no visit (named_is_said)
	OUTCOME_SESSION,    // both sides spoke
};

struct reputation_worker {
	const struct reputation *reputation;
	uint64_t counters[REPUTATION_COUNTERS_END];
	struct told_table told;
	struct pending_table pending;
	uint16_t generation; // of the lists it looks up in: counts from 1
	bool drops_enabled;
	bool passed;                 // a pass rule holds for the packet at hand
	bool dropping;               // what was told of it drops its flow
	const struct app_tx *met_tx; // what of the packet came last to be told of: the same indicator in it is met once
	uint64_t met_key;
	enum about about;
	const struct app_tx *about_tx; // whose message said so; to compare only
	uint8_t about_len;             // of the name that was asked for, when it was answered
	uint8_t about_name[CANONICAL_NAME_MAX];
	struct {
		reputation_resolved_give *give; // NULL: nobody wants to know
		void *context;
	} resolved;
	struct {
		const struct app_tx *tx; // its request is given again: it was answered, or will not be. NULL: none
		enum outcome outcome;
		uint64_t first_ns;
	} due;
	unsigned hit_count, beside_count;
	struct named beside[BESIDE_MAX]; // an allowed name, of the packet at hand
	struct reputation_hit hits[HITS_MAX];
};

extern const char *const outcome_names[OUTCOME_SESSION + 1];

// One hit on its way to be told.
struct telling {
	const struct inspection *inspection;
	struct findings *findings;
	const struct named *named;
	const struct store_match *match;
	enum outcome outcome;
	uint64_t first_ns;
	bool allowed;  // an allow list holds it back
	bool doubtful; // a name that nobody lists resolved to it, or is spoken of in its flow
	bool bare;     // an end of a flow that says nothing of itself
};

// Rules of all kinds and severities.
void reputation_make_rules(struct reputation *reputation);
// 1..4, from confidence, kind and outcome.
unsigned reputation_severity(enum reputation_sid sid, unsigned confidence, enum outcome outcome);
// The pairs that every finding has: the indicator, who names it and since when. where: the place or places it was met.
void reputation_describe(const struct reputation *reputation, struct reputation_hit *hit, const struct named *named,
	const struct store_match *match, struct span where, uint64_t now_s);
// Is the name that was answered allowed? It matters only where an address is listed, and only then somebody waits for memory to say so.
void reputation_decide_about(struct reputation_worker *worker, uint32_t now_s);
// blocked: it is dropped with what names it, so nobody was answered.
enum outcome reputation_outcome_of(const struct inspection *inspection, const struct named *named, bool blocked);
// What came of tx's request. False: not known yet. pending: since when it waits; NULL: it does not.
bool outcome_of_request(
	const struct inspection *inspection, const struct app_tx *tx, const struct pending *pending, enum outcome *out);
void outcome_begin(const struct flow *flow, const struct app_tx *tx, struct pending *pending);
bool outcome_of_quic(const struct inspection *inspection); // is there an answer?

enum waiting { WAIT_NOT, WAIT, WAIT_NO_ROOM }; // no room: of what is asked
// May the hit wait for what comes of it? Then it does. What is to be dropped may not.
enum waiting reputation_wait(
	struct reputation_worker *worker, const struct inspection *inspection, const struct named *named);
// What waits for a name of flow need not be told any more: the flow was told of.
void reputation_told_by_name(struct reputation_worker *worker, const struct flow *flow);
// An address, for the name beside it.
void reputation_hold_back_beside(struct reputation_worker *worker, const struct telling *telling);
void reputation_tell(struct reputation_worker *worker, const struct telling *telling);
