// SPDX-License-Identifier: GPL-3.0-or-later
// multipart/form-data (RFC 7578, RFC 2046 5.1): finds the files in a form upload while it passes.
//
// Only what could be the start of a boundary, or an unfinished part header, waits in memory; both are bounded. A scan resumes where the
// last one stopped, so that work is linear however the body is cut.
#include "decoders/app/http/http_internal.h"

#define BOUNDARY_MAX    200    // bytes; RFC 2046 allows 70
#define PART_HEADER_MAX 16384u // bytes of one part's headers
#define PIECE_BYTES     8192u

enum multipart_state {
	MULTIPART_PREAMBLE, // before the first boundary
	MULTIPART_AFTER,    // just past a boundary: CRLF or "--"
	MULTIPART_HEADER,
	MULTIPART_DATA,
	MULTIPART_DONE,
};

struct http_multipart {
	uint8_t state;
	bool file; // the part being read is one
	uint64_t part_bytes;
	uint32_t scanned; // of pending, with nothing found
	struct bytes pending;
	uint32_t marker_len;
	uint8_t marker[BOUNDARY_MAX + 4]; // CRLF, two dashes, boundary
};

bool http_multipart_start(struct http_state *state, struct http_tx *tx, struct span content_type)
{
	struct span boundary;
	if (!span_starts_nocase(span_trim(content_type), "multipart/form-data") ||
		!http_parameter(content_type, "boundary", &boundary))
		return false;
	if (boundary.len == 0 || boundary.len > BOUNDARY_MAX) {
		http_event(state, tx, HTTP_EVENT_MULTIPART_INVALID_HEADER);
		return false;
	}
	struct http_multipart *multipart = slab_alloc(state->slab, sizeof *multipart);
	if (!multipart)
		return false;
	memcpy(multipart->marker, "\r\n--", 4);
	memcpy(multipart->marker + 4, boundary.data, boundary.len);
	multipart->marker_len = boundary.len + 4;
	tx->multipart = multipart;
	return true;
}

void http_multipart_free(struct slab *slab, struct http_tx *tx)
{
	if (!tx->multipart)
		return;
	bytes_fini(slab, &tx->multipart->pending);
	slab_free(slab, tx->multipart, sizeof *tx->multipart);
	tx->multipart = NULL;
}

// Drops len bytes from the front of what is pending; what follows is scanned from its start.
static void drop(struct http_multipart *multipart, uint32_t len)
{
	bytes_drop_front(&multipart->pending, len);
	multipart->scanned = 0;
}

// Offset of needle in pending; pending.len when it is not there yet, and remembers how far it looked.
static uint32_t find(struct http_multipart *multipart, const void *needle, uint32_t len)
{
	struct span rest = span_from(bytes_span(&multipart->pending), multipart->scanned);
	const uint8_t *at = rest.len >= len ? memmem(rest.data, rest.len, needle, len) : NULL;
	if (at)
		return (uint32_t)(at - multipart->pending.data);
	if (rest.len >= len)
		multipart->scanned += rest.len - (len - 1);
	return multipart->pending.len;
}

static bool read_preamble(struct http_multipart *multipart)
{
	// The first boundary may stand at the very start, without a line break before it
	uint32_t at = find(multipart, multipart->marker + 2, multipart->marker_len - 2);
	if (at == multipart->pending.len) {
		drop(multipart, multipart->scanned);
		return false;
	}
	drop(multipart, at + multipart->marker_len - 2);
	multipart->state = MULTIPART_AFTER;
	return true;
}

static bool read_after(struct http_multipart *multipart)
{
	if (multipart->pending.len < 2)
		return false;
	bool last = memcmp(multipart->pending.data, "--", 2) == 0;
	multipart->state = last ? MULTIPART_DONE : MULTIPART_HEADER;
	return true;
}

static void start_part(struct http_state *state, struct http_tx *tx, struct span headers)
{
	struct http_multipart *multipart = tx->multipart;
	multipart->file = false;
	multipart->part_bytes = 0;
	while (headers.len) {
		uint32_t end = span_find(headers, '\n', 0);
		struct span line = span_slice(headers, 0, end);
		headers = span_from(headers, end + 1);
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		struct span name;
		if (!span_starts_nocase(line, "content-disposition:"))
			continue;
		line = span_from(line, (uint32_t)strlen("content-disposition:"));
		if (http_parameter(line, "filename", &name) && name.len) {
			multipart->file = http_file_open(state, tx, TO_SERVER, name);
			return; // a part is one file, however many names it has
		}
	}
}

