// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/files/file.h"
#include "signatures/engine/worker.h"

struct field_source value_source(const struct engine_worker *worker)
{
	return (struct field_source) {
		.packet = worker->now->packet,
		.flow = worker->now->flow,
		.tx = worker->tx,
		.direction = worker->direction,
		.flow_ended = worker->now->flow_ended,
		.scratch = worker->field_scratch,
		.slab = worker->slab,
	};
}

static struct tx_body *body_of(struct engine_worker *worker, uint16_t key, unsigned index, bool take)
{
	struct tx_state *state = worker->tx_state;
	for (unsigned i = 0; state && i < TX_BODIES; i++) {
		struct tx_body *body = &state->bodies[i];
		if (body->used && body->key == key && body->index == index && body->direction == worker->direction)
			return body;
		if (!body->used && take) {
			*body = (struct tx_body) { .key = key,
				.index = (uint16_t)index,
				.direction = (uint8_t)worker->direction,
				.used = true };
			return body;
		}
	}
	return NULL;
}

// A body is looked at once it holds enough, then in windows that begin a little before what is new.
static enum value_state body_window(
	struct engine_worker *worker, uint16_t key, unsigned index, struct field_value *value)
{
	const struct engine_config *config = &worker->engine->config;
	bool last = value->last || worker->now->flow_ended;
	uint64_t end = value->offset + value->data.len;
	const struct tx_body *body = body_of(worker, key, index, false);
	uint64_t seen = body ? body->offset : 0;
	if (!last && !config->inline_mode && end < config->body_min_bytes)
		return VALUE_WAITING;
	if (body && end <= seen && !last)
		return VALUE_WAITING;
	uint64_t from = seen > config->body_window_bytes ? seen - config->body_window_bytes : 0;
	if (from > value->offset) {
		uint64_t skip = from - value->offset;
		value->data = span_from(value->data, skip > UINT32_MAX ? UINT32_MAX : (uint32_t)skip);
		value->offset = from;
		value->first = false;
	}
	worker->pending_bodies = true;
	return VALUE_THERE;
}

// end: of the value before transforms, in the whole.
static enum value_state read_value(
	struct engine_worker *worker, uint16_t key_number, unsigned index, struct field_value *value, uint64_t *end)
{
	const struct buffer_key *key = &worker->engine->plans.keys[key_number];
	bool packet = key->field->level == FIELD_PACKET;
	unsigned proto = packet || !worker->now->flow ? APP_UNKNOWN : worker->now->flow->app.proto;
	const struct field_reader *reader = key->readers[proto][worker->direction];
	if (!reader && packet)
		reader = key->readers[proto][direction_other(worker->direction)];
	struct field_source source = value_source(worker);
	*value = (struct field_value) { .first = true, .last = true };
	if (!reader || !reader->get(&source, index, value))
		return VALUE_ABSENT;
	if (key->field->level == FIELD_BODY) {
		enum value_state state = body_window(worker, key_number, index, value);
		if (state != VALUE_THERE)
			return state;
	}
	*end = value->offset + value->data.len;
	if (key->transform_count && !transform_apply(key->transforms, key->transform_count, &worker->arena,
					    worker->matcher.regex, value->data, &value->data))
		return VALUE_ABSENT;
	return VALUE_THERE;
}

enum value_state value_get(struct engine_worker *worker, uint16_t key, unsigned index, struct field_value *out)
{
	struct value_slot *slot = &worker->values[key];
	if (slot->stamp != worker->value_stamp) {
		slot->stamp = worker->value_stamp;
		memset(slot->state, VALUE_UNKNOWN, sizeof(slot->state));
	}
	if (index >= VALUES_KEPT) {
		// Good until the next one is read, so that a message of many long names cannot use up the room of those after it
		uint32_t scratch = worker->field_scratch->used;
		uint32_t arena = worker->arena.used;
		uint64_t end;
		if (worker->values_read == VALUES_READ_MAX) {
			worker->counters[ENGINE_COUNT_VALUE_BUDGET]++;
			return VALUE_ABSENT;
		}
		worker->values_read++;
		enum value_state state = read_value(worker, key, index, out, &end);
		worker->field_scratch->used = scratch;
		worker->arena.used = arena;
		return state;
	}
	if (slot->state[index] == VALUE_UNKNOWN)
		slot->state[index] = (uint8_t)read_value(worker, key, index, &slot->values[index], &slot->ends[index]);
	*out = slot->values[index];
	return (enum value_state)slot->state[index];
}

void value_commit_bodies(struct engine_worker *worker)
{
	const struct plan_set *plans = &worker->engine->plans;
	if (!worker->pending_bodies || !worker->tx_state)
		return;
	worker->pending_bodies = false;
	for (uint32_t key = 0; key < plans->key_count; key++) {
		const struct value_slot *slot = &worker->values[key];
		if (plans->keys[key].field->level != FIELD_BODY || slot->stamp != worker->value_stamp)
			continue;
		for (unsigned i = 0; i < VALUES_KEPT; i++) {
			if (slot->state[i] != VALUE_THERE)
				continue;
			struct tx_body *body = body_of(worker, (uint16_t)key, i, true);
			if (body)
				body->offset = slot->ends[i];
		}
	}
	for (struct file *file = worker->tx->files; file; file = file->next)
		if (file->direction == worker->direction)
			file->inspected_offset = file->size;
}
