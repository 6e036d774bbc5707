// SPDX-License-Identifier: GPL-3.0-or-later
// Checking: each value that traffic names is looked up; hits wait for what comes of them, and allow lists win.
#include "decoders/app/dns/dns.h"
#include "decoders/base/clock.h"
#include "decoders/stream/tcp_session.h"
#include "signatures/reputation/reputation_internal.h"
#include "signatures/reputation/reputation_past.h"
#include "signatures/reputation/reserved.h"

// A host that is allowed takes its URLs with it.
static bool is_host_allowed(const struct store *store, const struct named *named, uint32_t now_s)
{
	struct store_match match;
	if (named->kind != INDICATOR_URL || !named->url || !named->url->host.len)
		return false;
	if (named->url->host_is_address)
		return store_match_address(store, true, &named->url->address, 0, now_s, &match);
	return store_match_domain(store, true, named->url->host, now_s, &match);
}

static bool is_allowed(const struct reputation *reputation, const struct named *named, uint32_t now_s)
{
	struct store_match match;
	return reputation->has_allow && (lookup_find(reputation->store, true, named, now_s, &match) ||
						is_host_allowed(reputation->store, named, now_s));
}

bool reputation_past_find(
	const struct reputation *reputation, const struct named *named, uint32_t now_s, struct store_match *out)
{
	return reputation->store && lookup_find(reputation->store, false, named, now_s, out) &&
	       out->entry.confidence >= reputation->least_confidence && !is_allowed(reputation, named, now_s);
}

static bool is_flow_end(const struct named *named)
{
	return named->place == NAMED_SOURCE || named->place == NAMED_DESTINATION;
}

// Did the other side take up what was sent to it? A TCP handshake that the client ended with an acknowledgement (a scanner resets it, or says nothing after it),
// or any datagram back.
static bool is_session(const struct flow *flow, bool inbound)
{
	struct tcp_summary tcp;
	if (!flow->packets[TO_CLIENT] || !flow->packets[TO_SERVER])
		return false;
	if (!tcp_session_present(flow))
		return flow->key.proto != PROTO_TCP;
	tcp_session_summary(flow, &tcp);
	if (tcp.midstream)
		return true;
	return tcp.established && tcp.flags[TO_SERVER] & TCP_ACK && (!inbound || tcp.stream_bytes[TO_SERVER] > 1);
}

// The listed end came to us.
static bool is_inbound(const struct flow *flow, const struct named *named)
{
	return address_equal(&named->address, &flow->key.src) == !(flow->flags & FLOW_REVERSED);
}

// blocked: it is dropped with what names it, so nobody was answered.
static enum outcome outcome_of(const struct inspection *inspection, const struct named *named, bool blocked)
{
	const struct flow *flow = inspection->flow;
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
	default: return blocked ? OUTCOME_UNANSWERED : OUTCOME_SESSION;
	}
}

void reputation_ahead(const struct reputation_worker *worker, const struct named *named, struct lookup_ahead *ahead)
{
	const struct store *store = worker->reputation->store;
	ahead->asked = false;
	if (store && (named->kind != INDICATOR_ADDRESS || !reserved_has(&named->address)))
		lookup_ahead(store, false, named, ahead);
}

void reputation_begin(
	struct reputation_worker *worker, const struct inspection *inspection, const struct findings *findings)
{
	worker->hit_count = 0;
	worker->dropping = false;
	worker->about = ABOUT_NOTHING;
	worker->about_tx = NULL;
	worker->passed = inspection_passed(inspection, findings);
}

static bool is_dropped(const struct reputation_worker *worker, const struct store_match *match)
{
	return match->entry.flags & INDICATOR_DROP && worker->drops_enabled;
}

// May the hit wait for what comes of it? What is to be dropped may not.
static bool may_wait(const struct reputation_worker *worker, const struct inspection *inspection,
	const struct named *named, const struct store_match *match)
{
	if (inspection->flow_ended || is_dropped(worker, match))
		return false;
	return is_flow_end(named) || (named->place == NAMED_DNS_QUESTION && named->direction == TO_SERVER);
}

