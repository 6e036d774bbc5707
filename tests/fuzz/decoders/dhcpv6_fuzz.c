// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as datagrams of DHCPv6.
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "tests/support/decoders/fact_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&dhcpv6_parser, data, size, fact_read_all);
}
