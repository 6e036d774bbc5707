// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/files/domain_text.h"
#include <idn2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "signatures/reputation/a_labels_table.h"
#include "signatures/reputation/canonical.h"

static unsigned put_point(char *out, uint32_t point)
{
	if (point < 0x80)
		return (unsigned)snprintf(out, 5, "%c", (int)point);
	unsigned more = point >= 0x10000 ? 3 : point >= 0x800 ? 2 : 1;
	out[0] = (char)(0xf00 >> (more + 1) | point >> (6 * more));
	for (unsigned i = 1; i <= more; i++)
		out[i] = (char)(0x80 | (point >> (6 * (more - i)) & 0x3f));
	out[more + 1] = 0;
	return more + 1;
}

static void put_points(char *out, const uint32_t *points, unsigned count)
{
	*out = 0;
	for (unsigned i = 0; i < count; i++)
		out += put_point(out, points[i]);
}

struct tally {
	unsigned accepted, other; // by libidn2; than it says
};

// Is what traffic makes of a name what libidn2 makes of it, if it takes it at all?
static void compare(const char *name, struct tally *tally)
{
	uint8_t wanted[CANONICAL_NAME_MAX], out[CANONICAL_NAME_MAX];
	char *ascii = NULL;
	if (idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
		uint32_t wanted_len = canonical_name(span_text(ascii), wanted);
		uint32_t len = canonical_name(span_text(name), out);
		tally->accepted++;
		bool same = !wanted_len || (len == wanted_len && memcmp(out, wanted, len) == 0); // 0: no name of DNS
		if (!same && tally->other++ < 20)
			print_message("%s: %.*s, not %s\n", name, (int)len, (const char *)out, ascii);
	}
	idn2_free(ascii);
}

// Exactly, of the version the table was made beside; another one may know other letters.
static void check_tally(const struct tally *tally)
{
	if (strcmp(idn2_check_version(NULL), "2.3.3") == 0)
		assert_int_equal(tally->other, 0);
	else
		assert_true(tally->other < tally->accepted / 100);
}

// Alone, behind and between letters, between letters that go from right to left, and below a name.
static void every_code_point_is_mapped_as_libidn2_does(void **state)
{
	(void)state;
	static const uint32_t around[][2] = { { 0, 0 }, { 'q', 0 }, { 0, 'q' }, { 'q', 'q' }, { 0x5d0, 0x5d0 },
		{ 0x644, 0x644 } };
	struct tally tally = { 0 };
	for (uint32_t point = 0x80; point < 0x110000; point += point == 0x323af ? 0xe0000 - 0x323af : 1) {
		if (point >= 0xd800 && point < 0xe000)
			continue;
		for (unsigned i = 0; i < sizeof(around) / sizeof(*around); i++) {
			char name[32];
			uint32_t points[] = { around[i][0], point, around[i][1] };
			put_points(name, points + !points[0], 3u - !points[0] - !points[2]);
			strcat(name, ".example");
			compare(name, &tally);
		}
	}
	assert_true(tally.accepted > 300000);
	check_tally(&tally);
}

static void letters_taken_apart_are_composed(void **state)
{
	(void)state;
	struct tally tally = { 0 };
	for (unsigned i = 0; i < a_labels_pair_count; i++) {
		const struct a_labels_pair *pair = &a_labels_pairs[i];
		char name[64];
		put_points(name, (uint32_t[]) { pair->first, pair->second }, 2);
		compare(name, &tally);
		for (unsigned j = 0; j < a_labels_pair_count; j++) { // its first point taken apart, too
			const struct a_labels_pair *inner = &a_labels_pairs[j];
			if (inner->whole != pair->first)
				continue;
			put_points(name, (uint32_t[]) { inner->first, inner->second, pair->second }, 3);
			compare(name, &tally);
			put_points(name, (uint32_t[]) { inner->first, pair->second, inner->second }, 3);
			compare(name, &tally);
		}
	}
	for (uint32_t syllable = 0xac00; syllable < 0xd7a4; syllable++) {
		uint32_t number = syllable - 0xac00, trailing = number % 28;
		const uint32_t jamo[] = { 0x1100 + number / 588, 0x1161 + number / 28 % 21, 0x11a7 + trailing };
		const uint32_t pair[] = { syllable - trailing, jamo[2] };
		char name[64];
		put_points(name, jamo, trailing ? 3 : 2);
		compare(name, &tally);
		put_points(name, pair, trailing ? 2 : 1);
		compare(name, &tally);
	}
	assert_true(tally.accepted > 20000);
	check_tally(&tally);
}

static uint32_t number_of(uint64_t *state, uint32_t count)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*state >> 32) % count);
}

// What composes, with marks that do and do not, in any order, capitals and all.
static uint32_t any_point(uint64_t *state)
{
	const struct a_labels_pair *pair = &a_labels_pairs[number_of(state, a_labels_pair_count)];
	const struct a_labels_marks *marks = &a_labels_marks[number_of(state, a_labels_marks_count)];
	const struct a_labels_run *run = &a_labels_runs[number_of(state, a_labels_run_count)];
	switch (number_of(state, 8)) {
	case 0: return pair->whole;
	case 1: return pair->first;
	case 2: return marks->from + number_of(state, marks->count);
	case 3: return run->from + run->step * number_of(state, run->count);
	case 4: return 'A' + number_of(state, 26);
	case 5: return 0xc0 + number_of(state, 0x180);
	default: return number_of(state, 3) ? 0x300 + number_of(state, 0x46) : pair->second;
	}
}

static void any_points_become_what_libidn2_makes_of_them(void **state)
{
	(void)state;
	struct tally tally = { 0 };
	uint64_t numbers = 1;
	for (unsigned i = 0; i < 300000; i++) {
		uint32_t points[8] = { 'a' + number_of(&numbers, 26) };
		unsigned count = 2 + number_of(&numbers, 7);
		char name[64];
		for (unsigned at = number_of(&numbers, 2); at < count; at++)
			points[at] = any_point(&numbers);
		put_points(name, points, count);
		compare(name, &tally);
	}
	assert_true(tally.accepted > 30000);
	check_tally(&tally);
}

static void names_become_a_labels_or_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} names[] = {
		{ "Example.COM.", "example.com" },
		{ "B\u00fccher.example", "xn--bcher-kva.example" },
		{ "bu\u0308cher.example", "xn--bcher-kva.example" },
		{ "stra\u00dfe.example", "xn--strae-oqa.example" },
		{ "\uff45\uff56\uff49\uff4c\u3002com", "evil.com" },
		{ "-\u00fc.example", "" }, // what libidn2 does not take
		{ "\u0308a.example", "" },
		{ "a\u00a0b.example", "" }, // a space
		{ "a b.example", "" },
	};
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		uint8_t out[CANONICAL_NAME_MAX];
		uint32_t len = domain_from_text(names[i].from, out);
		if (len != strlen(names[i].to) || memcmp(out, names[i].to, len) != 0)
			fail_msg("%s: %.*s", names[i].from, (int)len, (const char *)out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_a_labels_or_nothing),
		cmocka_unit_test(letters_taken_apart_are_composed),
		cmocka_unit_test(any_points_become_what_libidn2_makes_of_them),
		cmocka_unit_test(every_code_point_is_mapped_as_libidn2_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
