// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/stream/stream_engine.h"
#include <stdlib.h>

// Does a SYN of packet start a new session in place of the flow's?
static bool starts_anew(const struct flow *flow, const struct packet *packet, enum direction direction)
{
	const struct tcp_session *session = flow->tcp;
	uint8_t flags = packet->tcp.flags;
	if (!(flags & TCP_SYN) || (flags & (TCP_ACK | TCP_FIN | TCP_RST)))
		return false;
	if (direction == TO_SERVER && (session->flags & SESSION_TFO_IGNORED) && session->state == TCP_SYN_RECV)
		return true; // the client starts over, without fast open
	if (direction == TO_SERVER && session->streams[TO_SERVER].isn == packet->tcp.seq)
		return false;
	return session->state >= TCP_LAST_ACK;
}

struct stream_engine *stream_engine_new(const struct stream_config *config, struct slab *slab, struct flow_table *flows)
{
	struct stream_engine *engine = calloc(1, sizeof(*engine));
	if (!engine)
		return NULL;
	uint64_t workers = config->workers ? config->workers : 1;
	engine->config = config;
	engine->slab = slab;
	engine->flows = flows;
	engine->memcap_bytes = config->memcap_bytes / workers;
	engine->reassembly_memcap_bytes = config->reassembly_memcap_bytes / workers;
	engine->inline_mode = config->inline_choice == 1 || (config->inline_choice == 2 && config->inline_mode);
	engine->midstream_policy = config->midstream_policy;
	bool can_drop = config->inline_mode || engine->inline_mode;
	if (config->midstream_policy == MIDSTREAM_AUTO)
		engine->midstream_policy = can_drop && !config->midstream ? MIDSTREAM_DROP_FLOW : MIDSTREAM_IGNORE;
	pool_init(&engine->sessions, slab, sizeof(struct tcp_session));
	host_os_load(engine);
	if (flows)
		flow_table_set_reuse_test(flows, starts_anew);
	return engine;
}

void stream_engine_free(struct stream_engine *engine)
{
	free(engine);
}

const uint64_t *stream_engine_counters(const struct stream_engine *engine)
{
	return engine->counters;
}

const uint64_t *stream_engine_event_counts(const struct stream_engine *engine)
{
	return engine->event_counts;
}

void turn_event(struct turn *turn, enum packet_event event)
{
	turn->engine->event_counts[event]++;
	packet_add_event(turn->packet, (uint16_t)event);
}

void turn_set_state(struct turn *turn, enum tcp_state state)
{
	struct tcp_session *session = turn->session;
	if (session->state == state)
		return;
	session->previous = session->state;
	session->state = (uint8_t)state;
	struct flow *flow = turn->packet->flow;
	switch (state) {
	case TCP_ESTABLISHED: session->flags |= SESSION_ESTABLISHED; // fall through
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
	case TCP_CLOSE_WAIT: flow_table_set_state(turn->engine->flows, flow, FLOW_ESTABLISHED); break;
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
	case TCP_CLOSED: flow_table_set_state(turn->engine->flows, flow, FLOW_CLOSED); break;
	default: break;
	}
	if (state == TCP_CLOSED)
		turn->result.closed = true;
}

typedef bool state_handler(struct turn *turn);

static state_handler *const handlers[TCP_STATES] = {
	[TCP_NONE] = state_none,
	[TCP_SYN_SENT] = state_syn_sent,
	[TCP_SYN_RECV] = state_syn_recv,
	[TCP_ESTABLISHED] = state_established,
	[TCP_FIN_WAIT1] = state_fin_wait1,
	[TCP_FIN_WAIT2] = state_fin_wait2,
	[TCP_TIME_WAIT] = state_time_wait,
	[TCP_LAST_ACK] = state_last_ack,
	[TCP_CLOSE_WAIT] = state_close_wait,
	[TCP_CLOSING] = state_closing,
	[TCP_CLOSED] = state_closed,
};

bool turn_dispatch(struct turn *turn, enum tcp_state state)
{
	return handlers[state](turn);
}

