// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/look_back.h"
#include <stdlib.h>
#include <string.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "signatures/heuristics/site_domains.h"

#define SLOTS (2 * PAST_FINDINGS_MAX) // a power of two

// One host and indicator.
struct found {
	uint64_t indicator;
	struct address host, far;
	struct reputation_met met;
	uint8_t kind; // of the value met last
	uint8_t proto;
	uint16_t len;
	uint8_t value[SIGHTING_VALUE_MAX];
};

struct look_back {
	struct look_back_options options;
	struct record *record;         // of the alert at hand
	struct reputation *reputation; // NULL: nothing is at work
	struct sighting_store *store;
	uint64_t now_s, values, told, left_out;
	struct sighting_place place;
	uint32_t hosts; // of the value at hand
	struct found *found;
	uint32_t slots[SLOTS]; // index + 1; 0 empty
	uint32_t count;
	struct past_value space;
	struct reputation_past past;
	// The value at hand
	uint64_t indicator;
	unsigned kind;
	uint16_t value_len;
	uint8_t value[SIGHTING_VALUE_MAX];
};

struct look_back *look_back_new(const struct look_back_options *options)
{
	struct look_back *back = calloc(1, sizeof(*back));
	if (!back)
		return NULL;
	back->options = *options;
	back->record = calloc(1, sizeof(*back->record) + RECORD_LINE_MAX);
	if (back->record)
		return back;
	free(back);
	return NULL;
}

void look_back_free(struct look_back *back)
{
	if (!back)
		return;
	look_back_stop(back);
	free(back->record);
	free(back);
}

void look_back_stop(struct look_back *back)
{
	reputation_free(back->reputation);
	free(back->found);
	back->reputation = NULL;
	back->found = NULL;
}

bool look_back_is_at_work(const struct look_back *back)
{
	return back->reputation;
}

void look_back_counts(const struct look_back *back, uint64_t *told, uint64_t *left_out)
{
	*told = back->told;
	*left_out = back->left_out;
}

static uint64_t digest_of(const struct reputation *reputation)
{
	struct store_facts facts;
	reputation_facts(reputation, &facts);
	return facts.entries > facts.allowed ? facts.digest : 0;
}

void look_back_begin(
	struct look_back *back, struct sighting_store *store, struct reputation *reputation, uint64_t now_s)
{
	look_back_stop(back);
	uint64_t digest = digest_of(reputation);
	if (!digest || sighting_store_meta(store, "digest") == digest)
		return;
	back->found = calloc(PAST_FINDINGS_MAX, sizeof(*back->found));
	if (!back->found) {
		log_error("sightings: no memory to look back");
		return;
	}
	back->reputation = reputation_hold(reputation);
	back->store = store;
	back->now_s = now_s;
	back->place.len = 0;
	back->count = 0;
	back->values = 0;
	memset(back->slots, 0, sizeof(back->slots));
}

bool past_value_of(unsigned kind, struct span value, struct past_value *out)
{
	out->named = (struct named) { .kind = (uint8_t)kind, .value = value };
	switch (kind) {
	case INDICATOR_ADDRESS:
		if (value.len != SIGHTING_PLAIN_LEN && value.len != SIGHTING_PLAIN_LEN + 2)
			return false;
		out->named.address = address_v6(value.data);
		if (value.len > SIGHTING_PLAIN_LEN)
			out->named.port = (uint16_t)(value.data[16] << 8 | value.data[17]);
		out->named.value = span_slice(value, 0, SIGHTING_PLAIN_LEN);
		return true;
	case INDICATOR_URL:
		if (!canonical_url(value, out->bytes, &out->url))
			return false;
		out->named.url = &out->url;
		return true;
	default: return kind < INDICATOR_KINDS && value.len;
	}
}

// The pair's place; NULL: there is no room.
static struct found *found_of(struct look_back *back, const struct address *host)
{
	uint64_t hash = (back->indicator ^ (host->halves[0] * 31 + host->halves[1])) * 0x9e3779b97f4a7c15ull;
	for (uint32_t at = (uint32_t)(hash >> 32);; at++) {
		uint32_t *slot = &back->slots[at & (SLOTS - 1)];
		if (!*slot && back->count == PAST_FINDINGS_MAX)
			return NULL;
		if (!*slot) {
			*slot = ++back->count;
			struct found *found = &back->found[back->count - 1];
			*found = (struct found) { .indicator = back->indicator, .host = *host };
			found->met.first_s = UINT64_MAX;
			return found;
		}
		struct found *found = &back->found[*slot - 1];
		if (found->indicator == back->indicator && address_equal(&found->host, host))
			return found;
	}
}

static void add_flows(struct reputation_met *met, const struct sighting_seen *seen)
{
	for (unsigned i = 0; i < seen->flow_count && met->flow_count < PAST_FLOWS_MAX; i++) {
		unsigned n = 0;
		while (n < met->flow_count && met->flows[n] != seen->flows[i])
			n++;
		if (n == met->flow_count)
			met->flows[met->flow_count++] = seen->flows[i];
	}
}

