// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/training.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_numbers(FILE *file, const char *title, const int32_t *numbers)
{
	fprintf(file, "\t.%s = { ", title);
	for (uint32_t u = 0; u < DGA_UNITS; u++)
		fprintf(file, "%s%d", u ? ", " : "", numbers[u]);
	fprintf(file, " },\n");
}

static void write_table(FILE *file, const struct training *training, const struct dga_table *table)
{
	fprintf(file,
		"// SPDX-License-Identifier: GPL-3.0-or-later\n"
		"// Made by signatures/heuristics/train (dga_train --seed %llu --steps %u) from %u honest names and %u "
		"words;\n"
		"// docs/detections.md has the lists and the command. Do not edit. It holds weights only, no names.\n"
		"#include \"signatures/heuristics/dga_model.h\"\n\n"
		"// clang-format off\n"
		"static const char weights[DGA_ROWS * DGA_UNITS + 1] =",
		(unsigned long long)training->seed, training->steps, training->honest.count, training->words.count);
	const uint32_t line = 250 * DGA_UNITS, all = DGA_ROWS * DGA_UNITS;
	for (uint32_t at = 0; at < all; at += line)
		fprintf(file, "\n\"%.*s\"", (int)(all - at < line ? all - at : line), table->weights + at);
	fprintf(file, ";\n// clang-format on\n\nconst struct dga_table dga_table = {\n\t.weights = weights,\n");
	write_numbers(file, "bias", table->bias);
	write_numbers(file, "out", table->out);
	fprintf(file, "\t.out_bias = %d,\n};\n", table->out_bias);
}

void training_write(const struct training *training, const char *path)
{
	struct fit *fit = calloc(1, sizeof(*fit));
	char *weights = calloc(DGA_ROWS * DGA_UNITS + 1, 1);
	FILE *file = fopen(path, "w");
	if (!fit || !weights || !file) {
		perror(path);
		exit(1);
	}
	struct dga_table table = { 0 };
	training_run(training, (struct left_out) { 0 }, fit);
	fit_round(fit, &table, weights);
	write_table(file, training, &table);
	if (fclose(file)) {
		perror(path);
		exit(1);
	}
	free(fit);
	free(weights);
}
