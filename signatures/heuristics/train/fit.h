// SPDX-License-Identifier: GPL-3.0-or-later
// The model while it is learned, in floating point: steps of gradient descent (Adagrad), and its rounding to the table that ships.
//
// Life cycle   fit_init -> fit_step ... -> fit_round -> dga_log_odds() with the table
// Memory       the caller's: about 2 MB a model
// Threads      one model, one thread
#pragma once
#include "signatures/heuristics/dga_model.h"
#include "signatures/heuristics/train/random.h"

struct fit {
	float row[DGA_ROWS][DGA_UNITS], row_energy[DGA_ROWS][DGA_UNITS];
	float bias[DGA_UNITS], bias_energy[DGA_UNITS];
	float out[DGA_UNITS], out_energy[DGA_UNITS];
	float out_bias, out_bias_energy;
};

struct fit_settings {
	float rate; // of learning
	float keep; // share of tokens that a step looks at: what is never sure of one n-gram leans on all
};

void fit_init(struct fit *fit, struct random *random);
// One step towards generated (or not). Gives the log-odds before it.
float fit_step(struct fit *fit, const struct dga_tokens *tokens, bool generated, struct fit_settings settings,
	struct random *random);
// Rounds into table and its weights (DGA_ROWS x DGA_UNITS characters and a zero, the caller's).
void fit_round(const struct fit *fit, struct dga_table *table, char *weights);
