// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/clock.h"
#include "decoders/stream/stream_engine.h"

struct tcp_handshake handshake_of(const struct turn *turn)
{
	return (struct tcp_handshake) {
		.seq = turn->tcp->seq,
		.ack = turn->tcp->ack,
		.window = turn->tcp->window,
		.wscale = turn->tcp->wscale,
		.has_wscale = turn->tcp->has & TCP_OPTION_WSCALE,
		.has_ts = turn->tcp->has & TCP_OPTION_TS,
		.ts = turn->tcp->ts_value,
		.pkt_s = (uint32_t)(turn->packet->ts_ns / NS_PER_S),
	};
}

static bool handshake_same(const struct tcp_handshake *a, const struct tcp_handshake *b)
{
	return a->seq == b->seq && a->ack == b->ack && a->window == b->window && a->has_ts == b->has_ts &&
	       a->ts == b->ts && a->has_wscale == b->has_wscale && a->wscale == b->wscale;
}

static bool queue_add(struct turn *turn, const struct tcp_handshake *one, uint64_t max, enum packet_event flood)
{
	struct tcp_session *session = turn->session;
	for (const struct tcp_handshake *q = session->queue; q; q = q->next)
		if (handshake_same(q, one))
			return true;
	if (session->queue_len >= max) {
		turn_event(turn, flood);
		return false;
	}
	struct tcp_handshake *copy = slab_alloc_raw(turn->engine->slab, sizeof(*copy));
	if (!copy) {
		turn->engine->counters[STREAM_COUNT_MEMCAP_DROP]++;
		return false;
	}
	*copy = *one;
	copy->next = session->queue;
	session->queue = copy;
	session->queue_len++;
	return true;
}

bool queue_syn(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	const struct tcp_stream *client = &session->streams[TO_SERVER], *server = &session->streams[TO_CLIENT];
	struct tcp_handshake one = handshake_of(turn);
	one.ack = 0;
	if (session->queue_len == 0) {
		// What the session was made from goes first, so that it is not lost when another one is answered
		struct tcp_handshake first = { .seq = client->isn,
			.window = server->window,
			.wscale = server->wscale,
			.has_wscale = session->flags & SESSION_CLIENT_WSCALE,
			.has_ts = client->flags & STREAM_TS,
			.ts = client->last_ts,
			.pkt_s = client->last_pkt_s };
		if (handshake_same(&first, &one))
			return true;
		if (!queue_add(turn, &first, turn->engine->config->max_syn_queued, STREAM_3WHS_SYN_FLOOD))
			return false;
	}
	return queue_add(turn, &one, turn->engine->config->max_syn_queued, STREAM_3WHS_SYN_FLOOD);
}

bool queue_synack(struct turn *turn)
{
	struct tcp_handshake one = handshake_of(turn);
	return queue_add(turn, &one, turn->engine->config->max_synack_queued, STREAM_3WHS_SYNACK_FLOOD);
}

// The SYN that a SYN/ACK answers: by number, and by the timestamp it echoes.
const struct tcp_handshake *queue_find_syn(const struct turn *turn)
{
	const struct tcp_handshake *found = NULL;
	for (const struct tcp_handshake *q = turn->session->queue; q; q = q->next) {
		if (turn->tcp->ack != q->seq + 1)
			continue;
		bool both = q->has_ts && (turn->tcp->has & TCP_OPTION_TS);
		if (both && turn->tcp->ts_echo == q->ts)
			return q;
		if (!both && !found)
			found = q;
	}
	return found;
}

// The SYN/ACK that an ACK answers.
const struct tcp_handshake *queue_find_synack(const struct turn *turn)
{
	for (const struct tcp_handshake *q = turn->session->queue; q; q = q->next) {
		if (turn->tcp->seq != q->ack || turn->tcp->ack != q->seq + 1)
			continue;
		bool both = q->has_ts && (turn->tcp->has & TCP_OPTION_TS);
		if (!both || turn->tcp->ts_echo == q->ts)
			return q;
	}
	return NULL;
}

void queue_clear(struct stream_engine *engine, struct tcp_session *session)
{
	while (session->queue) {
		struct tcp_handshake *next = session->queue->next;
		slab_free(engine->slab, session->queue, sizeof(*session->queue));
		session->queue = next;
	}
	session->queue_len = 0;
}
