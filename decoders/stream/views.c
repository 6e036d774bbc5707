// SPDX-License-Identifier: GPL-3.0-or-later
// What of a stream its consumers may see, and where each of them is.
#include "decoders/stream/stream_engine.h"
#include <stdio.h>

// A stretch of held data.
struct stretch {
	const uint8_t *data;
	uint64_t offset, end;
};

// The one that holds position, else the next one after it. False: there is none.
static bool find_stretch(const struct stream_engine *engine, const struct tcp_session *session,
	enum direction direction, uint64_t position, struct stretch *out)
{
	const struct tcp_block *block = buffer_find(&session->streams[direction], position);
	if (block) {
		*out = (struct stretch) { block->data + block->start, block->offset, block->offset + block->len };
		return true;
	}
	if (!engine->pending || !current_is(engine, session, direction))
		return false;
	*out = (struct stretch) { engine->current_payload.data, engine->current_offset,
		engine->current_offset + engine->current_payload.len };
	return position < out->end;
}

static bool is_finished(const struct tcp_session *session)
{
	return session->flags & SESSION_FINISHED;
}

// Are the bytes missing before position's next stretch lost for good? The receiver acknowledged them, so it has them; that we hold what
// lies behind the hole says that they are not merely late.
static bool is_gap(const struct tcp_session *session, const struct tcp_stream *stream, uint64_t position)
{
	uint64_t acked = stream_acked(stream);
	if (acked > stream->base_offset && session->state >= TCP_FIN_WAIT1)
		acked--; // maybe the FIN's
	return acked > position;
}

// Fills view without changing anything. False: nothing to tell.
static bool app_peek(const struct stream_engine *engine, const struct tcp_session *session, enum direction direction,
	struct stream_view *view)
{
	const struct tcp_stream *stream = &session->streams[direction];
	uint64_t position = stream->base_offset + stream->app_rel;
	*view = (struct stream_view) { .offset = position };
	if (stream->flags & STREAM_APP_STOPPED)
		return false;
	bool closed = session->state == TCP_CLOSED, all = engine->inline_mode || is_finished(session);
	all = all || stream->flags & STREAM_APP_AT_ONCE;
	uint64_t limit = all ? UINT64_MAX : stream_acked(stream);
	struct stretch stretch;
	bool found = find_stretch(engine, session, direction, position, &stretch), blocked = false;
	struct stretch behind;
	// What the application left waits for bytes that were lost: it goes with them
	if (found && stretch.offset <= position && (stream->flags & STREAM_APP_STALLED) &&
		find_stretch(engine, session, direction, stretch.end, &behind) && behind.offset > stretch.end &&
		is_gap(session, stream, stretch.end))
		stretch = behind;
	if (found && stretch.offset > position) {
		blocked = stretch.offset - position > UINT32_MAX || !is_gap(session, stream, position);
		// What was not acknowledged may still come
		uint64_t acked = stream_acked(stream), until = acked < stretch.offset ? acked : stretch.offset;
		if (!blocked) {
			view->gap_bytes = (uint32_t)(until - position);
			view->offset = until;
			blocked = until < stretch.offset;
		}
	}
	if (found && !blocked && limit > view->offset) {
		uint64_t end = stretch.end < limit ? stretch.end : limit;
		uint64_t len = end - view->offset;
		view->data = span_of(
			stretch.data + (view->offset - stretch.offset), len < SLAB_MAX_BLOCK ? len : SLAB_MAX_BLOCK);
	}
	bool all_given = view->offset + view->data.len >= stream_right(engine, session, direction);
	bool over = is_finished(session) || (closed && all_given);
	if (over && (all_given || blocked || view->data.len == 0 || stretch.end >= limit))
		view->end = true;
	if ((stream->flags & STREAM_DEPTH_REACHED) && all_given)
		view->end = view->depth_reached = true;
	if (view->gap_bytes > 0 || (view->data.len > 0 && !(stream->flags & STREAM_APP_STALLED)))
		return true;
	return (view->depth_reached && !(stream->flags & STREAM_DEPTH_TOLD)) ||
	       (view->end && !(stream->flags & STREAM_END_TOLD));
}

bool app_has_news(struct stream_engine *engine, struct tcp_session *session, enum direction direction)
{
	struct stream_view view;
	return app_peek(engine, session, direction, &view);
}

bool tcp_session_app_view(
	struct stream_engine *engine, struct flow *flow, enum direction direction, struct stream_view *view)
{
	struct tcp_session *session = flow->tcp;
	if (!session || !app_peek(engine, session, direction, view)) {
		*view = (struct stream_view) { 0 };
		return false;
	}
	if (view->end)
		session->streams[direction].flags |= STREAM_END_TOLD;
	if (view->depth_reached)
		session->streams[direction].flags |= STREAM_DEPTH_TOLD;
	engine->app_given = view->data.len;
	return true;
}

