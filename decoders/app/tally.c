// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tally.h"
#include <stdlib.h>

const char *const tally_names[] = { [TALLY_TRUNCATED] = "truncated",
	[TALLY_MALFORMED] = "malformed",
	[TALLY_UNSUPPORTED] = "unsupported",
	[TALLY_OVER_BUDGET] = "over_budget",
	NULL };

void *tally_new(const struct app_config *config, const struct app_worker *worker)
{
	(void)config, (void)worker;
	return calloc(TALLY_KINDS, sizeof(uint64_t));
}
