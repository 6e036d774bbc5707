// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/resolved.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"
#include "sensor/run/splice.h"

struct entry {
	uint64_t key;                      // of host and address; 0 empty
	struct resolved_answer answers[2]; // by whether the name is allowed
};

struct resolved {
	uint64_t seed;
	_Atomic uint64_t counts[RESOLVED_COUNTERS_END];
	struct entry table[RESOLVED_ENTRIES];
};

#define RESOLVED_COUNTER_NAME(constant, name) [constant] = name,
static const char *const counter_names[RESOLVED_COUNTERS_END] = { RESOLVED_COUNTERS(RESOLVED_COUNTER_NAME) };

struct resolved *resolved_new(void)
{
	struct resolved *resolved = calloc(1, sizeof(*resolved));
	if (resolved && getrandom(&resolved->seed, sizeof(resolved->seed), 0) == sizeof(resolved->seed))
		return resolved;
	free(resolved);
	return NULL;
}

void resolved_free(struct resolved *resolved)
{
	free(resolved);
}

static void count(struct resolved *resolved, enum resolved_counter counter)
{
	atomic_fetch_add_explicit(&resolved->counts[counter], 1, memory_order_relaxed);
}

static uint64_t end_of(const struct entry *entry)
{
	return entry->answers[0].until_ns > entry->answers[1].until_ns ? entry->answers[0].until_ns
								       : entry->answers[1].until_ns;
}

// Its entry; made, where it is not there and add is set.
static struct entry *entry_of(
	struct resolved *resolved, const struct address *host, const struct address *address, bool add)
{
	const struct address ends[2] = { *host, *address };
	uint64_t key = XXH3_64bits_withSeed(ends, sizeof(ends), resolved->seed) | 1;
	struct entry *set = &resolved->table[(key >> 8) % (RESOLVED_ENTRIES / RESOLVED_WAYS) * RESOLVED_WAYS],
		     *place = set;
	for (unsigned i = 0; i < RESOLVED_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (end_of(&set[i]) < end_of(place))
			place = &set[i];
	}
	if (!add)
		return NULL;
	*place = (struct entry) { .key = key };
	return place;
}

void resolved_take(struct resolved *resolved, const struct record *record)
{
	struct reputation_resolved given;
	if (record->line_len != sizeof(given))
		return;
	memcpy(&given, record->line, sizeof(given));
	uint64_t keep_s = given.ttl_s;
	if (keep_s < REPUTATION_RESOLVED_LEAST_S)
		keep_s = REPUTATION_RESOLVED_LEAST_S;
	if (keep_s > REPUTATION_RESOLVED_MOST_S)
		keep_s = REPUTATION_RESOLVED_MOST_S;
	struct resolved_answer *answer = &entry_of(resolved, &given.host, &given.address, true)->answers[given.allowed];
	uint64_t until_ns = given.ts_ns + keep_s * NS_PER_S;
	// Captures read one after the other may go back in time: another stretch
	bool goes_on = given.ts_ns >= answer->from_ns && given.ts_ns <= answer->until_ns;
	if (!goes_on)
		*answer = (struct resolved_answer) { .from_ns = given.ts_ns };
	answer->last_ns = given.ts_ns;
	answer->until_ns = until_ns > answer->until_ns ? until_ns : answer->until_ns;
	answer->len = given.len;
	memcpy(answer->name, given.name, sizeof(given.name));
	count(resolved, RESOLVED_COUNT_TAKEN);
}

static bool covers(const struct resolved_answer *answer, uint64_t began_ns)
{
	return answer->until_ns && began_ns >= answer->from_ns && began_ns <= answer->until_ns;
}

// `,"resolved_name":"...","resolved_at":"..."`: names are canonical, but for bytes that JSON escapes.
static size_t write_answer(const struct resolved_answer *answer, char *out, size_t size)
{
	char name[CANONICAL_NAME_MAX + 1], when[SPLICE_TIME_SIZE];
	for (unsigned i = 0; i < answer->len; i++) {
		uint8_t byte = answer->name[i];
		name[i] = byte > ' ' && byte < 0x7f && byte != '"' && byte != '\\' ? (char)byte : '?';
	}
	name[answer->len] = 0;
	splice_time(answer->last_ns, when);
	return (size_t)snprintf(out, size, ",\"resolved_name\":\"%s\",\"resolved_at\":\"%s\"", name, when);
}

bool resolved_find(struct resolved *resolved, const struct record *record, char *out, size_t size, size_t *len)
{
	const struct address *far = address_equal(&record->src, &record->inside) ? &record->dst : &record->src;
	const struct entry *entry = entry_of(resolved, &record->inside, far, false);
	bool allowed = entry && covers(&entry->answers[true], record->began_ns);
	bool bare = !allowed && !(entry && covers(&entry->answers[false], record->began_ns));
	enum far_end is = allowed ? FAR_END_ALLOWED : bare ? FAR_END_BARE : FAR_END_RESOLVED;
	*len = 0;
	if (record->far_end == FAR_END_BARE && is != FAR_END_BARE)
		count(resolved, allowed ? RESOLVED_COUNT_ALLOWED : RESOLVED_COUNT_DOUBTFUL);
	if (record->far_end != is)
		return false;
	if (is != FAR_END_BARE)
		*len = write_answer(&entry->answers[allowed], out, size);
	return true;
}

void resolved_counters(
	const struct resolved *resolved, void (*each)(void *context, const char *name, uint64_t value), void *context)
{
	for (int i = 0; i < RESOLVED_COUNTERS_END; i++)
		each(context, counter_names[i], atomic_load_explicit(&resolved->counts[i], memory_order_relaxed));
}
