// SPDX-License-Identifier: GPL-3.0-or-later
// The mail itself: lines up to a lone dot (DATA), or chunks of given length (BDAT, RFC 3030).
#include "decoders/app/smtp/smtp_internal.h"
#include "decoders/app/app_tx.h"
#include "decoders/base/steps.h"

static struct mime_place place_of(struct app_input *input, struct smtp_state *state)
{
	return (struct mime_place) { .config = &state->worker->mime,
		.files = state->worker->parts->files,
		.slab = input->slab,
		.list = &state->tx->tx.files,
		.track = &state->track,
		.direction = TO_SERVER };
}

bool smtp_content_begin(struct app_input *input, enum smtp_mode mode)
{
	struct smtp_state *state = input->flow->app.state;
	struct smtp_worker *worker = state->worker;
	struct smtp_tx *tx = state->tx;
	state->mode = (uint8_t)mode;
	state->data_waits = false;
	state->gap_in_content = false;
	if (mode == SMTP_MODE_DATA) // a chunk may go on with the line of the one before
		state->mid_line = false;
	if (!tx)
		return true;
	if (worker->raw && !tx->raw_mail)
		tx->raw_mail = file_open(worker->parts->files, input->slab, &tx->tx.files, span_text("rawmsg"),
			TO_SERVER, state->track++);
	else if (!worker->raw && worker->decode && !tx->mail)
		tx->mail = mime_new(input->slab);
	return worker->raw ? tx->raw_mail != NULL : !worker->decode || tx->mail != NULL;
}

static void tell_events(struct app_input *input, struct smtp_tx *tx)
{
	for (unsigned bit = 0; tx->mail->events >> bit; bit++)
		if (tx->mail->events >> bit & 1)
			smtp_event(input, (enum smtp_event)(SMTP_MIME_INVALID_BASE64 + bit));
	if (tx->mail->lost) {
		struct smtp_state *state = input->flow->app.state;
		state->worker->counters[SMTP_COUNT_OVER_BUDGET] += tx->mail->lost;
		tx->mail->lost = 0;
	}
}

// A line of content, or a piece of one.
static void take_line(struct app_input *input, struct span line, uint8_t end_bytes)
{
	struct smtp_state *state = input->flow->app.state;
	struct smtp_tx *tx = state->tx;
	bool begins = !state->mid_line, changed = false;
	state->mid_line = !end_bytes;
	state->content_bytes += line.len;
	if (!tx)
		return;
	tx->tx.last_ns = input->now_ns;
	if (tx->raw_mail) {
		struct file_tools *files = state->worker->parts->files;
		file_append(files, input->slab, tx->raw_mail, line);
		if (end_bytes)
			file_append(files, input->slab, tx->raw_mail,
				span_slice(span_text("\r\n"), 2u - end_bytes, end_bytes));
		changed = true;
	} else if (tx->mail) {
		struct mime_place place = place_of(input, state);
		uint32_t events = tx->mail->events;
		changed = mime_take(tx->mail, &place, line, begins, end_bytes);
		if (events != tx->mail->events || tx->mail->lost)
			tell_events(input, tx);
	}
	if (changed)
		app_tx_changed(input->flow, &tx->tx, TO_SERVER);
}

void smtp_tx_finish(struct app_input *input, struct smtp_tx *tx, bool whole)
{
	struct smtp_state *state = input->flow->app.state;
	if (tx->done)
		return;
	if (tx->mail) {
		struct mime_place place = place_of(input, state);
		mime_end(tx->mail, &place, whole);
		tell_events(input, tx);
	}
	if (tx->raw_mail)
		file_close(state->worker->parts->files, input->slab, tx->raw_mail,
			whole && !tx->raw_mail->has_gaps ? FILE_CLOSED : FILE_TRUNCATED);
	tx->done = true;
	app_tx_finish(input->flow, &tx->tx, 1);
}

static void end_content(struct app_input *input, uint32_t at)
{
	struct smtp_state *state = input->flow->app.state;
	app_frame_end(input->flow, TO_SERVER, SMTP_FRAME_DATA, input->offset + at);
	if (state->mode == SMTP_MODE_DATA) // a chunk's reply is that of its BDAT
		smtp_wait_for(state, SMTP_COMMAND_CONTENT);
	state->mode = SMTP_MODE_COMMANDS;
	state->content_bytes = 0;
	state->mid_line = false;
	if (state->tx)
		smtp_tx_finish(input, state->tx, true);
}

