// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as WebSocket frames.
#include "decoders/app/websocket/websocket.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	const struct websocket_tx *ws = websocket_tx_of(tx);
	uint32_t sum = 0;
	(void)flow;
	for (uint32_t i = 0; i < ws->len; i++)
		sum += ws->payload[i];
	(void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&websocket_parser, data, size, read_all);
}
