// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/dataset_table.h"
#include <stdlib.h>
#include <sys/mman.h>

#define CHAINS_MAX (1u << 22)

struct dataset_table {
	uint8_t *pool;
	size_t pool_bytes;
	_Atomic size_t used_bytes;
	uint32_t chain_count; // a power of two
	_Atomic(struct dataset_entry *) *chains;
};

// Zeroed address space without memory behind it yet.
static void *reserve(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return at == MAP_FAILED ? NULL : at;
}

struct dataset_table *dataset_table_new(size_t pool_bytes, uint32_t chains)
{
	struct dataset_table *table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->chain_count = 256;
	while (table->chain_count < chains && table->chain_count < CHAINS_MAX)
		table->chain_count *= 2;
	table->pool_bytes = pool_bytes;
	table->pool = pool_bytes ? reserve(pool_bytes) : NULL;
	table->chains = reserve(table->chain_count * sizeof(table->chains[0]));
	if ((pool_bytes && !table->pool) || !table->chains) {
		dataset_table_free(table);
		return NULL;
	}
	return table;
}

void dataset_table_free(struct dataset_table *table)
{
	if (!table)
		return;
	if (table->pool)
		munmap(table->pool, table->pool_bytes);
	if (table->chains)
		munmap((void *)table->chains, table->chain_count * sizeof(table->chains[0]));
	free(table);
}

struct dataset_entry *dataset_table_find(const struct dataset_table *table, struct span value, uint64_t hash)
{
	struct dataset_entry *entry =
		atomic_load_explicit(&table->chains[hash & (table->chain_count - 1)], memory_order_acquire);
	while (entry &&
		(entry->hash != hash || entry->len != value.len || memcmp(entry->bytes, value.data, value.len) != 0))
		entry = atomic_load_explicit(&entry->next, memory_order_acquire);
	return entry;
}

static struct dataset_entry *entry_new(struct dataset_table *table, const struct dataset_item *item, size_t limit)
{
	size_t size = (sizeof(struct dataset_entry) + item->value.len + item->json.len + 15) & ~(size_t)15;
	size_t at = atomic_load_explicit(&table->used_bytes, memory_order_relaxed);
	if (limit > table->pool_bytes)
		limit = table->pool_bytes;
	do {
		if (at > limit || size > limit - at)
			return NULL;
	} while (!atomic_compare_exchange_weak_explicit(
		&table->used_bytes, &at, at + size, memory_order_relaxed, memory_order_relaxed));
	struct dataset_entry *entry = (struct dataset_entry *)(void *)(table->pool + at);
	atomic_init(&entry->next, NULL);
	atomic_init(&entry->gone, item->gone);
	entry->hash = item->hash;
	entry->score = item->score;
	entry->len = item->value.len;
	entry->json_len = (uint16_t)item->json.len;
	memcpy(entry->bytes, item->value.data, item->value.len);
	if (item->json.len)
		memcpy(entry->bytes + item->value.len, item->json.data, item->json.len);
	return entry;
}

struct dataset_entry *dataset_table_add(
	struct dataset_table *table, const struct dataset_item *item, size_t limit, bool *fresh)
{
	_Atomic(struct dataset_entry *) *chain = &table->chains[item->hash & (table->chain_count - 1)];
	struct dataset_entry *made = NULL;
	*fresh = false;
	for (;;) {
		// The head is read before the search: if the chain grows after it, the exchange fails and the search is done anew
		struct dataset_entry *first = atomic_load_explicit(chain, memory_order_acquire),
				     *known = dataset_table_find(table, item->value, item->hash);
		if (known)
			return known; // of made, if there is one, only the room is lost
		if (!made && !(made = entry_new(table, item, limit)))
			return NULL;
		atomic_store_explicit(&made->next, first, memory_order_relaxed);
		*fresh = atomic_compare_exchange_strong_explicit(
			chain, &first, made, memory_order_acq_rel, memory_order_acquire);
		if (*fresh)
			return made;
	}
}

size_t dataset_table_used(const struct dataset_table *table)
{
	return atomic_load_explicit(&table->used_bytes, memory_order_relaxed);
}

struct dataset_entry *dataset_table_next(const struct dataset_table *table, uint32_t *chain, struct dataset_entry *at)
{
	if (at) {
		at = atomic_load_explicit(&at->next, memory_order_acquire);
		*chain += at ? 0 : 1;
	}
	for (; !at && *chain < table->chain_count; *chain += at ? 0 : 1)
		at = atomic_load_explicit(&table->chains[*chain], memory_order_acquire);
	return at;
}
