// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/measure.h"
#include "signatures/heuristics/dga.h"
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define NAMES_A_SHAPE 2000

struct histogram {
	double count[DGA_SCORE_MAX + 1];
	double total;
};

static void count(struct histogram *h, uint32_t score, double weight)
{
	h->count[score] += weight;
	h->total += weight;
}

// Share of h with at least score.
static double share_from(const struct histogram *h, uint32_t score)
{
	double sum = 0;
	for (uint32_t i = score; i <= DGA_SCORE_MAX; i++)
		sum += h->count[i];
	return h->total > 0 ? sum / h->total : 0;
}

static double area(const struct histogram *good, const struct histogram *bad)
{
	double below = 0, sum = 0;
	for (uint32_t i = 0; i <= DGA_SCORE_MAX; i++) {
		sum += bad->count[i] * (below + good->count[i] / 2);
		below += good->count[i];
	}
	return sum / (good->total * bad->total);
}

struct measured {
	struct histogram names, top, top_weighted, generated, shape[128];
};

static uint32_t score_with(const struct dga_table *table, const char *label, uint32_t len, const char *suffix)
{
	struct dga_tokens tokens;
	if (len < DGA_LABEL_MIN)
		return 0;
	dga_tokens_of(&tokens, label, len, suffix, (uint32_t)strlen(suffix));
	return dga_score_of_log_odds(dga_log_odds(table, &tokens));
}

static void measure_part(
	const struct training *training, struct left_out out, const struct dga_table *table, struct measured *m)
{
	for (uint32_t i = 0; i < training->honest.count; i++) {
		const struct name *name = &training->honest.names[i];
		if (!is_left_out_name(out, name))
			continue;
		uint32_t score = score_with(table, name->label, (uint32_t)strlen(name->label), name->suffix);
		if (name->file == training->top_file) {
			count(&m->top, score, 1);
			count(&m->top_weighted, score, 1.0 / name->rank);
		} else {
			count(&m->names, score, 1);
		}
	}
	struct random random = { training->seed + 77 + out.part };
	for (uint32_t shape = 0; shape < shape_count; shape++) {
		struct generated_name made;
		for (uint32_t i = 0; i < (is_left_out_shape(out, shape) ? NAMES_A_SHAPE : 0); i++) {
			shape_generate(shape, training->word_list, &random, &made);
			uint32_t score = score_with(table, made.text, made.suffix_at - 1, made.text + made.suffix_at);
			count(&m->shape[shape], score, 1);
			if (shape_use(shape) == SHAPE_LEARNED)
				count(&m->generated, score, shape_weight(shape));
		}
	}
}

static void print_measured(const struct measured *m)
{
	static const uint32_t at[] = { 500, 700, 800, 900, 950, 980, 990, 995, 998 };
	printf("area under the curve: names %.4f, top %.4f\n", area(&m->names, &m->generated),
		area(&m->top, &m->generated));
	printf("score   generated found  names wrong  top wrong  top by rank  a day of 1,000,000\n");
	for (uint32_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		printf("%5u %16.4f %12.4f %10.4f %12.5f %12.0f\n", at[i], share_from(&m->generated, at[i]),
			share_from(&m->names, at[i]), share_from(&m->top, at[i]), share_from(&m->top_weighted, at[i]),
			1e6 * share_from(&m->top_weighted, at[i]));
	printf("found by shape that was not learned, at 500 and 900\n");
	for (uint32_t shape = 0; shape < shape_count; shape++)
		printf("  %-34s %.3f %.3f\n", shape_title(shape), share_from(&m->shape[shape], 500),
			share_from(&m->shape[shape], 900));
}

void measure_folds(const struct training *training, uint32_t folds)
{
	struct fit *fit = calloc(1, sizeof(*fit));
	struct measured *measured = calloc(1, sizeof(*measured));
	char *weights = calloc(DGA_ROWS * DGA_UNITS + 1, 1);
	if (!fit || !measured || !weights)
		abort();
	for (uint32_t part = 0; part < folds; part++) {
		struct dga_table table = { 0 };
		training_run(training, (struct left_out) { part, folds }, fit);
		fit_round(fit, &table, weights);
		measure_part(training, (struct left_out) { part, folds }, &table, measured);
	}
	print_measured(measured);
	free(fit);
	free(measured);
	free(weights);
}

int print_scores(const char *path)
{
	gzFile file = gzopen(path, "rb");
	if (!file) {
		perror(path);
		return 1;
	}
	char line[1024];
	while (gzgets(file, line, sizeof(line))) {
		line[strcspn(line, " \t\r\n,\"")] = 0;
		uint32_t len = (uint32_t)strlen(line);
		const char *suffix = psl_unregistrable_domain(psl_builtin(), line);
		printf("%u %s\n", dga_score(line, len, suffix ? (uint32_t)(suffix - line) : len), line);
	}
	gzclose(file);
	return 0;
}
