// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a conversation of IEC 60870-5-104.
#include "decoders/app/iec104/iec104.h"
#include "tests/support/decoders/fact_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&iec104_parser, data, size, fact_read_all);
}
