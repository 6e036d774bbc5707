// SPDX-License-Identifier: GPL-3.0-or-later
// Sightings: what a flow names of a far end is handed to who keeps it, each value of a host once in a while.
#include "sensor/pipeline/pipeline_state.h"
#include "signatures/reputation/reserved.h"
#include "signatures/reputation/store_build.h"
#include "signatures/rule/rule.h"

static bool give(void *context, const struct sighting *sighting, struct span value)
{
	struct pipeline *pipeline = context;
	struct record *record = NULL;
	if (!value.len) { // of a long value that was not met again
		pipeline->counters[PIPELINE_COUNT_SIGHTINGS_LOST]++;
		return true;
	}
	if (pipeline->lossless) {
		record = pipeline_reserve(pipeline); // waits
	} else if ((record = record_ring_reserve(pipeline->ring))) {
		record->order = pipeline->order;
	} else {
		pipeline->counters[PIPELINE_COUNT_SIGHTINGS_LOST]++;
		return false;
	}
	struct sighting given = *sighting;
	given.len = (uint16_t)value.len;
	record->type = RECORD_SIGHTING;
	record->ts_ns = sighting->last_ns;
	memcpy(record->line, &given, sizeof(given));
	memcpy(record->line + sizeof(given), value.data, value.len);
	record_ring_commit(pipeline->ring, record, (uint32_t)sizeof(given) + value.len);
	pipeline->counters[PIPELINE_COUNT_SIGHTINGS]++;
	return true;
}

bool pipeline_sightings_init(struct pipeline *pipeline)
{
	pipeline->sightings = sighting_cache_new(give, pipeline);
	return pipeline->sightings;
}

static bool is_inside(const struct pipeline *pipeline, const struct address *address)
{
	return pipeline->home && address_set_has(pipeline->home, address);
}

// A name asked for is given with the question; the answer's question is the same once more. Own addresses are nobody's to look up.
static bool is_left_out(const struct pipeline *pipeline, const struct named *named)
{
	if (!named->value.len || (named->place == NAMED_DNS_QUESTION && named->direction == TO_CLIENT))
		return true;
	return named->kind == INDICATOR_ADDRESS &&
	       (reserved_has(&named->address) || is_inside(pipeline, &named->address));
}

static struct span cut_url(const struct named *named)
{
	struct span value = named->value;
	if (value.len > SIGHTING_VALUE_MAX && named->url && named->url->path.len)
		value.len = (uint32_t)(named->url->path.data - value.data) + named->url->path.len;
	return span_slice(value, 0, SIGHTING_VALUE_MAX);
}

// The inside host and the far end.
static void set_ends(const struct pipeline *pipeline, const struct inspection *inspection, const struct named *named,
	struct sighting *sighting)
{
	const struct flow_key *key = &inspection->flow->key;
	bool turned = false;
	bool is_end = named->place == NAMED_SOURCE || named->place == NAMED_DESTINATION ||
		      (named->place == NAMED_BESIDE_ALLOWED &&
			      (address_equal(&named->address, &key->src) || address_equal(&named->address, &key->dst)));
	if (is_end)
		turned = address_equal(&named->address, &key->src);
	else
		turned = !is_inside(pipeline, &key->src) && is_inside(pipeline, &key->dst);
	sighting->host = turned ? key->dst : key->src;
	sighting->far = turned ? key->src : key->dst;
}

void pipeline_sighting(struct pipeline *pipeline, const struct inspection *inspection, const struct named *named)
{
	uint8_t endpoint[SIGHTING_PLAIN_LEN + 2];
	if (is_left_out(pipeline, named))
		return;
	uint64_t now_ns = inspection->packet->ts_ns;
	struct span value = cut_url(named);
	// The port of who came to us says nothing
	uint16_t port = named->kind == INDICATOR_ADDRESS && named->place != NAMED_SOURCE ? named->port : 0;
	if (port) {
		memcpy(endpoint, named->address.bytes, SIGHTING_PLAIN_LEN);
		endpoint[SIGHTING_PLAIN_LEN] = (uint8_t)(port >> 8);
		endpoint[SIGHTING_PLAIN_LEN + 1] = (uint8_t)port;
		value = span_of(endpoint, sizeof(endpoint));
	}
	struct sighting sighting = {
		.key = store_key((enum indicator_kind)named->kind, value, 0, 0),
		.first_ns = now_ns,
		.last_ns = now_ns,
		.flow_id = inspection->flow->id,
		.count = 1,
		.places = UINT64_C(1) << named->place,
		.kind = named->kind,
		.proto = inspection->flow->key.proto,
	};
	set_ends(pipeline, inspection, named, &sighting);
	(void)sighting_cache_take(pipeline->sightings, &sighting, value);
}
