// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1: answers (MS-CIFS 2.2.4).
#include "decoders/app/smb/smb1.h"

static uint64_t unix_time(uint64_t filetime)
{
	const uint64_t epoch_s = UINT64_C(11644473600);
	uint64_t seconds = filetime / 10000000;
	return seconds > epoch_s ? seconds - epoch_s : 0;
}

static void remember(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, uint16_t fid)
{
	smb1_keep_fuid(tx, header, fid);
	struct smb_open *open = smb_open_add(r, tx->fuid, SMB1_FUID_BYTES);
	if (open)
		bytes_append(r->slab, &open->name, bytes_span(&tx->name), SMB_NAME_MAX);
}

static void create(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct smb1_body *body)
{
	struct cursor *w = &body->words;
	cursor_skip(w, SMB1_ANDX_BYTES + 1);
	uint16_t fid = cursor_le16(w);
	cursor_skip(w, 4);
	tx->create.created = unix_time(cursor_le64(w));
	tx->create.accessed = unix_time(cursor_le64(w));
	tx->create.modified = unix_time(cursor_le64(w));
	tx->create.changed = unix_time(cursor_le64(w));
	cursor_skip(w, 12);
	tx->create.size = cursor_le64(w);
	if (cursor_ok(w))
		remember(r, tx, header, fid);
	else
		smb_malformed(r);
}

static void open_file(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct smb1_body *body)
{
	cursor_skip(&body->words, SMB1_ANDX_BYTES);
	uint16_t fid = cursor_le16(&body->words);
	if (cursor_ok(&body->words))
		remember(r, tx, header, fid);
}

static void tree_connect(
	struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct smb1_body *body)
{
	struct cursor c = cursor_on(body->bytes);
	struct smb_tree_connect *connect = &tx->connect;
	struct span service = smb1_text(&c, body->bytes_at, false);
	size_t len =
		service.len < sizeof connect->response_service ? service.len : sizeof connect->response_service - 1;
	if (len)
		memcpy(connect->response_service, service.data, len);
	connect->has_response_service = true;
	connect->is_pipe = span_is(service, "IPC");
	tx->tree = header->tree;
	struct smb_tree *tree = smb_tree_add(r, header->session, header->tree);
	if (!tree)
		return;
	tree->is_pipe = connect->is_pipe;
	bytes_append(r->slab, &tree->name, bytes_span(&tx->name), SMB_NAME_MAX);
}

static void succeeded(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct smb1_body *body)
{
	switch (header->command) {
	case SMB1_TREE_CONNECT_ANDX:
		if (tx->kind == SMB_TREE_CONNECT)
			tree_connect(r, tx, header, body);
		break;
	case SMB1_NT_CREATE_ANDX:
		if (tx->kind == SMB_CREATE)
			create(r, tx, header, body);
		break;
	case SMB1_OPEN_ANDX: open_file(r, tx, header, body); break;
	case SMB1_CLOSE:
		if (tx->fuid_len == SMB1_FUID_BYTES) {
			smb_file_close(r, header, tx->fuid, SMB1_FUID_BYTES); // what was read meanwhile
			smb_open_drop(r, tx->fuid, SMB1_FUID_BYTES);
		}
		break;
	case SMB1_TREE_DISCONNECT: smb_tree_drop(r, header->session, header->tree); break;
	default: break;
	}
}

void smb1_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	switch (header->command) {
	case SMB1_NEGOTIATE: smb1_negotiate_response(r, header, body); return;
	case SMB1_READ_ANDX: smb1_read_response(r, header, body); return;
	case SMB1_TRANS: smb1_trans_response(r, header, body); return;
	default: break;
	}
	struct smb_tx *tx = smb_tx_find(r, header);
	if (!tx)
		return;
	r->tx = tx;
	if (header->command == SMB1_SESSION_SETUP_ANDX)
		smb1_setup_response(r, tx, header, body);
	else if (header->status == NT_SUCCESS)
		succeeded(r, tx, header, body);
	smb_set_status(tx, header);
	smb_response_done(r, tx);
}