static bool is_name_of_flow(const struct named *named)
{
	return named->place == NAMED_TLS_SNI || named->place == NAMED_HTTP_HOST || named->place == NAMED_QUIC_SNI ||
	       named->place == NAMED_HTTP_CONNECT || named->place == NAMED_PROXY_TARGET;
}

// What a flow or an answer is about says how a listed address in it is to be taken: shared hosts and content networks stand behind one address with
// names that nobody lists.
static void note_name(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	uint32_t now_s)
{
	struct pending pending;
	bool answered = named->place == NAMED_DNS_QUESTION && named->direction == TO_CLIENT;
	bool listed = inspection->flow->flags & FLOW_LISTED;
	if (!answered && !(is_name_of_flow(named) && listed))
		return;
	if (answered && listed) // what waited for this answer is looked up with it
		(void)pending_take(&worker->pending, inspection->flow, named, &pending);
	worker->about = is_allowed(worker->reputation, named, now_s) ? ABOUT_ALLOWED : ABOUT_UNLISTED;
	worker->about_tx = named->tx;
}

// Of a message that goes on: only what is to be dropped cannot wait for the rest.
static void take_early(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings, uint32_t now_s)
{
	const struct reputation *reputation = worker->reputation;
	struct store_match match;
	if (!worker->drops_enabled || (named->kind == INDICATOR_ADDRESS && reserved_has(&named->address)) ||
		!lookup_find(reputation->store, false, named, now_s, &match) || !(match.entry.flags & INDICATOR_DROP) ||
		match.entry.confidence < reputation->least_confidence || is_allowed(reputation, named, now_s))
		return;
	const struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = named,
		.match = &match,
		.outcome = outcome_of(inspection, named, true) };
	reputation_tell(worker, &telling);
}

// Counted always; told only where somebody wants to see what is held back.
static void hold_back(struct reputation_worker *worker, const struct inspection *inspection, struct findings *findings,
	const struct named *named, const struct store_match *match)
{
	const struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = named,
		.match = match,
		.outcome = outcome_of(inspection, named, false),
		.allowed = true };
	worker->counters[REPUTATION_COUNT_ALLOWED]++;
	if (worker->reputation->tell_allowed)
		reputation_tell(worker, &telling);
}

void reputation_take(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings)
{
	const struct reputation *reputation = worker->reputation;
	struct flow *flow = inspection->flow;
	struct store_match match;
	uint64_t now_ns = inspection->packet->ts_ns;
	uint32_t now_s = (uint32_t)(now_ns / NS_PER_S);
	if (worker->passed || !reputation->store)
		return;
	if (named->early) {
		take_early(worker, inspection, named, findings, now_s);
		return;
	}
	// A message of a packet that asks nothing itself has no part in what the one before it asked
	if (named->place == NAMED_DNS_ANSWER && named->tx != worker->about_tx)
		worker->about = ABOUT_NOTHING;
	if (named->kind == INDICATOR_DOMAIN)
		note_name(worker, inspection, named, now_s);
	if (named->kind == INDICATOR_ADDRESS && (named->ahead ? !named->ahead->asked : reserved_has(&named->address)))
		return;
	worker->counters[REPUTATION_COUNT_CHECKS]++;
	if (!lookup_find(reputation->store, false, named, now_s, &match))
		return;
	if (match.entry.confidence < reputation->least_confidence)
		return;
	bool of_answer = named->place == NAMED_DNS_ANSWER && named->kind == INDICATOR_ADDRESS;
	if ((of_answer && worker->about == ABOUT_ALLOWED) || is_allowed(reputation, named, now_s)) {
		hold_back(worker, inspection, findings, named, &match);
		return;
	}
	if (of_answer && worker->about == ABOUT_LISTED) { // told of with the question
		worker->counters[REPUTATION_COUNT_SUPPRESSED]++;
		return;
	}
	if (may_wait(worker, inspection, named, &match)) {
		if (pending_add(&worker->pending, flow, named, now_ns)) {
			flow->flags |= FLOW_LISTED;
			return;
		}
		worker->counters[REPUTATION_COUNT_PENDING_FULL]++;
	}
	const struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = named,
		.match = &match,
		.outcome = outcome_of(inspection, named, is_dropped(worker, &match)),
		.doubtful = of_answer && worker->about == ABOUT_UNLISTED };
	worker->counters[REPUTATION_COUNT_DOUBTFUL] += telling.doubtful;
	reputation_tell(worker, &telling);
	if (named->kind == INDICATOR_DOMAIN && worker->about != ABOUT_NOTHING) {
		worker->about = ABOUT_LISTED;
		worker->about_tx = named->tx;
	}
	// The flow is told of for what it says itself: its address need not be told too
	struct pending pending;
	if (named->kind == INDICATOR_DOMAIN || named->kind == INDICATOR_URL)
		while ((telling.outcome == OUTCOME_SESSION || is_dropped(worker, &match)) &&
			flow->flags & FLOW_LISTED &&
			pending_take_any(&worker->pending, flow, INDICATOR_ADDRESS, &pending))
			worker->counters[REPUTATION_COUNT_SUPPRESSED]++;
}

