// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/smtp.h"
#include "decoders/app/smtp/smtp.h"

static bool get_helo(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, smtp_helo(source->flow));
}

static bool get_mail_from(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, bytes_span(&smtp_tx_of(source->tx)->mail_from));
}

// Recipients are few (SMTP_RECIPIENTS_MAX): finding the nth anew each time costs little.
static bool get_rcpt_to(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct smtp_recipient *one = smtp_tx_of(source->tx)->first;
	while (one && index--)
		one = one->next;
	return one && field_filled(value, span_of(one->bytes, one->len));
}

static bool get_header(
	const struct field_source *source, enum mime_header_name name, unsigned index, struct field_value *value)
{
	const struct mime *mail = smtp_tx_of(source->tx)->mail;
	struct span text;
	return mail && mime_header_at(mail, name, index, &text) && field_filled(value, text);
}

#define GET_HEADER(function, name)                                                                         \
	static bool function(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                  \
		return index == 0 && get_header(source, name, 0, value);                                   \
	}

GET_HEADER(get_from, MIME_FROM)
GET_HEADER(get_subject, MIME_SUBJECT)
GET_HEADER(get_to, MIME_TO)
GET_HEADER(get_cc, MIME_CC)
GET_HEADER(get_date, MIME_DATE)
GET_HEADER(get_message_id, MIME_MESSAGE_ID)
GET_HEADER(get_x_mailer, MIME_X_MAILER)

static bool get_received(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_header(source, MIME_RECEIVED, index, value);
}

static bool get_url(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct mime *mail = smtp_tx_of(source->tx)->mail;
	struct span link;
	return mail && mime_link_at(mail, index, &link) && field_filled(value, link);
}

// clang-format off
#define READ(function) { APP_SMTP, TO_SERVER, 0, function }
// clang-format on

FIELD_BUFFER(field_smtp_helo, APP_SMTP, "smtp.helo", NULL, "smtp helo", 0, READ(get_helo));
FIELD_BUFFER(field_smtp_mail_from, APP_SMTP, "smtp.mail_from", NULL, "smtp mail from", 0, READ(get_mail_from));
FIELD_BUFFER(field_smtp_rcpt_to, APP_SMTP, "smtp.rcpt_to", NULL, "smtp rcpt to", FIELD_MULTI, READ(get_rcpt_to));
FIELD_BUFFER(field_email_from, APP_SMTP, "email.from", NULL, "email from", 0, READ(get_from));
FIELD_BUFFER(field_email_subject, APP_SMTP, "email.subject", NULL, "email subject", 0, READ(get_subject));
FIELD_BUFFER(field_email_to, APP_SMTP, "email.to", NULL, "email to", 0, READ(get_to));
FIELD_BUFFER(field_email_cc, APP_SMTP, "email.cc", NULL, "email cc", 0, READ(get_cc));
FIELD_BUFFER(field_email_date, APP_SMTP, "email.date", NULL, "email date", 0, READ(get_date));
FIELD_BUFFER(field_email_message_id, APP_SMTP, "email.message_id", NULL, "email message id", 0, READ(get_message_id));
FIELD_BUFFER(field_email_x_mailer, APP_SMTP, "email.x_mailer", NULL, "email x mailer", 0, READ(get_x_mailer));
FIELD_BUFFER(field_email_url, APP_SMTP, "email.url", NULL, "email url", FIELD_MULTI, READ(get_url));
FIELD_BUFFER(field_email_received, APP_SMTP, "email.received", NULL, "email received", FIELD_MULTI, READ(get_received));
