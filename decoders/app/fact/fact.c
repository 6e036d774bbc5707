// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/fact/fact.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"
#include "decoders/base/utf16.h"

#define SPARE_TXS 16 // kept free for what needs no answer

const char *const fact_event_names[] = {
	[FACT_MALFORMED] = "malformed_data",
	[FACT_TOO_LONG] = "message_too_long",
	[FACT_UNEXPECTED] = "unexpected_message",
	[FACT_TOO_MANY] = "too_many_transactions",
	NULL,
};

void fact_tx_free(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct fact_tx *facts = fact_tx_of(tx);
	while (facts->first) {
		struct fact *fact = facts->first;
		facts->first = fact->next;
		slab_free(slab, fact, sizeof(*fact) + fact->len);
	}
	slab_free(slab, facts, sizeof(*facts));
}

static struct fact_flow *state_of(const struct app_input *input)
{
	return input->flow->app.state;
}

static void leave_queue(struct fact_flow *state, struct fact_tx *tx)
{
	struct fact_tx *before = NULL, *at = state->open_first;
	while (at && at != tx) { // the oldest is asked for nearly always
		before = at;
		at = at->next_open;
	}
	if (!at)
		return;
	if (before)
		before->next_open = tx->next_open;
	else
		state->open_first = tx->next_open;
	if (state->open_last == tx)
		state->open_last = before;
	tx->next_open = NULL;
	tx->open = false;
	state->open--;
}

void fact_said(const struct app_input *input, struct fact_tx *tx, enum direction direction)
{
	if (!tx)
		return;
	tx->tx.progress[direction] = 1;
	tx->tx.last_ns = input->now_ns;
	app_tx_changed(input->flow, &tx->tx, direction);
}

void fact_finish(const struct app_input *input, struct fact_tx *tx)
{
	if (!tx)
		return;
	if (tx->open)
		leave_queue(state_of(input), tx);
	fact_said(input, tx, TO_SERVER);
	fact_said(input, tx, TO_CLIENT);
}

static void make_room(const struct app_input *input)
{
	struct fact_flow *state = state_of(input);
	if (!state->open_first || (state->open < FACT_OPEN_MAX && !app_tx_crowded(input->flow, SPARE_TXS)))
		return;
	tally(input, TALLY_OVER_BUDGET);
	fact_raise(input, state->open_first, FACT_TOO_MANY);
	fact_finish(input, state->open_first);
}

struct fact_tx *fact_begin(const struct app_input *input, bool both)
{
	struct fact_flow *state = state_of(input);
	make_room(input);
	uint8_t directions = (uint8_t)(both ? 3u : 1u << input->direction);
	struct app_tx *made = app_tx_new(input->flow, input->slab, sizeof(struct fact_tx), input->now_ns, directions);
	if (!made) {
		tally(input, TALLY_OVER_BUDGET);
		return NULL;
	}
	struct fact_tx *tx = fact_tx_of(made);
	if (!both)
		return tx;
	tx->open = true;
	if (state->open_last)
		state->open_last->next_open = tx;
	else
		state->open_first = tx;
	state->open_last = tx;
	state->open++;
	return tx;
}

struct fact_tx *fact_answering(const struct app_input *input)
{
	return state_of(input)->open_first;
}

struct fact_tx *fact_waiting_for(const struct app_input *input, uint8_t id, uint64_t number)
{
	struct fact_tx *tx = state_of(input)->open_first;
	for (; tx; tx = tx->next_open) {
		const struct fact *first = tx->first;
		work_step(1);
		if (first && first->id == id && first->number == number && first->direction != input->direction)
			break;
	}
	return tx;
}

void fact_raise(const struct app_input *input, struct fact_tx *tx, enum fact_event event)
{
	if (event == FACT_MALFORMED)
		tally(input, TALLY_MALFORMED);
	if (tx)
		app_tx_event(input->flow, &tx->tx, event);
}

static struct fact *add(const struct app_input *input, struct fact_tx *tx, uint8_t id, uint32_t len)
{
	struct fact *fact = tx && tx->count < FACT_MAX ? slab_alloc_raw(input->slab, sizeof(struct fact) + len) : NULL;
	if (!fact) {
		if (tx)
			tally(input, TALLY_OVER_BUDGET);
		return NULL;
	}
	*fact = (struct fact) { .id = id, .direction = (uint8_t)input->direction, .len = len };
	if (tx->last)
		tx->last->next = fact;
	else
		tx->first = fact;
	tx->last = fact;
	tx->count++;
	return fact;
}

void fact_text(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span text)
{
	if (!text.data)
		return;
	uint32_t len = text.len < FACT_TEXT_MAX ? text.len : FACT_TEXT_MAX;
	struct fact *fact = add(input, tx, id, len);
	if (!fact)
		return;
	if (len)
		memcpy(fact->bytes, text.data, len);
	fact->cut = text.len - len;
	if (fact->cut)
		tally(input, TALLY_TRUNCATED);
}

void fact_utf16(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span text)
{
	uint8_t utf8[FACT_TEXT_MAX];
	uint32_t len = 0, at = 0;
	while (tx && text.len - at >= 2 && len + 4 <= sizeof(utf8)) {
		uint32_t code = utf16_code(text, &at);
		if (code)
			len += utf8_write(code, utf8 + len);
	}
	if (!text.data)
		return;
	fact_text(input, tx, id, span_of(utf8, len));
	if (text.len - at >= 2 && tx && tx->last && tx->last->id == id) {
		tx->last->cut = (text.len - at) / 2;
		tally(input, TALLY_TRUNCATED);
	}
}

