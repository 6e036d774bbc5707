// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/nfs/rpc.h"

struct span xdr_opaque(struct cursor *c)
{
	uint32_t len = cursor_be32(c);
	struct span bytes = cursor_span(c, len);
	cursor_skip(c, (4 - len % 4) % 4);
	return cursor_ok(c) ? bytes : (struct span) { NULL, 0 };
}

static void read_unix(struct span body, struct rpc_message *m)
{
	struct cursor c = cursor_on(body);
	cursor_be32(&c); // stamp
	m->machine = xdr_opaque(&c);
	m->uid = cursor_be32(&c);
	m->gid = cursor_be32(&c);
}

bool rpc_read(struct cursor *c, struct rpc_message *m)
{
	*m = (struct rpc_message) { .xid = cursor_be32(c) };
	uint32_t type = cursor_be32(c);
	if (type > 1)
		return false;
	m->reply = type == 1;
	if (m->reply) {
		m->status = cursor_be32(c);
		if (m->status > 1)
			return false;
		if (m->status == 1)
			return cursor_ok(c);
		cursor_be32(c); // verifier
		(void)xdr_opaque(c);
		m->accepted = cursor_be32(c);
		return cursor_ok(c);
	}
	if (cursor_be32(c) != 2)
		return false;
	m->program = cursor_be32(c);
	m->version = cursor_be32(c);
	m->procedure = cursor_be32(c);
	m->auth = cursor_be32(c);
	struct span credentials = xdr_opaque(c);
	if (m->auth == RPC_AUTH_UNIX)
		read_unix(credentials, m);
	if (m->auth == RPC_AUTH_GSS)
		m->wrapped = credentials.len < 16 || be32_at(credentials.data + 4) != 0 ||
			     be32_at(credentials.data + 12) != 1;
	cursor_be32(c); // verifier
	(void)xdr_opaque(c);
	return cursor_ok(c);
}
