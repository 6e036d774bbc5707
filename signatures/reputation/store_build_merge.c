// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdlib.h>
#include "signatures/reputation/store_building.h"
#include "signatures/reputation/store_file.h"

// Sorting ------------------------------------------------------------------------------------------------------------------------

#define SMALL 24 // records that insertion sorts faster

static void sort_small(struct store_record *records, uint64_t count)
{
	for (uint64_t i = 1; i < count; i++) {
		struct store_record moved = records[i];
		uint64_t at = i;
		for (; at && records[at - 1].key > moved.key; at--)
			records[at] = records[at - 1];
		records[at] = moved;
	}
}

// By key, in place, a byte at a time from the highest on: linear, and no second array of a quarter of a gigabyte.
static void sort_records(struct store_record *records, uint64_t count, unsigned shift)
{
	if (count <= SMALL) {
		sort_small(records, count);
		return;
	}
	uint64_t next[256] = { 0 }, end[256], sum = 0;
	for (uint64_t i = 0; i < count; i++)
		next[records[i].key >> shift & 255]++;
	for (unsigned digit = 0; digit < 256; digit++) {
		sum += next[digit];
		end[digit] = sum;
		next[digit] = sum - next[digit];
	}
	for (unsigned digit = 0; digit < 256; digit++) {
		while (next[digit] < end[digit]) {
			struct store_record *here = &records[next[digit]];
			unsigned home = here->key >> shift & 255;
			if (home != digit) {
				struct store_record moved = *here;
				*here = records[next[home]];
				records[next[home]] = moved;
			}
			next[home]++;
		}
	}
	for (unsigned digit = 0; shift && digit < 256; digit++) {
		uint64_t begin = digit ? end[digit - 1] : 0;
		sort_records(records + begin, end[digit] - begin, shift - 8);
	}
}

// By space, place, and width: wider networks before those in them.
static int by_place(const void *a, const void *b)
{
	const struct store_network *one = a, *other = b;
	bool allow = store_record_allow(&one->record);
	if (allow != store_record_allow(&other->record))
		return allow ? 1 : -1;
	int order = address_compare(&one->address, &other->address);
	return order ? order : (int)one->bits - (int)other->bits;
}

// Merging ------------------------------------------------------------------------------------------------------------------------

struct merge {
	struct store_build *build;
	struct store_record out;
	struct store_word *words; // one a feed, of the group at hand
	uint32_t count;
	uint32_t *word_of; // [feed]: number in words + 1
	uint32_t *numbers; // a set as it is interned
	bool failed;
};

// Of one feed: its highest confidence, and what else that line says; what it does not say may come from another.
static void take_word(struct merge *merge, struct store_word word)
{
	uint32_t *number = &merge->word_of[word.feed];
	if (!*number) {
		merge->words[merge->count++] = word;
		*number = merge->count;
		return;
	}
	struct store_word *known = &merge->words[*number - 1];
	struct store_word best = word.confidence > known->confidence ? word : *known;
	struct store_word other = word.confidence > known->confidence ? *known : word;
	if (!best.family)
		best.family = other.family;
	if (!best.technique)
		best.technique = other.technique;
	*known = best;
}

static void merge_begin(struct merge *merge, const struct store_record *record)
{
	merge->out = *record;
	merge->count = 0;
	take_word(merge, store_build_word(merge->build, record->source));
}

// Which of the two has been listed longer; of the same time, the one that is sure of it.
static const struct store_record *first_listed(const struct store_record *one, const struct store_record *other)
{
	if (!one->first_seen_s || !other->first_seen_s)
		return one->first_seen_s ? one : other;
	if (one->first_seen_s != other->first_seen_s)
		return one->first_seen_s < other->first_seen_s ? one : other;
	return one->flags & INDICATOR_EARLIER ? other : one;
}

static void merge_take(struct merge *merge, const struct store_record *record)
{
	struct store_record *out = &merge->out;
	const struct store_record first = *first_listed(out, record);
	uint8_t narrow = out->flags & record->flags & (INDICATOR_EXACT | INDICATOR_BELOW);
	out->flags = (uint8_t)(narrow | (first.flags & INDICATOR_EARLIER) | (out->flags & INDICATOR_ALLOW) |
			       ((out->flags | record->flags) & INDICATOR_DROP));
	out->first_seen_s = first.first_seen_s;
	if (!record->expiry_s || (out->expiry_s && record->expiry_s > out->expiry_s))
		out->expiry_s = record->expiry_s;
	take_word(merge, store_build_word(merge->build, record->source));
}

