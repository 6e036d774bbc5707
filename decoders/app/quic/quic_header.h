// SPDX-License-Identifier: GPL-3.0-or-later
// QUIC packet headers (RFC 9000 17, RFC 8999), and those of Google's versions.
//
// Memory       none; spans point into the datagram
// Threads      pure functions
#pragma once
#include "decoders/base/cursor.h"

#define QUIC_V1 1u
#define QUIC_V2 0x6b3343cfu

enum quic_type { QUIC_SHORT, QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY, QUIC_NEGOTIATION };

struct quic_header {
	enum quic_type type;
	bool google; // Q043 to Q046: not encrypted
	uint32_t version;
	struct span destination; // connection id
	uint32_t number_at;      // where the packet's number is; Google's: behind its number and hash
	uint32_t end;            // of the packet in the datagram
};

// False: this is no QUIC packet.
bool quic_header_read(struct span data, struct quic_header *out);
// A version that is in use; negotiation (0) is not among them.
bool quic_version_known(uint32_t version);
// RFC 9000 16
uint64_t quic_varint(struct cursor *c);
