// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1: file data (MS-CIFS 2.2.4.12, .40, .42, .43). A large read or write of a file is passed on as it comes; a pipe's is taken whole.
#include "decoders/app/smb/smb1.h"

struct data_place {
	uint16_t fid;        // requests
	uint32_t start, len; // from the header on
	uint64_t offset;     // requests
};

static bool fits(const struct smb_header *header, const struct data_place *place)
{
	return place->len == 0 || (place->start >= SMB1_HEADER_BYTES && place->start <= header->len &&
					  place->len <= header->len - place->start);
}

static bool place_of_write(const struct smb_header *header, struct smb1_body *body, struct data_place *out)
{
	struct cursor *w = &body->words;
	*out = (struct data_place) { 0 };
	if (header->command == SMB1_WRITE_ANDX) {
		cursor_skip(w, SMB1_ANDX_BYTES);
		out->fid = cursor_le16(w);
		out->offset = cursor_le32(w);
		cursor_skip(w, 8);
		uint32_t high = cursor_le16(w);
		out->len = high << 16 | cursor_le16(w);
		out->start = cursor_le16(w);
		if (body->word_count >= 14)
			out->offset |= (uint64_t)cursor_le32(w) << 32;
	} else {
		out->fid = cursor_le16(w);
		out->len = cursor_le16(w);
		out->offset = cursor_le32(w);
		// Behind a format byte and the length again; or behind a byte of padding
		out->start = body->bytes_at + (header->command == SMB1_WRITE ? 3 : 1);
	}
	return cursor_ok(w) && fits(header, out);
}

static bool place_of_read(const struct smb_header *header, struct smb1_body *body, struct data_place *out)
{
	struct cursor *w = &body->words;
	*out = (struct data_place) { 0 };
	cursor_skip(w, SMB1_ANDX_BYTES + 6);
	out->len = cursor_le16(w);
	out->start = cursor_le16(w);
	out->len |= (uint32_t)cursor_le16(w) << 16;
	return cursor_ok(w) && fits(header, out);
}

bool smb1_data_streams(struct smb_reader *r, const struct smb_header *header)
{
	struct data_place place;
	struct smb1_body body;
	uint8_t fuid[SMB1_FUID_BYTES];
	bool write = r->direction == TO_SERVER && header->command == SMB1_WRITE_ANDX;
	bool read = r->direction == TO_CLIENT && header->command == SMB1_READ_ANDX;
	if (!write && !read)
		return false;
	uint32_t fixed = SMB1_HEADER_BYTES + 3u + 2u * header->data.data[SMB1_HEADER_BYTES];
	r->side->need = header->data.len < fixed && fixed < header->len ? fixed : 0;
	if (r->side->need || !smb1_body_read(header, SMB1_HEADER_BYTES, &body))
		return false;
	if (write ? !place_of_write(header, &body, &place) : !place_of_read(header, &body, &place))
		return false;
	r->side->need = header->data.len < place.start ? place.start : 0;
	if (r->side->need)
		return false;
	smb1_fuid(header, place.fid, fuid);
	if (write)
		return !smb_is_pipe(r, header, fuid, SMB1_FUID_BYTES);
	const struct smb_tree *tree = smb_tree_find(r, header->session, header->tree);
	return (tree && !tree->is_pipe) || header->len > SMB_COMMAND_MAX;
}

void smb1_read_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct cursor *w = &body->words;
	cursor_skip(w, SMB1_ANDX_BYTES);
	uint16_t fid = cursor_le16(w);
	uint64_t offset = cursor_le32(w);
	cursor_skip(w, 10);
	if (!cursor_ok(w)) {
		smb_malformed(r);
		return;
	}
	if (body->word_count >= 12)
		offset |= (uint64_t)cursor_le32(w) << 32;
	struct smb_read *read = smb_read_add(r, header);
	if (!read)
		return;
	read->offset = offset;
	read->tree = header->tree;
	read->fuid_len = SMB1_FUID_BYTES;
	smb1_fuid(header, fid, read->fuid);
}

static void give(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, uint64_t offset,
	const struct data_place *place)
{
	struct span data = span_slice(header->data, place->start, place->len);
	bool whole = data.len == place->len;
	if (whole && smb_is_pipe(r, header, fuid, SMB1_FUID_BYTES)) {
		smb_pipe_data(r, header, fuid, SMB1_FUID_BYTES, data);
		return;
	}
	if (whole && !smb_tree_find(r, header->session, header->tree) && dcerpc_looks_like(data) &&
		smb_pipe_data(r, header, fuid, SMB1_FUID_BYTES, data))
		return; // its share was connected before we saw the flow
	struct smb_tx *tx = smb_file_tx(r, header, fuid, SMB1_FUID_BYTES);
	r->tx = tx;
	if (tx && !smb_file_data(r, tx, offset, place->len, data))
		tx = NULL;
	if (whole)
		return;
	r->side->file_tx = tx;
	r->side->data_left = place->len - data.len;
}

void smb1_write_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct data_place place;
	uint8_t fuid[SMB1_FUID_BYTES];
	if (!place_of_write(header, body, &place)) {
		smb_malformed(r);
		return;
	}
	if (r->worker->max_write && place.len > r->worker->max_write) {
		smb_event(r, SMB_WRITE_REQUEST_TOO_LARGE);
		smb_count(r, SMB_COUNT_OVER_BUDGET);
		return;
	}
	smb1_fuid(header, place.fid, fuid);
	give(r, header, fuid, place.offset, &place);
	if (header->command == SMB1_WRITE_AND_CLOSE)
		smb_file_close(r, header, fuid, SMB1_FUID_BYTES);
}

void smb1_read_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body)
{
	struct data_place place;
	struct smb_read read;
	if (!smb_read_take(r, header, &read) || body->word_count == 0)
		return;
	if (!place_of_read(header, body, &place)) {
		smb_malformed(r);
		return;
	}
	if (r->worker->max_read && place.len > r->worker->max_read) {
		smb_event(r, SMB_READ_RESPONSE_TOO_LARGE);
		smb_count(r, SMB_COUNT_OVER_BUDGET);
		return;
	}
	if (place.len)
		give(r, header, read.fuid, read.offset, &place);
}
