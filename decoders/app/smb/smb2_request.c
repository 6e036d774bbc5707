// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 2 and 3: requests (MS-SMB2 2.2).
#include "decoders/app/smb/smb2.h"

#define CREATE_DIRECTORY       0x00000001u
#define CREATE_DELETE_ON_CLOSE 0x00001000u

#define INFO_FILE             1
#define INFO_FILE_RENAME      10
#define INFO_FILE_DISPOSITION 13

static void negotiate(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct smb_tx *tx = smb_tx_negotiate(r);
	if (tx && tx->version == 2) {
		smb_event(r, SMB_DUPLICATE_NEGOTIATE);
		return;
	}
	tx = smb_tx_new(r, header, SMB_NEGOTIATE);
	if (!tx)
		return;
	cursor_skip(&c, 2);
	uint16_t count = cursor_le16(&c);
	cursor_skip(&c, 8);
	struct span guid = cursor_span(&c, 16);
	cursor_skip(&c, 8);
	if (guid.len && cursor_ok(&c)) {
		memcpy(tx->negotiate.client_guid, guid.data, 16);
		tx->negotiate.has_client_guid = true;
	}
	for (unsigned i = 0; i < count && i < SMB_DIALECTS_MAX && cursor_left(&c) >= 2; i++) {
		char buffer[16];
		struct span name = span_text(smb2_dialect_name(cursor_le16(&c), buffer));
		name.len++; // with its zero
		if (bytes_append(r->slab, &tx->negotiate.dialects, name, 1024) == name.len)
			tx->negotiate.dialect_count++;
	}
	if (!cursor_ok(&c) || tx->negotiate.dialect_count < count)
		smb_event(r, SMB_NEGOTIATE_MALFORMED_DIALECTS);
	smb_request_done(r, tx);
}

static void session_setup(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct span blob;
	struct smb_tx *tx = smb_tx_new(r, header, SMB_SESSION_SETUP);
	if (!tx)
		return;
	cursor_skip(&c, 12);
	uint16_t offset = cursor_le16(&c), len = cursor_le16(&c);
	if (cursor_ok(&c) && smb2_part(header, offset, len, &blob))
		smb_security_blob(r, tx, blob);
	else
		smb_malformed(r);
	smb_request_done(r, tx);
}

static void tree_connect(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct span path;
	struct smb_tx *tx = smb_tx_new(r, header, SMB_TREE_CONNECT);
	if (!tx)
		return;
	cursor_skip(&c, 4);
	uint16_t offset = cursor_le16(&c), len = cursor_le16(&c);
	if (cursor_ok(&c) && smb2_part(header, offset, len, &path))
		smb_keep_text(r, &tx->name, path, true);
	else
		smb_malformed(r);
	smb_request_done(r, tx);
}

static void create(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct span name;
	struct smb_tx *tx = smb_tx_new(r, header, SMB_CREATE);
	if (!tx)
		return;
	r->side->has_fuid = false; // what follows in the compound has a file that only the answer tells
	cursor_skip(&c, 36);
	tx->create.disposition = cursor_le32(&c);
	uint32_t options = cursor_le32(&c);
	uint16_t offset = cursor_le16(&c), len = cursor_le16(&c);
	tx->create.directory = options & CREATE_DIRECTORY;
	tx->create.delete_on_close = options & CREATE_DELETE_ON_CLOSE;
	if (cursor_ok(&c) && smb2_part(header, offset, len, &name))
		smb_keep_text(r, &tx->name, name, true);
	else
		smb_malformed(r);
	smb_request_done(r, tx);
}

static void read_request(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	uint8_t fuid[SMB2_FUID_BYTES];
	cursor_skip(&c, 4);
	uint32_t len = cursor_le32(&c);
	uint64_t offset = cursor_le64(&c);
	smb2_fuid(r, &c, fuid);
	if (!cursor_ok(&c)) {
		smb_malformed(r);
		return;
	}
	if (r->state->max_read && len > r->state->max_read)
		smb_event(r, SMB_READ_REQUEST_TOO_LARGE);
	struct smb_read *read = smb_read_add(r, header);
	if (!read)
		return;
	read->offset = offset;
	read->tree = header->tree;
	read->fuid_len = SMB2_FUID_BYTES;
	memcpy(read->fuid, fuid, SMB2_FUID_BYTES);
}

static void close_request(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	uint8_t fuid[SMB2_FUID_BYTES];
	cursor_skip(&c, 8);
	smb2_fuid(r, &c, fuid);
	struct smb_tx *tx = smb_tx_new(r, header, SMB_GENERIC);
	if (tx)
		smb_request_done(r, tx);
	if (!cursor_ok(&c)) {
		smb_malformed(r);
		return;
	}
	if (tx) {
		memcpy(tx->fuid, fuid, SMB2_FUID_BYTES);
		tx->fuid_len = SMB2_FUID_BYTES;
	}
	if (!smb2_fuid_is_related(fuid))
		smb_file_close(r, header, fuid, SMB2_FUID_BYTES);
}

