// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an SSH session.
#include "decoders/app/ssh/ssh.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	const struct ssh_tx *ssh = ssh_tx_of(tx);
	uint32_t sum = 0;
	(void)flow;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		for (uint32_t i = 0; i < ssh->sides[d].software.len; i++)
			sum += ssh->sides[d].software.data[i];
		for (uint32_t i = 0; i < ssh->sides[d].proto.len; i++)
			sum += ssh->sides[d].proto.data[i];
	}
	(void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&ssh_parser, data, size, read_all);
}