static void take_seen(void *context, const struct sighting_seen *seen)
{
	struct look_back *back = context;
	if (++back->hosts > PAST_HOSTS_MAX) {
		back->left_out++;
		return;
	}
	if (sighting_store_is_told(back->store, back->indicator, &seen->host))
		return;
	struct found *found = found_of(back, &seen->host);
	if (!found) {
		back->left_out++;
		return;
	}
	struct reputation_met *met = &found->met;
	met->places |= seen->places;
	met->count += seen->count;
	if (seen->first_s < met->first_s)
		met->first_s = seen->first_s;
	if (seen->last_s >= met->last_s) {
		met->last_s = seen->last_s;
		found->far = seen->far;
		found->proto = seen->proto;
		found->kind = (uint8_t)back->kind;
		found->len = back->value_len;
		memcpy(found->value, back->value, back->value_len);
	}
	add_flows(met, seen);
}

static bool take_value(void *context, unsigned kind, struct span value)
{
	struct look_back *back = context;
	struct store_match match;
	back->values++;
	if (!past_value_of(kind, value, &back->space) ||
		!reputation_past_find(back->reputation, &back->space.named, (uint32_t)back->now_s, &match))
		return false;
	back->indicator = match.entry.key ? match.entry.key : 1;
	back->kind = kind;
	back->value_len = (uint16_t)value.len;
	memcpy(back->value, value.data, value.len);
	back->hosts = 0;
	return true;
}

// Findings of one indicator together, who met it first before.
static int by_indicator(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->indicator != y->indicator)
		return x->indicator < y->indicator ? -1 : 1;
	if (x->met.first_s != y->met.first_s)
		return x->met.first_s < y->met.first_s ? -1 : 1;
	return address_compare(&x->host, &y->host);
}

// 0: it names none, or nobody knows the site's.
static uint64_t domain_of(const struct look_back *back, const struct named *named)
{
	struct span name = named->kind == INDICATOR_DOMAIN ? named->value
			   : named->kind == INDICATOR_URL  ? named->url->host
							   : span_of(NULL, 0);
	return back->options.domains ? site_domains_key_of_name(back->options.domain_seed, name) : 0;
}

static void write_alert(struct look_back *back, const struct found *found)
{
	struct store_match match;
	struct json json;
	struct past_value *space = &back->space;
	if (!past_value_of(found->kind, span_of(found->value, found->len), space) ||
		!reputation_past_find(back->reputation, &space->named, (uint32_t)back->now_s, &match))
		return;
	reputation_past_tell(back->reputation, &space->named, &match, &found->met, back->now_s, &back->past);
	detail_address(&back->past.hit.detail, "host", &found->host);
	const struct packet packet = {
		.ts_ns = back->now_s * NS_PER_S,
		.flags = PACKET_PSEUDO,
		.ip_version = address_is_v4(&found->host) ? 4 : 6,
		.proto = found->proto,
		.src = found->host,
		.dst = found->far,
		.dport = space->named.port,
		.direction = TO_SERVER,
	};
	const struct verdict verdict = { .alerted = true };
	struct finding *finding = &back->past.finding;
	finding->inside = found->host;
	finding->situation = found->indicator; // leaves a place for what is known of the domain
	finding->domain = domain_of(back, &space->named);
	struct record *record = back->record;
	memset(record, 0, sizeof(*record));
	json_begin(&json, record->line, RECORD_LINE_MAX);
	if (!eve_alert(back->options.eve, &json, record, &packet, NULL, finding, &verdict))
		return;
	size_t len = json_end(&json);
	if (!len)
		return;
	record->line_len = (uint32_t)len;
	record->situation = 0; // they are one a host and indicator already
	back->options.give(back->options.context, record, found->met.first_s * NS_PER_S);
}

// Remembered first: what cannot be remembered would be told at every start.
static enum sighting_fault remember(struct look_back *back, struct sighting_store *store)
{
	sighting_store_begin(store);
	for (uint32_t i = 0; i < back->count; i++)
		sighting_store_tell(store, back->found[i].indicator, &back->found[i].host, back->found[i].met.last_s);
	sighting_store_set_meta(store, "digest", digest_of(back->reputation));
	return sighting_store_commit(store);
}

static bool conclude(struct look_back *back, struct sighting_store *store, enum sighting_fault *fault)
{
	*fault = remember(back, store);
	if (*fault != SIGHTING_GOOD) {
		look_back_stop(back);
		return false;
	}
	if (back->count)
		qsort(back->found, back->count, sizeof(*back->found), by_indicator);
	for (uint32_t i = 0, end; i < back->count; i = end) {
		for (end = i; end < back->count && back->found[end].indicator == back->found[i].indicator;)
			end++;
		for (uint32_t n = i; n < end; n++) {
			back->found[n].met.hosts = end - i;
			write_alert(back, &back->found[n]);
		}
	}
	back->told += back->count;
	log_notice("sightings: looked back through %llu values for new indicators: %u findings%s",
		(unsigned long long)back->values, back->count,
		back->left_out ? "; there was no room for all (sekisho hunt finds the others)" : "");
	look_back_stop(back);
	return true;
}

bool look_back_step(struct look_back *back, struct sighting_store *store, enum sighting_fault *fault)
{
	*fault = SIGHTING_GOOD;
	sighting_store_begin(store);
	unsigned count = sighting_store_each(store, &back->place, PAST_SLICE, take_value, take_seen, back);
	*fault = sighting_store_commit(store);
	if (*fault != SIGHTING_GOOD) {
		look_back_stop(back);
		return false;
	}
	return count == PAST_SLICE || conclude(back, store, fault);
}
