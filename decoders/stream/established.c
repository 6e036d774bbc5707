// SPDX-License-Identifier: GPL-3.0-or-later
// Data passes (RFC 9293 3.10.7.4), until one side sends its FIN.
#include "decoders/stream/stream_engine.h"

// A segment that ends before what was acknowledged: only for lost or one-sided traffic that is not simply old.
static bool before_last_ack_is_fine(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *sender = turn->sender;
	bool may_turn_async = turn->engine->config->async_oneside && (session->flags & SESSION_MIDSTREAM);
	if (session->flags & SESSION_ASYNC) {
		sender->last_ack = turn->tcp->seq;
		return true;
	}
	if (may_turn_async && (sender->next_seq == turn->tcp->seq || sender->last_ack == sender->isn + 1)) {
		session->flags |= SESSION_ASYNC;
		sender->last_ack = turn->tcp->seq;
		return true;
	}
	// Acknowledged, but not seen before: packets were lost on the way to us and come late
	return seq_gt(sender->last_ack, sender->next_seq) && seq_gt(turn->end, sender->next_seq);
}

static void advance_next_seq(struct turn *turn)
{
	struct tcp_stream *sender = turn->sender;
	bool next = turn->tcp->seq == sender->next_seq;
	bool reaches_over = seq_lt(turn->tcp->seq, sender->next_seq) && seq_gt(turn->end, sender->next_seq);
	bool behind = seq_lt(sender->next_seq, sender->last_ack);
	if (next || reaches_over || (behind && seq_gt(turn->end, sender->next_seq)))
		sender->next_seq = turn->end;
}

static bool established_ack(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *sender = turn->sender, *receiver = turn->receiver;
	if (!ack_is_valid(turn, receiver)) {
		turn_event(turn, STREAM_EST_INVALID_ACK);
		return false;
	}
	if (seq_gt(turn->tcp->ack, receiver->next_seq) && !(session->flags & SESSION_ASYNC))
		turn->engine->counters[STREAM_COUNT_ACK_UNSEEN_DATA]++;
	bool keepalive = turn->len <= 1 && turn->tcp->seq == sender->next_seq - 1;
	if (!keepalive && !seq_geq(turn->end, sender->last_ack) && !before_last_ack_is_fine(turn)) {
		turn_event(turn, STREAM_EST_PKT_BEFORE_LAST_ACK);
		return false;
	}
	bool window_probe = turn->len == 1 && turn->tcp->seq == sender->next_seq && sender->window == 0;
	bool in_window = seq_leq(turn->end, sender->next_win) || (session->flags & (SESSION_MIDSTREAM | SESSION_ASYNC));
	if (!window_probe)
		advance_next_seq(turn);
	if (!window_probe && !in_window) {
		turn_event(turn, STREAM_EST_PACKET_OUT_OF_WINDOW);
		return false;
	}
	receiver->window = scaled_window(turn);
	update_last_ack(receiver, turn->tcp->ack);
	if ((session->flags & SESSION_ASYNC) && seq_gt(turn->tcp->ack, receiver->next_seq))
		receiver->next_seq = turn->tcp->ack;
	timestamp_update(turn);
	update_next_win(receiver, receiver->last_ack + receiver->window);
	turn_take_data(turn);
	return true;
}

static bool established_synack(struct turn *turn)
{
	enum packet_event event = EVENT_NONE;
	if (turn->direction == TO_SERVER)
		event = STREAM_EST_SYNACK_TOSERVER;
	else if (turn->tcp->ack != turn->receiver->last_ack)
		event = STREAM_EST_SYNACK_RESEND_WITH_DIFFERENT_ACK;
	else if (turn->tcp->seq != turn->sender->isn)
		event = STREAM_EST_SYNACK_RESEND_WITH_DIFF_SEQ;
	else if (turn->session->flags & SESSION_CONFIRMED)
		event = STREAM_EST_SYNACK_RESEND;
	else
		return true; // the server did not get the handshake's last ACK
	turn_event(turn, event);
	return false;
}

static bool established_syn(struct turn *turn)
{
	enum packet_event event = STREAM_EST_SYN_RESEND;
	if (turn->direction == TO_CLIENT)
		event = STREAM_EST_SYN_TOCLIENT;
	else if (turn->tcp->seq != turn->sender->isn)
		event = STREAM_EST_SYN_RESEND_DIFF_SEQ;
	turn_event(turn, event);
	return false;
}

bool handle_fin(struct turn *turn)
{
	struct tcp_stream *sender = turn->sender, *receiver = turn->receiver;
	if (!ack_is_valid(turn, receiver)) {
		turn_event(turn, STREAM_FIN_INVALID_ACK);
		return false;
	}
	if (seq_lt(turn->end, sender->next_seq) || seq_gt(turn->tcp->seq, sender->last_ack + sender->window)) {
		turn_event(turn, STREAM_FIN_OUT_OF_WINDOW);
		return false;
	}
	if (turn->tcp->flags & TCP_SYN) {
		turn_event(turn, STREAM_FIN_SYN);
		return false;
	}
	turn_set_state(turn, turn->direction == TO_SERVER ? TCP_CLOSE_WAIT : TCP_FIN_WAIT1);
	sender->next_seq = turn->end + 1; // the FIN takes one
	receiver->window = scaled_window(turn);
	update_last_ack(receiver, turn->tcp->ack);
	timestamp_update(turn);
	if (seq_lt(receiver->next_seq, turn->tcp->ack))
		receiver->next_seq = turn->tcp->ack; // acknowledged, so sent, though not seen
	turn_take_data(turn);
	return true;
}

bool state_established(struct turn *turn)
{
	uint8_t flags = turn->tcp->flags;
	if (flags & TCP_RST)
		return handle_reset(turn);
	if (flags & TCP_FIN)
		return timestamp_is_valid(turn) && handle_fin(turn);
	if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return established_synack(turn);
	if (flags & TCP_SYN)
		return established_syn(turn);
	if (!(flags & TCP_ACK))
		return true;
	if (!timestamp_is_valid(turn))
		return false;
	if (turn->direction == TO_CLIENT)
		turn->session->flags |= SESSION_CONFIRMED;
	return established_ack(turn);
}
