// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of LLMNR.
#include "tests/support/decoders/app_drive.h"
#include "tests/support/decoders/dns_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&llmnr_parser, data, size, dns_read_all);
}
