// SPDX-License-Identifier: GPL-3.0-or-later
// Tally: what most parsers count, and nothing else they share between flows.
//
// Life cycle   tally_new (a parser's worker_new) -> tally ... -> free (its worker_free)
// Memory       one small block a parser and worker
// Threads      belongs to its worker
#pragma once
#include "decoders/app/app_parser.h"

enum tally_kind { TALLY_TRUNCATED, TALLY_MALFORMED, TALLY_UNSUPPORTED, TALLY_OVER_BUDGET, TALLY_KINDS };

extern const char *const tally_names[]; // a parser's counter_names

void *tally_new(const struct app_config *config, const struct app_worker *worker);

static inline void tally(const struct app_input *input, enum tally_kind kind)
{
	uint64_t *counters = input->shared;
	counters[kind]++;
}