static int by_confidence(const void *a, const void *b)
{
	const struct store_word *one = a, *other = b;
	if (one->confidence != other->confidence)
		return one->confidence > other->confidence ? -1 : 1;
	return (one->feed > other->feed) - (one->feed < other->feed);
}

// 100 (1 - product of (1 - c/100)): that all feeds err at once, as if each erred on its own. Not certain unless one is.
static uint32_t combined(const struct store_word *words, uint32_t count)
{
	double doubt = 1;
	for (uint32_t i = 0; i < count; i++)
		doubt *= 1 - words[i].confidence / 100.0;
	uint32_t confidence = (uint32_t)lround(100 * (1 - doubt));
	return words[0].confidence < 100 && confidence > 99 ? 99 : confidence;
}

// False: it expired, or no memory (failed).
static bool merge_end(struct merge *merge, uint32_t now_s)
{
	struct store_build *build = merge->build;
	for (uint32_t i = 0; i < merge->count; i++)
		merge->word_of[merge->words[i].feed] = 0;
	if (merge->out.expiry_s && merge->out.expiry_s <= now_s)
		return false;
	if (merge->count > 1)
		qsort(merge->words, merge->count, sizeof(*merge->words), by_confidence);
	uint32_t kept = merge->count < STORE_SOURCES_MAX ? merge->count : STORE_SOURCES_MAX;
	merge->numbers[0] = merge->out.flags | combined(merge->words, merge->count) << 8;
	for (uint32_t i = 0; i < kept; i++) {
		merge->numbers[i + 1] =
			store_intern_id(&build->sources, span_of(&merge->words[i], sizeof(merge->words[i])));
		merge->failed |= merge->numbers[i + 1] == STORE_INTERN_NONE;
	}
	merge->out.source =
		store_intern_id(&build->sets, span_of(merge->numbers, (kept + 1) * sizeof(*merge->numbers)));
	merge->failed |= merge->out.source == STORE_INTERN_NONE;
	return !merge->failed;
}

static void merge_records(struct merge *merge, uint32_t now_s)
{
	struct store_record *records = merge->build->records;
	uint64_t count = merge->build->record_count, kept = 0;
	for (uint64_t i = 0; i < count && !merge->failed;) {
		uint64_t key = records[i].key;
		merge_begin(merge, &records[i]);
		while (++i < count && records[i].key == key)
			merge_take(merge, &records[i]);
		if (merge_end(merge, now_s))
			records[kept++] = merge->out;
	}
	merge->build->record_count = kept;
}

static void merge_networks(struct merge *merge, uint32_t now_s)
{
	struct store_network *networks = merge->build->networks;
	uint64_t count = merge->build->network_count, kept = 0;
	for (uint64_t i = 0; i < count && !merge->failed;) {
		struct store_network first = networks[i];
		merge_begin(merge, &first.record);
		while (++i < count && !by_place(&networks[i], &first))
			merge_take(merge, &networks[i].record);
		first.record = merge->out;
		if (merge_end(merge, now_s)) {
			first.record.source = merge->out.source;
			networks[kept++] = first;
		}
	}
	merge->build->network_count = kept;
}

static int by_number(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
	return (one > other) - (one < other);
}

static void merge_marks(struct store_build *build)
{
	uint64_t kept = 0;
	if (build->mark_count > 1)
		qsort(build->marks, build->mark_count, sizeof(*build->marks), by_number);
	for (uint64_t i = 0; i < build->mark_count; i++)
		if (!kept || build->marks[i] != build->marks[kept - 1])
			build->marks[kept++] = build->marks[i];
	build->mark_count = kept;
}

bool store_build_merge(struct store_build *build, uint32_t now_s)
{
	build->merged = true;
	struct merge merge = { .build = build };
	size_t feeds = build->feed_count + 1;
	merge.words = calloc(feeds, sizeof(*merge.words));
	merge.word_of = calloc(feeds, sizeof(*merge.word_of));
	merge.numbers = calloc(STORE_SOURCES_MAX + 1, sizeof(*merge.numbers));
	merge.failed = !merge.words || !merge.word_of || !merge.numbers;
	if (!merge.failed) {
		sort_records(build->records, build->record_count, 56);
		if (build->network_count > 1)
			qsort(build->networks, build->network_count, sizeof(*build->networks), by_place);
		merge_records(&merge, now_s);
		merge_networks(&merge, now_s);
		merge_marks(build);
	}
	free(merge.words);
	free(merge.word_of);
	free(merge.numbers);
	return !merge.failed;
}
