// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting batch: sightings joined by value and host until they are written.
//
// Life cycle   sighting_batch_new -> add ... -> sort, read rows, clear -> ... -> sighting_batch_free
// Memory       BATCH_ROWS rows and BATCH_BYTES of values, taken at start (5 MB)
// Threads      the sightings thread's
#pragma once
#include "sensor/sightings/sighting_block.h"

#define BATCH_ROWS  16384
#define BATCH_BYTES (2u << 20)

struct sighting_batch;

struct sighting_batch *sighting_batch_new(void); // NULL: no memory
void sighting_batch_free(struct sighting_batch *batch);
// False: it is full; nothing was taken.
bool sighting_batch_add(struct sighting_batch *batch, const struct sighting *sighting);
// By key, then host, as the store takes them. Nothing is added between sort and clear.
void sighting_batch_sort(struct sighting_batch *batch);
unsigned sighting_batch_count(const struct sighting_batch *batch);
// What the rows take in the store, about.
size_t sighting_batch_bytes(const struct sighting_batch *batch);
// After sort: the row of a place.
const struct sighting_seen *sighting_batch_row(const struct sighting_batch *batch, unsigned place, struct span *key);
void sighting_batch_clear(struct sighting_batch *batch);
