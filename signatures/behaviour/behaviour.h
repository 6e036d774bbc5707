// SPDX-License-Identifier: GPL-3.0-or-later
// Behaviour: what hosts do over many flows. Pure code over observations: given the same ones in the same order, it finds the same.
//
// Life cycle   behaviour_new -> behaviour_observe per observation, in order (by end, then flow id, where they came together) -> behaviour_free
// Memory       behaviour.memcap, taken at start
// Threads      belongs to one thread
#pragma once
#include "signatures/behaviour/scan.h"

#define BEHAVIOUR_FINDINGS_MAX SCAN_KINDS // of one observation

struct behaviour_config {
	bool enabled;
	struct scan_config scan;
};

extern const struct option behaviour_options[];

struct behaviour;

// config is borrowed. NULL with the reason logged.
struct behaviour *behaviour_new(const struct behaviour_config *config);
void behaviour_free(struct behaviour *behaviour);
// Does any detector read this one?
bool behaviour_wants(const struct observation *observation);
// Gives the number of findings; they hold until findings is used again, and must not be copied.
unsigned behaviour_observe(struct behaviour *behaviour, const struct observation *observation,
	struct scan_finding findings[BEHAVIOUR_FINDINGS_MAX]);
void behaviour_counts(const struct behaviour *behaviour, struct scan_counts *counts);

// Order of observations that came together, for qsort.
int observation_compare(const void *a, const void *b);
