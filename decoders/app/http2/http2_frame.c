// SPDX-License-Identifier: GPL-3.0-or-later
// Frames (RFC 9113 section 6), each given whole, or as much of it as is read.
#include "decoders/app/http2/http2_internal.h"

enum flag {
	FLAG_ACK = 0x1,
	FLAG_END_STREAM = 0x1,
	FLAG_END_HEADERS = 0x4,
	FLAG_PADDED = 0x8,
	FLAG_PRIORITY = 0x20,
};

// The sender's side of a stream is over.
void http2_end_stream(const struct app_input *input, struct http2_tx *tx)
{
	http2_body_end(input, tx, input->direction, true);
	http2_progress_to(input, tx, input->direction, HTTP2_CLOSED);
	if (app_tx_done(&http2_parser, &tx->tx))
		http2_tx_unlink(http2_state_of(input), tx);
}

// The transaction of a frame's stream. A stream that both sides ended is not the one a new frame is for.
static struct http2_tx *tx_of(struct app_input *input, uint32_t stream)
{
	struct http2_state *state = http2_state_of(input);
	struct http2_direction *side = &state->sides[input->direction];
	if (stream == 0)
		return http2_global_tx(input);
	struct http2_tx *tx = http2_stream_take(input, stream);
	if (!tx)
		return NULL;
	if (stream > side->last_stream)
		side->last_stream = stream;
	if (tx->tx.progress[input->direction] < HTTP2_STARTED)
		http2_progress_to(input, tx, input->direction, HTTP2_STARTED);
	return tx;
}

static void malformed(const struct app_input *input, struct http2_tx *tx, enum http2_event event)
{
	struct http2_worker *worker = input->shared;
	worker->counters[HTTP2_COUNT_MALFORMED]++;
	http2_event(input, tx, event);
}

static void block_done(const struct app_input *input, struct http2_tx *tx, struct span block, bool ends)
{
	http2_block_read(input, tx, block);
	http2_body_start(input, tx);
	http2_progress_to(input, tx, input->direction, HTTP2_DATA);
	if (ends)
		http2_end_stream(input, tx);
}

static void block_add(const struct app_input *input, struct http2_tx *tx, struct span part)
{
	struct http2_worker *worker = input->shared;
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	if (side->block_over)
		return;
	if (bytes_append(input->slab, &side->block, part, worker->max_block_bytes) == part.len)
		return;
	side->block_over = true;
	side->hpack_broken = true; // what the table would have learnt is lost
	worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
	http2_event(input, tx, HTTP2_EVENT_REASSEMBLY_LIMIT_REACHED);
}

// Padding and priority before the block; false: broken.
static bool read_preamble(
	const struct http2_head *head, struct span payload, struct http2_frame *frame, struct span *rest)
{
	struct cursor c = cursor_on(payload);
	uint8_t padding = head->flags & FLAG_PADDED ? cursor_u8(&c) : 0;
	if (head->type == HTTP2_FRAME_HEADERS && head->flags & FLAG_PRIORITY) {
		cursor_skip(&c, 4);
		frame->weight = cursor_u8(&c);
		frame->has_priority = cursor_ok(&c);
	}
	uint32_t left = cursor_left(&c);
	bool good = cursor_ok(&c) && (padding <= left || payload.len < head->length);
	*rest = cursor_rest(&c);
	if (good && payload.len == head->length)
		rest->len -= padding;
	return good;
}

static void start_block(
	struct app_input *input, struct http2_tx *tx, const struct http2_head *head, struct span block, bool ends)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	if (head->flags & FLAG_END_HEADERS) {
		block_done(input, tx, block, ends);
		return;
	}
	side->block_open = true;
	side->block_over = false;
	side->block_stream = tx->stream;
	side->block_ends = ends;
	side->block.len = 0;
	block_add(input, tx, block);
}

static void take_headers(struct app_input *input, const struct http2_head *head, struct span payload)
{
	struct http2_state *state = http2_state_of(input);
	struct http2_tx *old = http2_stream_find(state, head->stream), *tx;
	bool reused = old && old->tx.progress[input->direction] == HTTP2_CLOSED;
	struct http2_frame frame = { .type = head->type };
	struct span block;
	if (!(tx = tx_of(input, head->stream)))
		return;
	if (reused)
		http2_event(input, tx, HTTP2_EVENT_STREAM_ID_REUSE);
	bool good = read_preamble(head, payload, &frame, &block);
	http2_remember(input, tx, &frame);
	if (!good)
		malformed(input, tx, HTTP2_EVENT_INVALID_FRAME_DATA);
	else
		start_block(input, tx, head, block, head->flags & FLAG_END_STREAM);
}

