// SPDX-License-Identifier: GPL-3.0-or-later
// RPC: what the rpc keyword asks of a Sun RPC call (RFC 5531): program, version, procedure.
//
// Threads      const after parsing
#pragma once
#include "decoders/base/span.h"

struct match_rpc {
	uint32_t program, version, procedure;
	bool any_version, any_procedure;
};

// payload: of one packet. Over TCP a record mark of four bytes stands before the message (RFC 5531 section 11).
bool rpc_match(const struct match_rpc *rpc, struct span payload, bool tcp);
