// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/pgsql/pgsql.h"
#include <stdlib.h>
#include "decoders/app/app_tx.h"
#include "decoders/app/starttls.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

#define HEAD_BYTES    5 // type and length
#define STARTUP_MAX   10000
#define CODE_VERSION3 0x30000u
#define CODE_CANCEL   80877102u
#define CODE_SSL      80877103u
#define CODE_GSS      80877104u

struct pgsql_state {
	struct pgsql_tx *current;
	uint64_t skip[2]; // bytes of a message that are still to come and tell nothing
	uint8_t request;  // the last one's kind
	bool asked_ssl;   // the server's next byte answers it
	bool started;     // typed messages follow
	uint32_t auth;    // what the server asked for last
};

static const char *const event_names[] = { [PGSQL_INVALID_LENGTH] = "invalid_length",
	[PGSQL_MALFORMED_REQUEST] = "malformed_request",
	[PGSQL_MALFORMED_RESPONSE] = "malformed_response",
	[PGSQL_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	[PGSQL_TOO_MANY_RESPONSES] = "too_many_responses",
	NULL };

struct span pgsql_text(struct span *rest)
{
	uint32_t end = span_find(*rest, 0, 0);
	struct span text = span_slice(*rest, 0, end);
	*rest = span_from(*rest, end + 1);
	return text;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)shared;
	struct pgsql_state *state = flow->app.state;
	struct pgsql_tx *mine = (struct pgsql_tx *)(void *)tx;
	if (state && state->current == mine)
		state->current = NULL;
	kept_free(&mine->requests, slab);
	kept_free(&mine->responses, slab);
	slab_free(slab, mine, sizeof(*mine));
}

static void set_progress(struct flow *flow, struct pgsql_tx *tx, enum direction direction)
{
	tx->tx.progress[direction] = 1;
	app_tx_changed(flow, &tx->tx, direction);
}

static void finish(struct flow *flow, struct pgsql_tx *tx)
{
	set_progress(flow, tx, TO_SERVER);
	set_progress(flow, tx, TO_CLIENT);
}

// A new transaction; the one before gets no more answers.
static struct pgsql_tx *begin_tx(struct app_input *input)
{
	struct pgsql_state *state = input->flow->app.state;
	if (state->current)
		finish(input->flow, state->current);
	struct app_tx *made = app_tx_new(input->flow, input->slab, sizeof(struct pgsql_tx), input->now_ns, 3);
	if (!made)
		tally(input, TALLY_OVER_BUDGET);
	else if (app_tx_crowded(input->flow, 1))
		app_tx_event(input->flow, made, PGSQL_TOO_MANY_TRANSACTIONS);
	return state->current = (struct pgsql_tx *)(void *)made;
}

static struct pgsql_tx *current_tx(struct app_input *input)
{
	struct pgsql_state *state = input->flow->app.state;
	return state->current ? state->current : begin_tx(input);
}

static bool keep(struct app_input *input, struct kept_list *list, uint8_t kind, struct span body, bool truncated)
{
	struct pgsql_state *state = input->flow->app.state;
	if (list->count == PGSQL_KEPT_MAX || list->bytes + body.len > PGSQL_KEPT_BYTES) {
		app_tx_event(input->flow, &state->current->tx, PGSQL_TOO_MANY_RESPONSES);
		tally(input, TALLY_OVER_BUDGET);
		return true;
	}
	struct kept *kept = kept_add(list, input->slab, kind, body);
	if (!kept)
		return false;
	kept->truncated = truncated;
	if (truncated)
		tally(input, TALLY_TRUNCATED);
	state->current->tx.last_ns = input->now_ns;
	return true;
}

// A request that begins a transaction. False: no room.
static bool take_request(struct app_input *input, enum pgsql_request kind, struct span body, bool truncated)
{
	struct pgsql_state *state = input->flow->app.state;
	struct pgsql_tx *tx = begin_tx(input);
	if (!tx || !keep(input, &tx->requests, (uint8_t)kind, body, truncated))
		return false;
	state->request = (uint8_t)kind;
	if (kind == PGSQL_UNKNOWN) {
		app_tx_event(input->flow, &tx->tx, PGSQL_MALFORMED_REQUEST);
		tally(input, TALLY_MALFORMED);
	}
	if (kind == PGSQL_TERMINATE || kind == PGSQL_CANCEL)
		finish(input->flow, tx);
	else
		set_progress(input->flow, tx, TO_SERVER);
	return true;
}

// The first messages of a session have no type byte.
static bool take_untyped(struct app_input *input, struct span message)
{
	struct pgsql_state *state = input->flow->app.state;
	uint32_t code = be32_at(message.data + 4);
	struct span body = span_from(message, 4);
	switch (code) {
	case CODE_SSL:
	case CODE_GSS:
		state->asked_ssl = true;
		return take_request(
			input, code == CODE_SSL ? PGSQL_SSL_REQUEST : PGSQL_GSS_REQUEST, span_from(body, 4), false);
	case CODE_CANCEL: return take_request(input, PGSQL_CANCEL, span_from(body, 4), false);
	default: break;
	}
	if (code >> 16 != 3)
		return take_request(input, PGSQL_UNKNOWN, body, false);
	state->started = true;
	return take_request(input, PGSQL_STARTUP, body, false);
}

