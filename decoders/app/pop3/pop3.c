// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/pop3/pop3.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/starttls.h"
#include "decoders/base/steps.h"

enum kind { ONE_LINE, LINES, LINES_WITHOUT_ARGUMENT, MAIL, TLS, SASL };

static const struct command {
	const char *name;
	uint8_t least, most; // arguments
	uint8_t kind;        // of the response
} commands[] = {
	{ "APOP", 2, 2, ONE_LINE },
	{ "AUTH", 0, 2, SASL },
	{ "CAPA", 0, 0, LINES },
	{ "DELE", 1, 1, ONE_LINE },
	{ "LANG", 0, 1, LINES_WITHOUT_ARGUMENT },
	{ "LIST", 0, 1, LINES_WITHOUT_ARGUMENT },
	{ "NOOP", 0, 0, ONE_LINE },
	{ "PASS", 1, POP3_ARGS_MAX, ONE_LINE }, // a password may have blanks
	{ "QUIT", 0, 0, ONE_LINE },
	{ "RETR", 1, 1, MAIL },
	{ "RSET", 0, 0, ONE_LINE },
	{ "STAT", 0, 0, ONE_LINE },
	{ "STLS", 0, 0, TLS },
	{ "TOP", 2, 2, MAIL },
	{ "UIDL", 0, 1, LINES_WITHOUT_ARGUMENT },
	{ "USER", 1, 1, ONE_LINE },
	{ "UTF8", 0, 0, ONE_LINE },
};

struct pop3_worker {
	const struct app_worker *parts;
	struct mime_config mime;
	uint32_t open_max;
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

struct pop3_state {
	struct pop3_worker *worker;
	struct pop3_tx *waiting; // no older transaction waits for a response; NULL: not known
	uint32_t open, track;
	bool passing[2]; // the rest of a line too long, or cut by a gap, is passed over
	bool sasl;       // the client's next line answers a challenge
	bool in_data;    // of the response of the oldest open transaction
	bool mid_line;
	bool gap_in_data; // its end may be lost: the next response ends it too
	bool tls;
};

static const char *const event_names[] = {
	[POP3_INCORRECT_ARGUMENT_COUNT] = "incorrect_argument_count",
	[POP3_REQUEST_TOO_LONG] = "request_too_long",
	[POP3_RESPONSE_TOO_LONG] = "response_too_long",
	[POP3_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	[POP3_UNKNOWN_COMMAND] = "unknown_command",
	NULL,
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	struct pop3_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->parts = parts;
	uint64_t open = app_setting_size(config, "pop3", "max-tx", POP3_OPEN_MAX);
	worker->open_max = (uint32_t)(open && open < POP3_OPEN_MAX ? open : POP3_OPEN_MAX);
	mime_config_read(&worker->mime, config, "smtp");
	return worker;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	struct pop3_state *state = flow->app.state;
	(void)slab;
	state->worker = shared;
	return true;
}

static void free_tx(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	struct pop3_state *state = flow->app.state;
	struct pop3_tx *tx = (struct pop3_tx *)(void *)base;
	if (state->waiting == tx) {
		state->waiting = NULL;
		state->in_data = false;
	}
	bytes_fini(slab, &tx->line);
	bytes_fini(slab, &tx->header);
	bytes_fini(slab, &tx->data);
	mime_free(tx->mail, slab);
	file_free_list(((const struct pop3_worker *)shared)->parts->files, slab, &base->files);
	slab_free(slab, tx, sizeof(*tx));
}

static struct pop3_tx *oldest_open(struct flow *flow)
{
	struct pop3_state *state = flow->app.state;
	struct app_tx *tx = state->waiting ? &state->waiting->tx : flow->app.tx_first;
	while (tx && pop3_tx_of(tx)->done) {
		work_step(1);
		tx = tx->next;
	}
	state->waiting = (struct pop3_tx *)(void *)tx;
	return state->waiting;
}

static struct mime_place place_of(struct app_input *input, struct pop3_tx *tx)
{
	struct pop3_state *state = input->flow->app.state;
	return (struct mime_place) { .config = &state->worker->mime,
		.files = state->worker->parts->files,
		.slab = input->slab,
		.list = &tx->tx.files,
		.track = &state->track,
		.direction = TO_CLIENT };
}

static void finish(struct app_input *input, struct pop3_tx *tx, bool whole)
{
	struct pop3_state *state = input->flow->app.state;
	if (tx->done)
		return;
	if (tx->mail) {
		struct mime_place place = place_of(input, tx);
		mime_end(tx->mail, &place, whole);
		state->worker->counters[COUNT_OVER_BUDGET] += tx->mail->lost;
		tx->mail->lost = 0;
	}
	tx->done = true;
	state->open--;
	state->in_data = false;
	tx->tx.last_ns = input->now_ns;
	app_tx_finish(input->flow, &tx->tx, 1);
}

static struct pop3_tx *make_tx(struct app_input *input)
{
	struct pop3_state *state = input->flow->app.state;
	struct pop3_worker *worker = state->worker;
	if (state->open >= worker->open_max || app_tx_crowded(input->flow, APP_TX_SPARE)) {
		struct pop3_tx *oldest = oldest_open(input->flow);
		worker->counters[COUNT_OVER_BUDGET]++;
		if (oldest) {
			app_tx_event(input->flow, &oldest->tx, POP3_TOO_MANY_TRANSACTIONS);
			finish(input, oldest, false);
		}
	}
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct pop3_tx), input->now_ns, 3);
	if (tx)
		state->open++;
	else
		worker->counters[COUNT_OVER_BUDGET]++;
	return (struct pop3_tx *)(void *)tx;
}

