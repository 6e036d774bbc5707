// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 2 and 3: answers (MS-SMB2 2.2).
#include "decoders/app/smb/smb2.h"

#define SHARE_PIPE 2

// Windows counts 100 ns since 1601; 0 is no time.
static uint64_t unix_time(uint64_t filetime)
{
	const uint64_t epoch_s = UINT64_C(11644473600);
	uint64_t seconds = filetime / 10000000;
	return seconds > epoch_s ? seconds - epoch_s : 0;
}

static void answer(struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header)
{
	if (!tx)
		return;
	smb_set_status(tx, header);
	r->tx = tx;
	// A pending command is answered again (MS-SMB2 3.3.4.2)
	if (header->status != NT_PENDING)
		smb_response_done(r, tx);
}

static void negotiate(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct smb_state *state = r->state;
	struct smb_tx *tx = smb_tx_negotiate(r); // may have been asked for in SMB 1
	r->tx = tx;
	cursor_skip(&c, 4);
	uint16_t dialect = cursor_le16(&c);
	cursor_skip(&c, 2);
	struct span guid = cursor_span(&c, 16);
	cursor_skip(&c, 8);
	uint32_t max_read = cursor_le32(&c), max_write = cursor_le32(&c);
	if (cursor_ok(&c) && header->status == NT_SUCCESS) {
		state->dialect = dialect;
		state->max_read = max_read;
		state->max_write = max_write;
		if (r->worker->max_read && max_read > r->worker->max_read)
			smb_event(r, SMB_NEGOTIATE_MAX_READ_SIZE_TOO_LARGE);
		if (r->worker->max_write && max_write > r->worker->max_write)
			smb_event(r, SMB_NEGOTIATE_MAX_WRITE_SIZE_TOO_LARGE);
		if (tx && guid.len) {
			memcpy(tx->negotiate.server_guid, guid.data, 16);
			tx->negotiate.has_server_guid = true;
		}
	} else if (header->status == NT_SUCCESS) {
		smb_malformed(r);
	}
	answer(r, tx, header);
}

static void session_setup(struct smb_reader *r, const struct smb_header *header)
{
	struct smb_tx *tx = smb_tx_find(r, header);
	if (tx)
		tx->session = header->session;
	answer(r, tx, header);
}

static void tree_connect(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct smb_tx *tx = smb_tx_find(r, header);
	cursor_skip(&c, 2);
	uint8_t type = cursor_u8(&c);
	if (tx && tx->kind == SMB_TREE_CONNECT && header->status == NT_SUCCESS && cursor_ok(&c)) {
		tx->connect.share_type = type;
		tx->connect.is_pipe = type == SHARE_PIPE;
		tx->tree = header->tree;
		struct smb_tree *tree = smb_tree_add(r, header->session, header->tree);
		if (tree) {
			tree->is_pipe = tx->connect.is_pipe;
			bytes_append(r->slab, &tree->name, bytes_span(&tx->name), SMB_NAME_MAX);
		}
	}
	answer(r, tx, header);
}

static void create(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	struct smb_tx *tx = smb_tx_find(r, header);
	r->side->has_fuid = false;
	if (tx && tx->kind == SMB_CREATE && header->status == NT_SUCCESS) {
		cursor_skip(&c, 8);
		tx->create.created = unix_time(cursor_le64(&c));
		tx->create.accessed = unix_time(cursor_le64(&c));
		tx->create.modified = unix_time(cursor_le64(&c));
		tx->create.changed = unix_time(cursor_le64(&c));
		cursor_skip(&c, 8);
		tx->create.size = cursor_le64(&c);
		cursor_skip(&c, 8);
		smb2_fuid(r, &c, tx->fuid);
		if (!cursor_ok(&c)) {
			r->tx = tx;
			smb_malformed(r);
		} else {
			tx->fuid_len = SMB2_FUID_BYTES;
			struct smb_open *open = smb_open_add(r, tx->fuid, SMB2_FUID_BYTES);
			if (open)
				bytes_append(r->slab, &open->name, bytes_span(&tx->name), SMB_NAME_MAX);
			smb_join_opened(r, header, tx->fuid);
		}
	}
	answer(r, tx, header);
}

static void close_everywhere(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid)
{
	smb_open_drop(r, fuid, SMB2_FUID_BYTES);
	smb_join_closed(r, header, fuid);
}

static void close_response(struct smb_reader *r, const struct smb_header *header)
{
	struct smb_tx *tx = smb_tx_find(r, header);
	if (tx && tx->fuid_len == SMB2_FUID_BYTES) {
		bool related = smb2_fuid_is_related(tx->fuid);
		if (related && r->side->has_fuid) // the file this very compound opened
			memcpy(tx->fuid, r->side->fuid, SMB2_FUID_BYTES);
		smb_file_close(r, header, tx->fuid, SMB2_FUID_BYTES);
		if (header->status == NT_SUCCESS)
			close_everywhere(r, header, tx->fuid);
	}
	answer(r, tx, header);
}

static void ioctl(struct smb_reader *r, const struct smb_header *header)
{
	struct cursor c = smb2_body(header);
	uint8_t fuid[SMB2_FUID_BYTES];
	struct span output;
	struct smb_tx *tx = smb_tx_find(r, header);
	cursor_skip(&c, 4);
	uint32_t function = cursor_le32(&c);
	bool full = header->status == NT_SUCCESS || header->status == NT_BUFFER_OVERFLOW;
	if (!tx && full && cursor_ok(&c) && function == FSCTL_PIPE_TRANSCEIVE) {
		smb2_fuid(r, &c, fuid);
		cursor_skip(&c, 8); // what was sent
		uint32_t offset = cursor_le32(&c), len = cursor_le32(&c);
		if (cursor_ok(&c) && smb2_part(header, offset, len, &output))
			smb_pipe_data(r, header, fuid, SMB2_FUID_BYTES, output);
		else
			smb_malformed(r);
		return;
	}
	answer(r, tx, header);
}

static void read_response(struct smb_reader *r, const struct smb_header *header)
{
	struct smb_read read;
	if (header->status == NT_PENDING)
		return;
	if (header->status == NT_SUCCESS || header->status == NT_BUFFER_OVERFLOW) {
		smb2_read_response(r, header);
		return;
	}
	(void)smb_read_take(r, header, &read);
}

void smb2_response(struct smb_reader *r, const struct smb_header *header)
{
	switch (header->command) {
	case SMB2_NEGOTIATE: negotiate(r, header); break;
	case SMB2_SESSION_SETUP: session_setup(r, header); break;
	case SMB2_TREE_CONNECT: tree_connect(r, header); break;
	case SMB2_TREE_DISCONNECT:
		answer(r, smb_tx_find(r, header), header);
		smb_tree_drop(r, header->session, header->tree);
		break;
	case SMB2_CREATE: create(r, header); break;
	case SMB2_CLOSE: close_response(r, header); break;
	case SMB2_READ: read_response(r, header); break;
	case SMB2_WRITE: break; // its file, or its call, is told
	case SMB2_IOCTL: ioctl(r, header); break;
	default: answer(r, smb_tx_find(r, header), header); break;
	}
}
