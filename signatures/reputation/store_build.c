// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/store_build.h"
#include <assert.h>
#include <stdlib.h>
#include "signatures/reputation/store_building.h"
#include "signatures/reputation/store_file.h"
#include "signatures/reputation/store_hash.h"

#define FEEDS_MAX   65535u
#define TEXT_MAX    255u         // bytes of a family or a technique
#define TEXTS_MAX   (256u << 20) // bytes of all of them
#define RECORDS_MAX 4000000000u

static_assert(sizeof(struct store_record) == 24, "what the header promises of memory");

struct store_build *store_build_new(uint64_t max_entries)
{
	struct store_build *build = calloc(1, sizeof(*build));
	if (!build)
		return NULL;
	build->max_entries = max_entries < RECORDS_MAX ? max_entries : RECORDS_MAX;
	if (store_intern_id(&build->texts, span_text("")) == 0)
		return build;
	store_build_free(build);
	return NULL;
}

void store_build_free(struct store_build *build)
{
	if (!build)
		return;
	free(build->records);
	free(build->networks);
	free(build->marks);
	free(build->feeds);
	store_intern_fini(&build->texts);
	store_intern_fini(&build->sources);
	store_intern_fini(&build->sets);
	free(build);
}

// Room for one more; *items may move. A large array grows by moving pages, not bytes, and what of it is not yet used takes no memory.
static bool room_for(void *items, uint64_t count, uint64_t *room, size_t size)
{
	void **array = items;
	if (count < *room)
		return true;
	uint64_t more = *room ? *room + *room / 2 : 256;
	void *grown = realloc(*array, more * size);
	if (!grown)
		return false;
	*array = grown;
	*room = more;
	return true;
}

bool store_build_feed(struct store_build *build, const char *name, uint32_t *feed)
{
	uint64_t room = build->feed_room;
	if (build->feed_count == FEEDS_MAX || !room_for(&build->feeds, build->feed_count, &room, sizeof(*build->feeds)))
		return false;
	build->feed_room = (uint32_t)room;
	uint32_t text = store_intern_id(&build->texts, span_text(name));
	if (text == STORE_INTERN_NONE)
		return false;
	build->feeds[build->feed_count] = text;
	*feed = build->feed_count++;
	return true;
}

// The least bits of a network, [allow][IPv6]. Own networks may be as wide as 224.0.0.0/4 and fc00::/7.
static const uint8_t least_bits[2][2] = { { 96 + 8, 16 }, { 96 + 4, 7 } };

static const char *network_wrong(const struct indicator *indicator)
{
	static const struct address first_v4 = { .bytes = { [10] = 0xff, [11] = 0xff } };
	struct address address = address_v6(indicator->value.data);
	unsigned bits = indicator->bits;
	if (bits > 128)
		return "more bits than the address has";
	if (bits <= 96 && address_in(&first_v4, &address, bits))
		return "a network of IPv6 that holds all of IPv4";
	if (bits < least_bits[!!(indicator->flags & INDICATOR_ALLOW)][!address_is_v4(&address)])
		return "so wide a network says nothing";
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
		if (kept < 8 && address.bytes[i] & 0xff >> kept)
			return "a network with host bits";
	}
	return NULL;
}

static const char *what_is_wrong(const struct store_build *build, uint32_t feed, const struct indicator *indicator)
{
	if (build->merged || feed >= build->feed_count)
		return "no such feed";
	if (indicator->kind >= INDICATOR_KINDS)
		return "no such kind";
	uint32_t len = indicator_kind_bytes[indicator->kind];
	if (!indicator->value.len || indicator->value.len > INDICATOR_VALUE_MAX)
		return "empty or too long";
	if (len && indicator->value.len != len)
		return "not of its kind's length";
	if (!indicator->confidence || indicator->confidence > INDICATOR_CONFIDENCE_MAX)
		return "confidence is from 1 to 100";
	if ((indicator->flags & (INDICATOR_EXACT | INDICATOR_BELOW)) == (INDICATOR_EXACT | INDICATOR_BELOW))
		return "neither itself nor what lies below";
	if (indicator->family.len > TEXT_MAX || indicator->technique.len > TEXT_MAX)
		return "family or technique too long";
	if (indicator->kind == INDICATOR_URL && span_is(indicator->value, "/"))
		return "every URL there is";
	if (build->texts.len > TEXTS_MAX)
		return "too many different families";
	if (build->record_count + build->network_count >= build->max_entries)
		return "too many indicators";
	return indicator->kind == INDICATOR_NETWORK ? network_wrong(indicator) : NULL;
}