static void ioctl(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	uint8_t fuid[SMB2_FUID_BYTES];
	struct span input;
	cursor_skip(&c, 4);
	uint32_t function = cursor_le32(&c);
	smb2_fuid(r, &c, fuid);
	uint32_t offset = cursor_le32(&c), len = cursor_le32(&c);
	bool good = cursor_ok(&c) && smb2_part(header, offset, len, &input);
	if (good && function == FSCTL_PIPE_TRANSCEIVE && smb_pipe_data(r, header, fuid, SMB2_FUID_BYTES, input))
		return;
	struct smb_tx *tx = smb_tx_new(r, header, SMB_IOCTL);
	if (!tx)
		return;
	tx->function = function;
	memcpy(tx->fuid, fuid, SMB2_FUID_BYTES);
	tx->fuid_len = SMB2_FUID_BYTES;
	if (!good)
		smb_malformed(r);
	smb_request_done(r, tx);
}

// Name of a file that is open, or is being opened earlier in the compound.
static void name_of(struct smb_reader *r, const struct smb_header *header, struct smb_tx *tx, struct bytes *out)
{
	const struct smb_open *open = smb_open_find(r, tx->fuid, SMB2_FUID_BYTES);
	if (open) {
		bytes_append(r->slab, out, bytes_span(&open->name), SMB_NAME_MAX);
		return;
	}
	for (const struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		work_step(1);
		const struct smb_tx *other = smb_tx_of(base);
		if (other->kind == SMB_CREATE && !other->response_done && header->message &&
			other->message == header->message - 1) {
			bytes_append(r->slab, out, bytes_span(&other->name), SMB_NAME_MAX);
			return;
		}
	}
	bytes_append(r->slab, out, span_text("<unknown>"), SMB_NAME_MAX);
}

static void set_file_info(struct smb_reader *r, const struct smb_header *header, uint8_t level, struct span buffer,
	const uint8_t fuid[SMB2_FUID_BYTES])
{
	struct cursor c = cursor_on(buffer);
	struct smb_tx *tx = smb_tx_new(r, header, level == INFO_FILE_RENAME ? SMB_RENAME : SMB_SET_INFO);
	if (!tx)
		return;
	memcpy(tx->fuid, fuid, SMB2_FUID_BYTES);
	tx->fuid_len = SMB2_FUID_BYTES;
	name_of(r, header, tx, &tx->name);
	if (level == INFO_FILE_RENAME) {
		cursor_skip(&c, 16);
		smb_keep_text(r, &tx->new_name, cursor_span(&c, cursor_le32(&c)), true);
	} else {
		tx->set_info.level = level;
		tx->set_info.delete_on_close = cursor_u8(&c) & 1;
	}
	if (!cursor_ok(&c))
		smb_malformed(r);
	smb_request_done(r, tx);
}

static void set_info(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	uint8_t fuid[SMB2_FUID_BYTES];
	struct span buffer;
	cursor_skip(&c, 2);
	uint8_t class = cursor_u8(&c), level = cursor_u8(&c);
	uint32_t len = cursor_le32(&c);
	uint16_t offset = cursor_le16(&c);
	cursor_skip(&c, 6);
	smb2_fuid(r, &c, fuid);
	if (!cursor_ok(&c) || !smb2_part(header, offset, len, &buffer)) {
		smb_malformed(r);
		return;
	}
	if (class == INFO_FILE && (level == INFO_FILE_RENAME || level == INFO_FILE_DISPOSITION))
		set_file_info(r, header, level, buffer, fuid);
}

static void generic(struct smb_reader *r, const struct smb_header *header)
{
	struct smb_tx *tx = smb_tx_new(r, header, SMB_GENERIC);
	if (!tx)
		return;
	smb_request_done(r, tx);
	if (header->command == SMB2_CANCEL) // has no answer of its own (MS-SMB2 3.3.5.16)
		smb_response_done(r, tx);
}

void smb2_request(struct smb_reader *r, const struct smb_header *header)
{
	switch (header->command) {
	case SMB2_NEGOTIATE: negotiate(r, header); break;
	case SMB2_SESSION_SETUP: session_setup(r, header); break;
	case SMB2_TREE_CONNECT: tree_connect(r, header); break;
	case SMB2_CREATE: create(r, header); break;
	case SMB2_CLOSE: close_request(r, header); break;
	case SMB2_READ: read_request(r, header); break;
	case SMB2_WRITE: smb2_write_request(r, header); break;
	case SMB2_IOCTL: ioctl(r, header); break;
	case SMB2_SET_INFO: set_info(r, header); break;
	case SMB2_GET_INFO: break;
	default: generic(r, header); break;
	}
}
