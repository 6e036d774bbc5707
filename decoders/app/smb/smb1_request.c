// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1: requests (MS-CIFS 2.2.4).
#include "decoders/app/smb/smb1.h"

#define CREATE_DIRECTORY       0x00000001u
#define CREATE_DELETE_ON_CLOSE 0x00001000u

static void keep_word(char *out, size_t size, struct span text)
{
	size_t len = text.len < size - 1 ? text.len : size - 1;
	if (len)
		memcpy(out, text.data, len);
	out[len] = 0;
}

static void tree_connect(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_TREE_CONNECT);
	if (!tx)
		return;
	struct cursor *w = &body->words, c = cursor_on(body->bytes);
	cursor_skip(w, SMB1_ANDX_BYTES + 2);
	cursor_skip(&c, cursor_le16(w)); // password
	struct span path = smb1_text(&c, body->bytes_at, header->unicode);
	struct span service = smb1_text(&c, body->bytes_at, false);
	if (!cursor_ok(w) || !cursor_ok(&c))
		smb_malformed(r);
	smb_keep_text(r, &tx->name, path, header->unicode);
	tx->connect.has_request_service = true;
	keep_word(tx->connect.request_service, sizeof tx->connect.request_service, service);
	smb_request_done(r, tx);
}

static void create(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_CREATE);
	if (!tx)
		return;
	struct cursor *w = &body->words, c = cursor_on(body->bytes);
	cursor_skip(w, SMB1_ANDX_BYTES + 1);
	uint16_t len = cursor_le16(w);
	cursor_skip(w, 28);
	tx->create.disposition = cursor_le32(w);
	uint32_t options = cursor_le32(w);
	tx->create.directory = options & CREATE_DIRECTORY;
	tx->create.delete_on_close = options & CREATE_DELETE_ON_CLOSE;
	if (!cursor_ok(w))
		smb_malformed(r);
	if (header->unicode && body->bytes_at & 1 && cursor_left(&c))
		cursor_skip(&c, 1);
	smb_keep_text(r, &tx->name, cursor_span(&c, len < cursor_left(&c) ? len : cursor_left(&c)), header->unicode);
	smb_request_done(r, tx);
}

static void open_file(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_GENERIC);
	if (!tx)
		return;
	struct cursor c = cursor_on(body->bytes);
	smb_keep_text(r, &tx->name, smb1_text(&c, body->bytes_at, header->unicode), header->unicode);
	smb_request_done(r, tx);
}

static void close_file(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	uint8_t fuid[SMB1_FUID_BYTES];
	struct smb_tx *tx = smb_tx_new(r, header, SMB_GENERIC);
	uint16_t fid = cursor_le16(&body->words);
	if (tx)
		smb_request_done(r, tx);
	if (!cursor_ok(&body->words)) {
		smb_malformed(r);
		return;
	}
	smb1_fuid(header, fid, fuid);
	smb_file_close(r, header, fuid, SMB1_FUID_BYTES);
	if (tx)
		smb1_keep_fuid(tx, header, fid);
}

static void rename_file(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_RENAME);
	if (!tx)
		return;
	struct cursor c = cursor_on(body->bytes);
	cursor_skip(&c, 1); // each name behind a byte that says it is one
	smb_keep_text(r, &tx->name, smb1_text(&c, body->bytes_at, header->unicode), header->unicode);
	cursor_skip(&c, 1);
	smb_keep_text(r, &tx->new_name, smb1_text(&c, body->bytes_at, header->unicode), header->unicode);
	if (!cursor_ok(&c))
		smb_malformed(r);
	smb_request_done(r, tx);
}

static void delete_file(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_GENERIC);
	if (!tx)
		return;
	struct cursor c = cursor_on(body->bytes);
	cursor_skip(&c, 1); // says that a name follows
	smb_keep_text(r, &tx->name, smb1_text(&c, body->bytes_at, header->unicode), header->unicode);
	smb_request_done(r, tx);
}

static void generic(struct smb_reader *r, const struct smb_header *header)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_GENERIC);
	if (!tx)
		return;
	smb_request_done(r, tx);
	if (header->command == SMB1_NT_CANCEL) // has no answer (MS-CIFS 2.2.4.65)
		smb_response_done(r, tx);
}

void smb1_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	switch (header->command) {
	case SMB1_NEGOTIATE: smb1_negotiate_request(r, header, body); break;
	case SMB1_SESSION_SETUP_ANDX: smb1_setup_request(r, header, body); break;
	case SMB1_TREE_CONNECT_ANDX: tree_connect(r, header, body); break;
	case SMB1_NT_CREATE_ANDX: create(r, header, body); break;
	case SMB1_OPEN_ANDX: open_file(r, header, body); break;
	case SMB1_READ_ANDX: smb1_read_request(r, header, body); break;
	case SMB1_WRITE:
	case SMB1_WRITE_AND_CLOSE:
	case SMB1_WRITE_ANDX: smb1_write_request(r, header, body); break;
	case SMB1_CLOSE: close_file(r, header, body); break;
	case SMB1_DELETE: delete_file(r, header, body); break;
	case SMB1_RENAME: rename_file(r, header, body); break;
	case SMB1_TRANS: smb1_trans_request(r, header, body); break;
	case SMB1_TRANS2: smb1_trans2_request(r, header, body); break;
	default: generic(r, header); break;
	}
}
