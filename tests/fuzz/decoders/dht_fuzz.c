// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as BitTorrent DHT datagrams.
#include "decoders/app/bittorrent/dht.h"
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct dht_message m;
	struct dht_value value;
	uint32_t at = 0;
	(void)dht_message_read(datagram_span(tx), &m);
	(void)dht_find(m.query, "target", &value);
	(void)dht_find(m.response, "values", &value);
	while (dht_next(m.error, &at, &value))
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&dht_parser, data, size, read_all);
}
