// SPDX-License-Identifier: GPL-3.0-or-later
// The shapes of names that domain generation algorithms are known to make, as generators of our own: alphabet, lengths and suffixes as the
// public descriptions of malware families give them. No family's algorithm is repeated, so no name here is one that a family would ask for
// (but by chance); what they share is the look.
//
// Memory   none taken; words are the caller's
// Threads  any; the random numbers are the caller's
#pragma once
#include "signatures/heuristics/train/random.h"
#include <stddef.h>

#define SHAPE_NAME_MAX 128

struct word_list {
	const char *const *words;
	uint32_t count;
};

// What a shape is used for. Pairs of words look like honest names, character by character: learning them would only make honest names suspicious,
// so they are measured and not learned.
enum shape_use { SHAPE_LEARNED, SHAPE_MEASURED };

struct generated_name {
	char text[SHAPE_NAME_MAX]; // label.suffix, ends with a zero
	uint32_t suffix_at;        // where suffix begins
};

extern const uint32_t shape_count;
const char *shape_title(uint32_t shape);
enum shape_use shape_use(uint32_t shape);
// How often shape is to be drawn beside the others.
uint32_t shape_weight(uint32_t shape);
void shape_generate(uint32_t shape, struct word_list words, struct random *random, struct generated_name *name);