// Packets of a known session that say nothing new are not for its state. True: done.
static bool is_aside(struct turn *turn)
{
	if (is_keepalive(turn))
		return true;
	bool answer = is_keepalive_answer(turn);
	turn->sender->flags &= (uint16_t)~STREAM_KEEPALIVE;
	if (answer)
		return true;
	if (!is_fin_shutdown_ack(turn) && !is_window_update(turn) &&
		(is_bad_window_update(turn) || is_outdated_ack(turn)))
		return true;
	return is_spurious_retransmission(turn);
}

bool turn_take_data(struct turn *turn)
{
	struct stream_engine *engine = turn->engine;
	const struct tcp_session *session = turn->session;
	uint8_t flags = turn->tcp->flags;
	bool own = engine->inline_mode, other = !own;
	if (!own && (flags & TCP_RST)) {
		own = true;
		other = false;
	} else if (!own && (flags & TCP_FIN) && session->state > TCP_TIME_WAIT) {
		own = true;
		other = flags & TCP_ACK;
	} else if (!own && session->state == TCP_CLOSED) {
		own = true;
	}
	bool depth_before = turn->sender->flags & STREAM_DEPTH_REACHED;
	// RFC 9293 3.10.7.4: a reset's text is for people
	bool taken = turn->len == 0 || (flags & TCP_RST) || reassemble(turn);
	if ((turn->sender->flags & STREAM_DEPTH_REACHED) && !depth_before)
		own = true;
	turn->update[turn->direction] = turn->update[turn->direction] || own;
	turn->update[direction_other(turn->direction)] = turn->update[direction_other(turn->direction)] || other;
	return taken;
}

// Urgent data that drop mode refuses whole (RFC 6093).
static bool is_urgent_refused(const struct turn *turn)
{
	return turn->engine->inline_mode && turn->engine->config->urgent_policy == URGENT_DROP && turn->len > 0 &&
	       (turn->tcp->flags & TCP_URG) && turn->tcp->urgent != 0;
}

static bool turn_run(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	// RFC 9293 3.1: the field is 0 when the flag is not set; a number there is for stacks that take it anyhow
	if (!(turn->tcp->flags & TCP_ACK) && turn->tcp->ack != 0)
		turn_event(turn, STREAM_PKT_BROKEN_ACK);
	if (!session)
		return state_none(turn);
	bool ok = is_aside(turn) || turn_dispatch(turn, (enum tcp_state)session->state);
	if (ok)
		check_after_reset(turn);
	return ok;
}

static void turn_count(struct turn *turn)
{
	uint64_t *counters = turn->engine->counters;
	uint8_t flags = turn->tcp->flags;
	if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		counters[STREAM_COUNT_SYNACK]++;
	else if (flags & TCP_SYN)
		counters[STREAM_COUNT_SYN]++;
	if (flags & TCP_RST)
		counters[STREAM_COUNT_RST]++;
}

static void turn_finish(struct turn *turn)
{
	struct stream_engine *engine = turn->engine;
	struct tcp_session *session = turn->session;
	if (!session)
		return;
	turn->sender->tcp_flags |= turn->tcp->flags;
	// The handshake's last ACK belongs to the session it opens only when it brings data.
	if (session->state >= TCP_ESTABLISHED && turn->packet->payload.len)
		turn->packet->flags |= PACKET_STREAM_EST;
	for (int d = 0; d < 2; d++) {
		// More became visible: who waited for it may look again
		if (turn->update[d]) {
			session->streams[d].flags &= (uint16_t)~STREAM_APP_STALLED;
			turn->result.ready[d] = app_has_news(engine, session, (enum direction)d);
		}
	}
	uint16_t both = session->streams[0].flags & session->streams[1].flags;
	if (engine->config->bypass && (both & STREAM_DEPTH_REACHED))
		turn->result.bypass = true;
}

