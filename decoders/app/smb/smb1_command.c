// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1: the header (MS-CIFS 2.2.3.1), and the commands chained in a message (2.2.3.4).
#include "decoders/app/smb/smb1.h"

#define FLAG_REPLY     0x80
#define FLAGS2_STATUS  0x4000
#define FLAGS2_UNICODE 0x8000
#define CHAIN_MAX      16

bool smb1_body_read(const struct smb_header *header, uint32_t at, struct smb1_body *out)
{
	struct cursor c = cursor_on(span_from(header->data, at));
	out->word_count = cursor_u8(&c);
	struct span words = cursor_span(&c, 2u * out->word_count);
	uint16_t count = cursor_le16(&c);
	out->words = cursor_on(words);
	out->bytes_at = at + cursor_offset(&c);
	bool good = cursor_ok(&c);
	// Data of a large read or write is longer than the count can say
	uint32_t left = cursor_left(&c);
	out->bytes = cursor_span(&c, count < left ? count : left);
	return good && at < header->data.len;
}

struct span smb1_text(struct cursor *c, uint32_t bytes_at, bool unicode)
{
	if (!unicode) {
		struct span rest = { c->at, cursor_left(c) };
		uint32_t end = span_find(rest, 0, 0);
		struct span text = cursor_span(c, end);
		if (end < rest.len)
			cursor_skip(c, 1);
		return text;
	}
	if ((bytes_at + cursor_offset(c)) & 1 && cursor_left(c))
		cursor_skip(c, 1);
	struct span rest = { c->at, cursor_left(c) };
	uint32_t len = 0;
	while (len + 2 <= rest.len && (rest.data[len] || rest.data[len + 1]))
		len += 2;
	struct span text = cursor_span(c, len);
	cursor_skip(c, cursor_left(c) < 2 ? cursor_left(c) : 2);
	return text;
}

static bool read_header(struct smb_reader *r, struct span left, struct smb_header *out)
{
	struct cursor c = cursor_on(left);
	*out = (struct smb_header) { .version = 1 };
	cursor_skip(&c, 4);
	out->command = cursor_u8(&c);
	uint32_t status = cursor_le32(&c);
	uint8_t flags = cursor_u8(&c);
	out->flags2 = cursor_le16(&c);
	cursor_skip(&c, 12);
	out->tree = cursor_le16(&c);
	uint16_t process = cursor_le16(&c), user = cursor_le16(&c);
	out->message = cursor_le16(&c);
	out->session = (uint32_t)user << 16 | process;
	out->unicode = out->flags2 & FLAGS2_UNICODE;
	out->dos_status = !(out->flags2 & FLAGS2_STATUS);
	// A DOS error: class in the first byte, code in the last two
	out->status = out->dos_status ? (status & 0xff) << 16 | status >> 16 : status;
	bool reply = flags & FLAG_REPLY;
	if (reply == (r->direction == TO_CLIENT))
		return true;
	smb_event(r, reply ? SMB_RESPONSE_TO_SERVER : SMB_REQUEST_TO_CLIENT);
	return false;
}

static bool is_chained(uint16_t command)
{
	switch (command) {
	case 0x24: // locking
	case SMB1_OPEN_ANDX:
	case SMB1_READ_ANDX:
	case SMB1_WRITE_ANDX:
	case SMB1_SESSION_SETUP_ANDX:
	case SMB1_LOGOFF_ANDX:
	case SMB1_TREE_CONNECT_ANDX:
	case SMB1_NT_CREATE_ANDX: return true;
	default: return false;
	}
}

static void read_chain(struct smb_reader *r, struct smb_header *header)
{
	uint32_t at = SMB1_HEADER_BYTES;
	for (int i = 0; i < CHAIN_MAX; i++) {
		work_step(1);
		struct smb1_body body;
		if (!smb1_body_read(header, at, &body)) {
			smb_malformed(r);
			return;
		}
		struct cursor next = body.words;
		if (r->direction == TO_SERVER)
			smb1_request(r, header, &body);
		else
			smb1_response(r, header, &body);
		uint8_t command = cursor_u8(&next);
		cursor_skip(&next, 1);
		uint16_t offset = cursor_le16(&next);
		if (!is_chained(header->command) || !cursor_ok(&next) || command == SMB1_NONE || offset <= at ||
			offset >= header->data.len)
			return; // a chain goes forward, so it ends
		header->command = command;
		at = offset;
	}
}

bool smb1_command(struct smb_reader *r, struct span whole)
{
	struct smb_side *side = r->side;
	struct span left = span_slice(whole, 0, side->message_left);
	struct smb_header header;
	uint32_t len = side->message_left;
	if (len < SMB1_HEADER_BYTES + 1) {
		smb_malformed(r);
		side->skipping = true;
		return true;
	}
	if (left.len < SMB1_HEADER_BYTES + 1)
		return false;
	smb_tell_frame(r, SMB_FRAME_SMB1, whole, SMB1_HEADER_BYTES, len);
	if (!read_header(r, left, &header)) {
		side->skipping = true;
		return true;
	}
	header.len = len;
	header.data = left;
	side->need = 0;
	if (left.len < len && !smb1_data_streams(r, &header)) {
		if (len <= SMB_COMMAND_MAX) {
			side->need = side->need ? side->need : len;
			return false;
		}
		smb_count(r, SMB_COUNT_OVER_BUDGET);
		side->skipping = true;
		return true;
	}
	side->command_left = len;
	r->taken = left.len;
	read_chain(r, &header);
	return true;
}
