// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies: decoded bytes from libhtp are kept up to the limit of their direction, and become files: the answer's body, a PUT or POST
// body, or the parts of a form upload.
#include "decoders/app/http/http_internal.h"

static void set_range(struct http_state *state, struct http_tx *tx, enum direction direction, struct file *file)
{
	struct span value;
	struct http_range range;
	if (!http_header_find(&tx->base, direction, "content-range", &value))
		return;
	if (!http_range_parse(value, &range)) {
		http_event(state, tx, HTTP_EVENT_RANGE_INVALID);
		return;
	}
	if (range.start < 0)
		return;
	file->range_start = (uint64_t)range.start;
	file->range_end = (uint64_t)range.end;
	file->range_total = range.size < 0 ? 0 : (uint64_t)range.size;
}

bool http_file_open(struct http_state *state, struct http_tx *tx, enum direction direction, struct span name)
{
	if (name.len > FILE_NAME_MAX)
		http_event(state, tx, HTTP_EVENT_FILE_NAME_TOO_LONG);
	if (tx->file_count == HTTP_FILES_MAX) {
		http_event(state, tx, HTTP_EVENT_MULTIPART_GENERIC_ERROR);
		state->worker->counters[HTTP_COUNT_FILES_REFUSED]++;
		tx->file_done[direction] = true;
		return false;
	}
	struct file *file =
		file_open(state->worker->files, state->slab, &tx->base.files, name, direction, state->file_track++);
	tx->file[direction] = file;
	if (!file) {
		state->worker->counters[HTTP_COUNT_NO_MEMORY]++;
		tx->file_done[direction] = true;
		return false;
	}
	state->worker->counters[HTTP_COUNT_FILES]++;
	tx->file_count++;
	if (!tx->multipart || direction == TO_CLIENT)
		set_range(state, tx, direction, file);
	return true;
}

void http_file_close(struct http_state *state, struct http_tx *tx, enum direction direction, enum file_state file_state)
{
	struct file *file = tx->file[direction];
	if (!file)
		return;
	if (file->has_gaps && file_state == FILE_CLOSED)
		file_state = FILE_TRUNCATED;
	file_close(state->worker->files, state->slab, file, file_state);
	tx->file[direction] = NULL;
	tx->file_done[direction] = true;
	app_tx_changed(state->flow, &tx->base, direction);
}

// The answer's Content-Disposition names its file; else the path of the request does.
static struct span file_name(const struct http_tx *tx, enum direction direction)
{
	const htp_tx_t *htp = tx->htp;
	struct span header, name;
	if (direction == TO_CLIENT && http_header_find(&tx->base, TO_CLIENT, "content-disposition", &header) &&
		http_parameter(header, "filename", &name) && name.len)
		return name;
	return htp->parsed_uri ? http_bstr(htp->parsed_uri->path) : (struct span) { 0 };
}

static bool is_carried_as_file(const struct http_tx *tx, enum direction direction)
{
	const htp_tx_t *htp = tx->htp;
	return direction == TO_CLIENT || htp->request_method_number == HTP_M_POST ||
	       htp->request_method_number == HTP_M_PUT;
}

static void body_start(struct http_state *state, struct http_tx *tx, enum direction direction)
{
	const htp_tx_t *htp = tx->htp;
	struct span type;
	tx->body[direction].has_body = true;
	if (direction == TO_SERVER && htp->request_method_number == HTP_M_POST &&
		http_header_find(&tx->base, TO_SERVER, "content-type", &type))
		http_multipart_start(state, tx, type);
}

