// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an SMTP session with the mails in it.
#include "decoders/app/smtp/smtp.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	struct span value, address;
	const struct mime *mail = smtp_tx_of(tx)->mail;
	(void)smtp_helo(flow);
	for (int name = 0; mail && name < MIME_HEADER_NAMES; name++)
		for (unsigned i = 0; mime_header_at(mail, (enum mime_header_name)name, i, &value); i++)
			while (mime_address_next(&value, &address))
				continue;
	for (unsigned i = 0; mail && mime_link_at(mail, i, &value); i++)
		continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&smtp_parser, data, size, read_all);
}
