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

static void put_word(struct json *json, const char *key, const uint8_t *word, uint8_t len)
{
	if (len)
		json_put_span(json, key, span_of(word, len));
}

// Below ndpi, the one object the schema leaves open; once more for each mail after the first.
static bool write_imap(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)flow;
	const struct imap_tx *tx = imap_tx_of(base);
	const struct mime *mail = nth_mail(base, part);
	if (part && !mail)
		return false;
	if (!in_alert)
		json_put_text(json, "app_proto", "imap");
	json_put_object(json, "ndpi");
	json_put_object(json, "imap");
	put_word(json, "tag", tx->tag, tx->tag_len);
	put_word(json, "command", tx->name, tx->name_len);
	put_word(json, "user", tx->user, tx->user_len);
	put_word(json, "argument", tx->argument, tx->argument_len);
	put_word(json, "status", tx->status, tx->status_len);
	json_object_end(json);
	json_object_end(json);
	// Of several mails an alert or a file does not say which it is about
	if (mail && (!in_alert || tx->mails == 1))
		eve_email(json, config, mail, base);
	return true;
}

static bool has_mail(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	(void)config;
	return nth_mail(tx, part) != NULL;
}

const struct eve_app eve_imap = { .proto = APP_IMAP, .event_type = "imap", .write = write_imap, .more = has_mail };