struct stream_result tcp_session_handle(struct stream_engine *engine, struct packet *packet)
{
	struct tcp_session *session = packet->flow ? packet->flow->tcp : NULL;
	struct turn turn = { .engine = engine,
		.packet = packet,
		.tcp = &packet->tcp,
		.session = session,
		.direction = packet->direction };
	// What a packet is in was so before it.
	if (session && session->state >= TCP_ESTABLISHED)
		packet->flags |= PACKET_STREAM_EST;
	engine->packet = packet;
	engine->current = NULL;
	engine->pending = engine->raw_shown = false;
	engine->current_payload = (struct span) { 0 };
	if (!packet->flow || packet->proto != PROTO_TCP || packet->flow->key.proto != PROTO_TCP)
		return turn.result;
	if (packet->flow->flags & FLOW_BYPASS) {
		packet->flags |= PACKET_NO_INSPECT;
		turn.result.bypass = true;
		return turn.result;
	}
	if (engine->config->checksum_validation && (packet->flags & PACKET_BAD_L4_CHECKSUM)) {
		engine->counters[STREAM_COUNT_INVALID_CHECKSUM]++;
		if (session && session->state >= TCP_ESTABLISHED) // not of the stream, but rules on packets see it
			packet->flags |= PACKET_STREAM_EST;
		return turn.result;
	}
	turn.len = packet->payload.len;
	turn.end = turn.tcp->seq + turn.len;
	if (session) {
		turn.sender = &session->streams[turn.direction];
		turn.receiver = &session->streams[direction_other(turn.direction)];
	}
	if (session)
		session->flags &= ~(uint32_t)SESSION_TURNED;
	turn_count(&turn);
	bool ok = !is_urgent_refused(&turn) && turn_run(&turn);
	if (!ok) {
		turn.result.invalid = true;
		packet->flags |= PACKET_STREAM_INVALID;
		turn.result.drop = turn.result.drop || (engine->inline_mode && engine->config->drop_invalid);
	}
	turn_finish(&turn);
	return turn.result;
}

void tcp_session_swap(struct flow *flow)
{
	struct tcp_session *session = flow->tcp;
	if (!session)
		return;
	struct tcp_stream keep = session->streams[0];
	session->streams[0] = session->streams[1];
	session->streams[1] = keep;
	session->flags ^= SESSION_TURNED;
}

void tcp_session_finish(struct stream_engine *engine, struct flow *flow)
{
	struct tcp_session *session = flow->tcp;
	if (!session)
		return;
	engine->packet = NULL;
	engine->current = NULL;
	session->flags |= SESSION_FINISHED;
	for (int d = 0; d < 2; d++)
		session->streams[d].flags &= (uint16_t)~STREAM_APP_STALLED;
}

void tcp_session_free(struct stream_engine *engine, struct flow *flow)
{
	struct tcp_session *session = flow->tcp;
	if (!session)
		return;
	if (engine->current == session)
		engine->current = NULL;
	for (int d = 0; d < 2; d++)
		buffer_free(engine, &session->streams[d]);
	queue_clear(engine, session);
	pool_give(&engine->sessions, session);
	flow->tcp = NULL;
	engine->counters[STREAM_COUNT_MEMUSE] = engine->sessions.used * sizeof(*session);
}

void tcp_session_summary(const struct flow *flow, struct tcp_summary *out)
{
	*out = (struct tcp_summary) { 0 };
	const struct tcp_session *session = flow->tcp;
	if (!session)
		return;
	out->state = (enum tcp_state)session->state;
	out->midstream = session->flags & SESSION_MIDSTREAM;
	out->async = session->flags & SESSION_ASYNC;
	out->established = session->state >= TCP_ESTABLISHED;
	out->window_scale = session->streams[0].wscale != 0 || session->streams[1].wscale != 0;
	for (int d = 0; d < 2; d++) {
		const struct tcp_stream *stream = &session->streams[d];
		out->flags[d] = stream->tcp_flags;
		out->gap[d] = stream->flags & STREAM_GAP;
		out->stream_bytes[d] = stream->next_seq - stream->isn;
		out->max_regions[d] = stream->regions ? stream->regions : 1;
		out->mss[d] = stream->mss;
	}
}
