// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on transactions: each transaction is looked at as it progresses, in the direction of the packet; a rule that met some of its
// conditions is kept on the transaction until the rest can be told.
#include "signatures/engine/worker.h"

#define BOTH_DIRECTIONS 2 // a rule's state direction when it is over both

struct pass {
	struct engine_worker *worker;
	struct app_tx *tx;
	const struct tx_group *group;
	uint8_t progress;
	bool done;  // the direction is complete
	bool final; // nothing more will come: a condition that does not hold never will
};

static void scan_engine(struct pass *pass, const struct tx_engine *engine)
{
	struct engine_worker *worker = pass->worker;
	bool multi = worker->engine->plans.keys[engine->key].field->flags & FIELD_MULTI;
	struct field_value value;
	for (unsigned i = 0;; i++) {
		enum value_state state = value_get(worker, engine->key, i, &value);
		if (state == VALUE_ABSENT)
			return;
		if (state == VALUE_THERE)
			scan_literals(worker, engine->prefilter, value.data, value.offset, &worker->tx_rules);
		if (!multi)
			return;
	}
}

static void collect(struct pass *pass)
{
	struct engine_worker *worker = pass->worker;
	const struct tx_state *state = pass->tx->inspect;
	uint8_t next = state ? state->next_progress[worker->direction] : 0;
	for (uint32_t i = 0; i < pass->group->count; i++) {
		const struct tx_engine *engine = &pass->group->engines[i];
		if (engine->progress > pass->progress)
			break;
		if (engine->events ? pass->tx->events == 0 : engine->progress < next)
			continue;
		if (engine->prefilter)
			scan_engine(pass, engine);
		for (uint32_t r = 0; r < engine->count; r++)
			candidates_add(&worker->tx_rules, engine->rules[r]);
	}
	for (uint32_t i = 0; i < worker->payload_tx_count; i++)
		if (plan_fits_tx(&worker->engine->plans, &worker->engine->plans.plans[worker->payload_tx[i]],
			    (enum app_proto)worker->now->flow->app.proto, worker->direction))
			candidates_add(&worker->tx_rules, worker->payload_tx[i]);
	for (unsigned i = 0; state && i < state->count; i++)
		if (!state->rules[i].done && (state->rules[i].direction == worker->direction ||
						     state->rules[i].direction == BOTH_DIRECTIONS))
			candidates_add(&worker->tx_rules, state->rules[i].rule);
}

enum outcome { OUTCOME_MATCH, OUTCOME_NEVER, OUTCOME_LATER };

// Over both directions: when the answer is looked at, the request is there as well. Values are read anew, since the direction is part of them.
static enum answer ask_other_direction(struct pass *pass, const struct plan *plan, const struct condition *condition)
{
	struct engine_worker *worker = pass->worker;
	enum direction direction = worker->direction;
	worker->direction = direction_other(direction);
	worker->value_stamp++;
	enum answer answer = condition_holds(worker, plan, condition);
	worker->value_stamp++;
	worker->direction = direction;
	return answer;
}

// A condition of the request of a rule over both directions, asked for while the answer is looked at. False: not one of those.
static bool try_request(
	struct pass *pass, const struct plan *plan, const struct condition *condition, uint64_t *matched, uint64_t bit)
{
	struct engine_worker *worker = pass->worker;
	uint8_t progress;
	if (!(plan->rule->flags & RULE_TX_BIDIRECTIONAL) || worker->direction != TO_CLIENT ||
		!condition_readable(&worker->engine->plans, plan->rule, condition,
			(enum app_proto)worker->now->flow->app.proto, TO_SERVER, &progress) ||
		pass->tx->progress[TO_SERVER] < progress)
		return false;
	if (ask_other_direction(pass, plan, condition) == ANSWER_YES)
		*matched |= bit;
	return true;
}

// Looks at the conditions that have not been met. matched: a bit each.
static enum outcome try_conditions(struct pass *pass, const struct plan *plan, uint64_t *matched)
{
	struct engine_worker *worker = pass->worker;
	enum app_proto proto = (enum app_proto)worker->now->flow->app.proto;
	bool later = false;
	for (unsigned i = 0; i < plan->tx_count; i++) {
		const struct condition *condition = &plan->tx_conditions[i];
		uint8_t progress;
		if (*matched >> i & 1)
			continue;
		if (!condition_readable(
			    &worker->engine->plans, plan->rule, condition, proto, worker->direction, &progress) ||
			pass->progress < progress) {
			if (try_request(pass, plan, condition, matched, UINT64_C(1) << i) && !(*matched >> i & 1))
				return OUTCOME_NEVER;
			later |= !(*matched >> i & 1);
			continue;
		}
		if (condition_holds(worker, plan, condition) == ANSWER_YES) {
			*matched |= UINT64_C(1) << i;
			continue;
		}
		bool last_word =
			pass->final || pass->done || (pass->progress > progress && condition->kind != CONDITION_EVENT);
		return last_word ? OUTCOME_NEVER : OUTCOME_LATER;
	}
	return later ? OUTCOME_LATER : OUTCOME_MATCH;
}