void fact_string(const struct app_input *input, struct fact_tx *tx, uint8_t id, const char *text)
{
	if (text)
		fact_text(input, tx, id, span_text(text));
}

void fact_format(const struct app_input *input, struct fact_tx *tx, uint8_t id, const char *format, ...)
{
	char text[128];
	va_list arguments;
	if (!tx)
		return;
	va_start(arguments, format);
	int len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (len >= 0)
		fact_text(input, tx, id, span_of(text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1));
}

void fact_hex(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span bytes, uint32_t max)
{
	static const char digits[] = "0123456789abcdef";
	char text[512];
	uint32_t len = bytes.len < max ? bytes.len : max;
	if (!tx || !bytes.data)
		return;
	if (len > sizeof(text) / 2)
		len = sizeof(text) / 2;
	for (uint32_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes.data[i] >> 4];
		text[2 * i + 1] = digits[bytes.data[i] & 15];
	}
	fact_text(input, tx, id, span_of(text, 2 * len));
	if (len < bytes.len)
		tally(input, TALLY_TRUNCATED);
}

void fact_number(const struct app_input *input, struct fact_tx *tx, uint8_t id, uint64_t number)
{
	struct fact *fact = add(input, tx, id, 0);
	if (fact)
		fact->number = number;
}

void fact_flag(const struct app_input *input, struct fact_tx *tx, uint8_t id)
{
	fact_number(input, tx, id, 1);
}

void fact_address(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span bytes)
{
	if (bytes.len == 4 || bytes.len == 16)
		fact_text(input, tx, id, bytes);
}

const struct fact *fact_find(const struct fact_tx *tx, uint8_t id, unsigned index)
{
	for (const struct fact *fact = tx->first; fact; fact = fact->next)
		if (fact->id == id && index-- == 0)
			return fact;
	return NULL;
}

uint32_t fact_skip(const struct app_input *input)
{
	uint32_t *left = &state_of(input)->skip[input->direction];
	if (input->gap_bytes > *left)
		return UINT32_MAX;
	*left -= input->gap_bytes;
	uint32_t now = *left < input->data.len ? *left : input->data.len;
	*left -= now;
	return now;
}

uint32_t fact_pass(const struct app_input *input, uint32_t at, uint32_t whole)
{
	uint32_t have = input->data.len - at, now = whole < have ? whole : have;
	state_of(input)->skip[input->direction] = whole - now;
	return now;
}

// Messages from at on.
static enum app_result take_all(
	struct app_input *input, uint32_t at, uint32_t max, fact_length *length, fact_take *take, bool *lost)
{
	enum app_result result = APP_OK;
	*lost = false;
	while (at < input->data.len && result == APP_OK) {
		struct span rest = span_from(input->data, at);
		uint32_t whole = length(input, rest);
		if (whole == UINT32_MAX) {
			*lost = true;
			return APP_ERROR;
		}
		uint32_t wanted = whole < max ? whole : max;
		if (!whole || rest.len < wanted)
			break;
		if (whole > max)
			tally(input, TALLY_TRUNCATED);
		result = take(input, span_slice(rest, 0, wanted), whole);
		at += fact_pass(input, at, whole);
	}
	input->consumed = at;
	return result;
}

enum app_result fact_give_up(const struct app_input *input, enum fact_event event)
{
	struct fact_tx *tx = state_of(input)->open_first, *alone = tx ? NULL : fact_begin(input, false);
	fact_raise(input, tx ? tx : alone, event);
	fact_said(input, alone, input->direction);
	return APP_ERROR;
}

enum app_result fact_messages(struct app_input *input, uint32_t max, fact_length *length, fact_take *take)
{
	uint32_t at = fact_skip(input);
	if (at == UINT32_MAX) {
		tally(input, TALLY_TRUNCATED);
		return APP_ERROR;
	}
	bool lost;
	enum app_result result = take_all(input, at, max, length, take, &lost);
	return lost ? fact_give_up(input, FACT_MALFORMED) : result;
}

enum app_result fact_messages_resuming(struct app_input *input, uint32_t max, fact_length *length, fact_take *take)
{
	struct fact_flow *state = state_of(input);
	uint8_t *sight = &state->sight[input->direction];
	uint32_t at = fact_skip(input);
	if (at == UINT32_MAX) {
		tally(input, TALLY_TRUNCATED);
		state->skip[input->direction] = at = 0;
		*sight = FACT_LOST;
	}
	if (*sight == FACT_LOST && input->data.len) {
		uint32_t whole = length(input, input->data);
		if (whole == UINT32_MAX) // consumed is all of it
			return APP_OK;
		if (whole)
			*sight = FACT_RESUMED;
	}
	bool lost;
	enum app_result result = take_all(input, at, max, length, take, &lost);
	if (!lost)
		return result;
	if (*sight == FACT_SURE)
		fact_give_up(input, FACT_MALFORMED);
	*sight = FACT_LOST; // what looked like a message was none
	input->consumed = input->data.len;
	return APP_OK;
}
