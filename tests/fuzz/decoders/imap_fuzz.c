// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an IMAP session.
#include "decoders/app/imap/imap.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct span value;
	for (const struct imap_mail *mail = imap_tx_of(tx)->first; mail; mail = mail->next)
		for (unsigned i = 0; mime_header_at(mail->mime, MIME_RECEIVED, i, &value); i++)
			continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&imap_parser, data, size, read_all);
}
