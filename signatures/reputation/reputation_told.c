// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation_told.h"
#include <sys/random.h>
#include <xxhash.h>

bool told_table_init(struct told_table *table)
{
	return getrandom(&table->seed, sizeof(table->seed), 0) == sizeof(table->seed);
}

static uint64_t key_of(
	const struct told_table *table, const struct address *a, const struct address *b, uint64_t indicator)
{
	bool swap = address_compare(a, b) > 0;
	struct {
		struct address low, high;
		uint64_t indicator;
	} key = { swap ? *b : *a, swap ? *a : *b, indicator };
	uint64_t hash = XXH3_64bits_withSeed(&key, sizeof(key), table->seed);
	return hash ? hash : 1;
}

static bool is_due(const struct told_entry *entry, uint64_t now_ns, uint64_t hold_ns)
{
	// Captures read one after the other may go back in time
	uint64_t apart = now_ns > entry->told_ns ? now_ns - entry->told_ns : entry->told_ns - now_ns;
	return apart >= hold_ns;
}

bool told_table_ask(struct told_table *table, const struct address *a, const struct address *b, uint64_t indicator,
	uint64_t now_ns, uint64_t hold_ns, struct told_entry *out)
{
	uint64_t key = key_of(table, a, b, indicator);
	struct told_entry *set = &table->entries[key % (TOLD_ENTRIES / TOLD_WAYS) * TOLD_WAYS], *free_one = set;
	for (unsigned i = 0; i < TOLD_WAYS; i++) {
		struct told_entry *entry = &set[i];
		if (entry->key == key) {
			if (!is_due(entry, now_ns, hold_ns)) {
				entry->repeats++;
				return false;
			}
			if (!out)
				return true;
			*out = *entry;
			entry->told_ns = now_ns;
			entry->repeats = 0;
			return true;
		}
		if (free_one->key && (!entry->key || entry->told_ns < free_one->told_ns))
			free_one = entry;
	}
	if (!out)
		return true;
	*free_one = (struct told_entry) { key, now_ns, 0 };
	*out = *free_one;
	return true;
}
