// SPDX-License-Identifier: GPL-3.0-or-later
// Measures a model on what it did not learn: the other folds' honest names and shapes.
//
// Memory   heap; the program ends on none
// Threads  one
#pragma once
#include "signatures/heuristics/train/training.h"

// Trains folds times, prints what was found of the part left out each time, together.
void measure_folds(const struct training *training, uint32_t folds);

// Prints score and name for each line of a file, as the sensor would score it. Gives the program's exit code.
int print_scores(const char *path);
