// SPDX-License-Identifier: GPL-3.0-or-later
// Outcome: what came of what a hit stands for.
#include "decoders/app/http/http.h"
#include "decoders/stream/tcp_session.h"
#include "signatures/reputation/answered.h"
#include "signatures/reputation/reputation_internal.h"

const char *const outcome_names[OUTCOME_SESSION + 1] = {
	[OUTCOME_UNANSWERED] = "unanswered",
	[OUTCOME_INBOUND] = "inbound",
	[OUTCOME_ASKED] = "asked",
	[OUTCOME_SAID] = "said",
	[OUTCOME_SESSION] = "session",
};

// Bytes of a server whose answer could not be read: more than what protocols have around answers, or than the answer of another request's end. TLS and the first
// request of HTTP have nothing but an alert or two.
#define ANSWER_BYTES       64
#define ANSWER_BYTES_LEAST 16

// Did the other side take up what was sent to it? A TCP handshake that the client ended with an acknowledgement (a scanner resets it, or says nothing after it),
// or any datagram back. Where one side only is seen (stream.async-oneside), a client that sends data has had its handshake.
static bool is_session(const struct flow *flow, bool inbound)
{
	struct tcp_summary tcp;
	bool back = answered_by_packet(flow);
	if (!tcp_session_present(flow))
		return flow->key.proto != PROTO_TCP && back && flow->packets[TO_SERVER];
	tcp_session_summary(flow, &tcp);
	if (!back)
		return tcp.async && tcp.established && !inbound && tcp.stream_bytes[TO_SERVER] > 1;
	if (tcp.midstream)
		return flow->packets[TO_SERVER];
	return tcp.established && tcp.flags[TO_SERVER] & TCP_ACK && (!inbound || tcp.stream_bytes[TO_SERVER] > 1);
}

// The listed end came to us.
static bool is_inbound(const struct flow *flow, const struct named *named)
{
	return address_equal(&named->address, &flow->key.src) == !(flow->flags & FLOW_REVERSED);
}

static bool is_one_sided(const struct flow *flow)
{
	return flow->key.proto == PROTO_TCP && !answered_by_packet(flow);
}

static uint64_t bytes_of_server(const struct flow *flow)
{
	struct tcp_summary tcp = { 0 };
	if (tcp_session_present(flow))
		tcp_session_summary(flow, &tcp);
	return tcp.stream_bytes[TO_CLIENT];
}

static bool asks_first(const struct flow *flow, const struct app_tx *tx)
{
	return flow->app.parser == &http_parser && http_asks_first(tx);
}

void outcome_begin(const struct flow *flow, const struct app_tx *tx, struct pending *pending)
{
	pending->server_packets = flow->packets[TO_CLIENT];
	// What came before the first is no answer to another: it is on its way, unread, or the server spoke first
	pending->server_bytes = !tx->id || asks_first(flow, tx) ? 1 : bytes_of_server(flow);
}

// A whole request of HTTP that was acknowledged, after which the server ended the connection in order: it has what it was sent, and wanted no more.
static bool is_taken(const struct flow *flow, const struct app_tx *tx)
{
	struct tcp_summary tcp;
	if (flow->app.parser != &http_parser || tx->progress[TO_SERVER] < HTTP_COMPLETE || !tcp_session_present(flow))
		return false;
	tcp_session_summary(flow, &tcp);
	return (tcp.flags[TO_CLIENT] & (TCP_FIN | TCP_RST)) == TCP_FIN;
}

// Will nothing more be known of tx after this inspection?
static bool is_last(const struct inspection *inspection, const struct app_tx *tx)
{
	const struct app_flow *app = &inspection->flow->app;
	bool ended = inspection->flow_ended && inspection->packet->direction == TO_CLIENT;
	return ended || app->flags & APP_CHANGING || !app->parser || app_tx_done(app->parser, tx);
}

bool outcome_of_request(
	const struct inspection *inspection, const struct app_tx *tx, const struct pending *pending, enum outcome *out)
{
	const struct flow *flow = inspection->flow;
	enum answered answered = tx ? answered_of(flow, tx) : ANSWERED_YES;
	*out = answered == ANSWERED_YES ? OUTCOME_SESSION : OUTCOME_UNANSWERED;
	if (answered != ANSWERED_NOT_YET)
		return true;
	unsigned enough = tx->tls || asks_first(flow, tx) ? ANSWER_BYTES_LEAST : ANSWER_BYTES;
	bool last = is_last(inspection, tx);
	bool spoke = is_one_sided(flow) ||
		     (pending && flow->packets[TO_CLIENT] >= pending->server_packets + PENDING_PACKETS) ||
		     (last && is_taken(flow, tx)) ||
		     (pending && last && bytes_of_server(flow) >= pending->server_bytes + enough);
	if (spoke)
		*out = OUTCOME_SESSION;
	return spoke || last;
}

bool outcome_of_quic(const struct inspection *inspection)
{
	return answered_by_packet(inspection->flow) || answered_by_quic_client(inspection->packet);
}

enum outcome reputation_outcome_of(const struct inspection *inspection, const struct named *named, bool blocked)
{
	const struct flow *flow = inspection->flow;
	enum outcome outcome = OUTCOME_SESSION;
	switch (named->place) {
	case NAMED_SOURCE:
	case NAMED_DESTINATION:
		if (is_session(flow, is_inbound(flow, named)))
			return OUTCOME_SESSION;
		return is_inbound(flow, named) ? OUTCOME_INBOUND : OUTCOME_UNANSWERED;
	case NAMED_DNS_QUESTION:
	case NAMED_DNS_ANSWER:
		return blocked || named->direction == TO_SERVER || named->unanswered ? OUTCOME_UNANSWERED
										     : OUTCOME_ASKED;
	case NAMED_QUIC_SNI:
	case NAMED_QUIC_JA3:
	case NAMED_QUIC_JA4: return !blocked && outcome_of_quic(inspection) ? OUTCOME_SESSION : OUTCOME_UNANSWERED;
	default:
		if (named_is_said((enum named_place)named->place))
			outcome = OUTCOME_SAID;
		else if (!blocked && answered_matters((enum named_place)named->place))
			(void)outcome_of_request(inspection, named->tx, NULL, &outcome);
		return blocked ? OUTCOME_UNANSWERED : outcome;
	}
}
