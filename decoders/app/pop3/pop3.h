// SPDX-License-Identifier: GPL-3.0-or-later
// POP3 (RFC 1939, 2449 CAPA, 5034 AUTH, 2595 STLS): a transaction is a command with its response; the greeting is one without a command. Mails that are
// fetched are read by mime/mime.h for the files in them.
//
// Memory       worker's slab: the line of the command, the response's lines, the mail being read
// Bounds       POP3_LINE_MAX bytes of a line, POP3_DATA_MAX bytes and POP3_ROWS_MAX lines of a response, POP3_OPEN_MAX open transactions a flow
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/mime/mime.h"

#define POP3_LINE_MAX 4096u
#define POP3_DATA_MAX 16384u
#define POP3_ROWS_MAX 512
#define POP3_OPEN_MAX 256
#define POP3_ARGS_MAX 8

enum pop3_event {
	POP3_INCORRECT_ARGUMENT_COUNT,
	POP3_REQUEST_TOO_LONG,
	POP3_RESPONSE_TOO_LONG,
	POP3_TOO_MANY_TRANSACTIONS,
	POP3_UNKNOWN_COMMAND,
};

struct pop3_tx {
	struct app_tx tx;
	struct bytes line;   // the command's, without its end
	struct bytes header; // the response's first line, behind its status
	struct bytes data;   // the lines after it, each with a '\n'; not those of mails
	uint16_t rows;
	uint8_t command; // index of the table of commands + 1; 0: none of them
	bool asked, answered, success, sasl, done;
	struct mime *mail;
};

extern const struct app_parser pop3_parser;

static inline const struct pop3_tx *pop3_tx_of(const struct app_tx *tx)
{
	return (const struct pop3_tx *)(const void *)tx;
}

// The command, and the words behind it. False: there are fewer.
struct span pop3_command(const struct pop3_tx *tx);
bool pop3_argument(const struct pop3_tx *tx, unsigned index, struct span *word);
