// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/imap/imap.h"
#include <ctype.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/starttls.h"
#include "decoders/base/steps.h"

struct imap_worker {
	const struct app_worker *parts;
	struct mime_config mime;
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

struct imap_state {
	struct imap_worker *worker;
	struct imap_tx *waiting; // no older transaction is open; NULL: not known
	uint32_t open, track;
	struct imap_side {
		bool passing;     // the rest of a line too long, or cut by a gap, is passed over
		bool after;       // what follows a literal goes on with the line before it
		bool mid_line;    // of a mail
		uint64_t literal; // bytes left of one
		struct imap_tx *tx;
		struct mime *mail; // the literal is one; NULL: it is passed over
	} sides[2];
	bool continued; // the client's next line has no tag
	bool tls;
};

static const char *const event_names[] = {
	[IMAP_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	[IMAP_LINE_TOO_LONG] = "line_too_long",
	NULL,
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	struct imap_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->parts = parts;
	mime_config_read(&worker->mime, config, "smtp");
	return worker;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	struct imap_state *state = flow->app.state;
	(void)slab;
	state->worker = shared;
	return true;
}

static void free_tx(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	struct imap_state *state = flow->app.state;
	struct imap_tx *tx = (struct imap_tx *)(void *)base;
	if (state->waiting == tx)
		state->waiting = NULL;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		if (state->sides[d].tx == tx) {
			state->sides[d].tx = NULL;
			state->sides[d].mail = NULL;
		}
	while (tx->first) {
		struct imap_mail *gone = tx->first;
		tx->first = gone->next;
		mime_free(gone->mime, slab);
		slab_free(slab, gone, sizeof(*gone));
	}
	file_free_list(((const struct imap_worker *)shared)->parts->files, slab, &base->files);
	slab_free(slab, tx, sizeof(*tx));
}

static struct mime_place place_of(struct app_input *input, struct imap_tx *tx)
{
	struct imap_state *state = input->flow->app.state;
	return (struct mime_place) { .config = &state->worker->mime,
		.files = state->worker->parts->files,
		.slab = input->slab,
		.list = &tx->tx.files,
		.track = &state->track,
		.direction = input->direction };
}

static void end_mail(struct app_input *input, struct imap_side *side, bool whole)
{
	if (!side->mail)
		return;
	struct imap_state *state = input->flow->app.state;
	struct mime_place place = place_of(input, side->tx);
	mime_end(side->mail, &place, whole);
	state->worker->counters[COUNT_OVER_BUDGET] += side->mail->lost;
	side->mail->lost = 0;
	app_tx_changed(input->flow, &side->tx->tx, input->direction);
	side->mail = NULL;
	side->tx = NULL;
}

static struct imap_tx *oldest_open(struct flow *flow)
{
	struct imap_state *state = flow->app.state;
	struct app_tx *tx = state->waiting ? &state->waiting->tx : flow->app.tx_first;
	while (tx && imap_tx_of(tx)->done) {
		work_step(1);
		tx = tx->next;
	}
	state->waiting = (struct imap_tx *)(void *)tx;
	return state->waiting;
}

static void finish(struct app_input *input, struct imap_tx *tx)
{
	struct imap_state *state = input->flow->app.state;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		if (state->sides[d].tx == tx)
			end_mail(input, &state->sides[d], false);
	tx->done = true;
	state->open--;
	tx->tx.last_ns = input->now_ns;
	app_tx_finish(input->flow, &tx->tx, 1);
}

static struct imap_tx *make_tx(struct app_input *input)
{
	struct imap_state *state = input->flow->app.state;
	if (state->open >= IMAP_OPEN_MAX || app_tx_crowded(input->flow, APP_TX_SPARE)) {
		struct imap_tx *oldest = oldest_open(input->flow);
		state->worker->counters[COUNT_OVER_BUDGET]++;
		if (oldest) {
			app_tx_event(input->flow, &oldest->tx, IMAP_TOO_MANY_TRANSACTIONS);
			finish(input, oldest);
		}
	}
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct imap_tx), input->now_ns, 3);
	if (tx)
		state->open++;
	else
		state->worker->counters[COUNT_OVER_BUDGET]++;
	return (struct imap_tx *)(void *)tx;
}

// Cuts the next word off; a quoted one without its quotes.
static struct span next_word(struct span *rest)
{
	*rest = span_trim(*rest);
	bool quoted = rest->len && rest->data[0] == '"';
	uint32_t from = quoted, end = span_find(*rest, quoted ? '"' : ' ', from);
	struct span word = span_slice(*rest, from, end - from);
	*rest = span_from(*rest, end + 1);
	return word;
}

