// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a connection (RFC 9293 3.5), with simultaneous open, fast open (RFC 7413), and what attackers do to hide in it.
#include "decoders/base/clock.h"
#include "decoders/stream/stream_engine.h"

static uint8_t wscale_of(uint8_t wscale)
{
	return wscale > TCP_WSCALE_MAX ? TCP_WSCALE_MAX : wscale;
}

// After a handshake in midstream: window scales are not known, the largest is assumed.
static void midstream_windows(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *client = &session->streams[TO_SERVER], *server = &session->streams[TO_CLIENT];
	if (!(session->flags & SESSION_MIDSTREAM))
		return;
	client->window = (uint32_t)turn->tcp->window << client->wscale;
	client->next_win = client->last_ack + client->window;
	server->next_win = server->last_ack + server->window;
	if (!(session->flags & SESSION_MIDSTREAM_SYNACK))
		client->wscale = server->wscale = TCP_WSCALE_MAX;
}

// The numbers of the SYN/ACK that counts.
static void apply_synack(struct turn *turn, const struct tcp_handshake *synack)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *client = &session->streams[TO_SERVER], *server = &session->streams[TO_CLIENT];
	turn_set_state(turn, TCP_SYN_RECV);
	stream_set_isn(server, synack->seq);
	server->next_seq = server->isn + 1;
	client->window = synack->window;
	if (synack->has_ts && (client->flags & STREAM_TS)) {
		session->flags |= SESSION_TIMESTAMP;
		server->last_ts = synack->ts;
		server->last_pkt_s = synack->pkt_s;
		if (server->last_ts == 0)
			server->flags |= STREAM_ZERO_TS;
	} else {
		client->last_ts = server->last_ts = 0;
		client->flags &= (uint16_t)~STREAM_ZERO_TS;
	}
	client->last_ack = synack->ack;
	server->last_ack = server->isn + 1;
	bool scaled = (session->flags & SESSION_CLIENT_WSCALE) && synack->has_wscale;
	client->wscale = scaled ? wscale_of(synack->wscale) : 0;
	if (!scaled)
		server->wscale = 0; // RFC 7323 2.2: both or none
	server->next_win = server->last_ack + server->window;
	client->next_win = client->last_ack + client->window;
	session->flags &= ~(uint32_t)SESSION_4WHS;
}

// The client of a simultaneous open answers the server's SYN.
static bool synack_of_4whs(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *client = turn->sender, *server = turn->receiver;
	if (turn->tcp->ack != server->isn + 1) {
		turn_event(turn, STREAM_4WHS_SYNACK_WITH_WRONG_ACK);
		return false;
	}
	if (turn->tcp->seq != client->isn) {
		turn_event(turn, STREAM_4WHS_SYNACK_WITH_WRONG_SYN);
		return false;
	}
	turn_set_state(turn, TCP_SYN_RECV);
	stream_set_isn(client, turn->tcp->seq);
	client->next_seq = client->isn + 1;
	// The server's SYN told the client's window, this one the server's
	client->window = server->window;
	server->window = turn->tcp->window;
	if ((turn->tcp->has & TCP_OPTION_TS) && (server->flags & STREAM_TS)) {
		session->flags |= SESSION_TIMESTAMP;
		client->last_ts = turn->tcp->ts_value;
		client->last_pkt_s = (uint32_t)(turn->packet->ts_ns / NS_PER_S);
		client->flags |= client->last_ts == 0 ? STREAM_ZERO_TS : 0;
	} else {
		client->last_ts = server->last_ts = 0;
		client->flags &= (uint16_t)~STREAM_ZERO_TS;
		server->flags &= (uint16_t)~STREAM_ZERO_TS;
	}
	server->last_ack = turn->tcp->ack;
	client->last_ack = client->isn + 1;
	bool scaled = (session->flags & SESSION_CLIENT_WSCALE) && (turn->tcp->has & TCP_OPTION_WSCALE);
	server->wscale = scaled ? wscale_of(turn->tcp->wscale) : 0;
	client->next_win = client->last_ack + client->window;
	server->next_win = server->last_ack + server->window;
	return true;
}

