// SPDX-License-Identifier: GPL-3.0-or-later
// Store building: what store_build gathers, shared by its parts (taking, merging, writing).
//
// Memory   the builder's (store_build.h)
// Threads  one
#pragma once
#include "decoders/base/address.h"
#include "signatures/reputation/indicator.h"
#include "signatures/reputation/store_intern.h"

struct store_record {
	uint64_t key; // of its space
	uint32_t first_seen_s, expiry_s;
	uint32_t source; // of sources; once merged: of sets
	uint8_t kind, flags;
	uint16_t reserved;
};

struct store_network {
	struct address address;
	struct store_record record;
	uint8_t bits;
};

// One feed's word on an indicator, as it is interned.
struct store_word {
	uint32_t feed, confidence, family, technique;
};

struct store_build {
	uint64_t max_entries;
	struct store_record *records;
	uint64_t record_count, record_room;
	struct store_network *networks;
	uint64_t network_count, network_room;
	uint64_t *marks; // filter keys of URLs
	uint64_t mark_count, mark_room;
	struct store_intern texts;   // families, techniques and feeds' names; 0 is empty
	struct store_intern sources; // struct store_word
	struct store_intern sets;    // combined flags, then the numbers of sources: uint32_t each
	uint32_t *feeds;             // texts
	uint32_t feed_count, feed_room;
	uint64_t anywhere_count[2];
	uint32_t label_counts[2];
	bool merged;
};

static inline bool store_record_allow(const struct store_record *record)
{
	return record->flags & INDICATOR_ALLOW;
}

// Sorts, and makes one of each group of equals, in place; those that expired by now_s fall out. False: no memory.
bool store_build_merge(struct store_build *build, uint32_t now_s);
struct store_word store_build_word(const struct store_build *build, uint32_t source);