static uint8_t copy_word(uint8_t *to, struct span word, bool capitals)
{
	uint8_t len = (uint8_t)(word.len < IMAP_WORD_MAX ? word.len : IMAP_WORD_MAX);
	for (uint8_t i = 0; i < len; i++)
		to[i] = capitals ? (uint8_t)toupper(word.data[i]) : word.data[i];
	return len;
}

static bool is_named(const struct imap_tx *tx, const char *name)
{
	return span_is(span_of(tx->name, tx->name_len), name);
}

// "{123}" or "{123+}" at a line's end: so many bytes follow it as they are.
static bool literal_at_end(struct span line, uint64_t *bytes)
{
	if (line.len < 3 || line.data[line.len - 1] != '}')
		return false;
	uint32_t at = line.len - 2;
	if (line.data[at] == '+' || line.data[at] == '-')
		at--;
	uint32_t end = at + 1;
	while (at > 0 && line.data[at] >= '0' && line.data[at] <= '9' && end - at < 12)
		at--;
	if (line.data[at] != '{' || at + 1 == end)
		return false;
	*bytes = 0;
	for (at++; at < end; at++)
		*bytes = *bytes * 10 + (line.data[at] - '0');
	return true;
}

// Is what the line's literal stands for a whole mail: "BODY[] {5}", "BODY[]<0> {5}", "RFC822 {5}"?
static bool fetches_mail(struct span line)
{
	uint32_t brace = line.len;
	while (brace && line.data[brace - 1] != '{')
		brace--;
	struct span before = span_trim(span_slice(line, 0, brace ? brace - 1 : 0));
	if (before.len >= 3 && memcmp(before.data + before.len - 3, "<0>", 3) == 0)
		before.len -= 3;
	static const char *const items[] = { "BODY[]", "RFC822" };
	for (unsigned i = 0; i < 2; i++)
		if (before.len > 6 && strncasecmp((const char *)before.data + before.len - 6, items[i], 6) == 0)
			return true;
	return false;
}

static void begin_mail(struct app_input *input, struct imap_side *side, struct imap_tx *tx)
{
	struct imap_state *state = input->flow->app.state;
	struct imap_mail *made = tx->mails < IMAP_MAILS_MAX ? slab_alloc(input->slab, sizeof(*made)) : NULL;
	if (made && !(made->mime = mime_new(input->slab))) {
		slab_free(input->slab, made, sizeof(*made));
		made = NULL;
	}
	if (!made) {
		state->worker->counters[COUNT_OVER_BUDGET]++;
		return;
	}
	if (tx->last)
		tx->last->next = made;
	else
		tx->first = made;
	tx->last = made;
	tx->mails++;
	side->mail = made->mime;
	side->tx = tx;
	side->mid_line = false;
}

static bool take_command(struct app_input *input, struct span line)
{
	struct imap_state *state = input->flow->app.state;
	struct imap_side *side = &state->sides[TO_SERVER];
	bool goes_on = side->after || state->continued;
	side->after = state->continued = false;
	struct imap_tx *tx = NULL;
	if (!goes_on && line.len) {
		struct span rest = line, tag = next_word(&rest), name = next_word(&rest);
		if (span_is_nocase(name, "UID"))
			name = next_word(&rest);
		if (!name.len) {
			state->worker->counters[COUNT_MALFORMED]++;
			return true;
		}
		if (!(tx = make_tx(input)))
			return false;
		tx->tag_len = copy_word(tx->tag, tag, false);
		tx->name_len = copy_word(tx->name, name, true);
		if (is_named(tx, "LOGIN"))
			tx->user_len = copy_word(tx->user, next_word(&rest), false);
		else
			tx->argument_len = copy_word(tx->argument, next_word(&rest), false);
		tx->tx.progress[TO_SERVER] = 1;
		app_tx_changed(input->flow, &tx->tx, TO_SERVER);
	}
	if (literal_at_end(line, &side->literal)) {
		side->after = true;
		if (tx && is_named(tx, "APPEND"))
			begin_mail(input, side, tx);
	}
	return true;
}

static void take_tagged(struct app_input *input, struct imap_state *state, struct span tag, struct span rest)
{
	struct app_tx *base = oldest_open(input->flow) ? &state->waiting->tx : NULL;
	// Commands may be answered out of order (RFC 9051 section 5.5); few are open at once
	for (; base; base = base->next) {
		struct imap_tx *tx = (struct imap_tx *)(void *)base;
		work_step(1);
		if (tx->done || !span_equal(tag, span_of(tx->tag, tx->tag_len)))
			continue;
		tx->status_len = copy_word(tx->status, next_word(&rest), true);
		tx->ok = span_is(span_of(tx->status, tx->status_len), "OK");
		state->tls = tx->ok && is_named(tx, "STARTTLS");
		state->continued = false;
		finish(input, tx);
		return;
	}
}

