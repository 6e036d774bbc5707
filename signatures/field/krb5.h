// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of Kerberos.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define KRB5_BUFFERS(X)     \
	X(field_krb5_cname) \
	X(field_krb5_sname)
#define KRB5_NUMBERS(X)        \
	X(field_krb5_msg_type) \
	X(field_krb5_err_code)
#define KRB5_TESTS(X) X(field_krb5_ticket_encryption)

KRB5_BUFFERS(FIELD_DECLARE_BUFFER)
KRB5_NUMBERS(FIELD_DECLARE_NUMBER)
KRB5_TESTS(FIELD_DECLARE_TEST)
