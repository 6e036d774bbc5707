// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting: a hit is told when it is known what came of it, or at its flow's end.
#include "decoders/app/dns/dns.h"
#include "decoders/app/quic/quic.h"
#include "decoders/base/clock.h"
#include "signatures/reputation/answered.h"
#include "signatures/reputation/reputation_internal.h"
#include "signatures/reputation/reputation_past.h"

static bool is_flow_end(unsigned place)
{
	return place == NAMED_SOURCE || place == NAMED_DESTINATION;
}

// A request that may still be answered. QUIC's transactions are gone with their packets: of them the value is kept.
static enum waiting wait_for_answer(
	struct reputation_worker *worker, const struct inspection *inspection, const struct named *named)
{
	struct flow *flow = inspection->flow;
	enum outcome outcome;
	if (flow->app.parser == &quic_parser) {
		if (inspection->flow_ended || outcome_of_quic(inspection))
			return WAIT_NOT;
		return pending_add(&worker->pending, flow, named, inspection->packet->ts_ns) ? WAIT : WAIT_NO_ROOM;
	}
	if (outcome_of_request(inspection, named->tx, NULL, &outcome))
		return WAIT_NOT;
	struct pending *pending = pending_add_request(&worker->pending, flow, named->tx, inspection->packet->ts_ns);
	if (!pending)
		return WAIT_NO_ROOM;
	outcome_begin(flow, named->tx, pending);
	return WAIT;
}

// Who finds no room is looked up again with each packet (reputation_look_again), until what a packet says is enough: a crowd of scanners must not decide what
// is told of others.
static enum waiting wait_for_flow(
	struct reputation_worker *worker, const struct inspection *inspection, const struct named *named)
{
	struct flow *flow = inspection->flow;
	if (pending_add(&worker->pending, flow, named, inspection->packet->ts_ns))
		return WAIT;
	worker->counters[REPUTATION_COUNT_PENDING_FULL] += inspection->packet->flags & PACKET_FLOW_FIRST ? 1 : 0;
	if (flow->packets[TO_SERVER] + flow->packets[TO_CLIENT] >= PENDING_PACKETS && answered_by_packet(flow))
		return WAIT_NOT;
	flow->lists_seen = 0;
	return WAIT;
}

enum waiting reputation_wait(
	struct reputation_worker *worker, const struct inspection *inspection, const struct named *named)
{
	enum waiting waiting = WAIT_NOT;
	bool question = named->place == NAMED_DNS_QUESTION && named->direction == TO_SERVER;
	if (answered_matters((enum named_place)named->place))
		waiting = wait_for_answer(worker, inspection, named);
	else if (!inspection->flow_ended && is_flow_end(named->place))
		waiting = wait_for_flow(worker, inspection, named);
	else if (!inspection->flow_ended && question)
		waiting = pending_add(&worker->pending, inspection->flow, named, inspection->packet->ts_ns)
				  ? WAIT
				  : WAIT_NO_ROOM;
	if (waiting == WAIT)
		inspection->flow->flags |= FLOW_LISTED;
	worker->counters[REPUTATION_COUNT_PENDING_FULL] += waiting == WAIT_NO_ROOM;
	return waiting;
}

static bool is_idle(const struct reputation_worker *worker, const struct flow *flow)
{
	return worker->passed || !(flow->flags & FLOW_LISTED) || !worker->reputation->store;
}

struct app_tx *reputation_due(struct reputation_worker *worker, const struct inspection *inspection)
{
	struct flow *flow = inspection->flow;
	struct pending *entry;
	unsigned at = 0;
	worker->due.tx = NULL;
	while (!is_idle(worker, flow) && (entry = pending_next(&worker->pending, flow, &at))) {
		struct app_tx *tx = entry->request ? flow->app.tx_first : NULL;
		while (tx && tx->id != entry->tx_id)
			tx = tx->next;
		if (entry->request && !tx) { // freed unseen
			worker->counters[REPUTATION_COUNT_GONE]++;
			pending_drop(entry);
		}
		if (!tx || !outcome_of_request(inspection, tx, entry, &worker->due.outcome))
			continue;
		worker->due.tx = tx;
		worker->due.first_ns = entry->first_ns;
		pending_drop(entry);
		return tx;
	}
	return NULL;
}

