// SPDX-License-Identifier: GPL-3.0-or-later
// After the first FIN (RFC 9293 3.6). States are the server's: FIN_WAIT when it closed first, CLOSE_WAIT when the client did.
#include "decoders/stream/stream_engine.h"

static bool refuse(struct turn *turn, enum packet_event event)
{
	turn_event(turn, event);
	return false;
}

// What every accepted packet does in these states.
static bool accept(struct turn *turn, bool retransmission)
{
	struct tcp_stream *sender = turn->sender, *receiver = turn->receiver;
	if (!retransmission)
		receiver->window = scaled_window(turn);
	if (turn->tcp->flags & TCP_ACK)
		update_last_ack(receiver, turn->tcp->ack);
	timestamp_update(turn);
	if ((turn->tcp->flags & TCP_ACK) && seq_lt(receiver->next_seq - 1, turn->tcp->ack))
		receiver->next_seq = turn->tcp->ack; // acknowledged, so sent, though not seen
	if (sender->next_seq == turn->tcp->seq)
		sender->next_seq = turn->end;
	update_next_win(receiver, receiver->last_ack + receiver->window);
	turn_take_data(turn);
	return true;
}

static bool in_window(const struct turn *turn)
{
	return seq_leq(turn->end, turn->sender->next_win) ||
	       (turn->session->flags & (SESSION_MIDSTREAM | SESSION_ASYNC));
}

static bool fin_out_of_window(const struct turn *turn)
{
	const struct tcp_stream *sender = turn->sender;
	return seq_lt(turn->tcp->seq, sender->next_seq) || seq_gt(turn->tcp->seq, sender->last_ack + sender->window);
}

// Is the packet's sequence number the next one, or the one after a FIN it sent?
static bool seq_is_next(const struct turn *turn)
{
	uint32_t seq = turn->tcp->seq, next = turn->sender->next_seq;
	return seq == next || seq == next + 1 || seq == next - 1;
}

// RST and SYN are the same in all these states. True: done, *ok is the answer.
static bool common(struct turn *turn, bool *ok)
{
	if (turn->tcp->flags & TCP_RST) {
		*ok = handle_reset(turn);
		return true;
	}
	if ((turn->tcp->flags & TCP_SYN) && !(turn->tcp->flags & TCP_FIN)) {
		*ok = refuse(turn, STREAM_SHUTDOWN_SYN_RESEND);
		return true;
	}
	*ok = timestamp_is_valid(turn);
	return !*ok;
}

bool state_fin_wait1(struct turn *turn)
{
	bool ok;
	if (common(turn, &ok))
		return ok;
	uint8_t flags = turn->tcp->flags;
	if (!(flags & (TCP_FIN | TCP_ACK)))
		return true;
	bool retransmission = is_retransmission(turn);
	if (flags & TCP_FIN) {
		// The FIN that brought us here, once more
		bool same = turn->end + 1 == turn->sender->next_seq;
		if (!retransmission && !same && fin_out_of_window(turn))
			return refuse(turn, STREAM_FIN1_FIN_WRONG_SEQ);
		if (!ack_is_valid(turn, turn->receiver))
			return refuse(turn, STREAM_FIN1_INVALID_ACK);
		if (!retransmission && !same)
			turn_set_state(turn, flags & TCP_ACK ? TCP_TIME_WAIT : TCP_CLOSING);
		return accept(turn, retransmission || same);
	}
	if (!ack_is_valid(turn, turn->receiver))
		return refuse(turn, STREAM_FIN1_INVALID_ACK);
	bool older = seq_lt(turn->tcp->ack, turn->receiver->next_seq);
	if (!older && !retransmission) {
		if (!in_window(turn))
			return refuse(turn, STREAM_FIN1_ACK_WRONG_SEQ);
		if (turn->tcp->seq == turn->sender->next_seq && turn->direction == TO_SERVER)
			turn_set_state(turn, TCP_FIN_WAIT2);
	}
	return accept(turn, older || retransmission);
}

bool state_fin_wait2(struct turn *turn)
{
	bool ok;
	if (common(turn, &ok))
		return ok;
	uint8_t flags = turn->tcp->flags;
	if (!(flags & (TCP_FIN | TCP_ACK)))
		return true;
	bool retransmission = is_retransmission(turn);
	if (flags & TCP_FIN) {
		if (turn->tcp->seq == turn->sender->next_seq - 1 && turn->tcp->ack == turn->receiver->last_ack)
			retransmission = true;
		if (!retransmission && fin_out_of_window(turn))
			return refuse(turn, STREAM_FIN2_FIN_WRONG_SEQ);
		if (!ack_is_valid(turn, turn->receiver))
			return refuse(turn, STREAM_FIN2_INVALID_ACK);
		if (!retransmission)
			turn_set_state(turn, TCP_TIME_WAIT);
		return accept(turn, retransmission);
	}
	if (!ack_is_valid(turn, turn->receiver))
		return refuse(turn, STREAM_FIN2_INVALID_ACK);
	if (!retransmission && !in_window(turn))
		return refuse(turn, STREAM_FIN2_ACK_WRONG_SEQ);
	return accept(turn, retransmission);
}

