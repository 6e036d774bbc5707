// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/rpc.h"
#include "decoders/base/cursor.h"

enum { RPC_CALL = 0, RPC_VERSION = 2 };

bool rpc_match(const struct match_rpc *rpc, struct span payload, bool tcp)
{
	struct cursor c = cursor_on(payload);
	cursor_skip(&c, tcp ? 8 : 4); // record mark, transaction id
	uint32_t type = cursor_be32(&c), version = cursor_be32(&c), program = cursor_be32(&c),
		 of_program = cursor_be32(&c), procedure = cursor_be32(&c);
	if (c.failed || type != RPC_CALL || version != RPC_VERSION || program != rpc->program)
		return false;
	return (rpc->any_version || of_program == rpc->version) && (rpc->any_procedure || procedure == rpc->procedure);
}
