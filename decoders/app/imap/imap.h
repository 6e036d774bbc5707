// SPDX-License-Identifier: GPL-3.0-or-later
// IMAP (RFC 9051, 3501): a transaction is a tagged command up to its tagged response. Whole mails that are fetched (BODY[], RFC822) or stored (APPEND) are
// read by mime/mime.h; STARTTLS changes the flow to TLS.
//
// Memory       worker's slab: tag, name and user of a transaction, its mails
// Bounds       IMAP_LINE_MAX bytes of a line, IMAP_MAILS_MAX mails a transaction, IMAP_OPEN_MAX open transactions a flow
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/mime/mime.h"

#define IMAP_LINE_MAX  4096u
#define IMAP_MAILS_MAX 64
#define IMAP_OPEN_MAX  128
#define IMAP_WORD_MAX  64

enum imap_event { IMAP_TOO_MANY_TRANSACTIONS, IMAP_LINE_TOO_LONG };

struct imap_mail {
	struct imap_mail *next;
	struct mime *mime;
};

struct imap_tx {
	struct app_tx tx;
	uint8_t tag_len, name_len, user_len, argument_len, status_len;
	uint8_t tag[IMAP_WORD_MAX], name[IMAP_WORD_MAX]; // name: "LOGIN", in capitals
	uint8_t user[IMAP_WORD_MAX];                     // of LOGIN
	uint8_t argument[IMAP_WORD_MAX];                 // first word behind the name, of others
	uint8_t status[IMAP_WORD_MAX];                   // "OK", "NO", "BAD"
	bool done, ok;
	uint32_t mails;
	struct imap_mail *first, *last;
};

extern const struct app_parser imap_parser;

static inline const struct imap_tx *imap_tx_of(const struct app_tx *tx)
{
	return (const struct imap_tx *)(const void *)tx;
}
