// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as RPC of the port mapper and MOUNT, over UDP and TCP.
#include "decoders/app/sunrpc/sunrpc.h"
#include "tests/support/decoders/fact_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&sunrpc_parser, data, size, fact_read_all);
}
