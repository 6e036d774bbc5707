// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/modbus/modbus.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"

#define HEAD_BYTES 7   // MBAP header
#define LENGTH_MAX 254 // of unit, function and data
#define LOOKED_AT  256 // live transactions that are looked through

struct modbus_state {
	bool lost[2];
	uint32_t unanswered;
};

struct modbus_worker {
	uint64_t flood;
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static const char *const event_names[] = {
	[MODBUS_FLOODED] = "flooded",
	[MODBUS_INVALID_PROTOCOL_ID] = "invalid_protocol_id",
	[MODBUS_UNSOLICITED_RESPONSE] = "unsolicited_response",
	[MODBUS_INVALID_LENGTH] = "invalid_length",
	[MODBUS_INVALID_VALUE] = "invalid_value",
	[MODBUS_INVALID_EXCEPTION_CODE] = "invalid_exception_code",
	[MODBUS_VALUE_MISMATCH] = "value_mismatch",
	[MODBUS_INVALID_FUNCTION_CODE] = "invalid_function_code",
	NULL,
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	struct modbus_worker *worker = calloc(1, sizeof(*worker));
	if (worker)
		worker->flood = app_setting_size(config, "modbus", "request-flood", MODBUS_FLOOD);
	return worker;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	slab_free(slab, tx, sizeof(struct modbus_tx));
}

static void finish(struct flow *flow, struct modbus_tx *tx)
{
	app_tx_finish(flow, &tx->tx, 1);
}

static struct modbus_tx *find_request(struct flow *flow, const struct modbus_message *m)
{
	unsigned looked = 0;
	for (struct app_tx *tx = flow->app.tx_first; tx && looked < LOOKED_AT; tx = tx->next, looked++) {
		struct modbus_tx *modbus = (struct modbus_tx *)(void *)tx;
		work_step(1);
		if (tx->progress[TO_CLIENT] == 0 && modbus->messages[TO_SERVER].present &&
			modbus->messages[TO_SERVER].transaction == m->transaction)
			return modbus;
	}
	return NULL;
}

// Requests without a response: the oldest gives way.
static void make_room(struct app_input *input)
{
	struct flow *flow = input->flow;
	unsigned looked = 0;
	if (!app_tx_crowded(flow, APP_TX_SPARE))
		return;
	for (struct app_tx *tx = flow->app.tx_first; tx && looked < LOOKED_AT; tx = tx->next, looked++)
		if (tx->progress[TO_CLIENT] == 0) {
			((struct modbus_worker *)input->shared)->counters[COUNT_OVER_BUDGET]++;
			finish(flow, (struct modbus_tx *)(void *)tx);
			return;
		}
}

static void tell_errors(struct app_input *input, struct modbus_tx *tx, uint8_t errors)
{
	static const struct {
		uint8_t error, event;
	} table[] = { { MODBUS_DATA_VALUE, MODBUS_INVALID_VALUE }, { MODBUS_DATA_LENGTH, MODBUS_INVALID_LENGTH },
		{ MODBUS_EXC_CODE, MODBUS_INVALID_EXCEPTION_CODE }, { MODBUS_FUNC_CODE, MODBUS_INVALID_FUNCTION_CODE },
		{ MODBUS_PROTO_ID, MODBUS_INVALID_PROTOCOL_ID } };
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (errors & table[i].error)
			app_tx_event(input->flow, &tx->tx, table[i].event);
	if (errors)
		((struct modbus_worker *)input->shared)->counters[COUNT_MALFORMED]++;
}

// Does the response say something else than was asked for?
static bool mismatch(const struct modbus_message *request, const struct modbus_message *response)
{
	if (request->function != response->function)
		return true;
	if (response->exception)
		return false;
	if (request->has_read && response->values_at) {
		uint32_t bytes = request->function <= MODBUS_READ_DISCRETES ? (request->read_quantity + 7u) / 8
									    : request->read_quantity * 2u;
		return response->data[0] != bytes;
	}
	if (!request->has_write || !response->has_write)
		return false;
	return request->write_address != response->write_address || request->write_quantity != response->write_quantity;
}

static bool take_message(struct app_input *input, struct span bytes)
{
	struct modbus_state *state = input->flow->app.state;
	struct modbus_worker *worker = input->shared;
	struct modbus_message m;
	modbus_message_read(bytes, input->direction, &m);
	struct modbus_tx *tx = input->direction == TO_CLIENT ? find_request(input->flow, &m) : NULL;
	bool unsolicited = input->direction == TO_CLIENT && !tx;
	if (!tx) {
		make_room(input);
		tx = (struct modbus_tx *)(void *)app_tx_new(
			input->flow, input->slab, sizeof(*tx), input->now_ns, input->direction == TO_CLIENT ? 2 : 3);
	}
	if (!tx) {
		worker->counters[COUNT_OVER_BUDGET]++;
		return false;
	}
	tx->messages[input->direction] = m;
	tx->tx.last_ns = input->now_ns;
	tell_errors(input, tx, m.errors);
	if (unsolicited)
		app_tx_event(input->flow, &tx->tx, MODBUS_UNSOLICITED_RESPONSE);
	else if (input->direction == TO_CLIENT && mismatch(&tx->messages[TO_SERVER], &m))
		app_tx_event(input->flow, &tx->tx, MODBUS_VALUE_MISMATCH);
	if (input->direction == TO_CLIENT) {
		state->unanswered = 0;
		finish(input->flow, tx);
		return true;
	}
	if (worker->flood && ++state->unanswered == worker->flood + 1)
		app_tx_event(input->flow, &tx->tx, MODBUS_FLOODED);
	tx->tx.progress[TO_SERVER] = 1;
	app_tx_changed(input->flow, &tx->tx, TO_SERVER);
	return true;
}

static bool plausible(struct span data)
{
	if (data.len < HEAD_BYTES + 1)
		return false;
	uint32_t len = be16_at(data.data + 4);
	return be16_at(data.data + 2) == 0 && len >= 2 && len <= LENGTH_MAX && data.data[7];
}

// A header whose length cannot be: nothing behind it can be found.
static enum app_result refuse(struct app_input *input)
{
	struct modbus_tx *tx = (struct modbus_tx *)(void *)input->flow->app.tx_last;
	((struct modbus_worker *)input->shared)->counters[COUNT_MALFORMED]++;
	if (!tx) {
		tx = (struct modbus_tx *)(void *)app_tx_new(
			input->flow, input->slab, sizeof(*tx), input->now_ns, (uint8_t)(1u << input->direction));
		if (tx)
			finish(input->flow, tx);
	}
	if (tx)
		app_tx_event(input->flow, &tx->tx, MODBUS_INVALID_LENGTH);
	return APP_ERROR;
}

static enum app_result parse(struct app_input *input)
{
	struct modbus_state *state = input->flow->app.state;
	struct modbus_worker *worker = input->shared;
	bool *lost = &state->lost[input->direction];
	if (input->gap_bytes) {
		worker->counters[COUNT_TRUNCATED]++;
		*lost = true;
	}
	if (*lost && !plausible(input->data))
		return APP_OK;
	*lost = false;
	uint32_t at = 0;
	while (input->data.len - at >= HEAD_BYTES) {
		uint32_t len = be16_at(input->data.data + at + 4);
		if (len < 2 || len > LENGTH_MAX)
			return refuse(input);
		if (input->data.len - at < 6 + len)
			break;
		if (!take_message(input, span_slice(input->data, at, 6 + len)))
			return APP_ERROR;
		at += 6 + len;
	}
	if (input->end && at < input->data.len)
		worker->counters[COUNT_TRUNCATED]++;
	input->consumed = at;
	return APP_OK;
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	if (data.len < HEAD_BYTES + 1)
		return APP_PROBE_MORE;
	return plausible(data) ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 502, 502 }, { 0 } };

const struct app_parser modbus_parser = {
	.proto = APP_MODBUS,
	.name = "modbus",
	.tcp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = HEAD_BYTES + 1,
	.probe = probe,
	.state_bytes = sizeof(struct modbus_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct modbus_worker, counters),
};
