// SPDX-License-Identifier: GPL-3.0-or-later
// What parsers do with their transactions alike: end them, and see that there is room for more.
//
// Threads      worker of the flow
#pragma once
#include "decoders/app/app_parser.h"

#define APP_TX_SPARE 32 // transactions kept free for the messages of one segment

// Both sides of tx have come to progress, the parser's last.
static inline void app_tx_finish(struct flow *flow, struct app_tx *tx, uint8_t progress)
{
	tx->progress[TO_SERVER] = tx->progress[TO_CLIENT] = progress;
	app_tx_changed(flow, tx, TO_SERVER);
	app_tx_changed(flow, tx, TO_CLIENT);
}

// There is no room for spare more: one that nobody answered has to give way.
static inline bool app_tx_crowded(const struct flow *flow, uint32_t spare)
{
	return flow->app.tx_live + spare >= flow->app.tx_max;
}
