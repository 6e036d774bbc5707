// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/a_labels_form.h"
#include <stddef.h>
#include "signatures/reputation/a_labels_table.h"

#define PARTS_MAX 8u // of a letter: none has more than four

// The Unicode Standard 3.12
#define HANGUL_FIRST    0xac00u // of the syllables
#define HANGUL_LEADING  0x1100u
#define HANGUL_VOWEL    0x1161u
#define HANGUL_TRAILING 0x11a7u // the one before the first, which stands for none
#define LEADING_COUNT   19u
#define VOWEL_COUNT     21u
#define TRAILING_COUNT  28u
#define HANGUL_COUNT    (LEADING_COUNT * VOWEL_COUNT * TRAILING_COUNT)

unsigned a_labels_mapped(uint32_t point, uint32_t out[A_LABELS_EACH])
{
	unsigned low = 0, high = a_labels_run_count;
	out[0] = point;
	while (low < high) { // the first run that begins past point
		unsigned middle = low + (high - low) / 2;
		if (a_labels_runs[middle].from <= point)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return 1;
	const struct a_labels_run *run = &a_labels_runs[low - 1];
	uint32_t at = point - run->from;
	if (at % run->step || at / run->step >= run->count)
		return 1;
	if (run->len == A_LABELS_ADDED) {
		out[0] = (uint32_t)((int32_t)point + run->to);
		return 1;
	}
	for (unsigned i = 0; i < run->len; i++)
		out[i] = a_labels_points[(uint32_t)run->to + at * run->len + i];
	return run->len;
}

// The letter that point is, to be taken apart; NULL: it is none.
static const struct a_labels_pair *pair_of(uint32_t point)
{
	unsigned low = 0, high = a_labels_pair_count;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (a_labels_pairs[middle].whole == point)
			return &a_labels_pairs[middle];
		if (a_labels_pairs[middle].whole < point)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void a_labels_form_add(struct a_labels_form *form, uint32_t point)
{
	uint32_t parts[PARTS_MAX]; // the last first; only first parts have parts themselves
	unsigned count = 0;
	const struct a_labels_pair *pair;
	while (point >= 0x80 && count < PARTS_MAX - 1 && (pair = pair_of(point))) {
		parts[count++] = pair->second;
		point = pair->first;
	}
	parts[count++] = point;
	form->full |= count > A_LABELS_FORM_MAX - form->count;
	while (!form->full && count)
		form->points[form->count++] = parts[--count];
}

static unsigned combining_of(uint32_t point)
{
	unsigned low = 0, high = a_labels_marks_count;
	if (point < a_labels_marks[0].from)
		return 0;
	while (low < high) { // the first range that begins past point
		unsigned middle = low + (high - low) / 2;
		if (a_labels_marks[middle].from <= point)
			low = middle + 1;
		else
			high = middle;
	}
	const struct a_labels_marks *marks = &a_labels_marks[low - 1];
	return point - marks->from < marks->count ? marks->combining : 0;
}

// Marks of different classes do not touch: any order is the same, and this is the one that is written.
static void sort_marks(struct a_labels_form *form, uint8_t classes[A_LABELS_FORM_MAX])
{
	for (unsigned i = 0; i < form->count; i++) {
		uint32_t moved = form->points[i];
		uint8_t combining = (uint8_t)combining_of(moved);
		unsigned at = i;
		for (; combining && at && classes[at - 1] > combining; at--) {
			form->points[at] = form->points[at - 1];
			classes[at] = classes[at - 1];
		}
		form->points[at] = moved;
		classes[at] = combining;
	}
}

static uint32_t hangul_of(uint32_t first, uint32_t second)
{
	uint32_t leading = first - HANGUL_LEADING, vowel = second - HANGUL_VOWEL;
	uint32_t syllable = first - HANGUL_FIRST, trailing = second - HANGUL_TRAILING;
	if (leading < LEADING_COUNT && vowel < VOWEL_COUNT)
		return HANGUL_FIRST + (leading * VOWEL_COUNT + vowel) * TRAILING_COUNT;
	if (syllable < HANGUL_COUNT && syllable % TRAILING_COUNT == 0 && trailing - 1 < TRAILING_COUNT - 1)
		return first + trailing;
	return 0;
}

// What two points become; 0: they stay two.
static uint32_t composed(uint32_t first, uint32_t second)
{
	unsigned low = 0, high = a_labels_pair_count;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		const struct a_labels_pair *pair = &a_labels_pairs[a_labels_by_first[middle]];
		if (pair->first == first && pair->second == second)
			return pair->whole;
		if (pair->first < first || (pair->first == first && pair->second < second))
			low = middle + 1;
		else
			high = middle;
	}
	return hangul_of(first, second);
}

void a_labels_form_compose(struct a_labels_form *form)
{
	uint8_t classes[A_LABELS_FORM_MAX];
	unsigned count = 0, base = A_LABELS_FORM_MAX,
		 before = 0; // base: of the last that is no mark; before: class of the last
	sort_marks(form, classes);
	for (unsigned i = 0; i < form->count; i++) {
		uint32_t point = form->points[i];
		unsigned combining = classes[i];
		bool reaches = base < count && (base == count - 1 || before < combining);
		uint32_t whole = reaches ? composed(form->points[base], point) : 0;
		if (whole) {
			form->points[base] = whole;
			continue;
		}
		if (!combining)
			base = count;
		before = combining;
		form->points[count++] = point;
	}
	form->count = count;
}
