// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/trace.h"
#include <stdlib.h>
#include "signatures/engine/worker.h"
#include "signatures/match/search.h"

// How a buffer's conditions went on a value.
struct trial {
	uint16_t held;
	bool there, waiting;
	struct field_value value;
};

void engine_worker_trace(struct engine_worker *worker, struct engine_trace *trace)
{
	worker->trace = trace;
}

void trace_matched(struct engine_worker *worker, const struct rule *rule)
{
	for (uint32_t i = 0; i < worker->trace->count; i++)
		worker->trace->rules[i].matches += worker->trace->rules[i].rule == rule->index;
}

// Nearness: the stage, then how many conditions held, then whether there was anything to look into, then how much of a content was there.
static bool is_nearer(const struct trace_attempt *a, const struct trace_attempt *b)
{
	uint8_t stage_a = a->stage == TRACE_TX_WAITING ? TRACE_TX_CONDITION : a->stage;
	uint8_t stage_b = b->stage == TRACE_TX_WAITING ? TRACE_TX_CONDITION : b->stage;
	if (stage_a != stage_b)
		return stage_a > stage_b;
	if (a->held != b->held)
		return a->held > b->held;
	if (a->stage != b->stage) // what was looked at says more than what was not
		return b->stage == TRACE_TX_WAITING;
	if (a->stage == TRACE_APP)
		return a->app_proto != APP_UNKNOWN && b->app_proto == APP_UNKNOWN;
	if (a->stage == TRACE_TEST)
		return a->index > b->index;
	if (a->has_value != b->has_value)
		return a->has_value;
	if (a->match != b->match)
		return a->match > b->match;
	return a->near_len > b->near_len;
}

static void note(struct engine_worker *worker, struct trace_attempt *best, struct trace_attempt *attempt)
{
	attempt->rule = best->rule;
	attempt->matches = best->matches;
	const struct packet *packet = worker->now->packet;
	attempt->packet = packet->number;
	attempt->src = packet->src;
	attempt->dst = packet->dst;
	attempt->sport = packet->sport;
	attempt->dport = packet->dport;
	attempt->has_ports = worker->proto_bit & (RULE_PROTO_TCP | RULE_PROTO_UDP | RULE_PROTO_SCTP);
	attempt->tx_id = worker->tx ? worker->tx->id : 0;
	if (is_nearer(attempt, best))
		*best = *attempt;
}

// Longest beginning of content in data.
static void find_near(struct trace_attempt *attempt, const struct match_content *content, struct span data)
{
	for (uint32_t at = 0; at < data.len; at++) {
		uint32_t len = 0, most = data.len - at < content->bytes.len ? data.len - at : content->bytes.len;
		while (len < most &&
			search_at(span_slice(data, at + len, 1), span_slice(content->bytes, len, 1), content->nocase))
			len++;
		if (len > attempt->near_len) {
			attempt->near_len = len;
			attempt->near_at = at;
		}
	}
}

static void keep_value(struct trace_attempt *attempt, const struct plan *plan, const struct rule_buffer *buffer,
	const struct trial *trial)
{
	struct span data = trial->value.data;
	attempt->has_value = trial->there;
	attempt->waiting = trial->waiting;
	attempt->match = trial->held;
	if (!trial->there)
		return;
	attempt->value_len = trial->value.offset + data.len;
	const struct match *match = trial->held < buffer->match_count ? &buffer->matches[trial->held] : NULL;
	if (match && match->kind == MATCH_CONTENT && !match->negated) {
		const struct span *bytes = &match->content.bytes;
		const uint8_t *literal = plan->pattern.place == PATTERN_NONE ? NULL : plan->pattern.bytes.data;
		attempt->fast_pattern = literal && literal >= bytes->data && literal < bytes->data + bytes->len;
		find_near(attempt, &match->content, data);
	}
	uint32_t from = attempt->near_len && attempt->near_at > TRACE_VALUE_MAX / 4
				? attempt->near_at - TRACE_VALUE_MAX / 4
				: 0;
	struct span kept = span_slice(data, from, TRACE_VALUE_MAX);
	attempt->kept_at = from;
	attempt->kept = kept.len;
	if (kept.len)
		memcpy(attempt->value, kept.data, kept.len);
}

// How many of a buffer's matches hold together, from the first on.
static uint16_t count_held(
	struct engine_worker *worker, const struct rule *rule, uint16_t index, const struct field_value *value)
{
	const struct rule_buffer *buffer = &rule->buffers[index];
	if (buffer_holds(worker, rule, buffer, value))
		return buffer->match_count;
	struct rule shorter = *rule;
	shorter.buffers = calloc(rule->buffer_count, sizeof(*shorter.buffers));
	if (!shorter.buffers)
		return 0;
	memcpy(shorter.buffers, rule->buffers, rule->buffer_count * sizeof(*shorter.buffers));
	uint16_t held = 0;
	for (uint16_t count = 1; count <= buffer->match_count; count++) {
		shorter.buffers[index].match_count = count;
		if (!buffer_holds(worker, &shorter, &shorter.buffers[index], value))
			break;
		held = count;
	}
	free(shorter.buffers);
	return held;
}

