// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of Kerberos, over TCP or UDP, and as one message.
#include "decoders/app/krb5/krb5.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *base)
{
	(void)flow;
	const struct krb5_tx *tx = krb5_tx_of(base);
	char text[32];
	(void)krb5_type_name(tx->type, text);
	(void)krb5_error_name(tx->error, text);
	(void)krb5_etype_name(tx->etype, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct krb5_message message;
	struct krb5_name_walk walk;
	struct span part;
	if (krb5_message_parse(span_of(data, size), &message) == KRB5_OK) {
		krb5_name_begin(&message.sname, &walk);
		while (krb5_name_next(&walk, &part))
			;
	}
	return app_drive_fuzz(&krb5_parser, data, size, read_all);
}
