// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_batch.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"

#define SLOTS     (2u * BATCH_ROWS)
#define ROW_BYTES 32 // without its key, of which half is shared with the row before
#define WORDS     3  // of a key, compared before its bytes are looked at

struct row {
	uint64_t key; // hash: of kind and value
	struct sighting_seen seen;
	uint32_t at; // in keys
	uint16_t len;
};

struct order {
	uint64_t words[WORDS];
	uint32_t row;
	const struct sighting_batch *batch;
};

struct sighting_batch {
	struct row rows[BATCH_ROWS];
	struct order order[BATCH_ROWS];
	uint32_t slots[SLOTS]; // index + 1 of a row; 0 empty
	uint8_t keys[BATCH_BYTES];
	uint32_t count, key_bytes;
	uint64_t seed; // of slots: senders choose names and hosts
};

struct sighting_batch *sighting_batch_new(void)
{
	struct sighting_batch *batch = calloc(1, sizeof(*batch));
	if (batch && getrandom(&batch->seed, sizeof(batch->seed), 0) == sizeof(batch->seed))
		return batch;
	free(batch);
	return NULL;
}

void sighting_batch_free(struct sighting_batch *batch)
{
	free(batch);
}

static uint32_t *slot_of(struct sighting_batch *batch, const struct sighting *sighting)
{
	const struct address *host = &sighting->host;
	const uint64_t parts[3] = { sighting->key, host->halves[0], host->halves[1] };
	for (uint32_t at = (uint32_t)XXH3_64bits_withSeed(parts, sizeof(parts), batch->seed);; at++) {
		uint32_t *slot = &batch->slots[at & (SLOTS - 1)];
		if (!*slot)
			return slot;
		const struct row *known = &batch->rows[*slot - 1];
		if (known->key == sighting->key && address_equal(&known->seen.host, host))
			return slot;
	}
}

bool sighting_batch_add(struct sighting_batch *batch, const struct sighting *sighting)
{
	const struct sighting_seen seen = {
		.host = sighting->host,
		.far = sighting->far,
		.first_s = sighting->first_ns / NS_PER_S,
		.last_s = sighting->last_ns / NS_PER_S,
		.count = sighting->count,
		.places = sighting->places,
		.flow_count = 1,
		.proto = sighting->proto,
		.flows = { sighting->flow_id },
	};
	uint32_t *slot = slot_of(batch, sighting);
	if (*slot) {
		sighting_seen_join(&batch->rows[*slot - 1].seen, &seen);
		return true;
	}
	if (batch->count == BATCH_ROWS || batch->key_bytes + SIGHTING_KEY_MAX > BATCH_BYTES)
		return false;
	struct row *row = &batch->rows[batch->count++];
	*slot = batch->count;
	*row = (struct row) { .key = sighting->key, .seen = seen, .at = batch->key_bytes };
	row->len = (uint16_t)sighting_key(sighting->kind, sighting_value(sighting), batch->keys + row->at);
	batch->key_bytes += row->len;
	return true;
}

static struct span key_of(const struct sighting_batch *batch, const struct row *row)
{
	return span_of(batch->keys + row->at, row->len);
}

static int compare(const void *a, const void *b)
{
	const struct order *x = a, *y = b;
	for (unsigned i = 0; i < WORDS; i++)
		if (x->words[i] != y->words[i])
			return x->words[i] < y->words[i] ? -1 : 1;
	const struct row *p = &x->batch->rows[x->row], *q = &y->batch->rows[y->row];
	int order = sighting_key_compare(key_of(x->batch, p), key_of(x->batch, q));
	return order ? order : address_compare(&p->seen.host, &q->seen.host);
}

void sighting_batch_sort(struct sighting_batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct row *row = &batch->rows[i];
		struct order *order = &batch->order[i];
		uint8_t bytes[WORDS * sizeof(uint64_t)] = { 0 };
		memcpy(bytes, batch->keys + row->at, row->len < sizeof(bytes) ? row->len : sizeof(bytes));
		for (unsigned n = 0; n < WORDS; n++) {
			memcpy(&order->words[n], bytes + n * sizeof(uint64_t), sizeof(uint64_t));
			order->words[n] = __builtin_bswap64(order->words[n]);
		}
		order->row = i;
		order->batch = batch;
	}
	qsort(batch->order, batch->count, sizeof(batch->order[0]), compare);
}

unsigned sighting_batch_count(const struct sighting_batch *batch)
{
	return batch->count;
}

size_t sighting_batch_bytes(const struct sighting_batch *batch)
{
	return batch->key_bytes / 2 + (size_t)batch->count * ROW_BYTES;
}

const struct sighting_seen *sighting_batch_row(const struct sighting_batch *batch, unsigned place, struct span *key)
{
	const struct row *row = &batch->rows[batch->order[place].row];
	*key = key_of(batch, row);
	return &row->seen;
}

void sighting_batch_clear(struct sighting_batch *batch)
{
	memset(batch->slots, 0, sizeof(batch->slots));
	batch->count = 0;
	batch->key_bytes = 0;
}
