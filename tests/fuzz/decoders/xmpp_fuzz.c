// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the beginning of an XMPP stream.
#include "decoders/app/tls/tls.h"
#include "decoders/app/xmpp/xmpp.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	volatile uint8_t sum = 0;
	(void)flow;
	for (unsigned d = 0; tx->tls && d < 2; d++)
		for (uint32_t i = 0; i < tx->tls->side[d].sni.len; i++)
			sum = (uint8_t)(sum + tx->tls->side[d].sni.data[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&xmpp_parser, data, size, read_all);
}
