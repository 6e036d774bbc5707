// SPDX-License-Identifier: GPL-3.0-or-later
// Checking: each value that traffic names is looked up; hits wait for what comes of them, and allow lists win.
#include "decoders/base/clock.h"
#include "signatures/reputation/answered.h"
#include "signatures/reputation/reputation_internal.h"
#include "signatures/reputation/reputation_past.h"
#include "signatures/reputation/reserved.h"

// A host that is allowed takes its URLs with it.
static bool is_host_allowed(
	const struct store *store, const struct named *named, uint32_t now_s, struct store_match *out)
{
	if (named->kind != INDICATOR_URL || !named->url || !named->url->host.len)
		return false;
	if (named->url->host_is_address)
		return store_match_address(store, true, &named->url->address, 0, now_s, out);
	return store_match_domain(store, true, named->url->host, now_s, out);
}

static bool find_allowed(
	const struct reputation *reputation, const struct named *named, uint32_t now_s, struct store_match *out)
{
	return reputation->has_allow && (lookup_find(reputation->store, true, named, now_s, out) ||
						is_host_allowed(reputation->store, named, now_s, out));
}

static bool is_allowed(const struct reputation *reputation, const struct named *named, uint32_t now_s)
{
	struct store_match match;
	return find_allowed(reputation, named, now_s, &match);
}

enum reputation_standing reputation_past_standing(const struct reputation *reputation, const struct named *named,
	uint32_t now_s, struct store_match *listed, struct store_match *allowed)
{
	if (!reputation->store || !lookup_find(reputation->store, false, named, now_s, listed))
		return STANDING_UNLISTED;
	if (listed->entry.confidence < reputation->least_confidence)
		return STANDING_BELOW;
	return find_allowed(reputation, named, now_s, allowed) ? STANDING_ALLOWED : STANDING_LISTED;
}

bool reputation_past_find(
	const struct reputation *reputation, const struct named *named, uint32_t now_s, struct store_match *out)
{
	struct store_match allowed;
	return reputation_past_standing(reputation, named, now_s, out, &allowed) == STANDING_LISTED;
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
	worker->hit_count = worker->beside_count = 0;
	worker->dropping = false;
	worker->met_tx = NULL;
	worker->about = ABOUT_NOTHING;
	worker->about_tx = NULL;
	worker->due.tx = NULL;
	worker->passed = inspection_passed(inspection, findings);
}

static bool is_dropped(const struct reputation_worker *worker, const struct store_match *match)
{
	return match->entry.flags & INDICATOR_DROP && worker->drops_enabled;
}

static bool is_name_of_flow(const struct named *named)
{
	return named->place == NAMED_TLS_SNI || named->place == NAMED_HTTP_HOST || named->place == NAMED_QUIC_SNI ||
	       named->place == NAMED_HTTP_CONNECT || named->place == NAMED_PROXY_TARGET;
}

static bool is_far_end(const struct named *named)
{
	return named->kind == INDICATOR_DOMAIN || named->kind == INDICATOR_URL;
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
	worker->about_tx = named->tx;
	if (answered) {
		worker->about = ABOUT_UNDECIDED;
		worker->about_len =
			(uint8_t)(named->value.len < CANONICAL_NAME_MAX ? named->value.len : CANONICAL_NAME_MAX);
		memcpy(worker->about_name, named->value.data, worker->about_len);
	} else
		worker->about = is_allowed(worker->reputation, named, now_s) ? ABOUT_ALLOWED : ABOUT_UNLISTED;
}

void reputation_decide_about(struct reputation_worker *worker, uint32_t now_s)
{
	struct named name = { .kind = INDICATOR_DOMAIN, .value = span_of(worker->about_name, worker->about_len) };
	if (worker->about == ABOUT_UNDECIDED)
		worker->about = is_allowed(worker->reputation, &name, now_s) ? ABOUT_ALLOWED : ABOUT_UNLISTED;
}

// Sessions to come are to be taken for the name's.
static void give_resolved(
	struct reputation_worker *worker, const struct inspection *inspection, const struct named *named)
{
	const struct flow *flow = inspection->flow;
	struct reputation_resolved resolved = {
		.host = flow->flags & FLOW_REVERSED ? flow->key.dst : flow->key.src,
		.address = named->address,
		.ts_ns = inspection->packet->ts_ns,
		.ttl_s = named->ttl_s,
		.allowed = worker->about == ABOUT_ALLOWED,
		.len = worker->about_len,
	};
	memcpy(resolved.name, worker->about_name, worker->about_len);
	if (worker->resolved.give)
		worker->resolved.give(worker->resolved.context, &resolved);
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
		.outcome = reputation_outcome_of(inspection, named, true) };
	reputation_tell(worker, &telling);
}