static uint64_t mark_of(struct store_build *build, const struct indicator *indicator)
{
	if (indicator->kind == INDICATOR_ENDPOINT)
		return store_key(INDICATOR_ADDRESS, indicator->value, 0, 0);
	struct span url = indicator->value, host = span_slice(url, 0, span_find(url, '/', 0));
	build->anywhere_count[!!(indicator->flags & INDICATOR_ALLOW)] += !host.len;
	return host.len ? store_mark_key(STORE_MARK_HOST, host)
			: store_mark_key(STORE_MARK_ANYWHERE, store_first_segment(url));
}

// What stands in the filter beside the keys of what is listed.
static bool add_mark(struct store_build *build, const struct indicator *indicator)
{
	if (indicator->kind != INDICATOR_URL && indicator->kind != INDICATOR_ENDPOINT)
		return true;
	if (!room_for(&build->marks, build->mark_count, &build->mark_room, sizeof(*build->marks)))
		return false;
	uint64_t space = store_space(indicator->flags & INDICATOR_ALLOW);
	build->marks[build->mark_count++] = mark_of(build, indicator) ^ space;
	return true;
}

static void add_labels(struct store_build *build, const struct indicator *indicator)
{
	unsigned labels = 1;
	for (uint32_t i = 0; i < indicator->value.len; i++)
		labels += indicator->value.data[i] == '.';
	build->label_counts[!!(indicator->flags & INDICATOR_ALLOW)] |= store_label_bit(labels);
}

static bool add_record(struct store_build *build, const struct indicator *indicator, const struct store_record *record)
{
	if (indicator->kind != INDICATOR_NETWORK) {
		if (indicator->kind == INDICATOR_DOMAIN)
			add_labels(build, indicator);
		if (!add_mark(build, indicator))
			return false;
		if (!room_for(&build->records, build->record_count, &build->record_room, sizeof(*build->records)))
			return false;
		build->records[build->record_count++] = *record;
		return true;
	}
	if (!room_for(&build->networks, build->network_count, &build->network_room, sizeof(*build->networks)))
		return false;
	build->networks[build->network_count++] =
		(struct store_network) { address_v6(indicator->value.data), *record, indicator->bits };
	return true;
}

const char *store_build_add(struct store_build *build, uint32_t feed, const struct indicator *indicator)
{
	const char *wrong = what_is_wrong(build, feed, indicator);
	if (wrong)
		return wrong;
	struct store_word word = { feed, indicator->confidence, store_intern_id(&build->texts, indicator->family),
		store_intern_id(&build->texts, indicator->technique) };
	if (word.family == STORE_INTERN_NONE || word.technique == STORE_INTERN_NONE)
		return "out of memory";
	bool network = indicator->kind == INDICATOR_NETWORK, endpoint = indicator->kind == INDICATOR_ENDPOINT;
	struct store_record record = {
		.key = store_key((enum indicator_kind)indicator->kind, indicator->value, network ? indicator->bits : 0,
			       endpoint ? indicator->port : 0) ^
		       store_space(indicator->flags & INDICATOR_ALLOW),
		.first_seen_s = indicator->first_seen_s,
		.expiry_s = indicator->expiry_s,
		.source = store_intern_id(&build->sources, span_of(&word, sizeof(word))),
		.kind = indicator->kind,
		.flags = indicator->flags,
	};
	if (record.source == STORE_INTERN_NONE || !add_record(build, indicator, &record))
		return "out of memory";
	return NULL;
}

struct store_word store_build_word(const struct store_build *build, uint32_t source)
{
	struct store_word word;
	memcpy(&word, store_intern_get(&build->sources, source).data, sizeof(word));
	return word;
}
