// SPDX-License-Identifier: GPL-3.0-or-later
// ONC RPC messages (RFC 5531) and the XDR (RFC 4506) they are written in.
//
// Memory       none: a message borrows the bytes it was read from
// Threads      pure
#pragma once
#include "decoders/base/cursor.h"

enum rpc_auth { RPC_AUTH_NULL, RPC_AUTH_UNIX, RPC_AUTH_SHORT, RPC_AUTH_DES, RPC_AUTH_GSS = 6 };

struct rpc_message {
	uint32_t xid;
	bool reply;
	uint32_t program, version, procedure; // of a call
	uint32_t auth, uid, gid;
	struct span machine;
	bool wrapped;      // RPC_AUTH_GSS (RFC 2203) with integrity or privacy, or not a call but its handshake
	uint32_t status;   // of a reply: 0 accepted, 1 denied
	uint32_t accepted; // and how: 0 success
};

// Reads the head of a message; c stands at its arguments or results then. False: it is none.
bool rpc_read(struct cursor *c, struct rpc_message *message);
// Opaque data or a string: a length and as many bytes, filled up to four.
struct span xdr_opaque(struct cursor *c);
