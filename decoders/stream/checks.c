// SPDX-License-Identifier: GPL-3.0-or-later
// Checks of sequence numbers, acknowledgements and windows (RFC 9293 3.10.7.4, as lenient as the field is).
#include "decoders/stream/stream_engine.h"

bool ack_is_valid(struct turn *turn, const struct tcp_stream *stream)
{
	uint32_t ack = turn->tcp->ack;
	if (!(turn->tcp->flags & TCP_ACK) || ack == stream->last_ack)
		return true;
	if (seq_gt(ack, stream->last_ack) && seq_leq(ack, stream->next_win))
		return true;
	if (seq_lt(ack, stream->last_ack)) {
		// Old, but not older than a window
		if (stream->window == 0 || seq_geq(ack, stream->last_ack - stream->window))
			return true;
	} else if (turn->session->flags & (SESSION_ASYNC | SESSION_LOSSY)) {
		return true;
	} else if (turn->session->state == TCP_SYN_SENT && turn->direction == TO_CLIENT &&
		   (turn->tcp->flags & TCP_RST) && ack == stream->isn + 1) {
		return true; // a refused SYN: there is no window yet
	}
	turn_event(turn, STREAM_PKT_INVALID_ACK);
	return false;
}

void update_last_ack(struct tcp_stream *stream, uint32_t ack)
{
	if (seq_gt(ack, stream->last_ack))
		stream->last_ack = ack;
}

void update_next_win(struct tcp_stream *stream, uint32_t right)
{
	if (seq_gt(right, stream->next_win))
		stream->next_win = right;
}

// Payload whose end was seen before, acknowledged or still on its way.
bool is_retransmission(struct turn *turn)
{
	if (turn->len == 0)
		return false;
	const struct tcp_stream *sender = turn->sender;
	bool acked_in_part = seq_lt(turn->tcp->seq, sender->last_ack) && seq_gt(turn->end, sender->last_ack);
	if (!acked_in_part && !seq_leq(turn->end, sender->last_ack) && !seq_leq(turn->end, sender->next_seq))
		return false;
	turn_event(turn, STREAM_PKT_RETRANSMISSION);
	return true;
}

static bool is_control(const struct turn *turn)
{
	return (turn->tcp->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0;
}

// RFC 9293 3.8.4: no byte or a stale one, just before what is next.
bool is_keepalive(struct turn *turn)
{
	if (turn->len > 1 || is_control(turn))
		return false;
	if (turn->tcp->ack != turn->receiver->last_ack || turn->tcp->seq != turn->sender->next_seq - 1)
		return false;
	turn->sender->flags |= STREAM_KEEPALIVE;
	return true;
}

bool is_keepalive_answer(struct turn *turn)
{
	if (turn->len > 0 || is_control(turn) || turn->tcp->window == 0 ||
		scaled_window(turn) != turn->receiver->window)
		return false;
	if (!(turn->receiver->flags & STREAM_KEEPALIVE) || turn->tcp->ack != turn->receiver->last_ack ||
		turn->tcp->seq != turn->sender->next_seq)
		return false;
	turn->receiver->flags &= (uint16_t)~STREAM_KEEPALIVE;
	return true;
}

bool is_window_update(const struct turn *turn)
{
	if (turn->session->state < TCP_ESTABLISHED || turn->len > 0 || is_control(turn) || turn->tcp->window == 0)
		return false;
	return scaled_window(turn) != turn->receiver->window && turn->tcp->ack == turn->receiver->last_ack &&
	       turn->tcp->seq == turn->sender->next_seq;
}

// The ACK of the other side's FIN, by a side that sent its own.
bool is_fin_shutdown_ack(const struct turn *turn)
{
	if (turn->session->state != TCP_TIME_WAIT && turn->session->state != TCP_CLOSE_WAIT &&
		turn->session->state != TCP_LAST_ACK)
		return false;
	if (turn->tcp->flags != TCP_ACK || turn->len > 0)
		return false;
	uint32_t seq = turn->tcp->seq, ack = turn->tcp->ack;
	return (seq == turn->sender->next_seq || seq == turn->sender->next_seq + 1) &&
	       (ack == turn->receiver->next_seq || ack == turn->receiver->next_seq + 1);
}

// A window that shrinks by more than was sent, for data nobody saw: meant to confuse who watches.
bool is_bad_window_update(struct turn *turn)
{
	if (turn->session->state < TCP_ESTABLISHED || turn->session->state == TCP_CLOSED || is_control(turn))
		return false;
	uint32_t window = scaled_window(turn);
	if (window >= turn->receiver->window || turn->receiver->window - window <= turn->len)
		return false;
	if (!seq_gt(turn->tcp->ack, turn->receiver->next_seq) || !seq_gt(turn->tcp->seq, turn->sender->next_seq))
		return false;
	turn_event(turn, STREAM_PKT_BAD_WINDOW_UPDATE);
	return true;
}

// No data, and what it says was said since.
bool is_outdated_ack(const struct turn *turn)
{
	if (turn->session->state < TCP_ESTABLISHED || turn->len > 0 || turn->tcp->flags != TCP_ACK)
		return false;
	return seq_lt(turn->tcp->seq, turn->sender->last_ack) && seq_lt(turn->tcp->ack, turn->receiver->last_ack);
}

// Data the receiver acknowledged and every consumer is past.
bool is_spurious_retransmission(struct turn *turn)
{
	if (turn->session->state < TCP_ESTABLISHED || turn->len == 0 || is_control(turn))
		return false;
	const struct tcp_stream *sender = turn->sender;
	if (!seq_leq(turn->end, sender->last_ack) || !seq_leq(turn->end, sender->base_seq))
		return false;
	turn_event(turn, STREAM_PKT_SPURIOUS_RETRANSMISSION);
	return true;
}
