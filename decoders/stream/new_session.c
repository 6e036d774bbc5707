// SPDX-License-Identifier: GPL-3.0-or-later
// First packet of a session: a SYN, or whatever midstream and async settings allow to start from.
#include "decoders/base/clock.h"
#include "decoders/stream/stream_engine.h"

static struct tcp_session *session_new(struct turn *turn)
{
	struct stream_engine *engine = turn->engine;
	if (turn->session)
		return turn->session;
	struct tcp_session *session = NULL;
	if ((engine->sessions.used + 1) * sizeof(*session) <= engine->memcap_bytes)
		session = pool_take(&engine->sessions);
	if (!session) {
		engine->counters[STREAM_COUNT_MEMCAP_DROP]++;
		return NULL;
	}
	engine->counters[STREAM_COUNT_SESSIONS]++;
	engine->counters[STREAM_COUNT_MEMUSE] = engine->sessions.used * sizeof(*session);
	turn->session = session;
	turn->packet->flow->tcp = session;
	turn->sender = &session->streams[turn->direction];
	turn->receiver = &session->streams[direction_other(turn->direction)];
	return session;
}

void stream_set_isn(struct tcp_stream *stream, uint32_t isn)
{
	stream->isn = isn;
	stream->base_seq = isn + 1;
	stream->last_ack = stream->next_win =
		isn + 1; // nothing acknowledged yet: 0 would be ahead of half of all numbers
}

static void start_timestamps(struct turn *turn)
{
	if (!(turn->tcp->has & TCP_OPTION_TS))
		return;
	turn->session->flags |= SESSION_TIMESTAMP;
	turn->sender->last_ts = turn->tcp->ts_value;
	turn->receiver->last_ts = turn->tcp->ts_echo;
	turn->sender->last_pkt_s = (uint32_t)(turn->packet->ts_ns / NS_PER_S);
	turn->sender->flags |= turn->sender->last_ts == 0 ? STREAM_ZERO_TS : 0;
	turn->receiver->flags |= turn->receiver->last_ts == 0 ? STREAM_ZERO_TS : 0;
}

// What a policy does to packet and flow.
static const struct {
	enum stream_counter counter;
	uint32_t flow_flags, packet_flags;
	bool drop, bypass;
} midstream_actions[] = {
	[MIDSTREAM_IGNORE] = { STREAM_COUNT_MIDSTREAM_IGNORE, 0, 0, false, false },
	[MIDSTREAM_PASS_FLOW] = { STREAM_COUNT_MIDSTREAM_PASS_FLOW, FLOW_PASSED, PACKET_NO_INSPECT, false, false },
	[MIDSTREAM_PASS_PACKET] = { STREAM_COUNT_MIDSTREAM_PASS_PACKET, 0, PACKET_NO_INSPECT, false, false },
	[MIDSTREAM_DROP_FLOW] = { STREAM_COUNT_MIDSTREAM_DROP_FLOW, FLOW_DROPPED, PACKET_DROPPED | PACKET_NO_INSPECT,
		true, false },
	[MIDSTREAM_DROP_PACKET] = { STREAM_COUNT_MIDSTREAM_DROP_PACKET, 0, PACKET_DROPPED | PACKET_NO_INSPECT, true,
		false },
	[MIDSTREAM_BYPASS] = { STREAM_COUNT_MIDSTREAM_BYPASS, FLOW_BYPASS, PACKET_NO_INSPECT, false, true },
	[MIDSTREAM_REJECT] = { STREAM_COUNT_MIDSTREAM_REJECT, FLOW_DROPPED | FLOW_REJECTED,
		PACKET_DROPPED | PACKET_REJECTED | PACKET_NO_INSPECT, true, false },
};

// Applies stream.midstream-policy to a packet without session. True: the policy is not to follow the session. A flow that passes is
// still followed for its events, when sessions may be picked up.
static bool is_midstream_refused(struct turn *turn)
{
	int policy = turn->engine->midstream_policy;
	turn->engine->counters[midstream_actions[policy].counter]++;
	turn->packet->flags |= midstream_actions[policy].packet_flags;
	struct flow *flow = turn->packet->flow;
	flow->flags |= midstream_actions[policy].flow_flags | FLOW_MIDSTREAM_POLICY;
	turn->result.drop = turn->result.drop || midstream_actions[policy].drop;
	if (midstream_actions[policy].bypass) {
		turn->result.bypass = true;
		flow_table_set_state(turn->engine->flows, flow, FLOW_BYPASSED);
	}
	return policy != MIDSTREAM_IGNORE && (policy != MIDSTREAM_PASS_FLOW || !turn->engine->config->midstream);
}

