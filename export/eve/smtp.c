// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/smtp.h"
#include "decoders/app/smtp/smtp.h"
#include "export/eve/email.h"

#define LINE_RESERVE (8u << 10) // bytes of the line kept for what follows a list

static void put_recipients(struct json *json, const struct smtp_tx *tx)
{
	if (!tx->first)
		return;
	struct json_mark mark = json_mark(json);
	json_put_array(json, "rcpt_to");
	for (const struct smtp_recipient *one = tx->first; one; one = one->next)
		json_put_span(json, NULL, span_of(one->bytes, one->len));
	json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

static bool write_smtp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)in_alert;
	if (part)
		return false;
	const struct smtp_tx *tx = smtp_tx_of(base);
	struct span helo = smtp_helo(flow);
	json_put_object(json, "smtp");
	if (helo.len)
		json_put_span(json, "helo", helo);
	if (tx->has_from)
		json_put_span(json, "mail_from", bytes_span(&tx->mail_from));
	put_recipients(json, tx);
	json_object_end(json);
	if (tx->mail)
		eve_email(json, config, tx->mail, base);
	return true;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return smtp_tx_of(tx)->commanded;
}

const struct eve_app eve_smtp = { .proto = APP_SMTP, .event_type = "smtp", .write = write_smtp, .wanted = wanted };
