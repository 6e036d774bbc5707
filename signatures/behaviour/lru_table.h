// SPDX-License-Identifier: GPL-3.0-or-later
// LRU table: entries of one size by key, within a byte budget. Full: the entry that was asked for longest ago makes room.
//
// Life cycle   lru_table_new -> lru_table_get ... -> lru_table_free
// Memory       all reserved at start; untouched entries cost nothing yet
// Hash         keyed with a random seed, which changes no outcome: who is evicted depends on the order of calls alone
// Threads      belongs to one thread
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lru_table;

// An entry has entry_bytes and begins with its key of key_bytes. memcap_bytes bounds the whole table (at least 16 entries). NULL: no memory.
struct lru_table *lru_table_new(size_t entry_bytes, size_t key_bytes, size_t memcap_bytes);
void lru_table_free(struct lru_table *table);

// The entry of key, made if it is not there. fresh: it was made; but for the key the entry then holds what its last owner left (zeroes when
// there was none), so that the caller can give up what hangs on it. Valid until the next call that may evict it.
void *lru_table_get(struct lru_table *table, const void *key, bool *fresh);
// Evicts the entry asked for longest ago unless it is keep: gives it, for the caller to give up what hangs on it at once. NULL: none.
void *lru_table_evict(struct lru_table *table, const void *keep);
// Entries that had to make room.
uint64_t lru_table_evicted(const struct lru_table *table);
