// SPDX-License-Identifier: GPL-3.0-or-later
// What is learned from, and the learning: half honest names, half generated ones, drawn anew each step.
//
// Life cycle   lists are read -> training_prepare -> training_run / training_write -> training_fini
// Memory       heap, freed by training_fini; the program ends on none
// Threads      one
#pragma once
#include "signatures/heuristics/train/fit.h"
#include "signatures/heuristics/train/names.h"
#include "signatures/heuristics/train/shapes.h"

struct training {
	struct name_list honest, words, without;
	uint32_t top_file; // which of honest's files has ranks that matter
	uint32_t steps;
	uint64_t seed;
	struct fit_settings settings;
	struct word_list word_list;
};

// One part of several left out, to be measured on: honest names by hash, shapes by number. parts 0: nothing is left out.
struct left_out {
	uint32_t part, parts;
};

// Sorts, drops what is double and what must not be learned; says how much there is.
void training_prepare(struct training *training);
void training_fini(struct training *training);
bool is_left_out_name(struct left_out out, const struct name *name);
bool is_left_out_shape(struct left_out out, uint32_t shape);
void training_run(const struct training *training, struct left_out out, struct fit *fit);
// Trains on all and writes the table as a C source. Ends the program if it cannot.
void training_write(const struct training *training, const char *path);
