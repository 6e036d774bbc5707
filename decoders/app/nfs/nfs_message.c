// SPDX-License-Identifier: GPL-3.0-or-later
// Calls and replies of versions 2 (RFC 1094) and 3 (RFC 1813).
#include "decoders/app/nfs/nfs_internal.h"

#define ATTRIBUTES_2 68 // bytes
#define ATTRIBUTES_3 84
#define HANDLE_2     32
#define ENTRIES_MAX  4096 // of a directory listing that are learned
#define FILE_SYNC    2

enum argument { ONLY_HANDLE = 1, HANDLE_NAME, TWO_NAMES, TWO_HANDLES_NAME };

// What each procedure's arguments begin with, by version and procedure.
static const uint8_t arguments[2][22] = {
	{ 0, ONLY_HANDLE, ONLY_HANDLE, 0, HANDLE_NAME, ONLY_HANDLE, ONLY_HANDLE, 0, ONLY_HANDLE, HANDLE_NAME,
		HANDLE_NAME, TWO_NAMES, TWO_HANDLES_NAME, HANDLE_NAME, HANDLE_NAME, HANDLE_NAME, ONLY_HANDLE,
		ONLY_HANDLE },
	{ 0, ONLY_HANDLE, ONLY_HANDLE, HANDLE_NAME, ONLY_HANDLE, ONLY_HANDLE, ONLY_HANDLE, ONLY_HANDLE, HANDLE_NAME,
		HANDLE_NAME, HANDLE_NAME, HANDLE_NAME, HANDLE_NAME, HANDLE_NAME, TWO_NAMES, TWO_HANDLES_NAME,
		ONLY_HANDLE, ONLY_HANDLE, ONLY_HANDLE, ONLY_HANDLE, ONLY_HANDLE, ONLY_HANDLE },
};

enum { READ = 6, WRITE_3 = 7, COMMIT_3 = 21, READDIRPLUS_3 = 17, LOOKUP_2 = 4, LOOKUP_3 = 3 };

static void malformed(struct nfs_reader *r, struct nfs_tx *tx)
{
	r->worker->counters[NFS_COUNT_MALFORMED]++;
	if (tx)
		app_tx_event(r->input->flow, &tx->tx, NFS_MALFORMED_DATA);
}

static struct span read_handle(struct cursor *c, uint32_t version)
{
	return version == 2 ? cursor_span(c, HANDLE_2) : xdr_opaque(c);
}

static void read_write(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	uint64_t offset = cursor_be64(c);
	cursor_be32(c); // count
	uint32_t stable = cursor_be32(c), len = cursor_be32(c);
	if (!cursor_ok(c) || len > r->record_len)
		malformed(r, NULL);
	else
		nfs_file_piece(r, call, WRITE_3, c, offset, len, stable == FILE_SYNC);
}

void nfs_read_call(struct nfs_reader *r, struct cursor *c)
{
	uint32_t version = r->rpc.version, procedure = r->rpc.procedure;
	struct nfs_call *call = nfs_call_keep(r);
	if (!call)
		return;
	if (version == 4) {
		nfs_read_compound_call(r, c, call);
		return;
	}
	uint8_t kind = procedure < 22 ? arguments[version - 2][procedure] : 0;
	struct span name = { NULL, 0 }, to = { NULL, 0 };
	if (kind) {
		nfs_handle_set(&call->handle, read_handle(c, version));
		if (kind == TWO_HANDLES_NAME)
			(void)read_handle(c, version);
		if (kind != ONLY_HANDLE)
			name = xdr_opaque(c);
		else
			name = nfs_name_of(r->state, &call->handle);
		if (kind == TWO_NAMES) {
			(void)read_handle(c, version);
			to = xdr_opaque(c);
		}
	}
	bytes_append(r->input->slab, &call->name, name, NFS_NAME_MAX);
	bool broken = !cursor_ok(c);
	if (!broken && procedure == READ) {
		call->offset = version == 2 ? cursor_be32(c) : cursor_be64(c);
		return;
	}
	if (!broken && version == 3 && procedure == WRITE_3) {
		read_write(r, c, call);
		return;
	}
	if (!broken && version == 3 && procedure == COMMIT_3) {
		nfs_file_close(r, &call->handle, TO_SERVER);
		return;
	}
	struct nfs_tx *tx = nfs_tx_begin(r, call, procedure);
	if (!tx)
		return;
	bytes_append(r->input->slab, &tx->to, to, NFS_NAME_MAX);
	app_tx_changed(r->input->flow, &tx->tx, TO_SERVER);
	if (broken || !nfs_procedure_name(version, procedure))
		malformed(r, tx);
}

