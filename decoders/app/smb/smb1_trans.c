// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1: transactions (MS-CIFS 2.2.4.33, 2.2.4.46): calls of pipes, and what TRANS2 sets of files.
#include "decoders/app/smb/smb1.h"

#define TRANS_PIPE           0x26 // TransactNmPipe
#define TRANS2_SET_PATH_INFO 6
#define TRANS2_SET_FILE_INFO 8
#define LEVEL_RENAME         1010
#define LEVEL_DISPOSITION    1013

struct transaction {
	struct span parameters, data;
	uint16_t setup[2];
	uint8_t setup_count;
};

static bool part(const struct smb_header *header, uint16_t offset, uint16_t len, struct span *out)
{
	*out = span_slice(header->data, offset, len);
	return out->len == len;
}

static bool read_request(const struct smb_header *header, struct smb1_body *body, struct transaction *out)
{
	struct cursor *w = &body->words;
	*out = (struct transaction) { 0 };
	cursor_skip(w, 18);
	uint16_t parameter_count = cursor_le16(w), parameter_at = cursor_le16(w), data_count = cursor_le16(w),
		 data_at = cursor_le16(w);
	out->setup_count = cursor_u8(w);
	cursor_skip(w, 1);
	for (unsigned i = 0; i < out->setup_count && i < 2; i++)
		out->setup[i] = cursor_le16(w);
	return cursor_ok(w) && part(header, parameter_at, parameter_count, &out->parameters) &&
	       part(header, data_at, data_count, &out->data);
}

void smb1_trans_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct transaction t;
	uint8_t fuid[SMB1_FUID_BYTES];
	if (!read_request(header, body, &t)) {
		smb_malformed(r);
		return;
	}
	if (t.setup_count < 2 || t.setup[0] != TRANS_PIPE)
		return;
	smb1_fuid(header, t.setup[1], fuid);
	if (!smb_pipe_data(r, header, fuid, SMB1_FUID_BYTES, t.data))
		return;
	struct smb_read *read = smb_read_add(r, header); // the answer does not name the pipe
	if (!read)
		return;
	memcpy(read->fuid, fuid, SMB1_FUID_BYTES);
	read->fuid_len = SMB1_FUID_BYTES;
	read->tree = header->tree;
}

void smb1_trans_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct smb_read read;
	struct cursor *w = &body->words;
	struct span data;
	bool asked = smb_read_take(r, header, &read);
	if (!asked || body->word_count == 0)
		return;
	cursor_skip(w, 12);
	uint16_t count = cursor_le16(w), at = cursor_le16(w);
	if (!cursor_ok(w) || !part(header, at, count, &data)) {
		smb_malformed(r);
		return;
	}
	if (count)
		smb_pipe_data(r, header, read.fuid, read.fuid_len, data);
}

static void keep_name(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, uint16_t fid)
{
	smb1_keep_fuid(tx, header, fid);
	const struct smb_open *open = smb_open_find(r, tx->fuid, SMB1_FUID_BYTES);
	bytes_append(r->slab, &tx->name, open ? bytes_span(&open->name) : span_text("<unknown>"), SMB_NAME_MAX);
}

static void rename_file(struct smb_reader *r, const struct smb_header *header, uint16_t fid, struct span data)
{
	struct cursor c = cursor_on(data);
	struct smb_tx *tx = smb_tx_new(r, header, SMB_RENAME);
	if (!tx)
		return;
	keep_name(r, tx, header, fid);
	cursor_skip(&c, 8);
	smb_keep_text(r, &tx->new_name, cursor_span(&c, cursor_le32(&c)), true);
	if (!cursor_ok(&c))
		smb_malformed(r);
	smb_request_done(r, tx);
}

void smb1_trans2_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct transaction t;
	if (!read_request(header, body, &t)) {
		smb_malformed(r);
		return;
	}
	struct cursor c = cursor_on(t.parameters);
	uint16_t command = t.setup_count ? t.setup[0] : UINT16_MAX;
	bool of_file = command == TRANS2_SET_FILE_INFO;
	if (!of_file && command != TRANS2_SET_PATH_INFO)
		return;
	uint16_t fid = of_file ? cursor_le16(&c) : 0, level = cursor_le16(&c);
	if (of_file && level == LEVEL_RENAME)
		rename_file(r, header, fid, t.data);
	if (level != LEVEL_DISPOSITION)
		return;
	struct smb_tx *tx = smb_tx_new(r, header, SMB_SET_PATH);
	if (!tx)
		return;
	tx->set_info.subcommand = command;
	tx->set_info.level = level;
	tx->set_info.delete_on_close = t.data.len && t.data.data[0] & 1;
	if (of_file) {
		keep_name(r, tx, header, fid);
	} else {
		cursor_skip(&c, 4);
		smb_keep_text(r, &tx->name, smb1_text(&c, 0, header->unicode), header->unicode);
	}
	if (!cursor_ok(&c))
		smb_malformed(r);
	smb_request_done(r, tx);
}
