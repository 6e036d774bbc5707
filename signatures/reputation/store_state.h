// SPDX-License-Identifier: GPL-3.0-or-later
// State of a store: its parts as they lie in memory, for the lookups. Private to the folder, and to tests.
//
// Memory   the store's own, never changed once it is open
// Threads  any
#pragma once
#include <assert.h>
#include <stdalign.h>
#include "signatures/reputation/store.h"
#include "signatures/reputation/store_build.h"
#include "signatures/reputation/store_file.h"

struct store {
	// What nearly all lookups need, and no more: one cache line
	alignas(STORE_BLOCK_BYTES) const uint64_t *filter;
	uint64_t filter_blocks;
	const uint8_t *bitmaps[2]; // [allow]; NULL: no networks
	uint32_t kinds[2];         // bits: there are some of the kind
	uint32_t label_counts[2];
	bool anywhere[2];

	const struct store_header *header;
	const uint32_t *buckets;
	const uint64_t *keys;
	const struct store_file_entry *entries;
	const struct store_file_network *networks[2];
	const struct store_file_set *sets;
	const struct store_file_source *sources;
	const uint32_t *feeds, *text_offsets;
	const uint8_t *texts, *base;
	uint64_t bytes;
	void *room; // what base lies in; NULL: the caller's
	uint64_t room_bytes;
};

static_assert(offsetof(struct store, header) <= STORE_BLOCK_BYTES, "one cache line");

// A store over bytes that stay the caller's (aligned to 8): what store_open does once it has read a file.
struct store *store_over(const void *bytes, uint64_t len, char *error, size_t size);

static inline const uint64_t *store_filter_block(const struct store *store, uint64_t key)
{
	return store->filter + store_block(key, store->filter_blocks);
}

// NULL: not there. Asks no filter.
const struct store_file_entry *store_entry_at(const struct store *store, uint64_t key);

// key: with that of its space.
static inline const struct store_file_entry *store_look(const struct store *store, uint64_t key)
{
	return store_block_has(store_filter_block(store, key), key) ? store_entry_at(store, key) : NULL;
}

// Fills out; false when it expired. key: as store_key makes it.
bool store_tell(const struct store *store, enum indicator_kind kind, uint64_t key, const struct store_file_entry *entry,
	uint32_t now_s, struct store_entry *out);
