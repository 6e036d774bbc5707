// SPDX-License-Identifier: GPL-3.0-or-later
// The order of inspection: what is known of the packet, rules on addresses, on packets and stream, on transactions; then the findings in order.
#include "signatures/engine/worker.h"
#include "decoders/base/clock.h"
#include "signatures/engine/flow_test.h"
#include "signatures/rule/rule_set.h"

static uint8_t proto_bit_of(const struct packet *packet)
{
	return packet->ip_version == 0 ? RULE_PROTO_NON_IP : (uint8_t)plan_proto_bit(packet->proto);
}

static bool is_established(const struct packet *packet, const struct flow *flow)
{
	// The handshake's last packet is of the session when it brings data already
	bool completes = packet->proto == PROTO_TCP && packet->flags & PACKET_STREAM_EST && packet->payload.len;
	return completes || packet->flags & PACKET_FLOW_EST ||
	       (packet->flags & PACKET_PSEUDO && flow->state != FLOW_NEW);
}

static void learn(struct engine_worker *worker)
{
	const struct packet *packet = worker->now->packet;
	const struct flow *flow = worker->now->flow;
	worker->direction = packet->direction;
	worker->proto_bit = proto_bit_of(packet);
	worker->class = (uint8_t)__builtin_ctz(worker->proto_bit);
	uint32_t traits = packet->direction == TO_SERVER ? TRAIT_TO_SERVER : TRAIT_TO_CLIENT;
	traits |= packet->ip_version == 4 ? TRAIT_IPV4 : packet->ip_version == 6 ? TRAIT_IPV6 : 0;
	traits |= packet->flags & (PACKET_FRAGMENT | PACKET_REASSEMBLED) ? TRAIT_FRAGMENT : 0;
	traits |= packet->event_count ? TRAIT_EVENTS : 0;
	if (flow)
		traits |= TRAIT_FLOW | (is_established(packet, flow) ? TRAIT_ESTABLISHED : 0) |
			  (flow->app.proto != APP_UNKNOWN ? TRAIT_APP : 0);
	worker->traits = traits;
	worker->address_stamp = (worker->address_stamp + 1) & (UINT32_MAX >> 1);
}

void add_finding(struct engine_worker *worker, const struct plan *plan, uint8_t where, struct app_tx *tx)
{
	const struct rule *rule = plan->rule;
	struct findings *findings = worker->findings;
	keep_captures(worker, rule, tx);
	run_actions(worker, rule);
	if (rule->flags & RULE_FILESTORE && tx)
		choose_files(worker, rule, tx);
	if (worker->trace)
		trace_matched(worker, rule);
	if (worker->profile)
		worker->profile[rule->index].matches++;
	if (rule->flags & RULE_NOALERT && (rule->action == RULE_ALERT || rule->action == RULE_CONFIG))
		return;
	if (findings->count == FINDINGS_MAX) {
		findings->lost++;
		return;
	}
	if (plan->whole_flow || where & FOUND_STREAM)
		where |= FOUND_DROP_FLOW;
	findings->items[findings->count++] = (struct finding) { .rule = rule,
		.tx = tx,
		.tx_id = tx ? tx->id : 0,
		.where = where,
		.action = rule->action,
		.direction = worker->direction };
}

static void inspect_list(struct engine_worker *worker, const struct rule_list *list)
{
	for (uint32_t i = 0; list && i < list->count; i++) {
		const struct plan *plan = &worker->engine->plans.plans[list->rules[i].rule];
		rule_reset(worker);
		if (header_fits(worker, plan) && packet_tests_hold(worker, plan->rule))
			add_finding(worker, plan, FOUND_PACKET, NULL);
	}
}

// Rules on addresses alone: once a flow and direction.
static void inspect_addresses(struct engine_worker *worker)
{
	const struct groups *groups = &worker->engine->groups;
	const struct packet *packet = worker->now->packet;
	struct flow *flow = worker->now->flow;
	uint32_t flag = worker->direction == TO_SERVER ? FLOW_IP_RULES_TS : FLOW_IP_RULES_TC;
	bool own = is_own_packet(worker);
	if (packet->ip_version == 0 || packet->flags & PACKET_PSEUDO || (own && flow->flags & flag))
		return;
	if (own)
		flow->flags |= flag;
	inspect_list(worker, &groups->address_always);
	inspect_list(worker, address_lists_find(&groups->by_src, &packet->src));
	inspect_list(worker, address_lists_find(&groups->by_dst, &packet->dst));
}

// What protocol detection told since rules last looked in this direction.
static void learn_app(struct engine_worker *worker)
{
	struct flow *flow = worker->now->flow;
	enum direction direction = worker->direction;
	bool done = flow && flow->app.proto_dir[direction] != APP_UNKNOWN;
	worker->app_events = 0;
	worker->app_detected = false;
	if (!is_own_packet(worker) || !worker->engine->groups.asks_app || (!done && !flow->app.events))
		return;
	struct flow_notes *notes = flow_notes_of(flow, worker->slab);
	if (!notes) {
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
		return;
	}
	worker->app_events = flow->app.events & ~notes->app_events_seen;
	notes->app_events_seen = flow->app.events;
	worker->app_detected = done && !notes->detected_seen[direction];
	notes->detected_seen[direction] |= worker->app_detected;
}

#define STRETCHES_MAX 256 // of one direction at a flow's end

