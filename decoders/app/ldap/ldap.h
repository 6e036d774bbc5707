// SPDX-License-Identifier: GPL-3.0-or-later
// LDAP (RFC 4511) over TCP, and over UDP as Active Directory does (CLDAP, MS-ADTS 6.3.3). A transaction is a request with its responses by message id; what has
// no answer is one alone. StartTLS that is granted changes the flow to TLS.
//
// Memory       worker's slab: a block a message with its bytes; messages over LDAP_MESSAGE_MAX are passed over
// Bounds       LDAP_KEPT_MAX messages and LDAP_KEPT_BYTES bytes kept of a transaction (more are counted); a chain of 32 for a message id's bucket
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/kept.h"
#include "decoders/app/ldap/ldap_message.h"

#define LDAP_MESSAGE_MAX (128u << 10)
#define LDAP_KEPT_MAX    256
#define LDAP_KEPT_BYTES  (512u << 10)

struct ldap_tx {
	struct app_tx tx;
	struct kept_list requests, responses; // whole messages; kind: enum ldap_operation. At most one request
	uint32_t responses_seen;              // kept or not
	uint32_t id;
	struct ldap_tx *next_open, **open_link; // in its bucket, while it waits: the next, and what points here
	bool open, starts_tls;
};

enum ldap_event {
	LDAP_TOO_MANY_TRANSACTIONS,
	LDAP_INVALID_DATA,
	LDAP_REQUEST_NOT_FOUND,
	LDAP_TOO_MANY_RESPONSES,
};

extern const struct app_parser ldap_parser;

static inline const struct ldap_tx *ldap_tx_of(const struct app_tx *tx)
{
	return (const struct ldap_tx *)(const void *)tx;
}
