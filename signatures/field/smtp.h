// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of SMTP and of the mail in it.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define SMTP_BUFFERS(X)           \
	X(field_smtp_helo)        \
	X(field_smtp_mail_from)   \
	X(field_smtp_rcpt_to)     \
	X(field_email_from)       \
	X(field_email_subject)    \
	X(field_email_to)         \
	X(field_email_cc)         \
	X(field_email_date)       \
	X(field_email_message_id) \
	X(field_email_x_mailer)   \
	X(field_email_url)        \
	X(field_email_received)

SMTP_BUFFERS(FIELD_DECLARE_BUFFER)