// Counted always; told only where somebody wants to see what is held back.
static void hold_back(struct reputation_worker *worker, const struct telling *telling)
{
	struct telling allowed = *telling;
	allowed.allowed = true;
	worker->counters[REPUTATION_COUNT_ALLOWED]++;
	if (worker->reputation->tell_allowed)
		reputation_tell(worker, &allowed);
}

void reputation_hold_back_beside(struct reputation_worker *worker, const struct telling *telling)
{
	const struct named *named = telling->named;
	worker->counters[REPUTATION_COUNT_ALLOWED_NAME]++;
	if (worker->beside_count < BESIDE_MAX) {
		struct named *beside = &worker->beside[worker->beside_count++];
		*beside = (struct named) { .kind = INDICATOR_ADDRESS,
			.place = NAMED_BESIDE_ALLOWED,
			.direction = named->direction,
			.address = named->address,
			.port = named->place == NAMED_SOURCE ? 0 : named->port };
		beside->value = span_of(beside->address.bytes, sizeof(beside->address.bytes));
	}
	hold_back(worker, telling);
}

const struct named *reputation_beside_allowed(const struct reputation_worker *worker, unsigned *count)
{
	*count = worker->beside_count;
	return worker->beside;
}

// A request is answered that waited: what was found in it is told, if it did not act at once.
static void take_due(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings, uint32_t now_s)
{
	struct store_match match;
	if (!answered_matters((enum named_place)named->place) ||
		(named->kind == INDICATOR_ADDRESS && reserved_has(&named->address)) ||
		!reputation_past_find(worker->reputation, named, now_s, &match) || is_dropped(worker, &match))
		return;
	const struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = named,
		.match = &match,
		.outcome = worker->due.outcome,
		.first_ns = worker->due.first_ns };
	reputation_tell(worker, &telling);
	if (is_far_end(named) && telling.outcome == OUTCOME_SESSION)
		reputation_told_by_name(worker, inspection->flow);
}

void reputation_take(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings)
{
	const struct reputation *reputation = worker->reputation;
	struct store_match match;
	uint32_t now_s = (uint32_t)(inspection->packet->ts_ns / NS_PER_S);
	if (worker->passed || !reputation->store)
		return;
	if (named->early) {
		take_early(worker, inspection, named, findings, now_s);
		return;
	}
	if (named->tx && named->tx == worker->due.tx) {
		take_due(worker, inspection, named, findings, now_s);
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
	if (match.entry.confidence < reputation->least_confidence) {
		worker->counters[REPUTATION_COUNT_BELOW]++;
		return;
	}
	bool of_answer = named->resolved;
	bool drop = is_dropped(worker, &match);
	if (of_answer)
		reputation_decide_about(worker, now_s);
	struct telling telling = { .inspection = inspection,
		.findings = findings,
		.named = named,
		.match = &match,
		.outcome = reputation_outcome_of(inspection, named, drop),
		.doubtful = of_answer && worker->about == ABOUT_UNLISTED,
		.bare = named->place == NAMED_SOURCE || named->place == NAMED_DESTINATION };
	if (of_answer && (worker->about == ABOUT_UNLISTED || worker->about == ABOUT_ALLOWED))
		give_resolved(worker, inspection, named);
	if (is_allowed(reputation, named, now_s)) {
		hold_back(worker, &telling);
		return;
	}
	if (of_answer && worker->about == ABOUT_ALLOWED) {
		reputation_hold_back_beside(worker, &telling);
		return;
	}
	if (of_answer && worker->about == ABOUT_LISTED) { // told of with the question
		worker->counters[REPUTATION_COUNT_WITH_NAME]++;
		return;
	}
	if (named->kind == INDICATOR_DOMAIN && worker->about != ABOUT_NOTHING) {
		worker->about = ABOUT_LISTED;
		worker->about_tx = named->tx;
	}
	enum waiting waiting = drop ? WAIT_NOT : reputation_wait(worker, inspection, named);
	if (waiting == WAIT)
		return;
	if (waiting == WAIT_NO_ROOM) // what came of it nobody will know: not taken lightly
		telling.outcome = answered_matters((enum named_place)named->place) ? OUTCOME_SESSION : OUTCOME_ASKED;
	worker->counters[REPUTATION_COUNT_DOUBTFUL] += telling.doubtful;
	reputation_tell(worker, &telling);
	// The flow is told of for what it says itself: its address need not be told too
	if (is_far_end(named) && (telling.outcome == OUTCOME_SESSION || drop))
		reputation_told_by_name(worker, inspection->flow);
}