static enum pgsql_request password_kind(const struct pgsql_state *state)
{
	if (state->auth == PGSQL_AUTH_SASL)
		return PGSQL_SASL_INITIAL;
	return state->auth == PGSQL_AUTH_SASL_CONTINUE ? PGSQL_SASL_RESPONSE : PGSQL_PASSWORD;
}

static bool take_typed(struct app_input *input, uint8_t type, uint32_t len, struct span body)
{
	struct pgsql_state *state = input->flow->app.state;
	bool truncated = body.len < len;
	struct pgsql_tx *tx;
	state->started = true;
	switch (type) {
	case 'Q': return take_request(input, PGSQL_QUERY, body, truncated);
	case 'P': return take_request(input, PGSQL_PARSE, body, truncated);
	case 'p': return take_request(input, password_kind(state), body, truncated);
	case 'X': return take_request(input, PGSQL_TERMINATE, body, truncated);
	case 'd':
		tx = current_tx(input);
		if (!tx)
			return false;
		tx->copies_in++;
		tx->copy_in_bytes += len;
		return true;
	case 'c':
	case 'f':
		tx = current_tx(input);
		return tx &&
		       keep(input, &tx->requests, type == 'c' ? PGSQL_COPY_DONE : PGSQL_COPY_FAIL, body, truncated);
	case 'B': // bind, close, describe, execute, function call, flush, sync: they go with the statement before
	case 'C':
	case 'D':
	case 'E':
	case 'F':
	case 'H':
	case 'S': tally(input, TALLY_UNSUPPORTED); return true;
	default: return take_request(input, PGSQL_UNKNOWN, body, truncated);
	}
}

// Does an answer of this type end what was asked? An error does so before the session is up.
static bool ends_tx(struct pgsql_state *state, uint8_t type, struct span body)
{
	if (type == 'Z')
		return true;
	if (type == 'E')
		return state->request == PGSQL_STARTUP || state->request == PGSQL_PASSWORD ||
		       state->request == PGSQL_SASL_INITIAL || state->request == PGSQL_SASL_RESPONSE;
	if (type != 'R' || body.len < 4)
		return false;
	state->auth = be32_at(body.data);
	return state->auth != PGSQL_AUTH_OK && state->auth != PGSQL_AUTH_SASL_FINAL;
}

static bool take_response(struct app_input *input, uint8_t type, uint32_t len, struct span body)
{
	struct pgsql_state *state = input->flow->app.state;
	struct pgsql_tx *tx = current_tx(input);
	if (!tx)
		return false;
	switch (type) {
	case 'D': // fields of which each brings its length; a NULL has no bytes
		tx->rows++;
		if (body.len >= 2 && len >= 2 + 4u * be16_at(body.data))
			tx->row_bytes += len - 2 - 4u * be16_at(body.data);
		return true;
	case 'd':
		tx->copies_out++;
		tx->copy_out_bytes += len;
		return true;
	case 'Z': break;
	case '1': // parse, bind and close complete, no data, portal suspended, parameters: nothing to tell
	case '2':
	case '3':
	case 'n':
	case 's':
	case 't':
	case 'c': return true;
	case 'A':
	case 'C':
	case 'E':
	case 'G':
	case 'H':
	case 'I':
	case 'K':
	case 'N':
	case 'R':
	case 'S':
	case 'T':
	case 'V':
	case 'W':
	case 'v':
		if (!keep(input, &tx->responses, type, body, body.len < len))
			return false;
		break;
	default:
		app_tx_event(input->flow, &tx->tx, PGSQL_MALFORMED_RESPONSE);
		tally(input, TALLY_MALFORMED);
		return true;
	}
	if (ends_tx(state, type, body) || !tx->requests.count)
		finish(input->flow, tx);
	else
		app_tx_changed(input->flow, &tx->tx, TO_CLIENT);
	return true;
}

// How many bytes of a message's body must be there before it is taken: rows and copied data are told by their head.
static uint32_t body_wanted(enum direction direction, uint8_t type, uint32_t len)
{
	uint32_t most = PGSQL_MESSAGE_MAX;
	if (type == 'd')
		most = 0;
	else if (direction == TO_CLIENT && type == 'D')
		most = 2;
	return len < most ? len : most;
}

static bool bad_length(struct app_input *input)
{
	struct pgsql_tx *tx = current_tx(input);
	if (tx)
		app_tx_event(input->flow, &tx->tx, PGSQL_INVALID_LENGTH);
	tally(input, TALLY_MALFORMED);
	return false;
}

enum step { STEP_TAKEN, STEP_MORE, STEP_ERROR };