void tcp_session_app_consume(struct stream_engine *engine, struct flow *flow, enum direction direction,
	uint32_t gap_bytes, uint32_t consumed)
{
	struct tcp_session *session = flow->tcp;
	if (!session)
		return;
	struct tcp_stream *stream = &session->streams[direction];
	stream->app_rel += gap_bytes + consumed;
	if (consumed < engine->app_given)
		stream->flags |= STREAM_APP_STALLED;
	if (gap_bytes == 0)
		return;
	stream->flags |= STREAM_GAP;
	session->flags |= SESSION_LOSSY;
	engine->counters[STREAM_COUNT_REASSEMBLY_GAP]++;
	engine->event_counts[STREAM_REASSEMBLY_SEQ_GAP]++;
	if (engine->packet)
		packet_add_event(engine->packet, STREAM_REASSEMBLY_SEQ_GAP);
}

void tcp_session_app_stop(struct flow *flow, enum direction direction)
{
	if (flow->tcp)
		flow->tcp->streams[direction].flags |= STREAM_APP_STOPPED;
}

void tcp_session_deepen(struct flow *flow)
{
	if (flow->tcp)
		flow->tcp->flags |= SESSION_DEEP;
}

void tcp_session_app_at_once(struct flow *flow, enum direction direction, bool on)
{
	if (!flow->tcp)
		return;
	uint16_t *flags = &flow->tcp->streams[direction].flags;
	*flags = (uint16_t)(on ? *flags | STREAM_APP_AT_ONCE : *flags & ~STREAM_APP_AT_ONCE);
}

void tcp_session_app_again(struct flow *flow)
{
	if (!flow->tcp)
		return;
	for (int d = 0; d < 2; d++)
		flow->tcp->streams[d].flags &= (uint16_t)~STREAM_APP_STALLED;
}

static uint64_t chunk_of(const struct stream_engine *engine, enum direction direction)
{
	return direction == TO_SERVER ? engine->config->toserver_chunk_bytes : engine->config->toclient_chunk_bytes;
}

// Inline: the packet's bytes with those around them, so that a pattern across packets is seen before its last part passes.
static bool raw_view_inline(struct stream_engine *engine, const struct tcp_session *session, enum direction direction,
	struct stream_view *view)
{
	if (engine->raw_shown || !current_is(engine, session, direction))
		return false;
	engine->raw_shown = true;
	uint64_t left = engine->current_offset, right = left + engine->current_payload.len,
		 len = engine->current_payload.len;
	uint64_t chunk = chunk_of(engine, direction);
	if (chunk < len + chunk / 3)
		chunk = len + chunk / 3;
	struct stretch whole;
	if (!find_stretch(engine, session, direction, left, &whole) || whole.offset > left || whole.end < right) {
		view->offset = left;
		view->data = engine->current_payload;
		return true;
	}
	uint64_t before = left - whole.offset, after = whole.end - right, room = chunk - len;
	if (before + after > room) {
		// Half of the room on each side, and what one side does not need to the other
		uint64_t half = room / 2;
		if (after <= half)
			before = room - after;
		else if (before <= half)
			after = room - before;
		else
			before = after = half;
	}
	view->offset = left - before;
	view->data = span_of(whole.data + (view->offset - whole.offset), before + len + after);
	return true;
}

static bool raw_is_due(const struct stream_engine *engine, const struct tcp_session *session, enum direction direction)
{
	const struct tcp_stream *stream = &session->streams[direction];
	if ((stream->flags & (STREAM_DEPTH_REACHED | STREAM_RAW_TRIGGER)) || session->state > TCP_TIME_WAIT ||
		is_finished(session))
		return true;
	uint64_t position = stream->base_offset + stream->raw_rel, acked = stream_acked(stream);
	return acked > position && acked - position >= chunk_of(engine, direction);
}

