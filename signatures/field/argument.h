// SPDX-License-Identifier: GPL-3.0-or-later
// Argument: what the tests' own readers of arguments are made of: words of a list, numbers, comparisons, yes and no.
//
// Threads      pure functions
#pragma once
#include "signatures/field/field.h"

enum argument_op {
	ARGUMENT_EQUAL,
	ARGUMENT_NOT,
	ARGUMENT_LESS,
	ARGUMENT_LESS_EQUAL,
	ARGUMENT_MORE,
	ARGUMENT_MORE_EQUAL,
	ARGUMENT_BETWEEN, // low and high not among them
};

struct argument_compare {
	uint8_t op; // enum argument_op
	uint64_t low, high;
};

// Cuts the trimmed text before the next separator off *rest. False when nothing is left; an empty word is one.
bool argument_next(struct span *rest, char separator, struct span *word);
// Cuts the next word (white space between) off *rest. False when nothing is left.
bool argument_word(struct span *rest, struct span *word);
// The whole of text as a number of at most most: decimal, or hex with 0x.
bool argument_number(struct span text, uint64_t most, uint64_t *out);
// N, =N, !N, <N, <=N, >N, >=N, N<>M, N-M (strictly between) up to most. False: text is none of these.
bool argument_compare_read(struct span text, uint64_t most, struct argument_compare *out);
bool argument_compare_holds(const struct argument_compare *compare, uint64_t value);
// yes, true, on, 1 and their counterparts, in any case.
bool argument_yes_no(struct span text, bool *out);

// A text, or "!" and a text, in quotes or not: a field_test's parse and data.
struct argument_text {
	bool negated;
	uint8_t len;
	char text[FIELD_TEST_BYTES - 2];
};
static_assert(sizeof(struct argument_text) <= FIELD_TEST_BYTES, "a test's data is bounded");
const char *argument_text_parse(const char *arguments, void *data);
// The same of a text alone: "!" and quotes are part of it. NULL when good, else the reason.
const char *argument_text_read(struct span text, struct argument_text *test);