static bool try_value(struct engine_worker *worker, const struct plan *plan, uint16_t index,
	const struct field_value *value, struct trial *trial)
{
	uint16_t held = count_held(worker, plan->rule, index, value);
	if (!trial->there || held > trial->held)
		*trial = (struct trial) { .held = held, .there = true, .value = *value };
	return held == plan->rule->buffers[index].match_count;
}

// Headers ------------------------------------------------------------------------------------------------------------------------

static bool ports_fit(const struct rule *rule, uint16_t sport, uint16_t dport)
{
	return (rule->sport->any || port_set_has(rule->sport, sport)) &&
	       (rule->dport->any || port_set_has(rule->dport, dport));
}

static bool addresses_fit(const struct rule *rule, const struct address *src, const struct address *dst)
{
	return (rule->src->any || address_set_has(rule->src, src)) &&
	       (rule->dst->any || address_set_has(rule->dst, dst));
}

static bool try_header(struct engine_worker *worker, const struct plan *plan, struct trace_attempt *attempt)
{
	const struct rule *rule = plan->rule;
	const struct packet *packet = worker->now->packet;
	if (header_fits(worker, plan))
		return true;
	bool swapped = rule->flags & (RULE_BIDIRECTIONAL | RULE_TX_BIDIRECTIONAL);
	bool addresses = addresses_fit(rule, &packet->src, &packet->dst) ||
			 (swapped && addresses_fit(rule, &packet->dst, &packet->src));
	bool ports = ports_fit(rule, packet->sport, packet->dport) ||
		     (swapped && ports_fit(rule, packet->dport, packet->sport));
	attempt->missing = plan->need & ~worker->traits & ~(uint32_t)TRAIT_APP; // TRACE_APP says it better
	attempt->unwanted = plan->refuse & worker->traits;
	attempt->app_proto = worker->now->flow ? (uint8_t)worker->now->flow->app.proto : (uint8_t)APP_UNKNOWN;
	if (!(plan->proto_bits & worker->proto_bit))
		attempt->stage = TRACE_PROTOCOL;
	else if (!addresses)
		attempt->stage = TRACE_ADDRESS;
	else if (!ports)
		attempt->stage = TRACE_PORT;
	else if (attempt->missing || attempt->unwanted)
		attempt->stage = TRACE_STATE;
	else
		attempt->stage = TRACE_APP;
	return false;
}

static bool try_tests(struct engine_worker *worker, const struct plan *plan, struct trace_attempt *attempt)
{
	struct rule one = *plan->rule;
	one.test_count = 1;
	for (uint16_t i = 0; i < plan->rule->test_count; i++) {
		one.tests = &plan->rule->tests[i];
		if (packet_tests_hold(worker, &one))
			continue;
		attempt->stage = TRACE_TEST;
		attempt->index = i;
		return false;
	}
	return true;
}

// Payload ------------------------------------------------------------------------------------------------------------------------

static bool try_payload_of(
	struct engine_worker *worker, const struct plan *plan, struct span data, struct trace_attempt *attempt)
{
	const struct rule *rule = plan->rule;
	for (uint16_t i = 0; i < rule->buffer_count; i++) {
		const struct rule_buffer *buffer = &rule->buffers[i];
		struct field_value value = { .data = data, .first = true, .last = true };
		struct trial trial = { 0 };
		if (buffer->place != PLACE_PAYLOAD)
			continue;
		bool there =
			data.len != 0 &&
			(!buffer->transform_count || transform_apply(buffer->transforms, buffer->transform_count,
							     &worker->arena, worker->matcher.regex, data, &value.data));
		if (there && try_value(worker, plan, i, &value, &trial)) {
			attempt->held++;
			continue;
		}
		attempt->stage = TRACE_PAYLOAD;
		attempt->index = i;
		keep_value(attempt, plan, buffer, &trial);
		return false;
	}
	return true;
}

// Does the engine look into the packet's own payload (packet_rules.c)? What joined the stream is looked at there.
static bool has_own_payload(const struct engine_worker *worker, const struct plan *plan)
{
	bool streamed = plan->payload & PAYLOAD_STREAM && worker->proto_bit & RULE_PROTO_TCP;
	if (!streamed)
		return true;
	if (plan->rule->flags & (RULE_TCP_STREAM_ONLY | RULE_ONLY_STREAM))
		return false;
	return plan->payload & PAYLOAD_PACKET || !(worker->now->packet->flags & PACKET_STREAM_ADDED);
}

