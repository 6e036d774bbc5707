// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation told: which hosts' meetings with an indicator were told, so that one situation is one alert in a while.
//
// Memory       TOLD_ENTRIES entries in the caller's struct; a full set of TOLD_WAYS forgets its oldest, which may then be told again early
// Threads      one table belongs to one worker
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "decoders/base/address.h"

#define TOLD_ENTRIES 16384 // a power of two
#define TOLD_WAYS    8

struct told_entry {
	uint64_t key;     // hash of addresses and indicator; 0 empty
	uint64_t told_ns; // packet time it was last told
	uint64_t repeats; // met since
};

struct told_table {
	uint64_t seed;
	struct told_entry entries[TOLD_ENTRIES];
};

bool told_table_init(struct told_table *table); // table is zeroed. False: no random seed

// May what a and b (in any order) have to do with indicator be told at now_ns? Then *out says how often it was met untold, and
// it counts as told (out NULL: there is no room to tell it, and it does not). False: it was counted.
bool told_table_ask(struct told_table *table, const struct address *a, const struct address *b, uint64_t indicator,
	uint64_t now_ns, uint64_t hold_ns, struct told_entry *out);
