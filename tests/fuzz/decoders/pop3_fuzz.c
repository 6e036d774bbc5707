// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a POP3 session.
#include "decoders/app/pop3/pop3.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct span word = pop3_command(pop3_tx_of(tx));
	for (unsigned i = 0; pop3_argument(pop3_tx_of(tx), i, &word); i++)
		continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&pop3_parser, data, size, read_all);
}
