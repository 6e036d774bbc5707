// SPDX-License-Identifier: GPL-3.0-or-later
// TLS readers: where in a handshake TLS's fields are read. For tls.c and tls_tests.c.
//
// Threads      pure function
#pragma once
#include "decoders/app/tls/tls.h"
#include "signatures/field/field.h"

#define CLIENT_HELLO(function)                                      \
	{                                                           \
		APP_TLS, TO_SERVER, TLS_CLIENT_HELLO_DONE, function \
	}
#define SERVER_HELLO(function)                                 \
	{                                                      \
		APP_TLS, TO_CLIENT, TLS_SERVER_HELLO, function \
	}
#define CLIENT_CERT(function)                                      \
	{                                                          \
		APP_TLS, TO_SERVER, TLS_CLIENT_CERT_DONE, function \
	}
#define SERVER_CERT(function)                                      \
	{                                                          \
		APP_TLS, TO_CLIENT, TLS_SERVER_CERT_DONE, function \
	}

// What the side said that is inspected.
static inline const struct tls_side *field_tls_side(const struct field_source *source)
{
	return &((const struct tls_tx *)source->tx)->side[source->direction];
}