// A message with a type byte at *at.
static enum step step_typed(struct app_input *input, uint32_t *at)
{
	struct pgsql_state *state = input->flow->app.state;
	struct span data = span_from(input->data, *at);
	if (data.len < HEAD_BYTES)
		return STEP_MORE;
	uint32_t len = be32_at(data.data + 1);
	if (len < 4 || len > INT32_MAX)
		return bad_length(input) ? STEP_TAKEN : STEP_ERROR;
	len -= 4;
	uint32_t want = body_wanted(input->direction, data.data[0], len);
	if (data.len - HEAD_BYTES < want)
		return STEP_MORE;
	struct span body = span_slice(data, HEAD_BYTES, want);
	bool good = input->direction == TO_SERVER ? take_typed(input, data.data[0], len, body)
						  : take_response(input, data.data[0], len, body);
	*at += HEAD_BYTES + want;
	state->skip[input->direction] = len - want;
	return good ? STEP_TAKEN : STEP_ERROR;
}

static enum step step_untyped(struct app_input *input, uint32_t *at)
{
	struct span data = span_from(input->data, *at);
	if (data.len < 8)
		return STEP_MORE;
	uint32_t len = be32_at(data.data);
	if (len < 8 || len > STARTUP_MAX)
		return bad_length(input) ? STEP_TAKEN : STEP_ERROR;
	if (data.len < len)
		return STEP_MORE;
	*at += len;
	return take_untyped(input, span_slice(data, 0, len)) ? STEP_TAKEN : STEP_ERROR;
}

// The one byte that answers an SSL or GSS request; anything else is a typed message (an old server's error).
static enum step step_answer(struct app_input *input, uint32_t *at, bool *tls)
{
	struct pgsql_state *state = input->flow->app.state;
	struct span byte = span_slice(input->data, *at, 1);
	state->asked_ssl = false;
	if (byte.data[0] != 'S' && byte.data[0] != 'N' && byte.data[0] != 'G')
		return step_typed(input, at);
	struct pgsql_tx *tx = current_tx(input);
	if (!tx || !keep(input, &tx->responses, PGSQL_SSL_ANSWER, byte, false))
		return STEP_ERROR;
	finish(input->flow, tx);
	*tls = byte.data[0] == 'S';
	*at += 1;
	return STEP_TAKEN;
}

static enum step step(struct app_input *input, uint32_t *at, bool *tls)
{
	const struct pgsql_state *state = input->flow->app.state;
	work_step(1);
	if (input->direction == TO_CLIENT)
		return state->asked_ssl ? step_answer(input, at, tls) : step_typed(input, at);
	// Lengths of untyped messages begin with a zero, types do not
	return !state->started || input->data.data[*at] == 0 ? step_untyped(input, at) : step_typed(input, at);
}

static uint32_t skip(uint64_t *left, uint32_t have)
{
	uint32_t now = *left < have ? (uint32_t)*left : have;
	*left -= now;
	return now;
}

static enum app_result parse(struct app_input *input)
{
	struct pgsql_state *state = input->flow->app.state;
	uint64_t *left = &state->skip[input->direction];
	if (input->gap_bytes && skip(left, input->gap_bytes) < input->gap_bytes) {
		if (input->offset > input->gap_bytes || input->direction == TO_CLIENT)
			return APP_ERROR;
		state->started = true;
	}
	if (input->direction == TO_SERVER && !state->started && input->data.len && input->data.data[0])
		state->started = true; // in the middle of a session
	uint32_t at = 0;
	bool tls = false;
	while (!tls) {
		at += skip(left, input->data.len - at);
		if (at == input->data.len)
			break;
		enum step result = step(input, &at, &tls);
		if (result == STEP_ERROR)
			return APP_ERROR;
		if (result == STEP_MORE)
			break;
	}
	input->consumed = at;
	return tls ? app_switch_to_tls(input) : APP_OK;
}

// Startup, SSL and cancel requests; authentication, error or the answer to an SSL request from the server.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	if (data.len < 8)
		return direction == TO_CLIENT && data.len == 1 && (data.data[0] == 'S' || data.data[0] == 'N')
			       ? APP_PROBE_YES
			       : APP_PROBE_MORE;
	uint32_t len = be32_at(data.data), code = be32_at(data.data + 4), typed = be32_at(data.data + 1);
	uint8_t type = data.data[0];
	if (direction == TO_CLIENT)
		return (type == 'R' || type == 'E' || type == 'T') && typed >= 4 && typed < 10000 ? APP_PROBE_YES
												  : APP_PROBE_NO;
	if (type == 'Q' || type == 'p' || type == 'P')
		return typed >= 4 && typed < data.len && data.data[typed] == 0 ? APP_PROBE_YES : APP_PROBE_NO;
	if (len < 8 || len >= STARTUP_MAX)
		return APP_PROBE_NO;
	if (code == CODE_VERSION3 || (code >= CODE_CANCEL && code <= CODE_GSS))
		return APP_PROBE_YES;
	return len == data.len ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 5432, 5432 }, { 0 } };

const struct app_parser pgsql_parser = {
	.proto = APP_PGSQL,
	.name = "pgsql",
	.tcp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 8,
	.probe = probe,
	.state_bytes = sizeof(struct pgsql_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = tally_names,
};
