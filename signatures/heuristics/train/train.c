// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the table that signatures/heuristics/dga.c scores names with, and measures it on what it did not see. dga_train --help.
#include "signatures/heuristics/train/measure.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Trains the DGA model. docs/detections.md says from what the shipped table was made.\n"
	"\n"
	"  --names FILE     honest domain names, one a line (gzip or not); may be given again\n"
	"  --top FILE       honest domain names too, most visited first: --folds measures false positives on them\n"
	"  --words FILE     words to make honest names of, languages one after the other\n"
	"  --without FILE   names that must not be learned, honest or not (held out for evaluation); may be given "
	"again\n"
	"  --seed N         of all random numbers (1)\n"
	"  --steps N        names to learn from (1500000)\n"
	"  --out FILE       writes the table as C\n"
	"  --score FILE     instead: prints the score by the table that is built in of each name in FILE\n"
	"  --folds N        instead: trains N times without an N-th of --top and of the shapes, and scores that\n";

struct orders {
	struct training training;
	const char *out, *score;
	uint32_t folds;
};

// Gives the exit code when there is nothing else to do, -1 otherwise.
static int read_orders(int argc, char **argv, struct orders *orders)
{
	static const struct option options[] = { { "names", 1, NULL, 'n' }, { "top", 1, NULL, 't' },
		{ "words", 1, NULL, 'w' }, { "without", 1, NULL, 'x' }, { "seed", 1, NULL, 's' },
		{ "steps", 1, NULL, 'm' }, { "out", 1, NULL, 'o' }, { "folds", 1, NULL, 'f' },
		{ "score", 1, NULL, 'c' }, { "help", 0, NULL, 'h' }, { 0 } };
	struct training *training = &orders->training;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (option) {
		case 't': training->top_file = training->honest.files; __attribute__((fallthrough));
		case 'n': name_list_read(&training->honest, optarg); break;
		case 'w': name_list_read_words(&training->words, optarg); break;
		case 'x': name_list_read(&training->without, optarg); break;
		case 's': training->seed = strtoul(optarg, NULL, 10); break;
		case 'm': training->steps = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'o': orders->out = optarg; break;
		case 'c': orders->score = optarg; break;
		case 'f': orders->folds = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'h': fputs(help, stdout); return 0;
		default: fputs(help, stderr); return 2;
		}
	if (!orders->score &&
		(!training->honest.count || !training->words.count || (!orders->out && orders->folds < 2))) {
		fputs(help, stderr);
		return 2;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct orders orders = { .training = {
					 .steps = 1500000, .seed = 1, .settings = { .rate = 0.1f, .keep = 0.8f } } };
	int code = read_orders(argc, argv, &orders);
	if (code < 0 && orders.score) {
		code = print_scores(orders.score);
	} else if (code < 0) {
		training_prepare(&orders.training);
		if (orders.folds)
			measure_folds(&orders.training, orders.folds);
		else
			training_write(&orders.training, orders.out);
		code = 0;
	}
	training_fini(&orders.training);
	return code;
}
