// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of DNS, over UDP or TCP.
#include "decoders/app/dns/dns_probe.h"
#include "tests/support/decoders/app_drive.h"
#include "tests/support/decoders/dns_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		(void)dns_stream_resumes(span_of(data + 1, size - 1));
	return app_drive_fuzz(&dns_parser, data, size, dns_read_all);
}
