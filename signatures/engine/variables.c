// SPDX-License-Identifier: GPL-3.0-or-later
// Variables of flows and packets: what pcre captured in rules that matched, and entropies; and what events are told of them.
#include "signatures/engine/worker.h"
#include "signatures/match/search.h"
#include "signatures/rule/rule_set.h"

void packet_vars_reset(struct engine_worker *worker, const struct packet *packet)
{
	worker->packet_vars->packet = packet;
	worker->packet_vars->count = worker->packet_vars->used = 0;
}

static struct span keep(struct packet_vars *vars, struct span bytes)
{
	uint8_t *at = vars->bytes + vars->used;
	if (bytes.len)
		memcpy(at, bytes.data, bytes.len);
	vars->used += bytes.len;
	return span_of(at, bytes.len);
}

static void packet_var_put(
	struct engine_worker *worker, const struct rule *rule, const struct app_tx *tx, const struct capture *capture)
{
	struct packet_vars *vars = worker->packet_vars;
	if (vars->count == PACKET_VARS_MAX ||
		PACKET_VAR_BYTES - vars->used < (uint64_t)capture->key.len + capture->text.len) {
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
		return;
	}
	struct packet_var *var = &vars->items[vars->count++];
	*var = (struct packet_var) { .var = capture->var,
		.json = capture->kind == CAPTURE_JSON,
		.rule = rule,
		.tx = tx,
		.key = keep(vars, capture->key),
		.text = keep(vars, capture->text) };
}

void keep_captures(struct engine_worker *worker, const struct rule *rule, const struct app_tx *tx)
{
	struct captures *captures = worker->matcher.captures;
	struct flow *flow = worker->now->flow;
	for (uint32_t i = 0; i < captures->count; i++) {
		const struct capture *capture = &captures->items[i];
		if (capture->kind == CAPTURE_PACKET)
			packet_var_put(worker, NULL, NULL, capture);
		else if (capture->kind == CAPTURE_ALERT || capture->kind == CAPTURE_JSON)
			packet_var_put(worker, rule, tx, capture);
		else if (flow && !flow_text_put(flow, worker->slab, capture->var, capture->text))
			worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
	}
	captures_reset(captures);
}

// The name is the one the buffer has as a modifier of contents, as events of the field have it.
static const char *entropy_name(const struct rule_buffer *buffer)
{
	const struct field_buffer *field = buffer->place == PLACE_FIELD ? buffer->field : NULL;
	if (!field)
		return "content";
	for (unsigned i = 0; field->sticky && field->sticky[i]; i++)
		if (strchr(field->sticky[i], '_'))
			return field->sticky[i];
	return field->modifier ? field->modifier : field->name;
}

void keep_entropy(struct engine_worker *worker, const struct rule_buffer *buffer)
{
	struct flow *flow = worker->now->flow;
	if (flow && !flow_real_put(flow, worker->slab, entropy_name(buffer), worker->matcher.entropy))
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
}

static bool holds(struct span text, const struct rule_test *test)
{
	return search_find(text, test->variable.bytes, false) != SEARCH_NONE;
}

// A variable that was never set fits neither a content nor its negation.
bool variable_holds(const struct engine_worker *worker, const struct rule_test *test)
{
	const struct packet_vars *vars = worker->packet_vars;
	if (test->kind == TEST_FLOWVAR) {
		const struct flow_text *text =
			worker->now->flow ? flow_text_find(worker->now->flow, test->variable.var) : NULL;
		return text ? holds(span_of(text->bytes, text->len), test) : test->negated;
	}
	for (uint32_t i = 0; i < vars->count; i++)
		if (!vars->items[i].rule && vars->items[i].key.len == 0 && vars->items[i].var == test->variable.var)
			return holds(vars->items[i].text, test);
	return test->negated;
}

static void each_bit(const struct rule_set *set, const struct flow_notes *notes, engine_var_each *each, void *context)
{
	for (uint32_t byte = 0; byte < notes->bit_bytes; byte++)
		for (unsigned left = notes->bits[byte]; left; left &= left - 1) {
			uint32_t bit = byte * 8 + (unsigned)__builtin_ctz(left);
			if (bit < set->flowbit_count)
				each(context, &(struct engine_var) { .kind = VAR_BIT,
						      .name = span_text(set->flowbit_names[bit]),
						      .number = 1 });
		}
}

void engine_flow_vars(const struct engine_worker *worker, const struct flow *flow, unsigned kinds,
	engine_var_each *each, void *context)
{
	const struct rule_set *set = worker->engine->set;
	const struct flow_notes *notes = flow_notes_peek(flow);
	if (!notes || flow->inspected_by < set->names_since)
		return; // by numbers that mean something else now
	if (kinds & 1u << VAR_BIT)
		each_bit(set, notes, each, context);
	for (unsigned i = 0; kinds & 1u << VAR_INT && i < notes->int_count; i++)
		if (notes->ints[i].var < set->flowvar_count)
			each(context, &(struct engine_var) { .kind = VAR_INT,
					      .name = span_text(set->flowvar_names[notes->ints[i].var]),
					      .number = notes->ints[i].value });
	for (unsigned i = 0; i < notes->text_count; i++) {
		const struct flow_text *text = &notes->texts[i];
		struct engine_var var = { .kind = text->real_name ? VAR_ENTROPY : VAR_TEXT,
			.real = text->real,
			.text = span_of(text->bytes, text->len) };
		if (!(kinds & 1u << var.kind) || (!text->real_name && text->var >= set->flowvar_count))
			continue;
		var.name = span_text(text->real_name ? text->real_name : set->flowvar_names[text->var]);
		each(context, &var);
	}
}

void engine_packet_vars(const struct engine_worker *worker, const struct packet *packet, const struct finding *finding,
	engine_var_each *each, void *context)
{
	const struct rule *rule = finding ? finding->rule : NULL;
	const struct app_tx *tx = finding ? finding->tx : NULL;
	const struct packet_vars *vars = worker->packet_vars;
	for (uint32_t i = 0; vars->packet == packet && i < vars->count; i++) {
		const struct packet_var *item = &vars->items[i];
		struct engine_var var = {
			.kind = item->json ? VAR_JSON : VAR_TEXT, .name = item->key, .text = item->text
		};
		if (item->rule != rule || item->tx != tx ||
			(!item->key.len && item->var >= worker->engine->set->flowvar_count))
			continue;
		if (!item->key.len)
			var.name = span_text(worker->engine->set->flowvar_names[item->var]);
		each(context, &var);
	}
}
