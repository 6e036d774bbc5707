// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_cache.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "decoders/base/clock.h"

// sighting: what is not said yet (count 0, first and last of it), and what identifies it.
struct entry {
	struct sighting sighting;
	uint64_t value_at; // bytes of all values before it
	uint64_t places;   // that were said
};

struct sighting_cache {
	uint64_t tags[CACHE_SETS][CACHE_WAYS]; // 0 empty
	struct entry entries[CACHE_SETS][CACHE_WAYS];
	uint8_t values[CACHE_BYTES]; // round and round
	uint64_t value_end;          // bytes of all values so far
	uint64_t seed, swept_ns;
	unsigned swept; // sets, round and round
	sighting_give *give;
	void *context;
};

struct sighting_cache *sighting_cache_new(sighting_give *give, void *context)
{
	struct sighting_cache *cache = calloc(1, sizeof(*cache));
	if (!cache)
		return NULL;
	cache->give = give;
	cache->context = context;
	if (getrandom(&cache->seed, sizeof(cache->seed), 0) == sizeof(cache->seed))
		return cache;
	free(cache);
	return NULL;
}

void sighting_cache_free(struct sighting_cache *cache)
{
	free(cache);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15ull) * (b ^ 0xd6e8feb86659fd93ull);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void reset(struct entry *entry)
{
	entry->sighting.count = 0;
	entry->sighting.first_ns = UINT64_MAX;
	entry->places |= entry->sighting.places;
}

static bool has_news(const struct entry *entry)
{
	return entry->sighting.count || entry->sighting.places & ~entry->places;
}

static void keep_value(struct sighting_cache *cache, struct entry *entry, struct span value)
{
	uint64_t at = cache->value_end;
	if (at % CACHE_BYTES + value.len > CACHE_BYTES)
		at += CACHE_BYTES - at % CACHE_BYTES; // in one piece
	if (value.len)
		memcpy(cache->values + at % CACHE_BYTES, value.data, value.len);
	entry->sighting.len = (uint16_t)value.len;
	entry->value_at = at;
	cache->value_end = at + value.len;
}

static struct span value_of(const struct sighting_cache *cache, const struct entry *entry)
{
	bool gone = cache->value_end - entry->value_at > CACHE_BYTES;
	return span_of(cache->values + entry->value_at % CACHE_BYTES, gone ? 0 : entry->sighting.len);
}

// What has come since it was last said. It stays to be said when there is no room.
static bool say(struct sighting_cache *cache, struct entry *entry)
{
	if (!cache->give(cache->context, &entry->sighting, value_of(cache, entry)))
		return false;
	reset(entry);
	return true;
}

static void meet_again(struct sighting_cache *cache, struct entry *entry, const struct sighting *met, struct span value)
{
	struct sighting *known = &entry->sighting;
	known->places |= met->places;
	if (met->first_ns < known->first_ns)
		known->first_ns = met->first_ns;
	if (met->last_ns > known->last_ns)
		known->last_ns = met->last_ns;
	if (met->flow_id != known->flow_id)
		known->count++;
	known->flow_id = met->flow_id;
	known->far = met->far;
	known->proto = met->proto;
	if (cache->value_end - entry->value_at > CACHE_BYTES / 2)
		keep_value(cache, entry, value); // before it is gone
}

bool sighting_cache_take(struct sighting_cache *cache, const struct sighting *sighting, struct span value)
{
	const struct address *host = &sighting->host;
	uint64_t tag = mix(sighting->key ^ cache->seed, mix(host->halves[0] ^ cache->seed, host->halves[1])) | 1;
	unsigned set = tag >> 8 & (CACHE_SETS - 1), place = 0;
	uint64_t *tags = cache->tags[set];
	struct entry *entries = cache->entries[set];
	for (unsigned i = 0; i < CACHE_WAYS; i++) {
		if (tags[i] == tag) {
			meet_again(cache, &entries[i], sighting, value);
			return true;
		}
		if (!tags[i] || (tags[place] && entries[i].sighting.last_ns < entries[place].sighting.last_ns))
			place = i;
	}
	struct entry *entry = &entries[place];
	bool said = true;
	if (tags[place] && has_news(entry))
		said = say(cache, entry);
	*entry = (struct entry) { .sighting = *sighting };
	keep_value(cache, entry, value);
	tags[place] = tag;
	if (say(cache, entry))
		return said;
	tags[place] = 0;
	return false;
}

static void say_news(struct sighting_cache *cache, unsigned set, bool last)
{
	for (unsigned i = 0; i < CACHE_WAYS; i++) {
		struct entry *entry = &cache->entries[set][i];
		// One whose value is gone may be met again
		if (cache->tags[set][i] && has_news(entry) && (last || value_of(cache, entry).len))
			(void)say(cache, entry);
	}
}

void sighting_cache_tick(struct sighting_cache *cache, uint64_t now_ns)
{
	if (now_ns - cache->swept_ns < NS_PER_S)
		return;
	cache->swept_ns = now_ns; // captures may go back in time: then too
	for (unsigned n = 0; n < CACHE_SETS / SIGHTING_SWEEP_S; n++)
		say_news(cache, cache->swept++ & (CACHE_SETS - 1), false);
}

void sighting_cache_flush(struct sighting_cache *cache)
{
	for (unsigned set = 0; set < CACHE_SETS; set++)
		say_news(cache, set, true);
}
