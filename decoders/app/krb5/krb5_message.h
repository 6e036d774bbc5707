// SPDX-License-Identifier: GPL-3.0-or-later
// Kerberos messages (RFC 4120 section 5): who asks whom for what, with which encryption. Nothing is decrypted.
//
// Memory       none: what comes out points into what went in
// Threads      pure functions
#pragma once
#include "decoders/app/tls/der.h"

enum krb5_type {
	KRB5_AS_REQ = 10,
	KRB5_AS_REP = 11,
	KRB5_TGS_REQ = 12,
	KRB5_TGS_REP = 13,
	KRB5_AP_REQ = 14,
	KRB5_AP_REP = 15,
	KRB5_SAFE = 20,
	KRB5_PRIV = 21,
	KRB5_CRED = 22,
	KRB5_ERROR = 30,
};

enum krb5_result {
	KRB5_OK,
	KRB5_UNKNOWN,   // no Kerberos message, or of a kind that is not read
	KRB5_MALFORMED, // one, but broken
};

#define KRB5_ETYPES_MAX     32
#define KRB5_PADATA_MAX     16
#define KRB5_NAME_PARTS_MAX 16

struct krb5_name {
	bool present;
	int32_t type;
	struct span parts; // SEQUENCE OF KerberosString
};

struct krb5_message {
	uint8_t type; // enum krb5_type
	struct krb5_name cname, sname;
	struct span
		realm; // requests: the server's; AS-REP, TGS-REP: the client's; errors: the server's; AP-REQ: the ticket's
	bool has_etype, has_ticket_etype;
	int32_t etype, ticket_etype; // of the answer's encrypted part, of the ticket
	int32_t error;               // ERROR
	unsigned etype_count;        // requests: what the client takes
	int32_t etypes[KRB5_ETYPES_MAX];
	unsigned padata_count;
	int32_t padata[KRB5_PADATA_MAX]; // kinds of pre-authentication
};

enum krb5_result krb5_message_parse(struct span data, struct krb5_message *out);

struct krb5_name_walk {
	struct cursor c;
	unsigned left;
};
void krb5_name_begin(const struct krb5_name *name, struct krb5_name_walk *walk);
bool krb5_name_next(struct krb5_name_walk *walk, struct span *part);

// Names as events write them; unknown numbers are written into buffer.
const char *krb5_type_name(uint8_t type, char buffer[32]);   // "KRB_AS_REQ"
const char *krb5_etype_name(int32_t etype, char buffer[32]); // "AES256_CTS_HMAC_SHA1_96"
const char *krb5_error_name(int32_t error, char buffer[32]); // "KDC_ERR_PREAUTH_REQUIRED"
bool krb5_etype_is_weak(int32_t etype);
// By the names of IANA's registry ("rc4-hmac"), in any case. False: no such name.
bool krb5_etype_find(struct span name, int32_t *out);
