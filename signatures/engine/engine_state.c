// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/engine_state.h"

struct tx_state *tx_state_of(struct app_tx *tx, struct slab *slab)
{
	if (!tx->inspect)
		tx->inspect = slab_alloc(slab, sizeof(struct tx_state));
	return tx->inspect;
}

void tx_state_free(struct app_tx *tx, struct slab *slab)
{
	struct tx_state *state = tx->inspect;
	if (!state)
		return;
	slab_free(slab, state->rules, state->room * sizeof(*state->rules));
	slab_free(slab, state, sizeof(*state));
	tx->inspect = NULL;
}

struct tx_rule *tx_state_find(struct tx_state *state, uint32_t rule, uint8_t direction)
{
	for (unsigned i = 0; i < state->count; i++)
		if (state->rules[i].rule == rule && state->rules[i].direction == direction)
			return &state->rules[i];
	return NULL;
}

struct tx_rule *tx_state_take(struct tx_state *state, struct slab *slab, uint32_t rule, uint8_t direction)
{
	struct tx_rule *found = tx_state_find(state, rule, direction);
	if (found)
		return found;
	if (state->count == state->room) {
		if (state->room >= TX_RULES_MAX)
			return NULL;
		uint16_t room = (uint16_t)(state->room ? state->room * 2 : 2);
		struct tx_rule *grown =
			slab_resize(slab, state->rules, state->room * sizeof(*grown), room * sizeof(*grown));
		if (!grown)
			return NULL;
		state->rules = grown;
		state->room = room;
	}
	state->rules[state->count] = (struct tx_rule) { .rule = rule, .direction = direction };
	return &state->rules[state->count++];
}

void tx_state_restart(struct tx_state *state)
{
	struct tx_state kept = { .room = state->room, .rules = state->rules, .bit_count = state->bit_count };
	memcpy(kept.bits, state->bits, sizeof(kept.bits));
	*state = kept;
}

void tx_state_end(struct tx_state *state, uint8_t direction)
{
	uint16_t kept = 0;
	for (unsigned i = 0; i < state->count; i++)
		if (state->rules[i].direction != direction)
			state->rules[kept++] = state->rules[i];
	state->count = kept;
}

struct flow_notes *flow_notes_of(struct flow *flow, struct slab *slab)
{
	if (!flow->inspect)
		flow->inspect = slab_alloc(slab, sizeof(struct flow_notes));
	return flow->inspect;
}

void flow_notes_free(struct flow *flow, struct slab *slab)
{
	struct flow_notes *state = flow->inspect;
	if (!state)
		return;
	slab_free(slab, state->bits, state->bit_bytes);
	slab_free(slab, state->ints, state->int_room * sizeof(*state->ints));
	for (unsigned i = 0; i < state->text_count; i++)
		slab_free(slab, state->texts[i].bytes, state->texts[i].len);
	slab_free(slab, state->texts, state->text_room * sizeof(*state->texts));
	slab_free(slab, state, sizeof(*state));
	flow->inspect = NULL;
}

bool flow_bit_has(const struct flow *flow, uint16_t bit)
{
	const struct flow_notes *state = flow_notes_peek(flow);
	return state && bit / 8 < state->bit_bytes && state->bits[bit / 8] & 1u << (bit % 8);
}

bool flow_bit_put(struct flow *flow, struct slab *slab, uint16_t bit, uint16_t bit_count, bool on)
{
	struct flow_notes *state = flow_notes_peek(flow);
	if (!on && (!state || bit / 8 >= state->bit_bytes))
		return true;
	state = flow_notes_of(flow, slab);
	if (!state)
		return false;
	if (bit / 8 >= state->bit_bytes) { // none yet, or made for rules with fewer bits
		uint32_t bytes = bit_count / 8u + 1;
		uint8_t *grown = slab_resize(slab, state->bits, state->bit_bytes, bytes);
		if (!grown)
			return false;
		memset(grown + state->bit_bytes, 0, bytes - state->bit_bytes);
		state->bits = grown;
		state->bit_bytes = bytes;
	}
	if (on)
		state->bits[bit / 8] |= (uint8_t)(1u << (bit % 8));
	else
		state->bits[bit / 8] &= (uint8_t) ~(1u << (bit % 8));
	return true;
}

