// SPDX-License-Identifier: GPL-3.0-or-later
// A-labels form: the code points of a label as UTS 46 maps them and Unicode composes them (NFC). Private to the folder, and to tests.
//
// Memory   plain values
// Work     linear in the points given, but for marks, which are sorted: at most A_LABELS_FORM_MAX squared
// Sources  UTS 46 section 4, steps 1 and 2; UAX 15; the Unicode Standard 3.11 (order of marks, composition), 3.12 (Hangul)
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define A_LABELS_FORM_MAX 128u // points of a label, taken apart: twice as many as any has that fits into 63 bytes

struct a_labels_form {
	uint32_t points[A_LABELS_FORM_MAX];
	unsigned count;
	bool full; // some found no room
};

// What point becomes, at most A_LABELS_EACH points; their number.
#define A_LABELS_EACH 6u
unsigned a_labels_mapped(uint32_t point, uint32_t out[A_LABELS_EACH]);
// Adds a mapped point, taken apart.
void a_labels_form_add(struct a_labels_form *form, uint32_t point);
// Puts marks in order and composes; nothing can be added then.
void a_labels_form_compose(struct a_labels_form *form);