// Fast open: the server did not take the data of the SYN. The client sends it again, or starts over with a SYN alone; it was sent
// all the same, so it stays, not acknowledged.
static void ignore_syn_data(struct turn *turn, struct tcp_stream *client)
{
	turn_event(turn, STREAM_3WHS_SYNACK_TFO_DATA_IGNORED);
	client->next_seq = client->isn + 1;
	turn->session->flags &= ~(uint32_t)SESSION_TFO;
	turn->session->flags |= SESSION_TFO_IGNORED;
}

static bool synack_in_syn_sent(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *client = turn->receiver, *server = turn->sender;
	if ((session->flags & SESSION_4WHS) && turn->direction == TO_SERVER)
		return synack_of_4whs(turn);
	if (turn->direction == TO_SERVER) {
		turn_event(turn, STREAM_3WHS_SYNACK_IN_WRONG_DIRECTION);
		return false;
	}
	const struct tcp_handshake *syn = session->queue_len ? queue_find_syn(turn) : NULL;
	if (syn && syn->seq != client->isn) {
		stream_set_isn(client, syn->seq);
		client->next_seq = client->isn + 1;
	}
	if (syn) {
		server->window = syn->window;
		server->wscale = syn->has_wscale ? wscale_of(syn->wscale) : 0;
		session->flags = (session->flags & ~(uint32_t)SESSION_CLIENT_WSCALE) |
				 (syn->has_wscale ? SESSION_CLIENT_WSCALE : 0);
		client->last_ts = syn->ts;
		client->last_pkt_s = syn->pkt_s;
		client->flags =
			(uint16_t)((client->flags & ~(STREAM_TS | STREAM_ZERO_TS)) | (syn->has_ts ? STREAM_TS : 0) |
				   (syn->has_ts && syn->ts == 0 ? STREAM_ZERO_TS : 0));
	}
	uint32_t ack = turn->tcp->ack;
	bool fast_open = session->flags & SESSION_TFO;
	if (fast_open && client->next_seq != client->isn + 1 && ack == client->isn + 1) {
		ignore_syn_data(turn, client);
	} else if (ack != (fast_open ? client->next_seq : client->isn + 1)) {
		turn_event(turn, STREAM_3WHS_SYNACK_WITH_WRONG_ACK);
		return false;
	}
	queue_clear(turn->engine, session);
	struct tcp_handshake synack = handshake_of(turn);
	apply_synack(turn, &synack);
	server->mss = turn->tcp->has & TCP_OPTION_MSS ? turn->tcp->mss : 0;
	if ((session->flags & SESSION_TFO) && turn->len) {
		server->next_seq += turn->len;
		turn_take_data(turn);
	}
	return true;
}

static bool syn_in_syn_sent(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	if (turn->direction == TO_SERVER)
		return queue_syn(turn);
	// The server sends a SYN of its own: four (or five) way handshake
	struct tcp_stream *server = turn->sender;
	session->flags |= SESSION_4WHS;
	stream_set_isn(server, turn->tcp->seq);
	server->next_seq = server->isn + 1;
	if (turn->tcp->has & TCP_OPTION_TS) {
		server->last_ts = turn->tcp->ts_value;
		server->last_pkt_s = (uint32_t)(turn->packet->ts_ns / NS_PER_S);
		server->flags |= STREAM_TS | (server->last_ts == 0 ? STREAM_ZERO_TS : 0);
	}
	server->window = turn->tcp->window;
	bool scaled = turn->tcp->has & TCP_OPTION_WSCALE;
	session->flags = (session->flags & ~(uint32_t)SESSION_CLIENT_WSCALE) | (scaled ? SESSION_CLIENT_WSCALE : 0);
	server->wscale = scaled ? wscale_of(turn->tcp->wscale) : 0;
	return true;
}

