// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/smtp.h"

FIELD_BUFFER(field_smtp_helo, APP_SMTP, "smtp.helo", NULL, "smtp helo", 0, FIELD_WAITING);
FIELD_BUFFER(field_smtp_mail_from, APP_SMTP, "smtp.mail_from", NULL, "smtp mail from", 0, FIELD_WAITING);
FIELD_BUFFER(field_smtp_rcpt_to, APP_SMTP, "smtp.rcpt_to", NULL, "smtp rcpt to", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_email_from, APP_SMTP, "email.from", NULL, "email from", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_subject, APP_SMTP, "email.subject", NULL, "email subject", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_to, APP_SMTP, "email.to", NULL, "email to", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_cc, APP_SMTP, "email.cc", NULL, "email cc", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_date, APP_SMTP, "email.date", NULL, "email date", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_message_id, APP_SMTP, "email.message_id", NULL, "email message id", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_x_mailer, APP_SMTP, "email.x_mailer", NULL, "email x mailer", 0, FIELD_WAITING);
FIELD_BUFFER(field_email_url, APP_SMTP, "email.url", NULL, "email url", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_email_received, APP_SMTP, "email.received", NULL, "email received", FIELD_MULTI, FIELD_WAITING);