struct flow_int *flow_int_find(const struct flow *flow, uint16_t var)
{
	const struct flow_notes *state = flow_notes_peek(flow);
	for (unsigned i = 0; state && i < state->int_count; i++)
		if (state->ints[i].var == var)
			return &state->ints[i];
	return NULL;
}

struct flow_int *flow_int_take(struct flow *flow, struct slab *slab, uint16_t var)
{
	struct flow_int *found = flow_int_find(flow, var);
	struct flow_notes *state = found ? NULL : flow_notes_of(flow, slab);
	if (!state)
		return found;
	if (state->int_count == state->int_room) {
		if (state->int_room >= FLOW_INTS_MAX)
			return NULL;
		uint16_t room = (uint16_t)(state->int_room ? state->int_room * 2 : 2);
		struct flow_int *grown =
			slab_resize(slab, state->ints, state->int_room * sizeof(*grown), room * sizeof(*grown));
		if (!grown)
			return NULL;
		state->ints = grown;
		state->int_room = room;
	}
	state->ints[state->int_count] = (struct flow_int) { var, 0 };
	return &state->ints[state->int_count++];
}

const struct flow_text *flow_text_find(const struct flow *flow, uint16_t var)
{
	const struct flow_notes *state = flow_notes_peek(flow);
	for (unsigned i = 0; state && i < state->text_count; i++)
		if (!state->texts[i].real_name && state->texts[i].var == var)
			return &state->texts[i];
	return NULL;
}

static struct flow_text *text_take(struct flow *flow, struct slab *slab, uint16_t var, const char *real_name)
{
	struct flow_notes *state = flow_notes_of(flow, slab);
	for (unsigned i = 0; state && i < state->text_count; i++) {
		struct flow_text *text = &state->texts[i];
		if (real_name ? text->real_name && strcmp(text->real_name, real_name) == 0
			      : !text->real_name && text->var == var)
			return text;
	}
	if (!state)
		return NULL;
	if (state->text_count == state->text_room) {
		if (state->text_room >= FLOW_TEXTS_MAX)
			return NULL;
		uint16_t room = (uint16_t)(state->text_room ? state->text_room * 2 : 2);
		struct flow_text *grown =
			slab_resize(slab, state->texts, state->text_room * sizeof(*grown), room * sizeof(*grown));
		if (!grown)
			return NULL;
		state->texts = grown;
		state->text_room = room;
	}
	state->texts[state->text_count] = (struct flow_text) { .var = var, .real_name = real_name };
	return &state->texts[state->text_count++];
}

bool flow_text_put(struct flow *flow, struct slab *slab, uint16_t var, struct span text)
{
	struct flow_text *kept = text_take(flow, slab, var, NULL);
	text = span_slice(text, 0, FLOW_TEXT_BYTES);
	uint8_t *bytes = kept && text.len ? slab_alloc_raw(slab, text.len) : NULL;
	if (!kept || (text.len && !bytes))
		return false;
	if (text.len)
		memcpy(bytes, text.data, text.len);
	slab_free(slab, kept->bytes, kept->len);
	kept->bytes = bytes;
	kept->len = text.len;
	return true;
}

bool flow_real_put(struct flow *flow, struct slab *slab, const char *name, double value)
{
	struct flow_text *kept = text_take(flow, slab, 0, name);
	if (kept)
		kept->real = value;
	return kept != NULL;
}

bool tx_bit_has(const struct app_tx *tx, uint16_t bit)
{
	const struct tx_state *state = tx ? tx->inspect : NULL;
	for (unsigned i = 0; state && i < state->bit_count; i++)
		if (state->bits[i] == bit)
			return true;
	return false;
}

bool tx_bit_put(struct app_tx *tx, struct slab *slab, uint16_t bit, bool on)
{
	bool has = tx_bit_has(tx, bit);
	if (has == on)
		return true;
	struct tx_state *state = tx_state_of(tx, slab);
	if (!state || (on && state->bit_count == TX_BITS))
		return false;
	if (on) {
		state->bits[state->bit_count++] = bit;
		return true;
	}
	for (unsigned i = 0; i < state->bit_count; i++)
		if (state->bits[i] == bit)
			state->bits[i] = state->bits[--state->bit_count];
	return true;
}