struct span pop3_command(const struct pop3_tx *tx)
{
	struct span line = bytes_span(&tx->line);
	return tx->sasl ? span_text("<SASL DATA>") : span_slice(line, 0, span_find(line, ' ', 0));
}

bool pop3_argument(const struct pop3_tx *tx, unsigned index, struct span *word)
{
	struct span line = bytes_span(&tx->line);
	if (tx->sasl || index >= POP3_ARGS_MAX)
		return false;
	for (uint32_t at = span_find(line, ' ', 0); at < line.len;) {
		while (at < line.len && line.data[at] == ' ')
			at++;
		uint32_t end = span_find(line, ' ', at);
		if (at < end && index-- == 0) {
			*word = span_slice(line, at, end - at);
			return true;
		}
		at = end;
	}
	return false;
}

static void look_up(struct app_input *input, struct pop3_tx *tx)
{
	struct pop3_state *state = input->flow->app.state;
	struct span name = pop3_command(tx), word;
	unsigned arguments = 0;
	while (pop3_argument(tx, arguments, &word))
		arguments++;
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (span_is_nocase(name, commands[i].name))
			tx->command = (uint8_t)(i + 1);
	if (!tx->command) {
		app_tx_event(input->flow, &tx->tx, POP3_UNKNOWN_COMMAND);
		state->worker->counters[COUNT_MALFORMED]++;
		return;
	}
	const struct command *command = &commands[tx->command - 1];
	if (arguments < command->least || arguments > command->most)
		app_tx_event(input->flow, &tx->tx, POP3_INCORRECT_ARGUMENT_COUNT);
}

static bool take_command(struct app_input *input, struct span line, bool truncated)
{
	struct pop3_state *state = input->flow->app.state;
	struct pop3_tx *tx = make_tx(input);
	if (!tx)
		return false;
	if (line.len && !bytes_append(input->slab, &tx->line, line, POP3_LINE_MAX))
		return false;
	tx->asked = true;
	tx->sasl = state->sasl;
	state->sasl = false;
	if (!tx->sasl)
		look_up(input, tx);
	if (truncated)
		app_tx_event(input->flow, &tx->tx, POP3_REQUEST_TOO_LONG);
	tx->tx.progress[TO_SERVER] = 1;
	app_tx_changed(input->flow, &tx->tx, TO_SERVER);
	return true;
}

static bool has_lines(const struct pop3_tx *tx)
{
	struct span word;
	if (!tx->command || !tx->success)
		return false;
	switch ((enum kind)commands[tx->command - 1].kind) {
	case LINES:
	case MAIL: return true;
	case SASL: // without a mechanism it asks for a list of them
	case LINES_WITHOUT_ARGUMENT: return !pop3_argument(tx, 0, &word);
	default: return false;
	}
}

// The first line of a response: "+OK text", "-ERR text", or "+ challenge".
static bool take_status(struct app_input *input, struct span line, bool truncated)
{
	struct pop3_state *state = input->flow->app.state;
	bool ok = span_starts_nocase(line, "+OK"), challenge = !ok && line.len && line.data[0] == '+';
	if (!ok && !challenge && !span_starts_nocase(line, "-ERR")) {
		state->worker->counters[COUNT_MALFORMED]++;
		return true;
	}
	struct pop3_tx *tx = oldest_open(input->flow);
	if (!tx && !(tx = make_tx(input))) // the greeting
		return false;
	tx->answered = true;
	tx->success = ok || challenge;
	if (truncated)
		app_tx_event(input->flow, &tx->tx, POP3_RESPONSE_TOO_LONG);
	uint32_t blank = challenge ? 1 : span_find(line, ' ', 0);
	struct span text = span_trim(span_from(line, blank));
	if (text.len)
		bytes_append(input->slab, &tx->header, text, POP3_LINE_MAX);
	if (challenge) {
		state->sasl = true;
		finish(input, tx, true);
		return true;
	}
	state->waiting = tx;
	if (has_lines(tx)) {
		state->in_data = true;
		state->mid_line = state->gap_in_data = false;
		if (commands[tx->command - 1].kind == MAIL)
			tx->mail = mime_new(input->slab);
		return true;
	}
	state->tls = ok && tx->command && commands[tx->command - 1].kind == TLS;
	finish(input, tx, true);
	return true;
}

