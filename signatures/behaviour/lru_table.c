// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/behaviour/lru_table.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#define ENTRIES_MIN 16
#define ENTRIES_MAX (1u << 26)

// Numbers of entries count from 1; 0 is none.
struct link {
	uint32_t next;         // in the bucket
	uint32_t older, newer; // by last use
	uint32_t bucket;
};

struct lru_table {
	size_t entry_bytes, key_bytes;
	uint64_t seed, evicted;
	uint32_t capacity, cut, mask;
	uint32_t free; // list of entries that were used before
	uint32_t oldest, newest;
	uint32_t *buckets;
	struct link *links; // [0] unused
	uint8_t *entries;
};

struct lru_table *lru_table_new(size_t entry_bytes, size_t key_bytes, size_t memcap_bytes)
{
	struct lru_table *table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	entry_bytes = (entry_bytes + 7) / 8 * 8;
	size_t each = entry_bytes + sizeof(struct link) + 2 * sizeof(uint32_t);
	size_t capacity = memcap_bytes / each;
	capacity = capacity < ENTRIES_MIN ? ENTRIES_MIN : capacity > ENTRIES_MAX ? ENTRIES_MAX : capacity;
	uint32_t buckets = ENTRIES_MIN;
	while ((size_t)buckets * 2 <= capacity)
		buckets *= 2;
	table->entry_bytes = entry_bytes;
	table->key_bytes = key_bytes;
	table->capacity = (uint32_t)capacity;
	table->mask = buckets - 1;
	table->buckets = calloc(buckets, sizeof(*table->buckets));
	table->links = calloc(capacity + 1, sizeof(*table->links));
	table->entries = calloc(capacity + 1, entry_bytes);
	if (!table->buckets || !table->links || !table->entries ||
		getrandom(&table->seed, sizeof(table->seed), 0) != sizeof(table->seed)) {
		lru_table_free(table);
		return NULL;
	}
	return table;
}

void lru_table_free(struct lru_table *table)
{
	if (!table)
		return;
	free(table->buckets);
	free(table->links);
	free(table->entries);
	free(table);
}

static uint8_t *entry_at(const struct lru_table *table, uint32_t number)
{
	return table->entries + number * table->entry_bytes;
}

static void leave_order(struct lru_table *table, uint32_t number)
{
	struct link *link = &table->links[number];
	*(link->older ? &table->links[link->older].newer : &table->oldest) = link->newer;
	*(link->newer ? &table->links[link->newer].older : &table->newest) = link->older;
}

static void join_order(struct lru_table *table, uint32_t number)
{
	struct link *link = &table->links[number];
	link->newer = 0;
	link->older = table->newest;
	*(table->newest ? &table->links[table->newest].newer : &table->oldest) = number;
	table->newest = number;
}

static void leave_bucket(struct lru_table *table, uint32_t number)
{
	uint32_t *at = &table->buckets[table->links[number].bucket];
	while (*at != number)
		at = &table->links[*at].next;
	*at = table->links[number].next;
}

static void remove_oldest(struct lru_table *table)
{
	uint32_t number = table->oldest;
	leave_order(table, number);
	leave_bucket(table, number);
	table->evicted++;
}

void *lru_table_get(struct lru_table *table, const void *key, bool *fresh)
{
	uint32_t bucket = (uint32_t)XXH3_64bits_withSeed(key, table->key_bytes, table->seed) & table->mask;
	*fresh = false;
	for (uint32_t i = table->buckets[bucket]; i; i = table->links[i].next) {
		if (memcmp(entry_at(table, i), key, table->key_bytes) != 0)
			continue;
		leave_order(table, i);
		join_order(table, i);
		return entry_at(table, i);
	}
	uint32_t number;
	if (table->free) {
		number = table->free;
		table->free = table->links[number].next;
	} else if (table->cut < table->capacity) {
		number = ++table->cut;
	} else {
		number = table->oldest;
		remove_oldest(table);
	}
	struct link *link = &table->links[number];
	link->bucket = bucket;
	link->next = table->buckets[bucket];
	table->buckets[bucket] = number;
	join_order(table, number);
	memcpy(entry_at(table, number), key, table->key_bytes);
	*fresh = true;
	return entry_at(table, number);
}

void *lru_table_evict(struct lru_table *table, const void *keep)
{
	uint32_t number = table->oldest;
	if (!number || entry_at(table, number) == keep)
		return NULL;
	remove_oldest(table);
	table->links[number].next = table->free;
	table->free = number;
	return entry_at(table, number);
}

uint64_t lru_table_evicted(const struct lru_table *table)
{
	return table->evicted;
}
