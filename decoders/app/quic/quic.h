// SPDX-License-Identifier: GPL-3.0-or-later
// QUIC version 1 and 2 (RFC 9000, 9001, 9369), late drafts, and Google's Q043 to Q046: what can be read before a connection is encrypted with keys that
// only its ends know. Initial packets are opened, the hellos in them put together.
//
// Life cycle   a transaction a packet with a long header, in its direction, until that direction's hello was read
// Memory       worker's slab: a transaction with its copy of the hello; per direction what CRYPTO frames have brought so far
// Bounds       QUIC_HELLO_MAX of a hello, QUIC_RANGES_MAX stretches of it apart, QUIC_PACKETS_MAX packets looked at in a datagram
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/tls/fingerprint.h"
#include "decoders/app/tls/hello.h"
#include "decoders/base/bytes.h"

#define QUIC_HELLO_MAX   65000u
#define QUIC_RANGES_MAX  32u
#define QUIC_PACKETS_MAX 16u
#define QUIC_TAGS_MAX    256u

enum quic_event {
	QUIC_FAILED_DECRYPT,
	QUIC_ERROR_ON_DATA,
	QUIC_CRYPTO_FRAG_TOO_LONG,
};

struct quic_tx {
	struct app_tx tx;
	uint32_t version;
	uint8_t version_bytes[4]; // as on the wire
	bool has_hello;
	struct tls_hello hello; // points into message
	struct span sni, ua;    // likewise
	struct bytes message;
	struct bytes ja3;
	char ja3_hash[33];
	char ja4[JA4_HASH_LEN + 1];
	struct bytes cyu; // "46,PAD-SNI-...": versions of Google's
	char cyu_hash[33];
};

extern const struct app_parser quic_parser;

static inline const struct quic_tx *quic_tx_of(const struct app_tx *tx)
{
	return (const struct quic_tx *)(const void *)tx;
}

const char *quic_extension_name(uint16_t type); // NULL: none we know
