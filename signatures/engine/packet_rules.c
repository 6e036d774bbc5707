// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on packets and on the reassembled stream.
#include "signatures/engine/worker.h"

static void add_list(struct engine_worker *worker, const struct rule_list *list)
{
	uint32_t traits = worker->traits, len = worker->now->packet->payload.len;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct listed_rule *rule = &list->rules[i];
		if ((traits & rule->need) == rule->need && !(traits & rule->refuse) && len >= rule->size_min &&
			(len <= rule->size_max || rule->size_max == UINT16_MAX))
			candidates_add(&worker->packet_rules, rule->rule);
	}
}

static void add_ports(struct engine_worker *worker, const struct port_lists *lists, uint16_t port)
{
	if (lists->by_port)
		add_list(worker, &lists->lists[lists->by_port[port]]);
}

static void scan(struct engine_worker *worker, const struct prefilter *prefilter, struct span data)
{
	if (prefilter)
		scan_literals(worker, prefilter, data, 0, &worker->packet_rules);
}

static const struct prefilter *of_port(const struct port_filter *filter, uint16_t port)
{
	return filter->ports.by_port ? filter->prefilters[filter->ports.by_port[port]] : NULL;
}

// The server has hardly sent anything yet, as some rules ask.
static bool is_early(const struct engine_worker *worker)
{
	const struct flow *flow = worker->now->flow;
	struct tcp_summary summary;
	if (!flow || !flow->tcp)
		return false;
	tcp_session_summary(flow, &summary);
	return summary.stream_bytes[TO_CLIENT] <= EARLY_BYTES;
}

static void scan_payload(struct engine_worker *worker, const struct payload_filter *filter, struct span data)
{
	const struct packet *packet = worker->now->packet;
	scan(worker, filter->whole, data);
	scan(worker, filter->head, span_slice(data, 0, HEAD_BYTES));
	if (filter->early && is_early(worker))
		scan(worker, filter->early, data);
	scan(worker, of_port(&filter->dports, packet->dport), data);
	scan(worker, of_port(&filter->sports, packet->sport), data);
}

static void scan_fields(struct engine_worker *worker, const struct packet_group *group)
{
	struct field_value value;
	for (uint32_t f = 0; f < group->field_count; f++)
		for (unsigned i = 0;
			i < VALUES_KEPT && value_get(worker, group->fields[f].key, i, &value) == VALUE_THERE; i++) {
			scan(worker, group->fields[f].prefilter, value.data);
			if (!(worker->engine->plans.keys[group->fields[f].key].field->flags & FIELD_MULTI))
				break;
		}
}

static bool payload_inspected(const struct engine_worker *worker)
{
	const struct flow *flow = worker->now->flow;
	return !(worker->now->packet->flags & PACKET_NO_INSPECT_PAYLOAD) &&
	       !(flow && flow->flags & FLOW_NO_PAYLOAD_INSPECT);
}

// What of the packet belongs to the stream is looked at there, in the stretches the session gives; a packet the session did not take is
// looked at as if it were one.
static void collect(struct engine_worker *worker, const struct packet_group *group)
{
	const struct packet *packet = worker->now->packet;
	if (packet->event_count)
		add_list(worker, &group->events);
	if (packet->flags & PACKET_INVALID)
		return;
	add_list(worker, &group->always);
	add_ports(worker, &group->dports, packet->dport);
	add_ports(worker, &group->sports, packet->sport);
	if (group->field_count)
		scan_fields(worker, group);
	if (!payload_inspected(worker))
		return;
	if (packet->payload.len)
		scan_payload(worker, &group->packet, packet->payload);
	if (worker->stream_ready && worker->stream.data.len)
		scan_payload(worker, &group->stream, worker->stream.data);
	if (!(packet->flags & PACKET_STREAM_ADDED) && packet->payload.len)
		scan_payload(worker, &group->stream, packet->payload);
}

static bool payload_holds(struct engine_worker *worker, const struct rule *rule, struct span data)
{
	struct field_value value = { .data = data, .first = true, .last = true };
	for (unsigned i = 0; i < rule->buffer_count; i++) {
		const struct rule_buffer *buffer = &rule->buffers[i];
		if (buffer->place != PLACE_PAYLOAD)
			continue;
		struct field_value changed = value;
		if (buffer->transform_count && !transform_apply(buffer->transforms, buffer->transform_count,
						       &worker->arena, worker->matcher.regex, data, &changed.data))
			return false;
		if (!buffer_holds(worker, rule, buffer, &changed))
			return false;
	}
	return true;
}