static bool try_payload(struct engine_worker *worker, const struct plan *plan, struct trace_attempt *attempt)
{
	struct trace_attempt in_stream = *attempt, in_packet = *attempt;
	bool stream = plan->payload & PAYLOAD_STREAM && worker->stream_ready && worker->stream.data.len;
	if (!plan->payload || (stream && try_payload_of(worker, plan, worker->stream.data, &in_stream)))
		return true;
	bool packet = has_own_payload(worker, plan);
	if (packet && try_payload_of(worker, plan, worker->now->packet->payload, &in_packet))
		return true;
	if (!packet) { // nothing was looked into
		in_packet.stage = TRACE_PAYLOAD;
		while (in_packet.index + 1 < plan->rule->buffer_count &&
			plan->rule->buffers[in_packet.index].place != PLACE_PAYLOAD)
			in_packet.index++;
	}
	*attempt = stream && (!packet || is_nearer(&in_stream, &in_packet)) ? in_stream : in_packet;
	return false;
}

// Conditions on fields -----------------------------------------------------------------------------------------------------------

#define TRACED_VALUES_MAX 4096 // of a multi buffer

static void explain_buffer(struct engine_worker *worker, const struct plan *plan, const struct condition *condition,
	struct trace_attempt *attempt)
{
	const struct rule_buffer *buffer = &plan->rule->buffers[condition->index];
	unsigned most = buffer->field->flags & FIELD_MULTI ? TRACED_VALUES_MAX : 1;
	struct trial trial = { 0 };
	for (unsigned i = 0; i < most; i++) {
		struct field_value value;
		enum value_state state = value_get(worker, condition->key, i, &value);
		if (state == VALUE_ABSENT)
			break;
		trial.waiting |= state == VALUE_WAITING && !trial.there;
		if (state == VALUE_THERE)
			try_value(worker, plan, condition->index, &value, &trial);
	}
	keep_value(attempt, plan, buffer, &trial);
}

static bool try_condition(struct engine_worker *worker, const struct plan *plan, const struct condition *condition,
	enum trace_stage stage, struct trace_attempt *attempt)
{
	if (condition_holds(worker, plan, condition) == ANSWER_YES) {
		attempt->held++;
		return true;
	}
	attempt->stage = (uint8_t)stage;
	attempt->kind = condition->kind;
	attempt->index = condition->index;
	if (condition->kind == CONDITION_BUFFER)
		explain_buffer(worker, plan, condition, attempt);
	return false;
}

static bool try_packet(struct engine_worker *worker, const struct plan *plan, struct trace_attempt *attempt)
{
	memset(worker->matcher.vars, 0, sizeof(worker->matcher.vars));
	if (!try_header(worker, plan, attempt) || !try_tests(worker, plan, attempt) ||
		!try_payload(worker, plan, attempt))
		return false;
	for (unsigned i = 0; i < plan->packet_count; i++)
		if (!try_condition(worker, plan, &plan->packet_conditions[i], TRACE_PACKET_CONDITION, attempt))
			return false;
	return true;
}

void trace_packet(struct engine_worker *worker)
{
	for (uint32_t i = 0; i < worker->trace->count; i++) {
		struct trace_attempt *best = &worker->trace->rules[i], attempt = { 0 };
		const struct plan *plan = &worker->engine->plans.plans[best->rule];
		if (worker->now->packet->flags & PACKET_PSEUDO && !(plan->payload & PAYLOAD_STREAM))
			continue;
		if (try_packet(worker, plan, &attempt))
			attempt.stage = plan->tx || plan->frame_count ? TRACE_NO_TX : TRACE_HELD;
		note(worker, best, &attempt);
	}
}

static void try_tx(
	struct engine_worker *worker, const struct plan *plan, uint8_t progress, struct trace_attempt *attempt)
{
	enum app_proto proto = (enum app_proto)worker->now->flow->app.proto;
	bool waiting = false;
	if (!plan_fits_tx(&worker->engine->plans, plan, proto, worker->direction)) {
		attempt->stage = TRACE_NO_TX;
		return;
	}
	for (unsigned i = 0; i < plan->tx_count; i++) {
		const struct condition *condition = &plan->tx_conditions[i];
		uint8_t from;
		if (condition_readable(
			    &worker->engine->plans, plan->rule, condition, proto, worker->direction, &from) &&
			progress >= from) {
			if (!try_condition(worker, plan, condition, TRACE_TX_CONDITION, attempt))
				return;
			continue;
		}
		if (!waiting) {
			attempt->kind = condition->kind;
			attempt->index = condition->index;
		}
		waiting = true;
	}
	attempt->stage = waiting ? TRACE_TX_WAITING : TRACE_HELD;
}

void trace_tx(struct engine_worker *worker, uint8_t progress)
{
	for (uint32_t i = 0; i < worker->trace->count; i++) {
		struct trace_attempt *best = &worker->trace->rules[i], attempt = { 0 };
		const struct plan *plan = &worker->engine->plans.plans[best->rule];
		if (!plan->tx)
			continue;
		if (try_packet(worker, plan, &attempt))
			try_tx(worker, plan, progress, &attempt);
		note(worker, best, &attempt);
	}
}
