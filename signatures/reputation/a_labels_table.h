// SPDX-License-Identifier: GPL-3.0-or-later
// A-labels table: what a_labels.c needs of Unicode, made by a_labels_table.py. Private to the folder, and to tests.
//
// Memory   constants: 44 KB, none of it touched by names that are ASCII
// Sources  Unicode Character Database; UTS 46 section 6 (which mapping is derived from it how)
#pragma once
#include <stdint.h>

// Points from, from + step, ... of which each becomes something else.
struct a_labels_run {
	uint32_t from;
	uint16_t count;
	uint8_t step;
	uint8_t len; // points each becomes, in a_labels_points from to on; 0: it goes; A_LABELS_ADDED: it has to added
	int32_t to;
};
#define A_LABELS_ADDED 0xffu

// A letter that a first point and a second become (and, taken apart, that it is).
struct a_labels_pair {
	uint32_t whole, first, second;
};

// Marks: points that stand on the one before them, in ranges of one combining class.
struct a_labels_marks {
	uint32_t from;
	uint16_t count, combining;
};

// Ascending by from, whole, from.
extern const struct a_labels_run a_labels_runs[];
extern const struct a_labels_pair a_labels_pairs[];
extern const struct a_labels_marks a_labels_marks[];
extern const uint32_t a_labels_points[];
extern const uint16_t a_labels_by_first[]; // numbers of pairs, ascending by first and second
extern const unsigned a_labels_run_count, a_labels_pair_count, a_labels_marks_count, a_labels_point_count;
