// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a conversation of S7comm.
#include "decoders/app/s7comm/s7comm.h"
#include "tests/support/decoders/fact_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&s7comm_parser, data, size, fact_read_all);
}
