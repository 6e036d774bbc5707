// SPDX-License-Identifier: GPL-3.0-or-later
// FTP (RFC 959, 2228, 2428): a transaction is a command with its replies, or replies without a command (the greeting). PORT, EPRT, PASV and EPSV announce
// the data connection, which is a flow of its own whose bytes are one file (ftp_data.c).
//
// Memory       worker's slab: the line of the command, a block a reply
// Bounds       FTP_LINE_MAX bytes of a line are kept, FTP_REPLIES_MAX replies a transaction, FTP_OPEN_MAX open transactions a flow
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/base/bytes.h"

#define FTP_LINE_MAX    4096
#define FTP_REPLIES_MAX 64
#define FTP_OPEN_MAX    1024

enum ftp_command {
	FTP_NONE, // replies only
	FTP_OTHER,
	FTP_PORT,
	FTP_EPRT,
	FTP_PASV,
	FTP_EPSV,
	FTP_RETR,
	FTP_STOR, // and what stores as well: STOU, APPE
	FTP_LIST, // and NLST, MLSD
	FTP_AUTH_TLS,
};

struct ftp_reply {
	struct ftp_reply *next;
	bool truncated;
	uint16_t len;
	uint8_t bytes[]; // the line without its end
};

struct ftp_tx {
	struct app_tx tx;
	struct bytes line;          // the command's, without its end
	struct span name, argument; // go into line
	struct ftp_reply *first, *last;
	uint16_t replies;
	uint16_t dynamic_port; // host order; 0: none was named
	uint8_t command;       // enum ftp_command
	bool active, passive;
	bool bounce; // PORT names another host than the client
	bool line_truncated, reply_truncated, done;
};

enum ftp_event {
	FTP_REQUEST_COMMAND_TOO_LONG,
	FTP_RESPONSE_COMMAND_TOO_LONG,
	FTP_FILE_BEFORE_PORT,
	FTP_FILE_WITHOUT_NAME,
	FTP_TOO_MANY_TRANSACTIONS,
};

// One file on a data connection.
struct ftp_data_tx {
	struct app_tx tx;
	bool stored; // to the server
	uint8_t command_len, name_len;
	char command[8]; // "RETR"
	uint8_t name[200];
};

// What the control connection notes for the data connection (app_expectation.note).
struct ftp_note {
	uint8_t stored, command_len, name_len;
	char command[8];
	uint8_t name[200];
};

extern const struct app_parser ftp_parser;
extern const struct app_parser ftp_data_parser;

static inline const struct ftp_tx *ftp_tx_of(const struct app_tx *tx)
{
	return (const struct ftp_tx *)(const void *)tx;
}

static inline const struct ftp_data_tx *ftp_data_tx_of(const struct app_tx *tx)
{
	return (const struct ftp_data_tx *)(const void *)tx;
}

// Text and code ("226", or empty) of a reply line.
void ftp_reply_parts(const struct ftp_reply *reply, struct span *code, struct span *text);

// ftp_address.c: where PORT, EPRT, and the replies 227 and 229 say the data connection goes. False: text says no such thing. address is set when it is named.
bool ftp_port_read(struct span text, struct address *address, uint16_t *port); // h1,h2,h3,h4,p1,p2 anywhere in text
bool ftp_eprt_read(struct span text, struct address *address, uint16_t *port); // |1|132.235.1.2|6275|
bool ftp_epsv_read(struct span text, uint16_t *port);                          // (|||6446|)
