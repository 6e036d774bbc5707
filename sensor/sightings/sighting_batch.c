// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_batch.h"
#include <stdlib.h>

#define SLOTS (2u * BATCH_ROWS)

struct sighting_batch {
	struct sighting_row rows[BATCH_ROWS];
	uint32_t slots[SLOTS]; // index + 1 of a row; 0 empty
	uint8_t values[BATCH_BYTES];
	uint32_t count, value_bytes;
};

struct sighting_batch *sighting_batch_new(void)
{
	return calloc(1, sizeof(struct sighting_batch));
}

void sighting_batch_free(struct sighting_batch *batch)
{
	free(batch);
}

static uint32_t *slot_of(struct sighting_batch *batch, const struct sighting *sighting)
{
	const struct address *host = &sighting->host;
	uint64_t hash =
		(sighting->key ^ (host->halves[1] * 0x9e3779b97f4a7c15ull + host->halves[0])) * 0xd6e8feb86659fd93ull;
	for (uint32_t at = (uint32_t)(hash >> 40);; at++) {
		uint32_t *slot = &batch->slots[at & (SLOTS - 1)];
		if (!*slot)
			return slot;
		const struct sighting *known = &batch->rows[*slot - 1].sighting;
		if (known->key == sighting->key && address_equal(&known->host, host))
			return slot;
	}
}

static void keep_value(struct sighting_batch *batch, struct sighting_row *row, const struct sighting *sighting)
{
	row->sighting.len = sighting->len;
	row->sighting.kind = sighting->kind;
	row->value_at = batch->value_bytes;
	memcpy(batch->values + batch->value_bytes, sighting_value(sighting).data, sighting->len);
	batch->value_bytes += sighting->len;
}

static void add_flow(struct sighting_row *row, uint64_t flow_id)
{
	for (uint32_t i = 0; i < row->flow_count; i++)
		if (row->flows[i] == flow_id)
			return;
	uint32_t kept = row->flow_count < SIGHTING_FLOWS ? row->flow_count++ : SIGHTING_FLOWS - 1;
	memmove(row->flows + 1, row->flows, kept * sizeof(row->flows[0]));
	row->flows[0] = flow_id;
}

bool sighting_batch_add(struct sighting_batch *batch, const struct sighting *sighting)
{
	uint32_t *slot = slot_of(batch, sighting);
	if (batch->value_bytes + sighting->len > BATCH_BYTES || (!*slot && batch->count == BATCH_ROWS))
		return false;
	if (!*slot) {
		struct sighting_row *row = &batch->rows[batch->count++];
		*slot = batch->count;
		*row = (struct sighting_row) { .sighting = *sighting };
		row->sighting.len = 0;
		row->sighting.count = 0;
	}
	struct sighting_row *row = &batch->rows[*slot - 1];
	struct sighting *known = &row->sighting;
	if (sighting->len && !known->len)
		keep_value(batch, row, sighting);
	known->count += sighting->count;
	known->places |= sighting->places;
	known->far = sighting->far;
	known->proto = sighting->proto;
	if (sighting->first_ns < known->first_ns)
		known->first_ns = sighting->first_ns;
	if (sighting->last_ns > known->last_ns)
		known->last_ns = sighting->last_ns;
	add_flow(row, sighting->flow_id);
	return true;
}

static int by_key(const void *a, const void *b)
{
	// As the database's signed integers lie
	int64_t x = (int64_t)((const struct sighting_row *)a)->sighting.key,
		y = (int64_t)((const struct sighting_row *)b)->sighting.key;
	return x < y ? -1 : x > y;
}

void sighting_batch_sort(struct sighting_batch *batch)
{
	qsort(batch->rows, batch->count, sizeof(batch->rows[0]), by_key);
}

unsigned sighting_batch_count(const struct sighting_batch *batch)
{
	return batch->count;
}

const struct sighting_row *sighting_batch_row(const struct sighting_batch *batch, unsigned index, struct span *value)
{
	const struct sighting_row *row = &batch->rows[index];
	*value = span_of(batch->values + row->value_at, row->sighting.len);
	return row;
}

void sighting_batch_clear(struct sighting_batch *batch)
{
	memset(batch->slots, 0, sizeof(batch->slots));
	batch->count = 0;
	batch->value_bytes = 0;
}
