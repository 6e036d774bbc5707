// SPDX-License-Identifier: GPL-3.0-or-later
// Prefilter: literal databases and the rules their patterns stand for. Equal sets of literals share one database.
//
// Life cycle   prefilter_add ... -> prefilter_compile -> candidates through prefilter_scan -> prefilter_store_free
// Threads      compiling uses threads of its own while the engine is built; const afterwards
#pragma once
#include "signatures/engine/plan.h"
#include "signatures/match/pattern_db.h"

struct prefilter {
	uint32_t database; // in the store
	uint32_t min_len;  // of its literals
	uint32_t max_end;  // all must end by there in the value; 0: some may end anywhere
	uint32_t *starts;  // users of pattern i: starts[i] .. starts[i + 1]
	struct pattern_user {
		uint32_t rule;
		uint32_t max_end; // 0: anywhere
	} * users;
};

struct prefilter_store {
	struct prefilter_database {
		uint64_t hash[2];
		uint32_t count;
		struct pattern *patterns; // until compiled
		struct pattern_db *db;
	} * databases;
	uint32_t count;
	uint32_t patterns;
	uint32_t cached, shared; // databases read from the cache; taken over from another store
};

// Rules found so far for a packet or a transaction: each once.
struct candidates {
	uint64_t *seen; // a bit a rule
	uint32_t *list;
	uint32_t count;
};

static inline void candidates_add(struct candidates *candidates, uint32_t rule)
{
	uint64_t bit = UINT64_C(1) << (rule & 63);
	if (candidates->seen[rule >> 6] & bit)
		return;
	candidates->seen[rule >> 6] |= bit;
	candidates->list[candidates->count++] = rule;
}

// Sorts by rule.
void candidates_sort(struct candidates *candidates);

static inline void candidates_clear(struct candidates *candidates)
{
	for (uint32_t i = 0; i < candidates->count; i++)
		candidates->seen[candidates->list[i] >> 6] = 0;
	candidates->count = 0;
}

// A prefilter over the literals of rules (indexes of plans). NULL: no memory.
struct prefilter *prefilter_add(struct prefilter_store *store, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count);
// All databases: shared with like (may be NULL), read from cache (may be NULL), or compiled. False with the reason in error.
bool prefilter_compile(struct prefilter_store *store, const struct prefilter_store *like, struct pattern_cache *cache,
	char *error, size_t size);
void prefilter_store_free(struct prefilter_store *store);

// The part of data (base: its offset in the value) that literals can lie in; empty: none can.
static inline struct span prefilter_window(const struct prefilter *prefilter, struct span data, uint64_t base)
{
	if (prefilter->max_end)
		data = base < prefilter->max_end ? span_slice(data, 0, (uint32_t)(prefilter->max_end - base))
						 : (struct span) { NULL, 0 };
	return data.len < prefilter->min_len ? (struct span) { NULL, 0 } : data;
}

// Adds the rules whose literal is in data to candidates.
void prefilter_scan(const struct prefilter_store *store, const struct prefilter *prefilter,
	struct pattern_scratch *scratch, struct span data, uint64_t base, struct candidates *candidates);