// A line from at on: *line without its end. 0: it is not whole yet.
static uint32_t next_line(struct app_input *input, uint32_t at, struct span *line, uint8_t *end_bytes)
{
	uint32_t end = span_find(input->data, '\n', at);
	work_step(1 + (end - at) / 16);
	*end_bytes = 0;
	if (end < input->data.len) {
		*end_bytes = end > at && input->data.data[end - 1] == '\r' ? 2 : 1;
		*line = span_slice(input->data, at, end + 1 - at - *end_bytes);
		return end + 1 - at;
	}
	if (end - at < SMTP_LINE_MAX && !input->end)
		return 0;
	*line = span_from(input->data, at);
	if (line->data[line->len - 1] == '\r') // its other half may come
		line->len--;
	return line->len;
}

static uint32_t take_data(struct app_input *input, uint32_t at)
{
	struct smtp_state *state = input->flow->app.state;
	struct span line;
	uint8_t end_bytes;
	while (at < input->data.len && state->mode == SMTP_MODE_DATA) {
		uint32_t len = next_line(input, at, &line, &end_bytes);
		if (!len)
			break;
		if (!state->mid_line && line.len == 1 && line.data[0] == '.' && end_bytes) {
			end_content(input, at);
			return at + len;
		}
		if (state->gap_in_content && !state->mid_line && smtp_ends_mail(line)) {
			end_content(input, at);
			return at;
		}
		if (!state->mid_line && line.len > 1 && line.data[0] == '.') // RFC 5321 section 4.5.2
			line = span_from(line, 1);
		take_line(input, line, end_bytes);
		at += len;
	}
	return at;
}

// Who sends more than it announced puts the rest of a line where a command should stand.
static void check_chunk_end(struct app_input *input, uint32_t at)
{
	struct smtp_state *state = input->flow->app.state;
	struct span rest = span_from(input->data, at);
	if (!state->chunk_line_ended && rest.len && !smtp_is_command(rest))
		smtp_event(input, SMTP_BDAT_CHUNK_LEN_EXCEEDED);
}

static uint32_t take_chunk(struct app_input *input, uint32_t at)
{
	struct smtp_state *state = input->flow->app.state;
	while (at < input->data.len && state->chunk_bytes) {
		struct span rest = span_from(input->data, at);
		if (rest.len > state->chunk_bytes)
			rest.len = (uint32_t)state->chunk_bytes;
		uint32_t end = span_find(rest, '\n', 0);
		bool whole = end < rest.len;
		work_step(1 + end / 16);
		if (!whole && rest.len < SMTP_LINE_MAX && rest.len < state->chunk_bytes && !input->end)
			return at;
		uint8_t end_bytes = !whole ? 0 : end && rest.data[end - 1] == '\r' ? 2 : 1;
		uint32_t used = whole ? end + 1 : rest.len;
		take_line(input, span_slice(rest, 0, used - end_bytes), end_bytes);
		state->chunk_line_ended = whole;
		state->chunk_bytes -= used;
		at += used;
	}
	if (state->chunk_bytes)
		return at;
	check_chunk_end(input, at);
	if (state->last_chunk) {
		end_content(input, at);
		return at;
	}
	app_frame_end(input->flow, TO_SERVER, SMTP_FRAME_DATA, input->offset + at);
	state->mode = SMTP_MODE_COMMANDS;
	return at;
}

uint32_t smtp_content_take(struct app_input *input, uint32_t at)
{
	struct smtp_state *state = input->flow->app.state;
	if (at < input->data.len && !app_frame_open(input->flow, TO_SERVER, SMTP_FRAME_DATA)) {
		struct app_frame *frame = app_frame(input, SMTP_FRAME_DATA, at, FRAME_OPEN);
		if (frame && state->tx)
			frame->tx_id = state->tx->tx.id;
	}
	return state->mode == SMTP_MODE_DATA ? take_data(input, at) : take_chunk(input, at);
}

// Lost bytes of content: a chunk's are counted, a line's rest is taken as a line of its own.
void smtp_content_gap(struct app_input *input)
{
	struct smtp_state *state = input->flow->app.state;
	if (state->mode == SMTP_MODE_CHUNK) {
		uint64_t lost = input->gap_bytes < state->chunk_bytes ? input->gap_bytes : state->chunk_bytes;
		state->chunk_bytes -= lost;
	}
	state->gap_in_content = true;
	if (!state->tx)
		return;
	if (state->tx->mail)
		mime_gap(state->tx->mail, input->gap_bytes);
	if (state->tx->raw_mail)
		file_gap(state->tx->raw_mail, input->gap_bytes);
	state->mid_line = true; // what comes is the rest of some line: no dot, no boundary
}
