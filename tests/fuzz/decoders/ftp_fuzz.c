// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an FTP control connection, and as a data connection.
#include "decoders/app/ftp/ftp.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct span code, text;
	for (const struct ftp_reply *reply = ftp_tx_of(tx)->first; reply; reply = reply->next)
		ftp_reply_parts(reply, &code, &text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	app_drive_fuzz(&ftp_parser, data, size, read_all);
	return app_drive_fuzz(&ftp_data_parser, data, size, NULL);
}