static void view_stream(struct engine_worker *worker)
{
	const struct packet *packet = worker->now->packet;
	struct flow *flow = worker->now->flow;
	worker->stream_ready = false;
	if (flow && flow->tcp && packet->proto == PROTO_TCP && worker->streams)
		worker->stream_ready = tcp_session_raw_view(
			worker->streams, flow, worker->direction, worker->now->flow_ended, &worker->stream);
}

// What lies behind a hole is looked at again with what follows it, as the field does: a pattern over the next border is seen whole.
static void consume_stream(struct engine_worker *worker)
{
	const struct stream_view *view = &worker->stream;
	bool again = view->gap_bytes && !worker->now->flow_ended;
	if (worker->stream_ready)
		tcp_session_raw_consume(worker->streams, worker->now->flow, worker->direction,
			view->offset + (again ? 0 : view->data.len), 0);
}

// A flow that is not looked at still ends its transactions.
static void pass_over(struct engine_worker *worker)
{
	struct flow *flow = worker->now->flow;
	const struct app_parser *parser = flow ? flow->app.parser : NULL;
	for (struct app_tx *tx = parser ? flow->app.tx_first : NULL; tx; tx = tx->next)
		for (unsigned direction = 0; direction < 2; direction++)
			tx->inspected[direction] |= tx->progress[direction] >= parser->complete[direction];
	pass_frames(worker);
	view_stream(worker);
	consume_stream(worker);
}

static void inspect_app(struct engine_worker *worker)
{
	inspect_frames(worker);
	inspect_transactions(worker);
}

static bool comes_before(const struct finding *a, const struct finding *b)
{
	return a->rule->index != b->rule->index ? a->rule->index < b->rule->index : a->tx_id < b->tx_id;
}

static void sort_findings(struct findings *findings)
{
	for (uint32_t i = 1; i < findings->count; i++) {
		struct finding finding = findings->items[i];
		uint32_t at = i;
		for (; at > 0 && comes_before(&finding, &findings->items[at - 1]); at--)
			findings->items[at] = findings->items[at - 1];
		findings->items[at] = finding;
	}
}

// The flow was last looked at by rules before these. What is kept by number of a rule is void, so that transactions that still live are looked
// at once more; bits, numbers and texts have names and stay.
static void take_over_flow(struct engine_worker *worker, struct flow *flow)
{
	const struct rule_set *set = worker->engine->set;
	bool known = flow->inspected_by != 0;
	if (known && flow->inspected_by < set->names_since)
		flow_notes_free(flow, worker->slab);
	for (struct app_tx *tx = known ? flow->app.tx_first : NULL; tx; tx = tx->next) {
		if (flow->inspected_by < set->names_since)
			tx_state_free(tx, worker->slab);
		else if (tx->inspect)
			tx_state_restart(tx->inspect);
		tx->inspected[TO_SERVER] = tx->inspected[TO_CLIENT] = false;
	}
	flow->inspected_by = set->generation;
}

static void inspect(struct engine_worker *worker, const struct inspection *inspection, struct findings *findings)
{
	const struct packet *packet = inspection->packet;
	struct flow *flow = inspection->flow;
	findings->count = findings->lost = 0;
	packet_vars_reset(worker, packet);
	findings->max = (uint32_t)worker->engine->config.packet_alert_max;
	worker->now = inspection;
	worker->findings = findings;
	worker->tx = NULL;
	worker->tx_state = NULL;
	worker->payload_tx_count = 0;
	if (flow && flow->inspected_by != worker->engine->set->generation)
		take_over_flow(worker, flow);
	learn(worker);
	if (packet->flags & PACKET_NO_INSPECT || (flow && flow->flags & (FLOW_PASSED | FLOW_DROPPED | FLOW_BYPASS))) {
		pass_over(worker);
		if (worker->trace)
			worker->trace->passed_over++;
		return;
	}
	values_reset(worker);
	inspect_addresses(worker);
	learn_app(worker);
	view_stream(worker);
	inspect_packet_rules(worker);
	if (is_own_packet(worker) &&
		(packet->proto != PROTO_TCP || packet->flags & PACKET_STREAM_EST || inspection->flow_ended))
		inspect_app(worker);
	consume_stream(worker);
	// What is left of a flow may lie in several stretches with holes between them
	for (unsigned i = 0; inspection->flow_ended && worker->stream_ready && i < STRETCHES_MAX; i++) {
		view_stream(worker);
		inspect_stretch(worker);
		consume_stream(worker);
	}
	if (findings->count > 1)
		sort_findings(findings);
	worker->counters[ENGINE_COUNT_ALERTS] += findings->count;
}

bool inspection_passed(const struct inspection *inspection, const struct findings *findings)
{
	if (inspection->packet->flags & PACKET_NO_INSPECT ||
		(inspection->flow && inspection->flow->flags & FLOW_PASSED))
		return true;
	for (uint32_t i = 0; i < findings->count; i++)
		if (findings->items[i].action == RULE_PASS)
			return true;
	return false;
}

void engine_inspect(struct engine_worker *worker, const struct inspection *inspection, struct findings *findings)
{
	uint64_t start = profile_start(worker);
	inspect(worker, inspection, findings);
	if (worker->profile)
		worker->stages.inspect_ns += profile_now() - start;
}

void engine_tx_free(struct engine_worker *worker, struct flow *flow, struct app_tx *tx)
{
	(void)flow;
	tx_state_free(tx, worker->slab);
}

void engine_flow_free(struct engine_worker *worker, struct flow *flow)
{
	flow_notes_free(flow, worker->slab);
}