// Whose mail it is: the oldest open FETCH's, or the oldest open command's.
static struct imap_tx *asking(struct flow *flow)
{
	struct imap_tx *oldest = oldest_open(flow);
	for (struct app_tx *base = oldest ? &oldest->tx : NULL; base; base = base->next) {
		struct imap_tx *tx = (struct imap_tx *)(void *)base;
		work_step(1);
		if (!tx->done && is_named(tx, "FETCH"))
			return tx;
	}
	return oldest;
}

static void take_response(struct app_input *input, struct span line)
{
	struct imap_state *state = input->flow->app.state;
	struct imap_side *side = &state->sides[TO_CLIENT];
	struct span rest = line;
	bool goes_on = side->after;
	side->after = false;
	struct span tag = goes_on ? (struct span) { 0 } : next_word(&rest);
	struct imap_tx *oldest = oldest_open(input->flow);
	if (span_is(tag, "+"))
		state->continued = oldest && (is_named(oldest, "AUTHENTICATE") || is_named(oldest, "IDLE"));
	else if (tag.len && !span_is(tag, "*"))
		take_tagged(input, state, tag, rest);
	if (literal_at_end(line, &side->literal)) {
		side->after = true;
		struct imap_tx *tx = fetches_mail(line) ? asking(input->flow) : NULL;
		if (tx)
			begin_mail(input, side, tx);
	}
}

// A piece of a literal, from at on; gives the offset of what it left: a line of a mail not whole yet.
static uint32_t take_literal(struct app_input *input, struct imap_side *side, uint32_t at)
{
	struct span rest = span_from(input->data, at);
	if (rest.len > side->literal)
		rest.len = (uint32_t)side->literal;
	uint32_t used = rest.len;
	if (side->mail) {
		struct mime_place place = place_of(input, side->tx);
		bool last = used == side->literal || input->end, changed = false;
		used = mime_take_bytes(side->mail, &place, rest, last, &side->mid_line, &changed);
		if (changed)
			app_tx_changed(input->flow, &side->tx->tx, input->direction);
	}
	side->literal -= used;
	if (!side->literal)
		end_mail(input, side, true);
	return at + used;
}

// A line at *at. False: there is no whole one, or no room (*broken).
static bool next_line(struct app_input *input, struct imap_side *side, uint32_t *at, bool *broken)
{
	struct imap_state *state = input->flow->app.state;
	uint32_t end = span_find(input->data, '\n', *at);
	bool whole = end<input->data.len, truncated = end - *at> IMAP_LINE_MAX;
	work_step(1 + (end - *at) / 16);
	if (!side->passing && !whole && !truncated && !input->end)
		return false;
	struct span line = span_slice(input->data, *at, truncated ? IMAP_LINE_MAX : end - *at);
	bool pass = side->passing;
	side->passing = (pass || truncated) && !whole;
	*at = whole ? end + 1 : end;
	if (truncated && !pass) {
		struct imap_tx *oldest = oldest_open(input->flow);
		state->worker->counters[COUNT_TRUNCATED]++;
		if (oldest)
			app_tx_event(input->flow, &oldest->tx, IMAP_LINE_TOO_LONG);
	}
	if (pass)
		return true;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (input->direction == TO_CLIENT)
		take_response(input, line);
	else
		*broken = !take_command(input, line);
	return !*broken;
}

static void take_gap(struct app_input *input, struct imap_side *side)
{
	if (input->gap_bytes < side->literal) {
		side->literal -= input->gap_bytes;
		if (side->mail)
			mime_gap(side->mail, input->gap_bytes);
		side->mid_line = true;
		return;
	}
	if (side->mail && side->literal)
		mime_gap(side->mail, (uint32_t)side->literal);
	end_mail(input, side, false);
	side->passing = input->gap_bytes > side->literal;
	side->literal = 0;
	side->after = false;
}

static enum app_result parse(struct app_input *input)
{
	struct imap_state *state = input->flow->app.state;
	struct imap_side *side = &state->sides[input->direction];
	uint32_t at = 0;
	bool broken = false;
	if (input->gap_bytes)
		take_gap(input, side);
	while (at < input->data.len && !state->tls && !broken) {
		uint32_t before = at;
		if (side->literal)
			at = take_literal(input, side, at);
		else
			next_line(input, side, &at, &broken);
		if (at == before)
			break;
	}
	input->consumed = at;
	if (input->end)
		end_mail(input, side, false);
	if (broken)
		return APP_ERROR;
	return state->tls ? app_switch_to_tls(input) : APP_OK;
}

static const struct app_port ports[] = { { PROTO_TCP, 143, 143 }, { 0 } };
static const char *const states[] = { "started", "done", NULL };

const struct app_parser imap_parser = {
	.proto = APP_IMAP,
	.name = "imap",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 32,
	.probe = recognise_imap,
	.state_bytes = sizeof(struct imap_state),
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.progress_names = { states, states },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct imap_worker, counters),
};
