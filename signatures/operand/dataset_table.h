// SPDX-License-Identifier: GPL-3.0-or-later
// Dataset table: values by hash, which several threads look up and add to at once. What a dataset is made of; not for use elsewhere.
//
// Life cycle   dataset_table_new -> dataset_table_add, dataset_table_find ... -> dataset_table_free
// Memory       pool_bytes of address space, of which the system gives what is used; an entry never moves and is never given back
// Threads      any may call: chains only grow, by compare-and-swap, and an entry is marked as gone rather than taken out. No call takes a lock
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include "decoders/base/span.h"

struct dataset_entry {
	_Atomic(struct dataset_entry *) next;
	uint64_t hash;
	_Atomic bool gone;
	uint16_t score, json_len;
	uint32_t len;
	uint8_t bytes[]; // the value, then the JSON that came with it
};

// What an entry is made of.
struct dataset_item {
	struct span value, json;
	uint64_t hash;
	uint16_t score;
	bool gone;
};

struct dataset_table;

// chains is rounded up to a power of two. NULL: no memory.
struct dataset_table *dataset_table_new(size_t pool_bytes, uint32_t chains);
void dataset_table_free(struct dataset_table *table);
struct dataset_entry *dataset_table_find(const struct dataset_table *table, struct span value, uint64_t hash);
// The entry of item's value: a new one (*fresh), or the one that is there, left alone. NULL: it would take more than limit bytes in all.
struct dataset_entry *dataset_table_add(
	struct dataset_table *table, const struct dataset_item *item, size_t limit, bool *fresh);
size_t dataset_table_used(const struct dataset_table *table);
// The next entry after *at (NULL to begin with) in chain *chain (0 to begin with). NULL: that was the last.
struct dataset_entry *dataset_table_next(const struct dataset_table *table, uint32_t *chain, struct dataset_entry *at);

static inline struct span dataset_entry_value(const struct dataset_entry *entry)
{
	return span_of(entry->bytes, entry->len);
}

static inline struct span dataset_entry_json(const struct dataset_entry *entry)
{
	return span_of(entry->bytes + entry->len, entry->json_len);
}