// A session that is under way: the packet's sender is taken for the client.
static bool pick_up(struct turn *turn, enum tcp_state state)
{
	if (!turn->engine->config->midstream)
		return false;
	struct tcp_session *session = session_new(turn);
	if (!session)
		return false;
	turn->engine->counters[STREAM_COUNT_MIDSTREAM_PICKUPS]++;
	session->flags = SESSION_MIDSTREAM | (turn->engine->config->async_oneside ? SESSION_ASYNC : 0);
	struct tcp_stream *client = turn->sender, *server = turn->receiver;
	client->wscale = server->wscale = TCP_WSCALE_MAX;
	stream_set_isn(client, turn->tcp->seq - 1);
	client->next_seq = turn->end + (state == TCP_FIN_WAIT1 ? 1 : 0);
	client->window = (uint32_t)turn->tcp->window << client->wscale;
	client->last_ack = turn->tcp->seq;
	client->next_win = client->last_ack + client->window;
	stream_set_isn(server, turn->tcp->ack - 1);
	server->next_seq = server->isn + 1;
	server->last_ack = turn->tcp->ack;
	server->window = client->window; // the only one known yet
	server->next_win = server->last_ack + server->window;
	start_timestamps(turn);
	turn_set_state(turn, state);
	turn_take_data(turn);
	return true;
}

static bool pick_up_synack(struct turn *turn)
{
	struct stream_engine *engine = turn->engine;
	if (is_midstream_refused(turn))
		return true;
	if (!engine->config->midstream && !engine->config->async_oneside)
		return true;
	// Its sender is the server
	flow_swap_direction(turn->packet->flow);
	turn->packet->direction = turn->direction = direction_other(turn->direction);
	turn->result.swapped = true;
	struct tcp_session *session = session_new(turn);
	if (!session)
		return false;
	engine->counters[STREAM_COUNT_MIDSTREAM_PICKUPS]++;
	session->flags |=
		SESSION_MIDSTREAM | SESSION_MIDSTREAM_SYNACK | (engine->config->async_oneside ? SESSION_ASYNC : 0);
	turn_set_state(turn, TCP_SYN_RECV);
	struct tcp_stream *client = turn->receiver, *server = turn->sender;
	stream_set_isn(server, turn->tcp->seq);
	server->next_seq = server->isn + 1;
	server->last_ack = server->next_seq;
	server->window = turn->tcp->window;
	stream_set_isn(client, turn->tcp->ack - 1);
	client->next_seq = client->isn + 1;
	client->last_ack = turn->tcp->ack;
	client->window = turn->tcp->window;
	client->next_win = client->last_ack + client->window;
	server->next_win = server->last_ack + server->window;
	if (turn->tcp->has & TCP_OPTION_WSCALE) {
		client->wscale = turn->tcp->wscale > TCP_WSCALE_MAX ? TCP_WSCALE_MAX : turn->tcp->wscale;
		server->wscale = TCP_WSCALE_MAX;
	}
	server->mss = turn->tcp->has & TCP_OPTION_MSS ? turn->tcp->mss : 0;
	start_timestamps(turn);
	return true;
}

static bool start_at_syn(struct turn *turn)
{
	struct tcp_session *session = session_new(turn);
	if (!session)
		return false;
	turn_set_state(turn, TCP_SYN_SENT);
	if (turn->engine->config->async_oneside)
		session->flags |= SESSION_ASYNC;
	struct tcp_stream *client = turn->sender, *server = turn->receiver;
	stream_set_isn(client, turn->tcp->seq);
	client->next_seq = client->isn + 1;
	if (turn->tcp->has & TCP_OPTION_TS) {
		client->last_ts = turn->tcp->ts_value;
		client->last_pkt_s = (uint32_t)(turn->packet->ts_ns / NS_PER_S);
		client->flags |= STREAM_TS | (client->last_ts == 0 ? STREAM_ZERO_TS : 0);
	}
	server->window = turn->tcp->window;
	if (turn->tcp->has & TCP_OPTION_WSCALE) {
		session->flags |= SESSION_CLIENT_WSCALE;
		server->wscale = turn->tcp->wscale > TCP_WSCALE_MAX ? TCP_WSCALE_MAX : turn->tcp->wscale;
	}
	client->mss = turn->tcp->has & TCP_OPTION_MSS ? turn->tcp->mss : 0;
	if (turn->tcp->has & TCP_OPTION_TFO) {
		session->flags |= SESSION_TFO;
		if (turn->len) {
			client->next_seq += turn->len;
			turn_take_data(turn);
		}
	}
	return true;
}

bool state_none(struct turn *turn)
{
	uint8_t flags = turn->tcp->flags;
	if (flags & TCP_RST) {
		turn_event(turn, STREAM_RST_BUT_NO_SESSION);
		return false;
	}
	if (flags & TCP_FIN) {
		bool refused = is_midstream_refused(turn);
		if (refused || !turn->engine->config->midstream || turn->len == 0) {
			turn_event(turn, STREAM_FIN_BUT_NO_SESSION);
			return refused;
		}
		return pick_up(turn, TCP_FIN_WAIT1);
	}
	if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return pick_up_synack(turn);
	if (flags & TCP_SYN)
		return start_at_syn(turn);
	if ((flags & TCP_ACK) && !is_midstream_refused(turn) && turn->engine->config->midstream)
		return pick_up(turn, TCP_ESTABLISHED);
	return true;
}
