// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as TFTP datagrams.
#include "decoders/app/tftp/tftp.h"
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct tftp_request request;
	(void)tftp_request_read(datagram_span(tx), &request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&tftp_parser, data, size, read_all);
}
