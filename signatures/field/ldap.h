// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of LDAP.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define LDAP_BUFFERS(X)                      \
	X(field_ldap_request_dn)             \
	X(field_ldap_request_attribute_type) \
	X(field_ldap_request_filter)         \
	X(field_ldap_responses_dn)           \
	X(field_ldap_responses_message)      \
	X(field_ldap_responses_attribute_type)
#define LDAP_NUMBERS(X)                   \
	X(field_ldap_request_operation)   \
	X(field_ldap_responses_operation) \
	X(field_ldap_responses_count)     \
	X(field_ldap_responses_result_code)

// Names of operations and of result codes (RFC 4511 section 4.1.9 and what client libraries add); {NULL} ends.
extern const struct field_name ldap_operation_names[];
extern const struct field_name ldap_result_names[];

LDAP_BUFFERS(FIELD_DECLARE_BUFFER)
LDAP_NUMBERS(FIELD_DECLARE_NUMBER)
