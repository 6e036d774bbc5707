// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as DHCP datagrams.
#include "decoders/app/dhcp/dhcp.h"
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct dhcp_message m;
	uint32_t at = 0, seconds;
	uint8_t code;
	struct span value;
	if (!dhcp_message_read(datagram_span(tx), &m))
		return;
	(void)dhcp_seconds(&m, DHCP_LEASE_TIME, &seconds);
	while (dhcp_option_next(m.options, &at, &code, &value) == DHCP_STEP_OPTION)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&dhcp_parser, data, size, read_all);
}
