// SPDX-License-Identifier: GPL-3.0-or-later
// Fingerprints of hellos: JA3 and JA3S (MD5 of version, ciphers, extensions, groups, point formats), and JA4 for clients
// (FoxIO's specification, the part under BSD licence). For TLS and for QUIC.
//
// Life cycle   fingerprints_new once a worker -> ja3_string, ja4_hash, ... -> fingerprints_free
// Memory       digest contexts and a scratch of JA3_STRING_MAX at start; none later
// Threads      one a worker
#pragma once
#include "decoders/app/tls/hello.h"

#define JA3_STRING_MAX (16u << 10) // bytes; a longer one is not made
#define JA4_HASH_LEN   36

struct fingerprints;

// NULL when the crypto library has no such digests.
struct fingerprints *fingerprints_new(void);
void fingerprints_free(struct fingerprints *fp);

// The JA3 (client) or JA3S string: "771,4865-4866,0-23,29-23,0" or "771,4865,43-51". Valid until the next call; data NULL when it
// would be too long.
struct span ja3_string(struct fingerprints *fp, const struct tls_hello *hello);
// MD5 as 32 lower-case digits, zero-ended. False when the library refuses.
bool ja3_hash(struct fingerprints *fp, struct span string, char out[33]);
// "t13d1516h2_8daaf6152771_e5627efa2ab1", zero-ended. quic: starts with q.
bool ja4_hash(struct fingerprints *fp, const struct tls_hello *hello, bool quic, char out[JA4_HASH_LEN + 1]);

bool fingerprint_sha1(struct fingerprints *fp, struct span bytes, uint8_t out[20]);
