// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an RFB session.
#include "decoders/app/rfb/rfb.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&rfb_parser, data, size, NULL);
}