bool tcp_session_raw_view(
	struct stream_engine *engine, struct flow *flow, enum direction direction, bool flush, struct stream_view *view)
{
	struct tcp_session *session = flow->tcp;
	*view = (struct stream_view) { 0 };
	if (!session || (session->streams[direction].flags & STREAM_RAW_STOPPED))
		return false;
	if (engine->inline_mode)
		return raw_view_inline(engine, session, direction, view);
	if (!flush && !raw_is_due(engine, session, direction))
		return false;
	const struct tcp_stream *stream = &session->streams[direction];
	uint64_t position = stream->base_offset + stream->raw_rel;
	uint64_t limit = is_finished(session) ? UINT64_MAX : stream_acked(stream);
	struct stretch stretch;
	if (!find_stretch(engine, session, direction, position, &stretch) || stretch.offset >= limit ||
		position >= limit)
		return false;
	uint64_t from = stretch.offset;
	if (stretch.offset > position) {
		view->gap_bytes =
			stretch.offset - position > UINT32_MAX ? UINT32_MAX : (uint32_t)(stretch.offset - position);
	} else {
		uint64_t keep = position - stretch.offset;
		from = position - (keep < stream->raw_keep ? keep : stream->raw_keep);
	}
	uint64_t end = stretch.end < limit ? stretch.end : limit;
	uint64_t len = end - from;
	view->offset = from;
	view->data = span_of(stretch.data + (from - stretch.offset), len < SLAB_MAX_BLOCK ? len : SLAB_MAX_BLOCK);
	view->end = is_finished(session);
	view->depth_reached = stream->flags & STREAM_DEPTH_REACHED;
	return true;
}

void tcp_session_raw_consume(
	struct stream_engine *engine, struct flow *flow, enum direction direction, uint64_t offset, uint32_t keep_bytes)
{
	(void)engine;
	struct tcp_session *session = flow->tcp;
	if (!session)
		return;
	struct tcp_stream *stream = &session->streams[direction];
	uint64_t position = stream->base_offset + stream->raw_rel;
	if (offset > position)
		stream->raw_rel = (uint32_t)(offset - stream->base_offset);
	stream->raw_keep = (uint16_t)(keep_bytes > UINT16_MAX ? UINT16_MAX : keep_bytes);
	stream->flags &= (uint16_t)~STREAM_RAW_TRIGGER;
}

void tcp_session_raw_trigger(struct flow *flow, enum direction direction)
{
	if (flow->tcp)
		flow->tcp->streams[direction].flags |= STREAM_RAW_TRIGGER;
}

void tcp_session_raw_stop(struct flow *flow, enum direction direction)
{
	if (flow->tcp)
		flow->tcp->streams[direction].flags |= STREAM_RAW_STOPPED;
}

bool tcp_session_frame_view(struct stream_engine *engine, struct flow *flow, enum direction direction, uint64_t offset,
	struct stream_view *view)
{
	struct tcp_session *session = flow->tcp;
	*view = (struct stream_view) { 0 };
	if (!session)
		return false;
	const struct tcp_stream *stream = &session->streams[direction];
	bool all = engine->inline_mode || is_finished(session);
	uint64_t limit = all ? UINT64_MAX : stream_acked(stream);
	struct stretch stretch;
	if (!find_stretch(engine, session, direction, offset, &stretch) || stretch.offset >= limit || offset >= limit)
		return false;
	uint64_t from = stretch.offset > offset ? stretch.offset : offset;
	uint64_t end = stretch.end < limit ? stretch.end : limit;
	uint64_t len = end - from;
	view->gap_bytes = from - offset > UINT32_MAX ? UINT32_MAX : (uint32_t)(from - offset);
	view->offset = from;
	view->data = span_of(stretch.data + (from - stretch.offset), len < SLAB_MAX_BLOCK ? len : SLAB_MAX_BLOCK);
	view->end = is_finished(session);
	return true;
}

static uint32_t tell_missing(uint64_t bytes, uint8_t *out, uint32_t size)
{
	char text[48];
	int wrote = snprintf(text, sizeof(text), "[%llu bytes missing]", (unsigned long long)bytes);
	uint32_t part = (uint32_t)wrote < size ? (uint32_t)wrote : size;
	memcpy(out, text, part);
	return part;
}

uint32_t tcp_session_copy_range(
	const struct flow *flow, enum direction direction, uint64_t from, uint64_t to, uint8_t *out, uint32_t size)
{
	const struct tcp_session *session = flow->tcp;
	if (!session || !session->streams[direction].buffer)
		return 0;
	uint32_t used = 0;
	for (const struct tcp_block *b = session->streams[direction].buffer->first; b && used < size && from < to;
		b = b->next) {
		uint64_t end = b->offset + b->len < to ? b->offset + b->len : to;
		if (b->offset >= to)
			break;
		if (end <= from)
			continue;
		if (b->offset > from) {
			used += tell_missing(b->offset - from, out + used, size - used);
			from = b->offset;
		}
		uint64_t len = end - from;
		uint32_t part = len < size - used ? (uint32_t)len : size - used;
		memcpy(out + used, b->data + b->start + (from - b->offset), part);
		used += part;
		from = end;
	}
	return used;
}

uint32_t tcp_session_copy(const struct flow *flow, enum direction direction, uint8_t *out, uint32_t size)
{
	const struct tcp_session *session = flow->tcp;
	return session ? tcp_session_copy_range(
				 flow, direction, session->streams[direction].base_offset, UINT64_MAX, out, size)
		       : 0;
}
