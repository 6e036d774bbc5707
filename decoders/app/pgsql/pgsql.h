// SPDX-License-Identifier: GPL-3.0-or-later
// PostgreSQL's frontend/backend protocol 3.0 (its manual, chapter "Frontend/Backend Protocol") over TCP. A transaction is a request and all that the server
// says until the next one: startup, SSL request, password, query. An SSL request that the server grants changes the flow to TLS.
//
// Memory       worker's slab: a block a message that is told of; rows and copied data are counted only
// Bounds       PGSQL_KEPT_MAX messages and PGSQL_KEPT_BYTES bytes kept of a transaction, PGSQL_MESSAGE_MAX of one message
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/kept.h"

#define PGSQL_MESSAGE_MAX (64u << 10)
#define PGSQL_KEPT_MAX    128
#define PGSQL_KEPT_BYTES  (256u << 10)

// Requests by what they are; their kept bytes begin after type and length.
enum pgsql_request {
	PGSQL_STARTUP, // version, parameters
	PGSQL_SSL_REQUEST,
	PGSQL_GSS_REQUEST,
	PGSQL_CANCEL,       // process id, secret key
	PGSQL_PASSWORD,     // text
	PGSQL_SASL_INITIAL, // mechanism, length, parameters
	PGSQL_SASL_RESPONSE,
	PGSQL_QUERY, // text
	PGSQL_PARSE, // name of the statement, query
	PGSQL_TERMINATE,
	PGSQL_COPY_DONE,
	PGSQL_COPY_FAIL,
	PGSQL_UNKNOWN,
};

// Responses are kept with their type byte as kind, and the answer to an SSL request, which is one byte, with this.
#define PGSQL_SSL_ANSWER 1

// Authentication requests of the server ('R').
enum pgsql_auth {
	PGSQL_AUTH_OK = 0,
	PGSQL_AUTH_KERBEROS_5 = 2,
	PGSQL_AUTH_CLEARTEXT = 3,
	PGSQL_AUTH_MD5 = 5,
	PGSQL_AUTH_GSS = 7,
	PGSQL_AUTH_GSS_CONTINUE = 8,
	PGSQL_AUTH_SSPI = 9,
	PGSQL_AUTH_SASL = 10,
	PGSQL_AUTH_SASL_CONTINUE = 11,
	PGSQL_AUTH_SASL_FINAL = 12,
};

struct pgsql_tx {
	struct app_tx tx;
	struct kept_list requests, responses;
	uint64_t rows, row_bytes;
	uint64_t copies_out, copy_out_bytes;
	uint64_t copies_in, copy_in_bytes;
};

enum pgsql_event {
	PGSQL_INVALID_LENGTH,
	PGSQL_MALFORMED_REQUEST,
	PGSQL_MALFORMED_RESPONSE,
	PGSQL_TOO_MANY_TRANSACTIONS,
	PGSQL_TOO_MANY_RESPONSES,
};

extern const struct app_parser pgsql_parser;

static inline const struct pgsql_tx *pgsql_tx_of(const struct app_tx *tx)
{
	return (const struct pgsql_tx *)(const void *)tx;
}

// Text up to its zero (or the end), taken off the front of *rest.
struct span pgsql_text(struct span *rest);
