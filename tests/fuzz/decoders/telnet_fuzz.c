// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a Telnet session.
#include "decoders/app/telnet/telnet.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&telnet_parser, data, size, NULL);
}
