// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 2 and 3: the header of a command (MS-SMB2 2.2.1), and whether all of it is needed before it is read.
#include "decoders/app/smb/smb2.h"

static bool read_header(struct smb_reader *r, struct span left, struct smb_header *out)
{
	struct cursor c = cursor_on(left);
	cursor_skip(&c, 4);
	uint16_t size = cursor_le16(&c);
	cursor_skip(&c, 2);
	*out = (struct smb_header) { .version = 2, .unicode = true };
	out->status = cursor_le32(&c);
	out->command = cursor_le16(&c);
	cursor_skip(&c, 2);
	uint32_t flags = cursor_le32(&c);
	out->next = cursor_le32(&c);
	out->message = cursor_le64(&c);
	out->async = flags & SMB2_FLAG_ASYNC;
	out->related = flags & SMB2_FLAG_RELATED;
	if (out->async) {
		cursor_skip(&c, 8);
	} else {
		cursor_skip(&c, 4);
		out->tree = cursor_le32(&c);
	}
	out->session = cursor_le64(&c);
	bool answer = flags & SMB2_FLAG_RESPONSE;
	if (!cursor_ok(&c) || size != SMB2_HEADER_BYTES) {
		smb_malformed(r);
		return false;
	}
	if (answer == (r->direction == TO_CLIENT))
		return true;
	smb_event(r, answer ? SMB_RESPONSE_TO_SERVER : SMB_REQUEST_TO_CLIENT);
	return false;
}

// A related command has the session, tree and file of the one before it (MS-SMB2 3.2.4.1.4).
static void inherit(struct smb_side *side, struct smb_header *header)
{
	if (header->related) {
		if (header->session == UINT64_MAX)
			header->session = side->session;
		if (header->tree == UINT32_MAX)
			header->tree = side->tree;
	}
	side->session = header->session;
	side->tree = header->tree;
}

bool smb2_command(struct smb_reader *r, struct span whole)
{
	struct smb_side *side = r->side;
	struct span left = span_slice(whole, 0, side->message_left);
	struct smb_header header;
	if (side->message_left < SMB2_HEADER_BYTES) {
		smb_malformed(r);
		side->skipping = true;
		return true;
	}
	if (left.len < SMB2_HEADER_BYTES)
		return false;
	bool good = read_header(r, left, &header);
	uint32_t len = side->message_left;
	if (header.next >= SMB2_HEADER_BYTES && header.next <= side->message_left)
		len = header.next;
	else if (header.next)
		smb_malformed(r);
	smb_tell_frame(r, SMB_FRAME_SMB2, whole, SMB2_HEADER_BYTES, len);
	header.len = len;
	header.data = span_slice(left, 0, len);
	if (!good) {
		side->command_left = len;
		return true;
	}
	inherit(side, &header);
	side->need = 0;
	if (header.data.len < len && !smb2_data_streams(r, &header)) {
		if (len <= SMB_COMMAND_MAX) {
			side->need = side->need ? side->need : len;
			return false;
		}
		smb_count(r, SMB_COUNT_OVER_BUDGET);
		side->command_left = len;
		return true;
	}
	side->command_left = len;
	r->taken = header.data.len;
	if (r->direction == TO_SERVER)
		smb2_request(r, &header);
	else
		smb2_response(r, &header);
	return true;
}