static bool payload_conditions_hold(struct engine_worker *worker, const struct plan *plan, uint8_t *where)
{
	const struct packet *packet = worker->now->packet;
	if (!payload_inspected(worker))
		return false;
	if (plan->payload & PAYLOAD_STREAM && worker->proto_bit & RULE_PROTO_TCP) {
		if (worker->stream_ready && worker->stream.data.len &&
			payload_holds(worker, plan->rule, worker->stream.data)) {
			*where |= FOUND_STREAM;
			return true;
		}
		if (!(plan->payload & PAYLOAD_PACKET) && packet->flags & PACKET_STREAM_ADDED)
			return false;
		if (plan->rule->flags & (RULE_TCP_STREAM_ONLY | RULE_ONLY_STREAM))
			return false;
	}
	return packet->payload.len != 0 && payload_holds(worker, plan->rule, packet->payload);
}

bool packet_conditions_hold(struct engine_worker *worker, const struct plan *plan, uint8_t *where)
{
	if (plan->payload && !payload_conditions_hold(worker, plan, where))
		return false;
	for (unsigned i = 0; i < plan->packet_count; i++)
		if (condition_holds(worker, plan, &plan->packet_conditions[i]) != ANSWER_YES)
			return false;
	return true;
}

// Rules on app-layer-protocol alone are due once a direction, when its detection has ended. What asks for no bytes of the stream wants a real packet.
static bool is_due(const struct engine_worker *worker, const struct plan *plan)
{
	if (plan->rule->type == RULE_TYPE_PROTO_ONLY)
		return worker->app_detected;
	return !(worker->now->packet->flags & PACKET_PSEUDO) || plan->payload & PAYLOAD_STREAM;
}

// What the packet's header and the flow say before any condition is looked at.
static bool may_match(struct engine_worker *worker, const struct plan *plan)
{
	if (!is_due(worker, plan) || !header_fits(worker, plan))
		return false;
	worker->counters[ENGINE_COUNT_CHECKS]++;
	return true;
}

static void evaluate(struct engine_worker *worker, const struct plan *plan)
{
	uint8_t where = FOUND_PACKET;
	if (!packet_tests_hold(worker, plan->rule))
		return;
	rule_reset(worker);
	if (packet_conditions_hold(worker, plan, &where))
		add_finding(worker, plan, where, NULL);
}

static void run(struct engine_worker *worker, const struct plan *plan, uint32_t index)
{
	uint64_t start = profile_start(worker);
	evaluate(worker, plan);
	profile_end(worker, index, start);
}

void inspect_packet_rules(struct engine_worker *worker)
{
	const struct packet_group *group = &worker->engine->groups.packets[worker->class][worker->direction];
	struct candidates *candidates = &worker->packet_rules;
	collect(worker, group);
	candidates_sort(candidates);
	for (uint32_t i = 0; i < candidates->count; i++) {
		const struct plan *plan = &worker->engine->plans.plans[candidates->list[i]];
		if (plan->tx) {
			worker->payload_tx[worker->payload_tx_count++] = candidates->list[i];
			continue;
		}
		if (!may_match(worker, plan))
			continue;
		run(worker, plan, candidates->list[i]);
	}
	candidates_clear(candidates);
	if (worker->trace)
		trace_packet(worker);
}

static bool is_found(const struct engine_worker *worker, const struct rule *rule)
{
	for (uint32_t i = 0; i < worker->findings->count; i++)
		if (worker->findings->items[i].rule == rule)
			return true;
	return false;
}

void inspect_stretch(struct engine_worker *worker)
{
	const struct packet_group *group = &worker->engine->groups.packets[worker->class][worker->direction];
	struct candidates *candidates = &worker->packet_rules;
	if (!worker->stream_ready || !payload_inspected(worker))
		return;
	scan_payload(worker, &group->stream, worker->stream.data);
	candidates_sort(candidates);
	for (uint32_t i = 0; i < candidates->count; i++) {
		const struct plan *plan = &worker->engine->plans.plans[candidates->list[i]];
		if (plan->tx || !(plan->payload & PAYLOAD_STREAM) || is_found(worker, plan->rule) ||
			!may_match(worker, plan))
			continue;
		run(worker, plan, candidates->list[i]);
	}
	candidates_clear(candidates);
	if (worker->trace)
		trace_packet(worker);
}
