// SPDX-License-Identifier: GPL-3.0-or-later
// Compounds of version 4 (RFC 7530 section 16, RFC 8881 section 18): operations in order, each with arguments of its own, so that reading ends at the
// first that is not known.
#include "decoders/app/nfs/nfs_internal.h"

#define OPERATIONS_MAX 64
#define STATE_ID       16
#define CHANGE_INFO    20
#define FILE_SYNC      2

enum operation {
	ACCESS = 3,
	CLOSE,
	COMMIT,
	CREATE,
	DELEGRETURN = 8,
	GETATTR,
	GETFH,
	LOOKUP = 15,
	LOOKUPP,
	OPEN = 18,
	OPEN_CONFIRM = 20,
	PUTFH = 22,
	PUTPUBFH,
	PUTROOTFH,
	READ,
	READLINK = 27,
	REMOVE,
	RENAME,
	RENEW,
	RESTOREFH,
	SAVEFH,
	SETATTR = 34,
	WRITE = 38,
	SECINFO_NO_NAME = 52,
	SEQUENCE,
	RECLAIM_COMPLETE = 58,
};

// What a compound says of its file.
struct compound {
	struct nfs_call *call;
	uint32_t main; // operation it is told as; 0: none
	uint32_t status;
	struct span name, to;
};

static void skip_bitmap(struct cursor *c)
{
	uint32_t words = cursor_be32(c);
	if (words > 16)
		c->failed = true;
	else
		cursor_skip(c, words * 4);
}

static void skip_attributes(struct cursor *c)
{
	skip_bitmap(c);
	(void)xdr_opaque(c);
}

// RFC 7530 section 16.16.1
static void call_open(struct cursor *c, struct compound *compound)
{
	cursor_skip(c, 4 + 4 + 4 + 8); // sequence, access, deny, client
	(void)xdr_opaque(c);           // owner
	if (cursor_be32(c) == 1) {     // create
		uint32_t mode = cursor_be32(c);
		if (mode >= 2)
			cursor_skip(c, 8);
		if (mode != 2)
			skip_attributes(c);
	}
	if (cursor_be32(c) == 0) // claim: by name
		compound->name = xdr_opaque(c);
	else
		c->failed = true;
}

static void call_write(struct nfs_reader *r, struct cursor *c, struct compound *compound)
{
	cursor_skip(c, STATE_ID);
	uint64_t offset = cursor_be64(c);
	uint32_t stable = cursor_be32(c), len = cursor_be32(c);
	if (!cursor_ok(c) || len > r->record_len)
		c->failed = true;
	else
		nfs_file_piece(r, compound->call, WRITE, c, offset, len, stable == FILE_SYNC);
	cursor_skip(c, (4 - len % 4) % 4);
}

static void call_create(struct cursor *c, struct compound *compound)
{
	uint32_t type = cursor_be32(c);
	if (type == 5) // link
		(void)xdr_opaque(c);
	else if (type == 3 || type == 4) // devices
		cursor_skip(c, 8);
	compound->name = xdr_opaque(c);
	compound->main = CREATE;
	skip_attributes(c);
}

static void call_operation(struct nfs_reader *r, struct cursor *c, struct compound *compound, uint32_t operation)
{
	struct nfs_call *call = compound->call;
	switch (operation) {
	case ACCESS:
	case SECINFO_NO_NAME:
	case RECLAIM_COMPLETE: cursor_skip(c, 4); break;
	case CLOSE:
	case OPEN_CONFIRM: cursor_skip(c, 4 + STATE_ID); break;
	case COMMIT:
		cursor_skip(c, 12);
		nfs_file_close(r, &call->handle, TO_SERVER);
		break;
	case CREATE: call_create(c, compound); break;
	case DELEGRETURN: cursor_skip(c, STATE_ID); break;
	case GETATTR: skip_bitmap(c); break;
	case LOOKUP: compound->name = xdr_opaque(c); break;
	case OPEN: call_open(c, compound); break;
	case PUTFH: nfs_handle_set(&call->handle, xdr_opaque(c)); break;
	case READ:
		cursor_skip(c, STATE_ID);
		call->offset = cursor_be64(c);
		cursor_be32(c);
		break;
	case REMOVE:
		compound->name = xdr_opaque(c);
		compound->main = REMOVE;
		break;
	case RENAME:
		compound->name = xdr_opaque(c);
		compound->to = xdr_opaque(c);
		compound->main = RENAME;
		break;
	case RENEW: cursor_skip(c, 8); break;
	case SETATTR:
		cursor_skip(c, STATE_ID);
		skip_attributes(c);
		break;
	case WRITE: call_write(r, c, compound); break;
	case SEQUENCE: cursor_skip(c, 32); break;
	case GETFH:
	case LOOKUPP:
	case PUTPUBFH:
	case PUTROOTFH:
	case READLINK:
	case RESTOREFH:
	case SAVEFH: break;
	default: c->failed = true; break;
	}
}

