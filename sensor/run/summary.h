// SPDX-License-Identifier: GPL-3.0-or-later
// Summary: what a run saw, for a person.
#pragma once
#include <stdio.h>
#include "sensor/run/collector.h"

struct summary {
	struct pipeline *const *pipelines;
	unsigned workers;
	const struct tally *tally;
	struct capture_counts capture;
	double read_s;      // wall time spent on packets
	uint64_t lost;      // events no sink took
	const char *events; // file they lie in; NULL: none
	const struct evidence_counts *evidence;
	const char *evidence_file;           // NULL: no evidence is kept
	const struct file_store *file_store; // NULL: no files are stored
	FILE *out;
	unsigned failed_files;
	bool live;
};

void summary_print(const struct summary *summary);
// The rules that ran over a budget, to out (a FILE *); nothing when there are none. For reload_use_engine.
void summary_print_over_budget(void *out, const struct engine *engine);
