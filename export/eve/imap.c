// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/imap.h"
#include "decoders/app/imap/imap.h"
#include "export/eve/email.h"

static const struct mime *nth_mail(const struct app_tx *tx, unsigned n)
{
	const struct imap_mail *mail = imap_tx_of(tx)->first;
	while (mail && n--)
		mail = mail->next;
	return mail ? mail->mime : NULL;
}

static bool write_imap(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)flow;
	const struct mime *mail = nth_mail(tx, part);
	// Of several mails an alert or a file does not say which it is about
	if (mail && (!in_alert || imap_tx_of(tx)->mails == 1))
		eve_email(json, config, mail, tx);
	return mail != NULL;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return imap_tx_of(tx)->mails > 0;
}

const struct eve_app eve_imap = { .proto = APP_IMAP, .event_type = "imap", .write = write_imap, .wanted = wanted };
