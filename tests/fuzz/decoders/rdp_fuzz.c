// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the beginning of an RDP connection.
#include "decoders/app/datagram.h"
#include "decoders/app/rdp/rdp.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct rdp_message m;
	struct rdp_core core;
	struct span name;
	(void)rdp_message_read(datagram_span(tx), &m);
	(void)rdp_core_read(m.core, &core);
	for (unsigned i = 0; rdp_channel(m.channels, i, &name); i++)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&rdp_parser, data, size, read_all);
}