bool state_closing(struct turn *turn)
{
	bool ok;
	if (common(turn, &ok))
		return ok;
	if (!(turn->tcp->flags & TCP_ACK) || (turn->tcp->flags & TCP_FIN))
		return true;
	bool retransmission = is_retransmission(turn);
	if (!seq_is_next(turn))
		return refuse(turn, STREAM_CLOSING_ACK_WRONG_SEQ);
	if (!ack_is_valid(turn, turn->receiver))
		return refuse(turn, STREAM_CLOSING_INVALID_ACK);
	if (!retransmission)
		turn_set_state(turn, TCP_TIME_WAIT);
	return accept(turn, retransmission);
}

bool state_close_wait(struct turn *turn)
{
	bool ok;
	if (common(turn, &ok))
		return ok;
	uint8_t flags = turn->tcp->flags;
	const struct tcp_stream *sender = turn->sender;
	if (!(flags & (TCP_FIN | TCP_ACK)))
		return true;
	bool retransmission = is_retransmission(turn);
	if (flags & TCP_FIN) {
		bool same = turn->direction == TO_SERVER && turn->end + 1 == sender->next_seq;
		if (!retransmission && !same && fin_out_of_window(turn))
			return refuse(turn, STREAM_CLOSEWAIT_FIN_OUT_OF_WINDOW);
		if (!ack_is_valid(turn, turn->receiver))
			return refuse(turn, STREAM_CLOSEWAIT_INVALID_ACK);
		if (!retransmission && turn->direction == TO_CLIENT)
			turn_set_state(turn, TCP_LAST_ACK);
		return accept(turn, retransmission || same);
	}
	if (turn->len > 0 && seq_leq(turn->end, sender->last_ack))
		return refuse(turn, STREAM_CLOSEWAIT_PKT_BEFORE_LAST_ACK);
	if (seq_gt(turn->tcp->seq, sender->last_ack + sender->window))
		return refuse(turn, STREAM_CLOSEWAIT_ACK_OUT_OF_WINDOW);
	if (!ack_is_valid(turn, turn->receiver))
		return refuse(turn, STREAM_CLOSEWAIT_INVALID_ACK);
	return accept(turn, retransmission);
}

bool state_last_ack(struct turn *turn)
{
	bool ok;
	if (common(turn, &ok))
		return ok;
	if (!(turn->tcp->flags & TCP_ACK) || (turn->tcp->flags & TCP_FIN) || turn->direction == TO_CLIENT)
		return true;
	if (!ack_is_valid(turn, turn->receiver))
		return refuse(turn, STREAM_LASTACK_INVALID_ACK);
	bool retransmission = is_retransmission(turn);
	bool older = seq_lt(turn->tcp->ack, turn->receiver->next_seq);
	if (!older && !retransmission) {
		if (!seq_is_next(turn))
			return refuse(turn, STREAM_LASTACK_ACK_WRONG_SEQ);
		turn_set_state(turn, TCP_CLOSED);
	}
	return accept(turn, older || retransmission);
}

bool state_time_wait(struct turn *turn)
{
	bool ok;
	if (common(turn, &ok))
		return ok;
	if (!(turn->tcp->flags & TCP_ACK) || (turn->tcp->flags & TCP_FIN))
		return true;
	bool retransmission = is_retransmission(turn);
	if (!retransmission && !seq_is_next(turn)) {
		if (turn->direction == TO_CLIENT && turn->len > 0 && turn->tcp->seq == turn->sender->last_ack)
			return true;
		return refuse(turn, STREAM_TIMEWAIT_ACK_WRONG_SEQ);
	}
	if (!ack_is_valid(turn, turn->receiver))
		return refuse(turn, STREAM_TIMEWAIT_INVALID_ACK);
	if (!retransmission)
		turn_set_state(turn, TCP_CLOSED);
	return accept(turn, retransmission);
}

// A reset against one side only: if that side's peer goes on, the reset was not real, or not heeded.
bool state_closed(struct turn *turn)
{
	if (turn->tcp->flags & TCP_RST)
		return true;
	if ((turn->sender->flags & STREAM_RST_RECV) || !(turn->receiver->flags & STREAM_RST_RECV))
		return true;
	struct tcp_session *session = turn->session;
	enum tcp_state before = (enum tcp_state)session->previous;
	if (!turn_dispatch(turn, before))
		return false;
	if (session->state == TCP_CLOSED)
		turn_set_state(turn, before);
	return true;
}
