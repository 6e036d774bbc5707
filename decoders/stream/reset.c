// SPDX-License-Identifier: GPL-3.0-or-later
// RST: systems differ in which they heed, and attackers send those that only the watcher would.
#include "decoders/stream/stream_engine.h"

#define TCP_OPTION_MD5 19 // RFC 2385
#define TCP_OPTION_AO  29 // RFC 5925

// Signed segments: whether the receiver takes this reset, we cannot know.
static bool is_signed(const struct packet *packet)
{
	if (!packet->l4 || packet->l4_header_len <= 20)
		return false;
	for (unsigned i = 20; i < packet->l4_header_len && packet->l4[i] != 0;) {
		uint8_t kind = packet->l4[i];
		if (kind == TCP_OPTION_MD5 || kind == TCP_OPTION_AO)
			return true;
		unsigned len = kind == 1 ? 1 : (i + 1 < packet->l4_header_len ? packet->l4[i + 1] : 0);
		if (len == 0)
			return false;
		i += len;
	}
	return false;
}

bool reset_is_valid(struct turn *turn)
{
	struct tcp_stream *sender = turn->sender, *receiver = turn->receiver;
	uint32_t seq = turn->tcp->seq;
	if (!timestamp_is_valid(turn))
		return false;
	if ((turn->tcp->flags & TCP_ACK) && turn->tcp->ack != 0 && !ack_is_valid(turn, receiver)) {
		turn_event(turn, STREAM_RST_INVALID_ACK);
		return false;
	}
	if (is_signed(turn->packet))
		receiver->flags |= STREAM_RST_RECV;
	if (turn->session->flags & SESSION_ASYNC)
		return seq_geq(seq, sender->next_seq);
	// The answer to a SYN: the refused side sent nothing yet, only the acknowledgement counts (RFC 9293 3.10.7.3)
	if (turn->session->state == TCP_SYN_SENT && turn->direction == TO_CLIENT &&
		!(turn->session->flags & SESSION_4WHS))
		return true;
	switch (turn_policy(turn)) {
	case TCP_OS_HPUX11: return seq_geq(seq, sender->next_seq);
	case TCP_OS_OLD_LINUX:
	case TCP_OS_LINUX:
	case TCP_OS_SOLARIS:
		return seq_geq(turn->end, sender->last_ack) && seq_leq(seq, sender->next_seq + sender->window);
	default: return seq == sender->next_seq;
	}
}

void close_by_reset(struct turn *turn)
{
	turn->session->flags |= SESSION_CLOSED_BY_RST;
	turn_set_state(turn, TCP_CLOSED);
}

// What was not acknowledged stays so: whether the other side got it is not known. It shows when the flow ends.
bool handle_reset(struct turn *turn)
{
	struct tcp_stream *sender = turn->sender, *receiver = turn->receiver;
	if (!reset_is_valid(turn))
		return false;
	bool was_open = turn->session->state == TCP_ESTABLISHED;
	close_by_reset(turn);
	if (was_open) {
		sender->next_seq = turn->end;
		sender->window = (uint32_t)turn->tcp->window << sender->wscale;
	}
	if ((turn->tcp->flags & TCP_ACK) && ack_is_valid(turn, receiver))
		update_last_ack(receiver, turn->tcp->ack);
	timestamp_update(turn);
	turn_take_data(turn);
	return true;
}

void check_after_reset(struct turn *turn)
{
	if ((turn->tcp->flags & TCP_RST) || !(turn->receiver->flags & STREAM_RST_RECV))
		return;
	// Who sent the reset goes on sending: somebody else sent it
	turn->receiver->flags &= (uint16_t)~STREAM_RST_RECV;
	turn->session->flags &= ~(uint32_t)SESSION_CLOSED_BY_RST;
	turn_event(turn, STREAM_SUSPECTED_RST_INJECT);
}
