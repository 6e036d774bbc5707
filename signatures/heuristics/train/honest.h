// SPDX-License-Identifier: GPL-3.0-or-later
// Names as people make them, out of words: lists of real names are never long enough to show all the ways words are joined.
//
// Memory   none taken; words are the caller's
// Threads  any; the random numbers are the caller's
#pragma once
#include "signatures/heuristics/train/shapes.h"

// One or two words, with or without an addition ("shop", "24"), or an abbreviation and a word. Words of one language stand together in words.
// Gives the length of label, at most SHAPE_NAME_MAX - 1.
uint32_t honest_label(struct word_list words, struct random *random, char label[SHAPE_NAME_MAX]);
