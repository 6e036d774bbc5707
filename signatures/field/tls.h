// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of TLS: names, certificates, versions and fingerprints of a handshake.
//
// Threads      const tables; a get reads the transaction of the caller's worker
#pragma once
#include "signatures/field/field.h"

extern const struct field_buffer field_tls_sni, field_tls_cert_subject, field_tls_cert_issuer, field_tls_cert_serial,
	field_tls_cert_fingerprint, field_tls_certs, field_tls_subjectaltname, field_tls_alpn, field_tls_random,
	field_tls_random_time, field_tls_random_bytes, field_ja3_hash, field_ja3_string, field_ja3s_hash,
	field_ja3s_string, field_ja4_hash;
extern const struct field_number field_tls_cert_chain_len;
extern const struct field_test field_tls_subject, field_tls_issuerdn, field_tls_fingerprint, field_tls_version,
	field_ssl_version, field_ssl_state, field_tls_cert_expired, field_tls_cert_valid, field_tls_cert_notbefore,
	field_tls_cert_notafter, field_tls_store;

#define TLS_BUFFERS(X)                \
	X(field_tls_sni)              \
	X(field_tls_cert_subject)     \
	X(field_tls_cert_issuer)      \
	X(field_tls_cert_serial)      \
	X(field_tls_cert_fingerprint) \
	X(field_tls_certs)            \
	X(field_tls_subjectaltname)   \
	X(field_tls_alpn)             \
	X(field_tls_random)           \
	X(field_tls_random_time)      \
	X(field_tls_random_bytes)     \
	X(field_ja3_hash)             \
	X(field_ja3_string)           \
	X(field_ja3s_hash)            \
	X(field_ja3s_string)          \
	X(field_ja4_hash)

#define TLS_NUMBERS(X) X(field_tls_cert_chain_len)

#define TLS_TESTS(X)                \
	X(field_tls_subject)        \
	X(field_tls_issuerdn)       \
	X(field_tls_fingerprint)    \
	X(field_tls_version)        \
	X(field_ssl_version)        \
	X(field_ssl_state)          \
	X(field_tls_cert_expired)   \
	X(field_tls_cert_valid)     \
	X(field_tls_cert_notbefore) \
	X(field_tls_cert_notafter)  \
	X(field_tls_store)