// A line of a response's data, or a piece of one.
static void take_data(struct app_input *input, struct span line, uint8_t end_bytes)
{
	struct pop3_state *state = input->flow->app.state;
	struct pop3_tx *tx = state->waiting;
	bool begins = !state->mid_line;
	state->mid_line = !end_bytes;
	if (begins && end_bytes && line.len == 1 && line.data[0] == '.') {
		finish(input, tx, true);
		return;
	}
	if (begins && line.len > 1 && line.data[0] == '.')
		line = span_from(line, 1);
	if (tx->mail) {
		struct mime_place place = place_of(input, tx);
		if (mime_take(tx->mail, &place, line, begins, end_bytes))
			app_tx_changed(input->flow, &tx->tx, TO_CLIENT);
		state->worker->counters[COUNT_OVER_BUDGET] += tx->mail->lost;
		tx->mail->lost = 0;
		return;
	}
	if (commands[tx->command - 1].kind == MAIL)
		return; // no memory for it
	if (tx->data.len + line.len + 1 > POP3_DATA_MAX || tx->rows == POP3_ROWS_MAX) {
		app_tx_event(input->flow, &tx->tx, POP3_RESPONSE_TOO_LONG);
		return;
	}
	bytes_append(input->slab, &tx->data, line, POP3_DATA_MAX);
	if (end_bytes)
		tx->rows = (uint16_t)(tx->rows + bytes_append(input->slab, &tx->data, span_text("\n"), POP3_DATA_MAX));
}

// A line at *at. False: there is no whole one, or no room (*broken).
static bool next_line(struct app_input *input, uint32_t *at, bool *broken)
{
	struct pop3_state *state = input->flow->app.state;
	enum direction d = input->direction;
	uint32_t end = span_find(input->data, '\n', *at);
	bool whole = end < input->data.len;
	work_step(1 + (end - *at) / 16);
	if (state->passing[d]) {
		state->passing[d] = !whole;
		*at = whole ? end + 1 : end;
		return true;
	}
	bool in_data = d == TO_CLIENT && state->in_data && state->waiting, truncated = end - *at > POP3_LINE_MAX;
	if (!whole && !truncated && !input->end)
		return false;
	uint8_t end_bytes = !whole ? 0 : end > *at && input->data.data[end - 1] == '\r' ? 2 : 1;
	uint32_t next = whole ? end + 1 : end;
	struct span line = span_slice(input->data, *at, next - *at - end_bytes);
	*at = next;
	if (in_data && state->gap_in_data && !state->mid_line &&
		(span_starts(line, "+OK") || span_starts(line, "-ERR"))) {
		finish(input, state->waiting, false);
		in_data = false;
	}
	if (in_data) {
		take_data(input, line, end_bytes);
		return true;
	}
	if (truncated) {
		state->worker->counters[COUNT_TRUNCATED]++;
		line = span_slice(line, 0, POP3_LINE_MAX);
	}
	state->passing[d] = truncated && !whole;
	*broken = d == TO_SERVER ? (line.len || state->sasl) && !take_command(input, line, truncated)
				 : !take_status(input, line, truncated);
	return !*broken;
}

static void take_gap(struct app_input *input)
{
	struct pop3_state *state = input->flow->app.state;
	if (input->direction == TO_CLIENT && state->in_data && state->waiting) {
		if (state->waiting->mail)
			mime_gap(state->waiting->mail, input->gap_bytes);
		state->mid_line = state->gap_in_data = true;
		return;
	}
	state->passing[input->direction] = true; // to the next line
}

static enum app_result parse(struct app_input *input)
{
	struct pop3_state *state = input->flow->app.state;
	uint32_t at = 0;
	bool broken = false;
	if (input->gap_bytes)
		take_gap(input);
	while (at < input->data.len && !state->tls && next_line(input, &at, &broken))
		continue;
	input->consumed = at;
	if (broken)
		return APP_ERROR;
	return state->tls ? app_switch_to_tls(input) : APP_OK;
}

static const struct app_port ports[] = { { PROTO_TCP, 110, 110 }, { 0 } };
static const char *const states[] = { "started", "done", NULL };

const struct app_parser pop3_parser = {
	.proto = APP_POP3,
	.name = "pop3",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 512,
	.probe = recognise_pop3,
	.state_bytes = sizeof(struct pop3_state),
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.progress_names = { states, states },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct pop3_worker, counters),
};