static void keep(struct pass *pass, const struct plan *plan, uint8_t direction, uint64_t matched, bool done)
{
	struct engine_worker *worker = pass->worker;
	struct tx_state *state = tx_state_of(pass->tx, worker->slab);
	struct tx_rule *kept = state ? tx_state_take(state, worker->slab, plan->rule->index, direction) : NULL;
	if (!kept) {
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
		return;
	}
	kept->matched = matched;
	kept->done = done;
}

static void evaluate(struct pass *pass, uint32_t index)
{
	struct engine_worker *worker = pass->worker;
	const struct plan *plan = &worker->engine->plans.plans[index];
	bool both = plan->rule->flags & RULE_TX_BIDIRECTIONAL;
	uint8_t direction = both ? BOTH_DIRECTIONS : (uint8_t)worker->direction, where = FOUND_TX;
	struct tx_state *state = pass->tx->inspect;
	struct tx_rule *kept = state ? tx_state_find(state, index, direction) : NULL;
	uint64_t matched = kept ? kept->matched : 0;
	if (kept && kept->done)
		return;
	rule_reset(worker);
	if (!kept && (!header_fits(worker, plan) || !packet_tests_hold(worker, plan->rule) ||
			     !packet_conditions_hold(worker, plan, &where)))
		return;
	enum outcome outcome = try_conditions(pass, plan, &matched);
	if (outcome == OUTCOME_MATCH)
		add_finding(worker, plan, where, pass->tx);
	bool over = outcome != OUTCOME_LATER;
	// What can come up again must be remembered: over as such, half met with what it met.
	bool again = over ? (outcome == OUTCOME_MATCH && !(pass->done && !both)) || kept
			  : !(pass->done && !both) && (matched || plan->pattern.place != PATTERN_TX);
	if (again &&
		(over || matched || plan->pattern.place == PATTERN_PAYLOAD || plan->pattern.place == PATTERN_FIELD))
		keep(pass, plan, direction, matched, over);
}

static void finish(struct pass *pass)
{
	struct engine_worker *worker = pass->worker;
	enum direction direction = worker->direction;
	struct tx_state *state = pass->tx->inspect;
	if (pass->done) {
		pass->tx->inspected[direction] = true;
		if (state)
			tx_state_end(state, (uint8_t)direction);
	}
	if (pass->done && !worker->pending_bodies)
		return;
	state = tx_state_of(pass->tx, worker->slab);
	if (!state) {
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
		return;
	}
	worker->tx_state = state;
	value_commit_bodies(worker);
	state->next_progress[direction] = pass->progress;
	state->seen[direction] = true;
	state->seen_progress[direction] = pass->progress;
	state->seen_updated[direction] = pass->tx->updated[direction];
	state->seen_events[direction] = pass->tx->events;
}

static bool is_news(const struct engine_worker *worker, const struct app_tx *tx, uint8_t progress)
{
	const struct tx_state *state = tx->inspect;
	enum direction direction = worker->direction;
	return !state || !state->seen[direction] || worker->payload_tx_count || worker->now->flow_ended ||
	       state->seen_progress[direction] != progress ||
	       state->seen_updated[direction] != tx->updated[direction] || state->seen_events[direction] != tx->events;
}

static void inspect_one(
	struct engine_worker *worker, const struct tx_group *group, const struct app_parser *parser, struct app_tx *tx)
{
	enum direction direction = worker->direction;
	struct pass pass = { worker, tx, group, tx->progress[direction],
		tx->progress[direction] >= parser->complete[direction], worker->now->flow_ended };
	if (!group->some || !(tx->direction_mask & 1u << direction)) {
		tx->inspected[direction] |= pass.done;
		return;
	}
	if (!is_news(worker, tx, pass.progress))
		return;
	values_reset(worker);
	worker->tx = tx;
	worker->tx_state = tx->inspect;
	worker->pending_bodies = false;
	collect(&pass);
	candidates_sort(&worker->tx_rules);
	worker->counters[ENGINE_COUNT_CHECKS] += worker->tx_rules.count;
	worker->counters[ENGINE_COUNT_PREFILTER_HITS] += worker->tx_rules.count;
	for (uint32_t i = 0; i < worker->tx_rules.count; i++) {
		uint64_t start = profile_start(worker);
		evaluate(&pass, worker->tx_rules.list[i]);
		profile_end(worker, worker->tx_rules.list[i], start);
	}
	candidates_clear(&worker->tx_rules);
	if (worker->trace)
		trace_tx(worker, pass.progress);
	finish(&pass);
	worker->tx = NULL;
	worker->tx_state = NULL;
}

void inspect_transactions(struct engine_worker *worker)
{
	struct flow *flow = worker->now->flow;
	const struct app_parser *parser = flow->app.parser;
	if (!parser || !flow->app.tx_first)
		return;
	const struct tx_group *group = &worker->engine->groups.txs[flow->app.proto][worker->direction];
	for (struct app_tx *tx = flow->app.tx_first; tx; tx = tx->next)
		if (!tx->inspected[worker->direction])
			inspect_one(worker, group, parser, tx);
}
