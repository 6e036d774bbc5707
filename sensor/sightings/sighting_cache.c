// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_cache.h"
#include <stdlib.h>
#include <sys/random.h>
#include "decoders/base/clock.h"

// sighting: what is not said yet (count 0, first and last of it), and what identifies it.
struct entry {
	struct sighting sighting;
	uint64_t told_ns; // with its value
	uint32_t places;  // that were said
};

struct sighting_cache {
	uint64_t tags[CACHE_SETS][CACHE_WAYS]; // 0 empty
	struct entry entries[CACHE_SETS][CACHE_WAYS];
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

// What has come since it was last said. It stays to be said when there is no room.
static void say_count(struct sighting_cache *cache, struct entry *entry)
{
	if (has_news(entry) && cache->give(cache->context, &entry->sighting, span_of(NULL, 0)))
		reset(entry);
}

static bool say_value(struct sighting_cache *cache, struct entry *entry, struct span value)
{
	entry->told_ns = entry->sighting.last_ns;
	if (!cache->give(cache->context, &entry->sighting, value))
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
	if (known->last_ns - entry->told_ns > SIGHTING_RETELL_S * NS_PER_S)
		(void)say_value(cache, entry, value);
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
		said = cache->give(cache->context, &entry->sighting, span_of(NULL, 0));
	*entry = (struct entry) { .sighting = *sighting };
	tags[place] = tag;
	if (say_value(cache, entry, value))
		return said;
	tags[place] = 0;
	return false;
}

void sighting_cache_tick(struct sighting_cache *cache, uint64_t now_ns)
{
	if (now_ns - cache->swept_ns < NS_PER_S)
		return;
	cache->swept_ns = now_ns; // captures may go back in time: then too
	for (unsigned n = 0; n < CACHE_SETS / SIGHTING_SWEEP_S; n++) {
		unsigned set = cache->swept++ & (CACHE_SETS - 1);
		for (unsigned i = 0; i < CACHE_WAYS; i++)
			if (cache->tags[set][i])
				say_count(cache, &cache->entries[set][i]);
	}
}

void sighting_cache_flush(struct sighting_cache *cache)
{
	for (unsigned set = 0; set < CACHE_SETS; set++)
		for (unsigned i = 0; i < CACHE_WAYS; i++)
			if (cache->tags[set][i])
				say_count(cache, &cache->entries[set][i]);
}
