// SPDX-License-Identifier: GPL-3.0-or-later
// Timestamps (RFC 7323): protection against wrapped sequence numbers, as the receiver's system does it.
#include "decoders/base/clock.h"
#include "decoders/stream/stream_engine.h"

#define PAWS_IDLE_S (24u * 24 * 3600) // after so long without a packet a timestamp says nothing (5.5)

static uint32_t packet_s(const struct turn *turn)
{
	return (uint32_t)(turn->packet->ts_ns / NS_PER_S);
}

// The handshake's timestamp was 0, which systems take differently. False: this packet is not to be compared.
static bool zero_handshake_compares(struct turn *turn, enum tcp_os_policy policy)
{
	switch (policy) {
	case TCP_OS_LINUX:
	case TCP_OS_WINDOWS2K3: turn->session->flags &= ~(uint32_t)SESSION_TIMESTAMP; return false;
	case TCP_OS_OLD_LINUX:
	case TCP_OS_WINDOWS:
	case TCP_OS_VISTA:
		turn->sender->flags &= (uint16_t)~STREAM_ZERO_TS;
		return turn->sender->next_seq != turn->tcp->seq;
	default: return true;
	}
}

static bool zero_is_accepted(enum tcp_os_policy policy)
{
	switch (policy) {
	case TCP_OS_OLD_LINUX:
	case TCP_OS_WINDOWS:
	case TCP_OS_WINDOWS2K3:
	case TCP_OS_VISTA:
	case TCP_OS_SOLARIS: return true;
	default: return false;
	}
}

bool timestamp_is_valid(struct turn *turn)
{
	if (!(turn->session->flags & SESSION_TIMESTAMP) || !(turn->tcp->has & TCP_OPTION_TS))
		return true;
	struct tcp_stream *sender = turn->sender;
	enum tcp_os_policy policy = turn_policy(turn);
	uint32_t ts = turn->tcp->ts_value, now_s = packet_s(turn);
	if ((sender->flags & STREAM_ZERO_TS) && !zero_handshake_compares(turn, policy))
		return true;
	if (policy == TCP_OS_HPUX11 && turn->tcp->seq != sender->next_seq)
		return true;
	if (ts == 0 && zero_is_accepted(policy))
		return true;
	bool valid = ts != 0;
	if (valid) {
		int32_t newer = (int32_t)(ts - sender->last_ts);
		if (policy == TCP_OS_LINUX)
			newer++; // takes one that is a tick behind
		valid = newer >= 0;
	}
	bool idle = sender->last_pkt_s != 0 && now_s > sender->last_pkt_s + PAWS_IDLE_S;
	if (idle && turn->tcp->seq == sender->next_seq) {
		sender->last_ts = ts;
		sender->last_pkt_s = now_s;
		return true;
	}
	if (!valid || (idle && sender->last_ts != 0)) {
		turn_event(turn, STREAM_PKT_INVALID_TIMESTAMP);
		return false;
	}
	return true;
}

void timestamp_update(struct turn *turn)
{
	struct tcp_session *session = turn->session;
	struct tcp_stream *sender = turn->sender;
	if (!(session->flags & SESSION_TIMESTAMP))
		return;
	if (!(turn->tcp->has & TCP_OPTION_TS)) {
		// Solaris stops using the option when the other side does
		if (turn_policy(turn) == TCP_OS_SOLARIS)
			session->flags &= ~(uint32_t)SESSION_TIMESTAMP;
		return;
	}
	// 4.3: only segments that are next in order move it
	bool in_order = seq_leq(turn->tcp->seq, sender->next_seq) && seq_geq(turn->end, sender->next_seq);
	if (in_order && (int32_t)(turn->tcp->ts_value - sender->last_ts) >= 0)
		sender->last_ts = turn->tcp->ts_value;
	sender->last_pkt_s = packet_s(turn);
}