// What the server will send on a stream of its own: its request is told where the frame came.
static void take_push_promise(struct app_input *input, const struct http2_head *head, struct span payload)
{
	struct http2_frame frame = { .type = head->type };
	struct span block;
	bool good = read_preamble(head, payload, &frame, &block) && block.len >= 4;
	struct http2_tx *tx = tx_of(input, good ? be32_at(block.data) & 0x7fffffff : head->stream);
	if (!tx)
		return;
	http2_remember(input, tx, &frame);
	if (!good) {
		malformed(input, tx, HTTP2_EVENT_INVALID_FRAME_DATA);
		return;
	}
	http2_progress_to(input, tx, direction_other(input->direction), HTTP2_CLOSED);
	start_block(input, tx, head, span_from(block, 4), false);
}

static void take_continuation(struct app_input *input, const struct http2_head *head, struct span payload)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	struct http2_tx *tx = tx_of(input, head->stream);
	if (!tx)
		return;
	http2_remember(input, tx, &(struct http2_frame) { .type = head->type });
	if (!side->block_open || side->block_stream != head->stream) {
		malformed(input, tx, HTTP2_EVENT_EXTRA_HEADER_DATA);
		return;
	}
	block_add(input, tx, payload);
	if (!(head->flags & FLAG_END_HEADERS))
		return;
	side->block_open = false;
	block_done(input, tx, bytes_span(&side->block), side->block_ends);
	bytes_fini(input->slab, &side->block);
}

static void take_settings(struct app_input *input, struct http2_tx *tx, struct span payload)
{
	struct http2_frame frame = { .type = HTTP2_FRAME_SETTINGS, .settings = (uint16_t)(payload.len / 6) };
	struct cursor c = cursor_on(payload);
	http2_remember(input, tx, &frame);
	if (payload.len % 6)
		malformed(input, tx, HTTP2_EVENT_INVALID_FRAME_DATA);
	while (cursor_left(&c) >= 6) {
		struct http2_setting setting = { .id = cursor_be16(&c) };
		setting.value = cursor_be32(&c);
		http2_keep_setting(input, tx, setting);
	}
}

// Frames of a fixed length: where their number is, and how long they are.
static bool read_number(const struct http2_head *head, struct span payload, struct http2_frame *frame)
{
	switch (head->type) {
	case HTTP2_FRAME_PRIORITY:
		if (payload.len < 5)
			return false;
		frame->has_priority = true;
		frame->weight = payload.data[4];
		return true;
	case HTTP2_FRAME_GOAWAY:
		if (payload.len < 8)
			return false;
		frame->value = be32_at(payload.data + 4);
		return true;
	case HTTP2_FRAME_RST_STREAM:
	case HTTP2_FRAME_WINDOW_UPDATE:
		if (payload.len < 4)
			return false;
		frame->value = be32_at(payload.data);
		if (head->type == HTTP2_FRAME_WINDOW_UPDATE)
			frame->value &= 0x7fffffff;
		return true;
	default: return true;
	}
}

static bool length_fits(const struct http2_head *head)
{
	switch (head->type) {
	case HTTP2_FRAME_PRIORITY: return head->length == 5;
	case HTTP2_FRAME_RST_STREAM:
	case HTTP2_FRAME_WINDOW_UPDATE: return head->length == 4;
	case HTTP2_FRAME_PING: return head->length == 8;
	default: return true;
	}
}

static void take_other(struct app_input *input, const struct http2_head *head, struct span payload)
{
	struct http2_state *state = http2_state_of(input);
	uint32_t last[2] = { state->sides[0].last_stream, state->sides[1].last_stream };
	bool late = head->stream && head->stream <= (last[0] > last[1] ? last[0] : last[1]) &&
		    !http2_stream_find(state, head->stream);
	if (late && head->type != HTTP2_FRAME_PRIORITY) // of a stream that is over
		return;
	struct http2_tx *tx = tx_of(input, head->stream);
	if (!tx)
		return;
	struct http2_frame frame = { .type = head->type };
	if (head->type == HTTP2_FRAME_SETTINGS) {
		take_settings(input, tx, payload);
		return;
	}
	if (!length_fits(head))
		malformed(input, tx, HTTP2_EVENT_INVALID_FRAME_LENGTH);
	else if (!read_number(head, payload, &frame))
		malformed(input, tx, HTTP2_EVENT_INVALID_FRAME_DATA);
	http2_remember(input, tx, &frame);
	http2_progress_to(input, tx, input->direction, HTTP2_STARTED);
	if (head->type == HTTP2_FRAME_RST_STREAM && head->stream) {
		// What the other side has sent already still comes
		http2_body_end(input, tx, input->direction, false);
		http2_progress_to(input, tx, input->direction, HTTP2_CLOSED);
		if (app_tx_done(&http2_parser, &tx->tx))
			http2_tx_unlink(state, tx);
	}
}

void http2_frame_take(struct app_input *input, const struct http2_head *head, struct span payload)
{
	switch (head->type) {
	case HTTP2_FRAME_HEADERS: take_headers(input, head, payload); break;
	case HTTP2_FRAME_PUSH_PROMISE: take_push_promise(input, head, payload); break;
	case HTTP2_FRAME_CONTINUATION: take_continuation(input, head, payload); break;
	default: take_other(input, head, payload); break;
	}
}