static bool read_header(struct http_state *state, struct http_tx *tx)
{
	struct http_multipart *multipart = tx->multipart;
	uint32_t at = find(multipart, "\r\n\r\n", 4);
	if (at == multipart->pending.len) {
		if (at > PART_HEADER_MAX) {
			http_event(state, tx, HTTP_EVENT_MULTIPART_GENERIC_ERROR);
			multipart->state = MULTIPART_DONE;
		}
		return false;
	}
	start_part(state, tx, span_slice(bytes_span(&multipart->pending), 0, at));
	// The last line break of the headers stays: an empty part's boundary begins with it
	drop(multipart, at + 2);
	multipart->state = MULTIPART_DATA;
	return true;
}

static void part_data(struct http_state *state, struct http_tx *tx, struct span data)
{
	struct http_multipart *multipart = tx->multipart;
	if (multipart->part_bytes == 0 && data.len) {
		// Still with the line break of the headers
		data = span_from(data, 2);
		multipart->part_bytes = 2;
	}
	multipart->part_bytes += data.len;
	if (multipart->file && tx->file[TO_SERVER])
		file_append(state->worker->files, state->slab, tx->file[TO_SERVER], data);
}

static bool read_data(struct http_state *state, struct http_tx *tx)
{
	struct http_multipart *multipart = tx->multipart;
	uint32_t at = find(multipart, multipart->marker, multipart->marker_len);
	if (at == multipart->pending.len) {
		uint32_t sure = multipart->scanned;
		if (sure > 2 || multipart->part_bytes) {
			part_data(state, tx, span_slice(bytes_span(&multipart->pending), 0, sure));
			drop(multipart, sure);
		}
		return false;
	}
	part_data(state, tx, span_slice(bytes_span(&multipart->pending), 0, at));
	if (multipart->file) {
		if (tx->file[TO_SERVER] && tx->file[TO_SERVER]->size == 0)
			http_event(state, tx, HTTP_EVENT_MULTIPART_NO_FILEDATA);
		http_file_close(state, tx, TO_SERVER, FILE_CLOSED);
		multipart->file = false;
	}
	drop(multipart, at + multipart->marker_len);
	multipart->state = MULTIPART_AFTER;
	return true;
}

static void run(struct http_state *state, struct http_tx *tx)
{
	bool more = true;
	while (more) {
		switch ((enum multipart_state)tx->multipart->state) {
		case MULTIPART_PREAMBLE: more = read_preamble(tx->multipart); break;
		case MULTIPART_AFTER: more = read_after(tx->multipart); break;
		case MULTIPART_HEADER: more = read_header(state, tx); break;
		case MULTIPART_DATA: more = read_data(state, tx); break;
		case MULTIPART_DONE:
			drop(tx->multipart, tx->multipart->pending.len);
			more = false;
			break;
		}
	}
}

void http_multipart_data(struct http_state *state, struct http_tx *tx, struct span data)
{
	struct http_multipart *multipart = tx->multipart;
	while (data.len && multipart->state != MULTIPART_DONE) {
		struct span piece = span_slice(data, 0, PIECE_BYTES);
		data = span_from(data, piece.len);
		if (bytes_append(state->slab, &multipart->pending, piece, PART_HEADER_MAX + 2 * PIECE_BYTES) <
			piece.len) {
			http_event(state, tx, HTTP_EVENT_MULTIPART_GENERIC_ERROR);
			multipart->state = MULTIPART_DONE;
			return;
		}
		run(state, tx);
	}
}

// The body ended; a part without its closing boundary is cut short.
void http_multipart_end(struct http_state *state, struct http_tx *tx)
{
	struct http_multipart *multipart = tx->multipart;
	if (multipart->state == MULTIPART_DATA && multipart->file) {
		part_data(state, tx, bytes_span(&multipart->pending));
		http_file_close(state, tx, TO_SERVER, FILE_TRUNCATED);
	}
	multipart->state = MULTIPART_DONE;
	bytes_fini(state->slab, &multipart->pending);
}
