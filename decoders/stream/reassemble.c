// SPDX-License-Identifier: GPL-3.0-or-later
// A packet's payload goes into its stream: depth, urgent data, what is too late; and what nobody needs any more goes out of it.
#include "decoders/flow/app_frame.h"
#include "decoders/stream/stream_engine.h"

#define LOST_BYTES_MAX (UINT64_C(1) << 30) // acknowledged and never seen; sequence numbers compare within 2^31

uint64_t stream_acked(const struct tcp_stream *stream)
{
	return seq_gt(stream->last_ack, stream->base_seq) ? stream->base_offset + (stream->last_ack - stream->base_seq)
							  : stream->base_offset;
}

bool current_is(const struct stream_engine *engine, const struct tcp_session *session, enum direction direction)
{
	if (engine->current != session || engine->current_payload.len == 0)
		return false;
	return (engine->current_direction == direction) != ((session->flags & SESSION_TURNED) != 0);
}

uint64_t stream_right(const struct stream_engine *engine, const struct tcp_session *session, enum direction direction)
{
	const struct tcp_stream *stream = &session->streams[direction];
	if (stream->buffer && stream->buffer->last)
		return stream->buffer->last->offset + stream->buffer->last->len;
	if (engine->pending && current_is(engine, session, direction))
		return engine->current_offset + engine->current_payload.len;
	return stream->base_offset;
}

// stream.reassembly.depth. False: the segment reaches beyond it and is not taken.
static bool within_depth(struct turn *turn, uint64_t end_offset)
{
	struct tcp_stream *stream = turn->sender;
	const struct stream_config *config = turn->engine->config;
	uint64_t depth = config->depth_bytes;
	if (turn->session->flags & SESSION_DEEP && depth &&
		(config->file_depth_bytes == 0 || config->file_depth_bytes > depth))
		depth = config->file_depth_bytes;
	if (depth == 0)
		return true;
	if (stream->flags & STREAM_DEPTH_REACHED)
		return false;
	if (end_offset <= depth)
		return true;
	stream->flags |= STREAM_DEPTH_REACHED;
	turn->engine->counters[STREAM_COUNT_DEPTH_REACHED]++;
	turn_event(turn, STREAM_REASSEMBLY_DEPTH_REACHED);
	return false;
}

// RFC 6093: the urgent byte is the one before the pointer. False: nothing of the segment is taken.
static bool take_urgent(struct turn *turn, struct span *payload, bool *shift)
{
	struct stream_engine *engine = turn->engine;
	struct tcp_stream *stream = turn->sender;
	*shift = false;
	if (!(turn->tcp->flags & TCP_URG) || turn->tcp->urgent == 0 || turn->tcp->urgent != payload->len)
		return true;
	int policy = engine->config->urgent_policy;
	if (policy == URGENT_OOB && stream->urgent_bytes == UINT16_MAX) {
		turn_event(turn, STREAM_REASSEMBLY_URGENT_OOB_LIMIT_REACHED);
		policy = engine->config->urgent_oob_limit_policy;
	}
	switch (policy) {
	case URGENT_OOB:
		stream->urgent_bytes++;
		engine->counters[STREAM_COUNT_URGENT_OOB]++;
		payload->len--;
		*shift = true;
		return true;
	case URGENT_DROP: turn->result.drop = turn->result.drop || engine->inline_mode; return false;
	case URGENT_GAP: payload->len--; return true;
	default: return true;
	}
}

static bool store(struct turn *turn, uint64_t offset, struct span payload)
{
	struct stream_engine *engine = turn->engine;
	struct tcp_stream *stream = turn->sender;
	engine->current = turn->session;
	engine->current_direction = turn->direction;
	engine->current_offset = offset;
	engine->current_payload = payload;
	// In place when only the application looks: it may be done with it before the packet is gone
	engine->pending = !stream->buffer && (stream->flags & STREAM_RAW_STOPPED);
	if (!engine->pending && !segments_add(turn, offset, payload)) {
		engine->current_payload.len = 0;
		return false;
	}
	stream->flags |= STREAM_SEEN_DATA;
	turn->packet->flags |= PACKET_STREAM_ADDED;
	return true;
}

