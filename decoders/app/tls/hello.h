// SPDX-License-Identifier: GPL-3.0-or-later
// TLS hello: reads the body of a ClientHello or ServerHello (RFC 8446 4.1.2, 4.1.3; RFC 5246 7.4.1) for TLS and for QUIC.
//
// Memory       none; spans point into the message
// Threads      pure functions
#pragma once
#include "decoders/base/cursor.h"

enum hello_fault {
	HELLO_BAD_LENGTH = 1 << 0, // a length leads past the end: what came before is there
	HELLO_MANY_SNI = 1 << 1,   // more than one server_name extension
	HELLO_BAD_SNI_TYPE = 1 << 2,
	HELLO_BAD_SNI_LENGTH = 1 << 3,
};

struct tls_hello {
	bool client;
	uint16_t version;      // legacy_version
	uint16_t best_version; // client: highest offered, server: chosen; the legacy one without supported_versions
	bool has_versions;     // supported_versions was there
	struct span random;    // 32 bytes
	struct span session_id;
	struct span ciphers;    // 16-bit each, as on the wire; server: the one
	struct span extensions; // the whole block, without its length
	struct span sni;
	bool has_sni;              // the extension was there, whatever it held
	struct span alpn;          // names with their 1-byte lengths
	struct span groups;        // 16-bit each
	struct span point_formats; // 8-bit each
	struct span sig_algs;      // 16-bit each
	bool has_ticket;           // session_ticket with something in it
	bool early_data;
	uint32_t faults; // enum hello_fault
};

// False when it is broken (faults says how); fields read before the fault are set.
bool tls_hello_read(struct span body, bool client, struct tls_hello *out);

// RFC 8701: values like 0x0a0a that mean nothing.
static inline bool tls_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

// Walks extensions: *at starts at 0. False at the end or at a broken one.
bool tls_next_extension(struct span extensions, uint32_t *at, uint16_t *type, struct span *value);
// Walks ALPN names.
bool tls_next_alpn(struct span alpn, uint32_t *at, struct span *name);