static void tell_pending(struct reputation_worker *worker, const struct inspection *inspection,
	struct findings *findings, const struct pending *pending)
{
	struct store_match match;
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
	struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = &named,
		.match = &match,
		.outcome = reputation_outcome_of(inspection, &named, false),
		.first_ns = pending->first_ns };
	if (is_flow_end(pending->place) && pending->about == ABOUT_ALLOWED) {
		reputation_hold_back_beside(worker, &telling);
		return;
	}
	telling.doubtful = is_flow_end(pending->place) && pending->about == ABOUT_UNLISTED;
	telling.bare = is_flow_end(pending->place) && pending->about == ABOUT_NOTHING;
	worker->counters[REPUTATION_COUNT_DOUBTFUL] += telling.doubtful;
	reputation_tell(worker, &telling);
	if (pending->place == NAMED_QUIC_SNI && telling.outcome == OUTCOME_SESSION)
		reputation_told_by_name(worker, inspection->flow);
}

// What waits for a value of entry has it. requests: some of the flow wait, and an address is not told beside its name.
static bool is_due(const struct inspection *inspection, const struct pending *entry, bool requests)
{
	const struct flow *flow = inspection->flow;
	uint64_t packets = flow->packets[TO_SERVER] + flow->packets[TO_CLIENT];
	if (entry->request)
		return false;
	if (is_flow_end(entry->place)) {
		bool known = entry->about == ABOUT_UNLISTED || packets >= PENDING_PACKETS;
		return entry->about == ABOUT_ALLOWED ||
		       (!requests && (inspection->flow_ended || (known && answered_by_packet(flow))));
	}
	return inspection->flow_ended ||
	       (answered_matters((enum named_place)entry->place) && outcome_of_quic(inspection));
}

// Names of QUIC go before the address of their flow: it is not told beside them.
static struct pending *next_due(struct reputation_worker *worker, const struct inspection *inspection)
{
	struct pending *entry, *address = NULL;
	bool requests = false, names = false;
	for (unsigned at = 0; (entry = pending_next(&worker->pending, inspection->flow, &at));) {
		requests |= entry->request;
		names |= answered_matters((enum named_place)entry->place) && !entry->request;
	}
	for (unsigned at = 0; (entry = pending_next(&worker->pending, inspection->flow, &at));) {
		if (!is_due(inspection, entry, requests))
			continue;
		if (!is_flow_end(entry->place))
			return entry;
		address = names ? address : entry;
	}
	return address;
}

void reputation_end(struct reputation_worker *worker, const struct inspection *inspection, struct findings *findings)
{
	struct flow *flow = inspection->flow;
	struct pending *entry, taken;
	if (is_idle(worker, flow))
		return;
	bool dns = flow->app.parser == &dns_parser; // names are about a question, not the flow
	if (!dns)
		reputation_decide_about(worker, (uint32_t)(inspection->packet->ts_ns / NS_PER_S));
	for (unsigned at = 0; (entry = pending_next(&worker->pending, flow, &at));)
		if (worker->about != ABOUT_NOTHING && !dns && entry->about != ABOUT_ALLOWED)
			entry->about = (uint8_t)worker->about;
	while ((entry = next_due(worker, inspection))) {
		taken = *entry;
		pending_drop(entry);
		tell_pending(worker, inspection, findings, &taken);
	}
}

void reputation_told_by_name(struct reputation_worker *worker, const struct flow *flow)
{
	struct pending pending;
	while (flow->flags & FLOW_LISTED && pending_take_any(&worker->pending, flow, INDICATOR_ADDRESS, &pending))
		worker->counters[REPUTATION_COUNT_WITH_NAME]++;
}

void reputation_flow_gone(struct reputation_worker *worker, const struct flow *flow)
{
	struct pending *entry;
	unsigned at = 0;
	while (flow->flags & FLOW_LISTED && (entry = pending_next(&worker->pending, flow, &at))) {
		worker->counters[REPUTATION_COUNT_GONE]++;
		pending_drop(entry);
	}
}
