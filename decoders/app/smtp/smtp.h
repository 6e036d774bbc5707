// SPDX-License-Identifier: GPL-3.0-or-later
// SMTP (RFC 5321, 3207 STARTTLS, 3030 BDAT, 2920 pipelining): a transaction is a mail: from the first command after the mail before it to the end of
// its content or RSET. Commands before the first MAIL belong to the first one. What is in the mail is read by mime/mime.h.
//
// Memory       worker's slab: names of a transaction, its recipients, its mail
// Bounds       SMTP_LINE_MAX bytes of a line, SMTP_RECIPIENTS_MAX kept recipients a mail, SMTP_WAITING_MAX commands without a reply
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/mime/mime.h"

#define SMTP_LINE_MAX       4096
#define SMTP_RECIPIENTS_MAX 256
#define SMTP_WAITING_MAX    128

enum smtp_event {
	SMTP_INVALID_REPLY,
	SMTP_UNABLE_TO_MATCH_REPLY_WITH_REQUEST,
	SMTP_MAX_COMMAND_LINE_LEN_EXCEEDED,
	SMTP_MAX_REPLY_LINE_LEN_EXCEEDED,
	SMTP_INVALID_PIPELINED_SEQUENCE,
	SMTP_BDAT_CHUNK_LEN_EXCEEDED,
	SMTP_NO_SERVER_WELCOME_MESSAGE,
	SMTP_TLS_REJECTED,
	SMTP_DATA_COMMAND_REJECTED,
	SMTP_FAILED_PROTOCOL_CHANGE,
	SMTP_MIME_PARSE_FAILED,
	SMTP_MIME_INVALID_BASE64, // from here on in the order of enum mime_event
	SMTP_MIME_INVALID_QP,
	SMTP_MIME_LONG_LINE,
	SMTP_MIME_LONG_ENC_LINE,
	SMTP_MIME_LONG_HEADER_NAME,
	SMTP_MIME_LONG_HEADER_VALUE,
	SMTP_MIME_MALFORMED_MSG,
	SMTP_MIME_LONG_BOUNDARY,
	SMTP_MIME_LONG_FILENAME,
	SMTP_DUPLICATE_FIELDS,
	SMTP_UNPARSABLE_CONTENT,
	SMTP_INVALID_BDAT,
};

enum smtp_frame { SMTP_FRAME_COMMAND_LINE, SMTP_FRAME_DATA, SMTP_FRAME_RESPONSE_LINE };

struct smtp_recipient {
	struct smtp_recipient *next;
	uint32_t len;
	uint8_t bytes[];
};

struct smtp_tx {
	struct app_tx tx;
	struct bytes mail_from;
	bool commanded; // the client said something in it: else it is there for an event only
	bool has_from, done;
	uint32_t recipients;
	struct smtp_recipient *first, *last;
	struct mime *mail;     // NULL: no content came, or it is not decoded
	struct file *raw_mail; // with raw-extraction
};

extern const struct app_parser smtp_parser;

static inline const struct smtp_tx *smtp_tx_of(const struct app_tx *tx)
{
	return (const struct smtp_tx *)(const void *)tx;
}

// What the client called itself last; empty: it did not.
struct span smtp_helo(const struct flow *flow);