// The client goes on without an answer that we saw: only its direction passes here.
static bool async_ack_in_syn_sent(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *client = &session->streams[TO_SERVER], *server = &session->streams[TO_CLIENT];
	if (!turn->engine->config->async_oneside)
		return true;
	if (turn->tcp->seq != client->next_seq || turn->direction != TO_SERVER) {
		turn_event(turn, STREAM_3WHS_ASYNC_WRONG_SEQ);
		return false;
	}
	session->flags |= SESSION_ASYNC;
	turn_set_state(turn, TCP_ESTABLISHED);
	client->window = turn->tcp->window;
	client->last_ack = turn->tcp->seq;
	client->next_win = client->last_ack + client->window;
	stream_set_isn(server, turn->tcp->ack - 1);
	server->next_seq = server->isn + 1;
	server->last_ack = server->next_seq;
	server->next_win = server->last_ack;
	if (session->flags & SESSION_CLIENT_WSCALE)
		client->wscale = TCP_WSCALE_MAX;
	if ((turn->tcp->has & TCP_OPTION_TS) && (client->flags & STREAM_TS)) {
		session->flags |= SESSION_TIMESTAMP;
		client->last_pkt_s = (uint32_t)(turn->packet->ts_ns / NS_PER_S);
	} else {
		client->last_ts = 0;
		client->flags &= (uint16_t)~STREAM_ZERO_TS;
	}
	client->next_seq = turn->end;
	return turn_take_data(turn);
}

// What answers a SYN echoes its timestamp (RFC 7323 3.2), or 0 when it does not know it. Anything else is not from who got the SYN. Some
// stacks send the option though the SYN had none: then it says nothing.
static bool echo_is_valid(struct turn *turn)
{
	const struct tcp_stream *client = turn->receiver;
	if (turn->direction == TO_SERVER || !(turn->tcp->has & TCP_OPTION_TS) || turn->tcp->ts_echo == 0)
		return true;
	if (!(client->flags & STREAM_TS) || client->last_ts == 0 || client->last_ts == turn->tcp->ts_echo)
		return true;
	for (const struct tcp_handshake *q = turn->session->queue; q; q = q->next)
		if (q->has_ts && q->ts == turn->tcp->ts_echo)
			return true;
	turn_event(turn, STREAM_PKT_INVALID_TIMESTAMP);
	return false;
}

bool state_syn_sent(struct turn *turn)
{
	uint8_t flags = turn->tcp->flags;
	if (!echo_is_valid(turn))
		return false;
	if (flags & TCP_RST) {
		if (!reset_is_valid(turn))
			return false;
		bool own = turn->direction == TO_SERVER;
		bool same = turn->tcp->seq == turn->sender->isn && turn->tcp->window == 0 &&
			    turn->tcp->ack == turn->sender->isn + 1;
		if (!own || same) {
			turn->receiver->flags |= STREAM_RST_RECV;
			close_by_reset(turn);
		}
		return true;
	}
	if (flags & TCP_FIN)
		return true;
	if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return synack_in_syn_sent(turn);
	if (flags & TCP_SYN)
		return syn_in_syn_sent(turn);
	return flags & TCP_ACK ? async_ack_in_syn_sent(turn) : true;
}

// Moves to established: the receiver's stream was acknowledged, the sender may have brought data.
static bool establish(struct turn *turn, uint32_t next_seq)
{
	timestamp_update(turn);
	update_last_ack(turn->receiver, turn->tcp->ack);
	turn->sender->next_seq = next_seq;
	turn->receiver->window = scaled_window(turn);
	turn->receiver->next_win = turn->receiver->last_ack + turn->receiver->window;
	if (turn->direction == TO_SERVER)
		midstream_windows(turn);
	turn_set_state(turn, TCP_ESTABLISHED);
	turn_take_data(turn);
	return true;
}

static bool ack_of_4whs(struct turn *turn)
{
	if (turn->tcp->seq != turn->sender->next_seq) {
		turn_event(turn, STREAM_4WHS_WRONG_SEQ);
		return false;
	}
	if (!ack_is_valid(turn, turn->receiver)) {
		turn_event(turn, STREAM_4WHS_INVALID_ACK);
		return false;
	}
	return establish(turn, turn->end);
}