static void read_read_2(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	struct span attributes = cursor_span(c, ATTRIBUTES_2);
	uint32_t len = cursor_be32(c);
	if (!cursor_ok(c) || len > r->record_len)
		malformed(r, NULL);
	else
		nfs_file_piece(
			r, call, READ, c, call->offset, len, call->offset + len >= be32_at(attributes.data + 20));
}

static void read_read_3(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	if (cursor_be32(c))
		cursor_skip(c, ATTRIBUTES_3);
	cursor_be32(c); // count
	bool end = cursor_be32(c);
	uint32_t len = cursor_be32(c);
	if (!cursor_ok(c) || len > r->record_len)
		malformed(r, NULL);
	else
		nfs_file_piece(r, call, READ, c, call->offset, len, end);
}

// Names with handles (3.3.17).
static void read_listing(struct nfs_reader *r, struct cursor *c)
{
	if (cursor_be32(c))
		cursor_skip(c, ATTRIBUTES_3);
	cursor_skip(c, 8); // verifier
	for (unsigned i = 0; i < ENTRIES_MAX && cursor_be32(c); i++) {
		struct nfs_handle handle = { 0 };
		cursor_skip(c, 8); // file id
		struct span name = xdr_opaque(c);
		cursor_skip(c, 8); // cookie
		if (cursor_be32(c))
			cursor_skip(c, ATTRIBUTES_3);
		if (cursor_be32(c))
			nfs_handle_set(&handle, xdr_opaque(c));
		if (cursor_ok(c))
			nfs_name_learn(r, &handle, name);
	}
}

// A reply that gives a handle for the call's name.
static struct nfs_handle read_given(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	struct nfs_handle handle = { 0 };
	uint32_t procedure = call->procedure;
	if (call->version == 2 && (procedure == LOOKUP_2 || procedure == 9 || procedure == 14))
		nfs_handle_set(&handle, cursor_span(c, HANDLE_2));
	else if (call->version == 3 && (procedure == LOOKUP_3 || (procedure >= 8 && procedure <= 11 && cursor_be32(c))))
		nfs_handle_set(&handle, xdr_opaque(c));
	if (handle.len)
		nfs_name_learn(r, &handle, bytes_span(&call->name));
	return handle;
}

void nfs_read_reply(struct nfs_reader *r, struct cursor *c, struct nfs_call *call)
{
	bool accepted = r->rpc.status == 0 && r->rpc.accepted == 0;
	if (call->version == 4) {
		nfs_read_compound_reply(r, c, call);
		return;
	}
	uint32_t status = accepted && call->procedure ? cursor_be32(c) : 0;
	if (call->procedure == READ) {
		if (accepted && cursor_ok(c) && status == 0 && call->version == 2)
			read_read_2(r, c, call);
		else if (accepted && cursor_ok(c) && status == 0)
			read_read_3(r, c, call);
		return;
	}
	struct nfs_tx *tx = nfs_tx_answered(r, call->xid, status);
	if (!tx)
		return;
	if (!cursor_ok(c))
		malformed(r, tx);
	if (accepted && cursor_ok(c) && status == 0) {
		struct nfs_handle given = read_given(r, c, call);
		if (given.len)
			tx->handle = given;
		if (call->version == 3 && call->procedure == READDIRPLUS_3)
			read_listing(r, c);
	}
	nfs_tx_done(r->input->flow, tx);
}
