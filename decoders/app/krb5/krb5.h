// SPDX-License-Identifier: GPL-3.0-or-later
// Kerberos 5 (RFC 4120) over UDP and TCP: requests for tickets, their answers, errors, and what applications send. A message is a transaction of
// its direction.
//
// Life cycle   a message makes its transaction, done at once
// Memory       worker's slab: the transaction with a copy of what is told of the message; over TCP the start of a message until it is whole
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/krb5/krb5_message.h"
#include "decoders/base/bytes.h"

enum krb5_event {
	KRB5_MALFORMED_DATA,
	KRB5_WEAK_ENCRYPTION,
};

#define KRB5_TEXT_MAX 1024 // bytes of a name or realm

struct krb5_tx {
	struct app_tx tx;
	uint8_t type;           // enum krb5_type
	uint8_t failed_request; // ERROR: the request before it; 0 unknown
	bool has_error, has_cname, has_sname, has_realm, has_etype, has_ticket_etype;
	int32_t error, etype, ticket_etype;
	struct bytes cname, sname, realm;      // names: parts with '/' between
	struct bytes cname_parts, sname_parts; // zero-ended texts, for rules
	unsigned etype_count;
	int32_t etypes[KRB5_ETYPES_MAX];
	unsigned padata_count;
	int32_t padata[KRB5_PADATA_MAX];
};

static inline const struct krb5_tx *krb5_tx_of(const struct app_tx *tx)
{
	return (const struct krb5_tx *)(const void *)tx;
}

extern const struct app_parser krb5_parser;
