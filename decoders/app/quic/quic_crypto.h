// SPDX-License-Identifier: GPL-3.0-or-later
// QUIC crypto: the keys of Initial packets, which anyone who sees the first one can derive (RFC 9001 5.2), and taking their protection off.
//
// Life cycle   quic_crypto_new once a worker -> quic_initial_keys a connection -> quic_open a packet -> quic_crypto_free
// Memory       contexts at start; none later
// Threads      one a worker
#pragma once
#include "decoders/base/span.h"

struct quic_crypto;

struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

struct quic_crypto *quic_crypto_new(void); // NULL: the library has not what is needed
void quic_crypto_free(struct quic_crypto *crypto);

// Keys of both directions (enum direction) of the connection with this first destination id. False: the library refuses.
bool quic_initial_keys(struct quic_crypto *crypto, uint32_t version, struct span id, struct quic_keys keys[2]);

// packet begins at the header, its number at number_at; to its end. out has room for packet.len. Gives the plain payload; data NULL: it cannot
// be opened. authentic: its tag is right; a receiver discards what is not.
struct span quic_open(struct quic_crypto *crypto, const struct quic_keys *keys, struct span packet, uint32_t number_at,
	uint8_t *out, bool *authentic);
// MD5 as 32 lower-case digits, zero-ended.
bool quic_md5(struct quic_crypto *crypto, struct span bytes, char out[33]);
