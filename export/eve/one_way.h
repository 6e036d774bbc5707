// SPDX-License-Identifier: GPL-3.0-or-later
// One way: the direction of events of transactions that are single messages; of those with both directions the client's.
//
// Threads      pure function
#pragma once
#include "decoders/app/app_parser.h"

struct eve_config;

struct eve_config;

static inline enum direction eve_one_way(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	(void)config, (void)part;
	return tx->direction_mask == 2 ? TO_CLIENT : TO_SERVER;
}