static void tell_pending(struct reputation_worker *worker, const struct inspection *inspection,
	struct findings *findings, const struct pending *pending, enum about about)
{
	struct store_match match;
	bool doubtful = about == ABOUT_UNLISTED;
	struct named named = {
		.kind = pending->kind,
		.place = pending->place,
		.port = pending->port,
		.value = span_of(pending->value, pending->len),
		.direction = TO_SERVER,
	};
	if (pending->kind == INDICATOR_ADDRESS)
		memcpy(named.address.bytes, pending->value, 16);
	// Again: another generation may be at work than the one it was found in
	uint32_t now_s = (uint32_t)(inspection->packet->ts_ns / NS_PER_S);
	if (!reputation_past_find(worker->reputation, &named, now_s, &match))
		return;
	if (about == ABOUT_ALLOWED) {
		hold_back(worker, inspection, findings, &named, &match);
		return;
	}
	worker->counters[REPUTATION_COUNT_DOUBTFUL] += doubtful;
	const struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = &named,
		.match = &match,
		.outcome = outcome_of(inspection, &named, false),
		.first_ns = pending->first_ns,
		.doubtful = doubtful };
	reputation_tell(worker, &telling);
}

void reputation_end(struct reputation_worker *worker, const struct inspection *inspection, struct findings *findings)
{
	struct flow *flow = inspection->flow;
	struct pending pending;
	if (worker->passed || !(flow->flags & FLOW_LISTED) || !worker->reputation->store)
		return;
	uint64_t packets = flow->packets[TO_SERVER] + flow->packets[TO_CLIENT];
	bool dns = worker->about != ABOUT_NOTHING && flow->app.parser == &dns_parser; // about a question, not the flow
	bool named = worker->about != ABOUT_NOTHING && !dns;
	bool known = named || (packets >= PENDING_PACKETS && flow->packets[TO_CLIENT]);
	enum about about = named ? worker->about : ABOUT_NOTHING;
	while ((about == ABOUT_ALLOWED || (known && !inspection->flow_ended)) &&
		pending_take_any(&worker->pending, flow, INDICATOR_ADDRESS, &pending))
		tell_pending(worker, inspection, findings, &pending, about);
	while (inspection->flow_ended && pending_take_any(&worker->pending, flow, INDICATOR_KINDS, &pending))
		tell_pending(worker, inspection, findings, &pending, ABOUT_NOTHING);
}

void reputation_flow_gone(struct reputation_worker *worker, const struct flow *flow)
{
	struct pending pending;
	while (flow->flags & FLOW_LISTED && pending_take_any(&worker->pending, flow, INDICATOR_KINDS, &pending))
		worker->counters[REPUTATION_COUNT_SUPPRESSED]++;
}