bool reassemble(struct turn *turn)
{
	struct tcp_stream *stream = turn->sender;
	struct span payload = turn->packet->payload;
	uint32_t seq = turn->tcp->seq + ((turn->tcp->flags & TCP_SYN) ? 1 : 0);
	uint32_t end_seq = seq + payload.len;
	if ((stream->flags & STREAM_ALL_STOPPED) == STREAM_ALL_STOPPED)
		return true;
	(void)turn_policy(turn);
	bool shift;
	if (!take_urgent(turn, &payload, &shift))
		return true;
	bool ok = true;
	if (payload.len && seq_leq(seq + payload.len, stream->base_seq)) {
		turn_event(turn, STREAM_REASSEMBLY_SEGMENT_BEFORE_BASE_SEQ);
		ok = false;
	} else if (payload.len && within_depth(turn, stream_offset_of(stream, seq + payload.len))) {
		if (seq_lt(seq, stream->base_seq)) {
			payload = span_from(payload, stream->base_seq - seq);
			seq = stream->base_seq;
		}
		ok = store(turn, stream_offset_of(stream, seq), payload);
		if (!(stream->flags & STREAM_SEEN_DATA) || seq_gt(end_seq, stream->right_seq))
			stream->right_seq = end_seq;
	}
	if (shift)
		stream->base_seq++; // later numbers lie a byte further back
	return ok;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

// Where the first byte somebody may still ask for lies.
static uint64_t left_edge(
	const struct stream_engine *engine, const struct tcp_session *session, enum direction direction)
{
	const struct tcp_stream *stream = &session->streams[direction];
	uint64_t acked = stream_acked(stream), edge = acked;
	if (!(stream->flags & STREAM_APP_STOPPED))
		edge = min_u64(edge, stream->base_offset + stream->app_rel);
	if (!(stream->flags & STREAM_RAW_STOPPED)) {
		uint64_t keep = stream->raw_keep;
		if (engine->inline_mode)
			keep = direction == TO_SERVER ? engine->config->toserver_chunk_bytes
						      : engine->config->toclient_chunk_bytes;
		edge = min_u64(edge, stream->base_offset + (stream->raw_rel > keep ? stream->raw_rel - keep : 0));
	}
	edge = min_u64(edge, engine->hold[direction]);
	if (acked - stream->base_offset > LOST_BYTES_MAX && !stream->buffer)
		return acked;
	return edge;
}

static void stream_prune(struct stream_engine *engine, struct tcp_session *session, enum direction direction)
{
	struct tcp_stream *stream = &session->streams[direction];
	if ((stream->flags & STREAM_ALL_STOPPED) == STREAM_ALL_STOPPED && engine->hold[direction] == UINT64_MAX)
		buffer_free(engine, stream);
	uint64_t edge = left_edge(engine, session, direction);
	if (edge <= stream->base_offset)
		return;
	uint32_t moved = (uint32_t)(edge - stream->base_offset);
	buffer_release(engine, stream, edge);
	stream->base_offset = edge;
	stream->base_seq += moved;
	stream->app_rel = stream->app_rel > moved ? stream->app_rel - moved : 0;
	stream->raw_rel = stream->raw_rel > moved ? stream->raw_rel - moved : 0;
}

// Payload that was viewed in place and is still needed.
static void commit_pending(struct stream_engine *engine, struct tcp_session *session)
{
	enum direction direction = current_is(engine, session, TO_SERVER) ? TO_SERVER : TO_CLIENT;
	struct tcp_stream *stream = &session->streams[direction];
	uint64_t offset = engine->current_offset, edge = left_edge(engine, session, direction);
	struct span rest = engine->current_payload;
	if (edge > offset)
		rest = span_from(rest, edge - offset > rest.len ? rest.len : (uint32_t)(edge - offset));
	engine->counters[STREAM_COUNT_DIRECT] += engine->current_payload.len - rest.len;
	engine->pending = false;
	if (rest.len == 0)
		return;
	offset += engine->current_payload.len - rest.len;
	if (!buffer_write(engine, stream, offset, rest.data, rest.len) ||
		!segments_note(engine, stream, offset, rest.len))
		engine->counters[STREAM_COUNT_SEGMENT_MEMCAP_DROP]++;
}

void tcp_session_packet_done(struct stream_engine *engine, struct packet *packet)
{
	struct tcp_session *session = packet->flow && packet->proto == PROTO_TCP ? packet->flow->tcp : NULL;
	engine->packet = NULL;
	if (session) {
		const struct app_frames *frames = packet->flow->app.frames;
		for (unsigned d = 0; d < 2; d++)
			engine->hold[d] = frames ? frames->hold[d] : UINT64_MAX;
		if (engine->pending && engine->current == session)
			commit_pending(engine, session);
		// Rules do not look at the rest of a flow that passed
		if (packet->flow->flags & (FLOW_PASSED | FLOW_BYPASS)) {
			tcp_session_raw_stop(packet->flow, TO_SERVER);
			tcp_session_raw_stop(packet->flow, TO_CLIENT);
		}
		session->streams[packet->direction].flags &= (uint16_t)~STREAM_RAW_TRIGGER;
		stream_prune(engine, session, TO_SERVER);
		stream_prune(engine, session, TO_CLIENT);
	}
	engine->current = NULL;
	engine->pending = false;
	engine->current_payload = (struct span) { 0 };
}
