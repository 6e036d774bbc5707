// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as NTP datagrams.
#include "decoders/app/ntp/ntp.h"
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct ntp_message message;
	(void)ntp_message_read(datagram_span(tx), &message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&ntp_parser, data, size, read_all);
}