void nfs_read_compound_call(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	struct compound compound = { .call = call };
	if (call->procedure != 1)
		return;
	(void)xdr_opaque(c); // tag
	cursor_be32(c);      // minor version
	uint32_t count = cursor_be32(c);
	for (uint32_t i = 0; i < count && i < OPERATIONS_MAX && cursor_ok(c); i++)
		call_operation(r, c, &compound, cursor_be32(c));
	bytes_append(r->input->slab, &call->name, compound.name, NFS_NAME_MAX);
	if (!compound.main)
		return;
	struct nfs_tx *tx = nfs_tx_begin(r, call, compound.main);
	if (!tx)
		return;
	bytes_append(r->input->slab, &tx->to, compound.to, NFS_NAME_MAX);
	app_tx_changed(r->input->flow, &tx->tx, TO_SERVER);
}

static void reply_open(struct cursor *c)
{
	cursor_skip(c, STATE_ID + CHANGE_INFO + 4);
	skip_bitmap(c);
	uint32_t delegation = cursor_be32(c);
	if (delegation == 0)
		return;
	if (delegation > 2) {
		c->failed = true;
		return;
	}
	cursor_skip(c, STATE_ID + 4);
	if (delegation == 2)
		cursor_skip(c, 12); // limit
	cursor_skip(c, 12);
	(void)xdr_opaque(c);
}

static void reply_read(struct nfs_reader *r, struct cursor *c, struct compound *compound)
{
	bool end = cursor_be32(c);
	uint32_t len = cursor_be32(c);
	if (!cursor_ok(c) || len > r->record_len)
		c->failed = true;
	else
		nfs_file_piece(r, compound->call, READ, c, compound->call->offset, len, end);
	cursor_skip(c, (4 - len % 4) % 4);
}

static void reply_operation(struct nfs_reader *r, struct cursor *c, struct compound *compound, uint32_t operation)
{
	struct nfs_handle handle = { 0 };
	switch (operation) {
	case ACCESS:
	case COMMIT: cursor_skip(c, 8); break;
	case CLOSE:
	case OPEN_CONFIRM: cursor_skip(c, STATE_ID); break;
	case CREATE:
		cursor_skip(c, CHANGE_INFO);
		skip_bitmap(c);
		break;
	case GETATTR: skip_attributes(c); break;
	case GETFH:
		if (nfs_handle_set(&handle, xdr_opaque(c)) && cursor_ok(c))
			nfs_name_learn(r, &handle, bytes_span(&compound->call->name));
		break;
	case OPEN: reply_open(c); break;
	case READ: reply_read(r, c, compound); break;
	case REMOVE: cursor_skip(c, CHANGE_INFO); break;
	case RENAME: cursor_skip(c, 2 * CHANGE_INFO); break;
	case SETATTR: skip_bitmap(c); break;
	case WRITE: cursor_skip(c, 16); break;
	case SEQUENCE: cursor_skip(c, 36); break;
	case DELEGRETURN:
	case LOOKUP:
	case LOOKUPP:
	case PUTFH:
	case PUTPUBFH:
	case PUTROOTFH:
	case RENEW:
	case RESTOREFH:
	case SAVEFH:
	case RECLAIM_COMPLETE: break;
	default: c->failed = true; break;
	}
}

void nfs_read_compound_reply(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	struct compound compound = { .call = call };
	if (call->procedure != 1)
		return;
	bool accepted = r->rpc.status == 0 && r->rpc.accepted == 0;
	uint32_t status = accepted ? cursor_be32(c) : 0;
	(void)xdr_opaque(c); // tag
	uint32_t count = cursor_be32(c);
	for (uint32_t i = 0; accepted && i < count && i < OPERATIONS_MAX && cursor_ok(c); i++) {
		uint32_t operation = cursor_be32(c);
		if (cursor_be32(c) != 0)
			break;
		reply_operation(r, c, &compound, operation);
	}
	struct nfs_tx *tx = nfs_tx_answered(r, call->xid, status);
	if (tx)
		nfs_tx_done(r->input->flow, tx);
}
