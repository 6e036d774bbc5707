// SPDX-License-Identifier: GPL-3.0-or-later
// TDS 7 (MS-TDS), as Microsoft SQL Server speaks it: pre-login, login, batches, calls and what the server says of them. A client's message and the beginning
// of its answer are a transaction. With TLS inside the login alone is hidden, or all that follows.
//
// Memory       worker's slab: facts, and the beginning of a message that is spread over packets
// Bounds       TDS_MESSAGE_MAX bytes of a message are kept
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"
#include "decoders/base/bytes.h"

#define TDS_MESSAGE_MAX    16384
#define TDS_PARAMETERS_MAX 16 // of a call that are read

enum tds_fact {
	TDS_COMMAND,
	TDS_VERSION, // the client's or, of an answer to pre-login, none
	TDS_SERVER_VERSION,
	TDS_ENCRYPTION, // what the server decided
	TDS_CLIENT_ENCRYPTION,
	TDS_TLS, // a handshake was seen inside
	TDS_INSTANCE,
	TDS_HOST,
	TDS_USER,
	TDS_DOMAIN, // of NTLM
	TDS_APPLICATION,
	TDS_SERVER,
	TDS_LIBRARY,
	TDS_DATABASE,
	TDS_PROCEDURE,
	TDS_QUERY,
	TDS_SUCCESS,
	TDS_PRODUCT,
	TDS_ERROR_CODE,
	TDS_ERROR,
	TDS_PROTOCOL,
	TDS_LANGUAGE,
	TDS_PARAMETERS, // those of a call that are text
};

extern const struct fact_name tds_facts[];
extern const struct app_parser tds_parser;

enum tds_type {
	TDS_SQL_BATCH = 0x01,
	TDS_OLD_LOGIN = 0x02,
	TDS_RPC = 0x03,
	TDS_RESULT = 0x04,
	TDS_ATTENTION = 0x06,
	TDS_BULK = 0x07,
	TDS_FEDERATED = 0x08,
	TDS_TRANSACTION = 0x0e,
	TDS_LOGIN7 = 0x10,
	TDS_SSPI = 0x11,
	TDS_PRELOGIN = 0x12,
};

// Reads the payload of a message into facts (tds_message.c). tx may be NULL.
void tds_read_prelogin(const struct app_input *input, struct fact_tx *tx, struct span payload, uint8_t *encryption);
void tds_read_login(const struct app_input *input, struct fact_tx *tx, struct span payload);
void tds_read_sspi(const struct app_input *input, struct fact_tx *tx, struct span blob);
void tds_read_batch(const struct app_input *input, struct fact_tx *tx, struct span payload);
void tds_read_call(const struct app_input *input, struct fact_tx *tx, struct span payload);
void tds_read_result(const struct app_input *input, struct fact_tx *tx, struct span payload);