// The server may speak first only if we missed the client's ACK, or in fast open. Inline nothing is missed: it is an injection.
static bool server_may_ack(struct turn *turn, bool *missed)
{
	if (turn->session->flags & (SESSION_MIDSTREAM_SYNACK | SESSION_TFO))
		return true;
	if (!turn->engine->inline_mode) {
		*missed = true;
		return true;
	}
	bool fits =
		turn->len > 0 && turn->tcp->ack == turn->receiver->last_ack && turn->tcp->seq == turn->sender->next_seq;
	turn_event(turn, fits ? STREAM_3WHS_ACK_DATA_INJECT : STREAM_3WHS_ACK_IN_WRONG_DIR);
	return false;
}

static bool ack_in_syn_recv(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *client = &session->streams[TO_SERVER], *server = &session->streams[TO_CLIENT];
	if (session->queue_len) {
		const struct tcp_handshake *synack = queue_find_synack(turn);
		if (synack)
			apply_synack(turn, synack);
	}
	if (!timestamp_is_valid(turn))
		return false;
	bool to_client = turn->direction == TO_CLIENT, missed = false;
	if ((session->flags & SESSION_4WHS) && to_client)
		return ack_of_4whs(turn);
	if (to_client && !server_may_ack(turn, &missed))
		return false;
	uint32_t seq = turn->tcp->seq, ack = turn->tcp->ack;
	if (!to_client && seq == client->next_seq && ack == server->next_seq)
		return establish(turn, turn->end);
	if (turn->engine->config->async_oneside && seq == server->next_seq) {
		session->flags |= SESSION_ASYNC;
		return establish(turn, turn->end);
	}
	if (!to_client && seq == client->next_seq) {
		// The server will answer with a RST, which some systems do not heed: a way to make others lose the session
		session->flags |= SESSION_EVASION;
		turn_event(turn, STREAM_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION);
		return false;
	}
	// What follows was sent after packets that we missed
	if (to_client && !turn->engine->inline_mode && seq_gt(ack, client->next_seq) && seq_gt(seq, server->next_seq))
		return establish(turn, turn->end);
	if (!to_client && seq_gt(seq, client->next_seq) && seq_leq(seq, client->next_win) && ack == server->next_seq)
		return establish(turn, turn->end);
	if (to_client && (missed || (session->flags & SESSION_TFO)) && ack == client->last_ack &&
		seq == server->next_seq)
		return establish(turn, turn->end);
	turn_event(turn, STREAM_3WHS_WRONG_SEQ_WRONG_ACK);
	return false;
}

static bool synack_in_syn_recv(struct turn *turn)
{
	if (turn->direction == TO_SERVER) {
		turn_event(turn, STREAM_3WHS_SYNACK_TOSERVER_ON_SYN_RECV);
		return false;
	}
	if (turn->tcp->ack != turn->receiver->last_ack) {
		turn_event(turn, STREAM_3WHS_SYNACK_RESEND_WITH_DIFFERENT_ACK);
		return false;
	}
	return turn->tcp->seq == turn->sender->isn || queue_synack(turn);
}

static bool reset_in_syn_recv(struct turn *turn)
{
	if (!reset_is_valid(turn))
		return false;
	enum tcp_os_policy policy = turn_policy(turn);
	bool heedless = policy == TCP_OS_LINUX || policy == TCP_OS_OLD_LINUX || policy == TCP_OS_SOLARIS;
	if ((turn->session->flags & SESSION_EVASION) && heedless)
		return true;
	close_by_reset(turn);
	timestamp_update(turn);
	return true;
}

bool state_syn_recv(struct turn *turn)
{
	uint8_t flags = turn->tcp->flags;
	if (flags & TCP_RST)
		return reset_in_syn_recv(turn);
	if (flags & TCP_FIN)
		return timestamp_is_valid(turn) && handle_fin(turn);
	if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return synack_in_syn_recv(turn);
	if (flags & TCP_SYN) {
		if (turn->direction == TO_CLIENT || turn->tcp->seq != turn->sender->isn) {
			turn_event(turn, turn->direction == TO_CLIENT ? STREAM_3WHS_SYN_TOCLIENT_ON_SYN_RECV
								      : STREAM_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV);
			return false;
		}
		return true;
	}
	return flags & TCP_ACK ? ack_in_syn_recv(turn) : true;
}