static void keep(struct http_state *state, struct http_body *body, struct span data)
{
	// Without a limit the newest bytes are kept, as many as a block holds
	if (data.len > SLAB_MAX_BLOCK / 2) {
		uint32_t cut = data.len - SLAB_MAX_BLOCK / 2;
		data = span_from(data, cut);
		body->offset += body->data.len + cut;
		body->data.len = 0;
	}
	if (body->data.len + data.len > SLAB_MAX_BLOCK) {
		uint32_t drop = SLAB_MAX_BLOCK / 2;
		drop = drop > body->data.len ? body->data.len : drop;
		bytes_drop_front(&body->data, drop);
		body->offset += drop;
	}
	if (bytes_append(state->slab, &body->data, data, SLAB_MAX_BLOCK) < data.len) {
		body->offset += body->data.len + data.len;
		body->data.len = 0;
		state->worker->counters[HTTP_COUNT_NO_MEMORY]++;
	}
}

// libhtp takes lines before a status line for a body, and may yet find the status line.
static bool is_before_status(const struct http_tx *tx, enum direction direction)
{
	const htp_tx_t *htp = tx->htp;
	return direction == TO_CLIENT && htp->response_progress <= HTP_RESPONSE_LINE;
}

static void feed_file(struct http_state *state, struct http_tx *tx, enum direction direction, struct span data)
{
	if (direction == TO_SERVER && tx->multipart) {
		http_multipart_data(state, tx, data);
		return;
	}
	if (!tx->file[direction] && !tx->file_done[direction] && is_carried_as_file(tx, direction)) {
		struct span name = file_name(tx, direction);
		if (!name.data || is_before_status(tx, direction) || !http_file_open(state, tx, direction, name))
			return;
		if (tx->body[direction].offset == 0)
			data = bytes_span(&tx->body[direction].data); // with what came before the file was sure
	}
	if (tx->file[direction])
		file_append(state->worker->files, state->slab, tx->file[direction], data);
}

void http_body_data(struct http_state *state, struct http_tx *tx, enum direction direction, struct span data)
{
	struct http_body *body = &tx->body[direction];
	uint64_t limit = state->worker->body_limit[direction];
	if (!body->has_body)
		body_start(state, tx, direction);
	struct span part = data;
	if (limit && body->seen + data.len > limit)
		part.len = body->seen < limit ? (uint32_t)(limit - body->seen) : 0;
	bool whole = state->flow->app.flags & APP_WHOLE_FILES;
	if (part.len)
		keep(state, body, part);
	if (part.len || whole)
		feed_file(state, tx, direction, whole ? data : part);
	if (part.len < data.len && !body->limited) {
		body->limited = true;
		state->worker->counters[HTTP_COUNT_BODY_LIMITED]++;
		if (!whole) {
			http_file_close(state, tx, direction, FILE_TRUNCATED);
			tx->file_done[direction] = true;
		}
	}
	body->seen += data.len;
	app_tx_changed(state->flow, &tx->base, direction);
}

void http_body_reset(struct http_tx *tx, enum direction direction)
{
	struct http_body *body = &tx->body[direction];
	if (!body->has_body || tx->file[direction] || tx->file_done[direction])
		return;
	body->data.len = 0;
	body->offset = body->seen = 0;
	body->has_body = body->limited = false;
}

void http_body_gap(struct http_state *state, struct http_tx *tx, enum direction direction, uint32_t bytes)
{
	struct http_body *body = &tx->body[direction];
	http_coding_free(tx, direction); // a stream cannot be picked up behind a hole
	if (!body->has_body)
		body_start(state, tx, direction);
	if (!tx->file[direction] && !tx->file_done[direction] && !tx->multipart && is_carried_as_file(tx, direction))
		http_file_open(state, tx, direction, file_name(tx, direction));
	if (tx->file[direction])
		file_gap(tx->file[direction], bytes);
	body->offset += body->data.len + bytes;
	body->data.len = 0;
	body->seen += bytes;
	app_tx_changed(state->flow, &tx->base, direction);
}

void http_body_end(struct http_state *state, struct http_tx *tx, enum direction direction, enum file_state file_state)
{
	if (tx->body[direction].complete)
		return;
	if (direction == TO_SERVER && tx->multipart)
		http_multipart_end(state, tx);
	http_file_close(state, tx, direction, file_state);
	tx->body[direction].complete = true;
	app_tx_changed(state->flow, &tx->base, direction);
}
