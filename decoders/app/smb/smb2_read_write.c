// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 2 and 3: file data (MS-SMB2 2.2.19 to 2.2.22). A read or write of a file is passed on as it comes; a pipe's is taken whole.
#include "decoders/app/smb/smb2.h"

#define WRITE_FIXED_BYTES 48 // of the body, without its buffer
#define READ_FIXED_BYTES  16

struct data_place {
	uint32_t start, len; // from the header on
	uint64_t offset;     // in the file: WRITE only
	uint8_t fuid[SMB2_FUID_BYTES];
};

static bool place_of(struct smb_reader *r, const struct smb_header *header, struct data_place *out)
{
	struct cursor c = smb2_body(header);
	*out = (struct data_place) { 0 };
	cursor_skip(&c, 2);
	if (r->direction == TO_SERVER) {
		out->start = cursor_le16(&c);
		out->len = cursor_le32(&c);
		out->offset = cursor_le64(&c);
		smb2_fuid(r, &c, out->fuid);
		cursor_skip(&c, 16);
	} else {
		out->start = cursor_u8(&c);
		cursor_skip(&c, 1);
		out->len = cursor_le32(&c);
		cursor_skip(&c, 8);
	}
	if (!cursor_ok(&c))
		return false;
	return out->len == 0 ||
	       (out->start >= SMB2_HEADER_BYTES && out->start <= header->len && out->len <= header->len - out->start);
}

// What a read that is being answered asked for; left in its table.
static bool asked(struct smb_reader *r, const struct smb_header *header, struct smb_read *out)
{
	struct smb_key key = smb_key_message(header->session, header->message);
	for (const struct smb_entry *entry = r->state->reads.first; entry; entry = entry->next) {
		work_step(1);
		if (memcmp(&entry->key, &key, sizeof key) == 0) {
			*out = *(const struct smb_read *)entry;
			return true;
		}
	}
	return false;
}

bool smb2_data_streams(struct smb_reader *r, const struct smb_header *header)
{
	struct data_place place;
	bool write = r->direction == TO_SERVER && header->command == SMB2_WRITE;
	bool read = r->direction == TO_CLIENT && header->command == SMB2_READ &&
		    (header->status == NT_SUCCESS || header->status == NT_BUFFER_OVERFLOW);
	if (!write && !read)
		return false;
	uint32_t fixed = SMB2_HEADER_BYTES + (write ? WRITE_FIXED_BYTES : READ_FIXED_BYTES);
	r->side->need = header->data.len < fixed && fixed < header->len ? fixed : 0;
	if (header->data.len < fixed || !place_of(r, header, &place))
		return false;
	r->side->need = header->data.len < place.start ? place.start : 0;
	if (r->side->need)
		return false;
	if (place.len + place.start > SMB_COMMAND_MAX)
		return true; // no pipe has messages that long
	struct smb_read ask;
	if (write)
		return !smb_is_pipe(r, header, place.fuid, SMB2_FUID_BYTES);
	if (!asked(r, header, &ask))
		return false;
	struct smb_header command = *header;
	command.tree = ask.tree;
	return !smb_is_pipe(r, &command, ask.fuid, ask.fuid_len);
}

static void data_follows(
	struct smb_reader *r, struct smb_tx *tx, const struct data_place *place, struct span data, bool joined)
{
	struct smb_side *side = r->side;
	if (data.len == place->len)
		return;
	side->joined = joined;
	// The command is taken up to here; the rest is file data, then whatever pads it
	side->file_tx = tx;
	side->data_left = place->len - data.len;
}

static void give(struct smb_reader *r, const struct smb_header *header, const struct data_place *place,
	const uint8_t *fuid, uint64_t offset)
{
	struct span data = span_slice(header->data, place->start, place->len);
	bool joined = smb_join_data(r, header, fuid, offset, data);
	struct smb_tx *tx = joined ? NULL : smb_file_tx(r, header, fuid, SMB2_FUID_BYTES);
	r->tx = tx;
	if (tx && !smb_file_data(r, tx, offset, place->len, data))
		tx = NULL;
	data_follows(r, tx, place, data, joined);
}

void smb2_write_request(struct smb_reader *r, const struct smb_header *header)
{
	struct data_place place;
	if (!place_of(r, header, &place)) {
		smb_malformed(r);
		return;
	}
	struct span data = span_slice(header->data, place.start, place.len);
	uint64_t max = r->worker->max_write;
	if ((max && place.len > max) || (r->state->max_write && place.len > r->state->max_write)) {
		smb_event(r, SMB_WRITE_REQUEST_TOO_LARGE);
		smb_count(r, SMB_COUNT_OVER_BUDGET);
		return;
	}
	if (smb_is_pipe(r, header, place.fuid, SMB2_FUID_BYTES)) {
		smb_pipe_data(r, header, place.fuid, SMB2_FUID_BYTES, data);
		return;
	}
	if (!smb_tree_find(r, header->session, header->tree) && data.len == place.len && dcerpc_looks_like(data) &&
		smb_pipe_data(r, header, place.fuid, SMB2_FUID_BYTES, data))
		return; // its share was connected before we saw the flow
	give(r, header, &place, place.fuid, place.offset);
}

void smb2_read_response(struct smb_reader *r, const struct smb_header *answer)
{
	struct smb_header command = *answer;
	const struct smb_header *header = &command;
	struct data_place place;
	struct smb_read ask;
	bool known = smb_read_take(r, header, &ask);
	if (!place_of(r, header, &place)) {
		smb_malformed(r);
		return;
	}
	if (!known)
		return;
	if (smb2_fuid_is_related(ask.fuid) && r->side->has_fuid)
		memcpy(ask.fuid, r->side->fuid, SMB2_FUID_BYTES);
	if (r->worker->max_read && place.len > r->worker->max_read) {
		smb_event(r, SMB_READ_RESPONSE_TOO_LARGE);
		smb_count(r, SMB_COUNT_OVER_BUDGET);
		return;
	}
	struct span data = span_slice(header->data, place.start, place.len);
	// An asynchronous answer does not name its share: what a pipe that carries no DCE-RPC says then is a file
	if (!header->async)
		command.tree = ask.tree;
	if (smb_is_pipe(r, header, ask.fuid, SMB2_FUID_BYTES)) {
		smb_pipe_data(r, header, ask.fuid, SMB2_FUID_BYTES, data);
		return;
	}
	if (!smb_tree_find(r, header->session, header->tree) && data.len == place.len && dcerpc_looks_like(data) &&
		smb_pipe_data(r, header, ask.fuid, SMB2_FUID_BYTES, data))
		return;
	command.tree = ask.tree;
	give(r, header, &place, ask.fuid, ask.offset);
}
