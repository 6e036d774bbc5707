// SPDX-License-Identifier: GPL-3.0-or-later
// What the shipped DGA table finds among names it did not learn from, and how many honest ones it takes for generated: the figures of docs/detections.md.
// Needs the held out lists in ../shared/intel: without them this says so and is skipped.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#include "signatures/heuristics/dga.h"

#define INTEL PROJECT_DIR "/../shared/intel/"

#define NAMES_MAX 50000

struct scores {
	uint64_t of[DGA_SCORE_MAX + 1];
	uint64_t total, ns;
};

struct held_out {
	char *text;
	uint32_t len, suffix_at;
};

// Of this thread's work, not of its waiting.
static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// Gives the number of names read into names.
static uint32_t read_names(struct held_out names[NAMES_MAX], const char *path)
{
	gzFile file = gzopen(path, "rb");
	if (!file) {
		fprintf(stderr, "SKIPPED: %s cannot be read: the DGA table is not measured on held out names\n", path);
		exit(77);
	}
	char line[1024];
	uint32_t count = 0;
	while (count < NAMES_MAX && gzgets(file, line, sizeof(line))) {
		line[strcspn(line, " \t\r\n,\"")] = 0;
		if (!line[0])
			continue;
		const char *suffix = psl_unregistrable_domain(psl_builtin(), line);
		uint32_t len = (uint32_t)strlen(line);
		names[count++] = (struct held_out) { strdup(line), len, suffix ? (uint32_t)(suffix - line) : len };
	}
	gzclose(file);
	return count;
}

static void read_scores(struct scores *scores, const char *path)
{
	static struct held_out names[NAMES_MAX];
	uint32_t count = read_names(names, path);
	uint64_t begin = now_ns();
	for (uint32_t i = 0; i < count; i++)
		scores->of[dga_score(names[i].text, names[i].len, names[i].suffix_at)]++;
	scores->ns = now_ns() - begin;
	scores->total = count;
	for (uint32_t i = 0; i < count; i++)
		free(names[i].text);
}

static uint64_t count_from(const struct scores *scores, uint32_t score)
{
	uint64_t count = 0;
	for (uint32_t i = score; i <= DGA_SCORE_MAX; i++)
		count += scores->of[i];
	return count;
}

static double area_under_curve(const struct scores *honest, const struct scores *generated)
{
	double below = 0, sum = 0;
	for (uint32_t i = 0; i <= DGA_SCORE_MAX; i++) {
		sum += (double)generated->of[i] * (below + (double)honest->of[i] / 2);
		below += (double)honest->of[i];
	}
	return sum / ((double)honest->total * (double)generated->total);
}

static double precision_from(const struct scores *honest, const struct scores *generated, uint32_t score)
{
	double found = (double)count_from(generated, score), wrong = (double)count_from(honest, score);
	return found / (found + wrong);
}

static double share_from(const struct scores *scores, uint32_t score)
{
	return (double)count_from(scores, score) / (double)scores->total;
}

static void test_held_out_names_are_told_apart(void **state)
{
	(void)state;
	static struct scores honest, generated;
	static const uint32_t at[] = { 300, 500, 700, 800, 900, 950, 980, 990, 995, 998, 999 };
	read_scores(&generated, INTEL "dga-test_dga.csv.gz");
	read_scores(&honest, INTEL "dga-test_non_dga.csv.gz");
	printf("held out: %lu generated, %lu honest names; area under the curve %.4f; %.0f ns a name\n",
		generated.total, honest.total, area_under_curve(&honest, &generated),
		(double)(honest.ns + generated.ns) / (double)(honest.total + generated.total));
	printf("score precision recall     F1  false positives of honest\n");
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		double precision = precision_from(&honest, &generated, at[i]), recall = share_from(&generated, at[i]);
		printf("%5u %9.4f %6.4f %6.4f  %.4f\n", at[i], precision, recall,
			2 * precision * recall / (precision + recall), share_from(&honest, at[i]));
	}
	assert_true(precision_from(&honest, &generated, DGA_SCORE_BURST) >= 0.96);
	assert_true(share_from(&generated, DGA_SCORE_BURST) >= 0.765);
	assert_true(share_from(&honest, DGA_SCORE_ALONE) <= 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_held_out_names_are_told_apart) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
