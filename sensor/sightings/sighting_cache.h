// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting cache: a worker's memory of what it has said already, so that a value met again costs a look and no record.
//
// What is said   a value and host: at once when it is new; then, while it goes on, what came since: within SIGHTING_SWEEP_S, when its place is needed, and at the end
// Count          met by another flow than the last one
// Memory         CACHE_SETS * CACHE_WAYS entries (1.7 MB), and CACHE_BYTES of their values, round and round, taken at start: enough for 128 bytes of each; a longer one whose bytes
//                are gone waits until it is met again, and is lost when it never is (given without a value)
// Threads        one worker
#pragma once
#include <stdbool.h>
#include "sensor/sightings/sighting.h"

#define CACHE_SETS       2048 // a power of two
#define CACHE_WAYS       8
#define CACHE_BYTES      (2u << 20) // a power of two
#define SIGHTING_SWEEP_S 16

struct sighting_cache;

// Takes what is said; false: there is no room for it. value empty: it is not known any more, what came of it is lost.
typedef bool sighting_give(void *context, const struct sighting *sighting, struct span value);

struct sighting_cache *sighting_cache_new(sighting_give *give, void *context); // NULL: no memory
void sighting_cache_free(struct sighting_cache *cache);
// A value was met: sighting with count 1 and both times the packet's; value as in sighting.h. False: it is lost.
bool sighting_cache_take(struct sighting_cache *cache, const struct sighting *sighting, struct span value);
// Packet time now_ns has come: says counts that have waited. Call often.
void sighting_cache_tick(struct sighting_cache *cache, uint64_t now_ns);
// Says all that has not been said.
void sighting_cache_flush(struct sighting_cache *cache);
