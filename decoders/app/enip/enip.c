// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/enip/enip.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"

struct enip_state {
	bool lost[2]; // bytes were lost: nothing is parsed until something begins like a message
};

struct enip_worker {
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static const char *const event_names[] = {
	[ENIP_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	[ENIP_INVALID_PDU] = "invalid_pdu",
	NULL,
};

enum { FRAME_HEAD, FRAME_DATA, FRAME_PDU };
static const char *const frame_names[] = { [FRAME_HEAD] = "hdr", [FRAME_DATA] = "data", [FRAME_PDU] = "pdu", NULL };

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config, (void)parts;
	return calloc(1, sizeof(struct enip_worker));
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct enip_tx *enip = (struct enip_tx *)(void *)tx;
	for (unsigned i = 0; i < 2; i++)
		slab_free(slab, enip->pdus[i].bytes, enip->pdus[i].len);
	slab_free(slab, enip, sizeof(*enip));
}

static bool head_read(struct span data, struct enip_pdu *pdu)
{
	struct cursor c = cursor_on(data);
	*pdu = (struct enip_pdu) { .present = true, .command = cursor_le16(&c) };
	pdu->len = cursor_le16(&c);
	pdu->session = cursor_le32(&c);
	pdu->status = cursor_le32(&c);
	pdu->context = cursor_le64(&c);
	pdu->options = cursor_le32(&c);
	return cursor_ok(&c);
}

static bool known_command(uint16_t command)
{
	static const uint16_t commands[] = { ENIP_NOP, ENIP_LIST_SERVICES, ENIP_LIST_IDENTITY, ENIP_LIST_INTERFACES,
		ENIP_REGISTER_SESSION, ENIP_UNREGISTER_SESSION, ENIP_SEND_RR_DATA, ENIP_SEND_UNIT_DATA,
		ENIP_INDICATE_STATUS, ENIP_CANCEL };
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i] == command)
			return true;
	return false;
}

// Does something that must be in a message of this command lack?
static bool is_invalid(const struct enip_pdu *pdu, enum direction direction)
{
	struct enip_identity identity;
	struct enip_services services;
	struct enip_register registration;
	struct cip_message cip;
	switch (pdu->command) {
	case ENIP_LIST_IDENTITY: return direction == TO_CLIENT && !enip_identity_read(pdu, &identity);
	case ENIP_LIST_SERVICES: return direction == TO_CLIENT && !enip_services_read(pdu, &services);
	case ENIP_REGISTER_SESSION: return pdu->status == 0 && !enip_register_read(pdu, &registration);
	case ENIP_SEND_RR_DATA:
	case ENIP_SEND_UNIT_DATA: return pdu->status == 0 && !enip_cip_read(pdu, &cip);
	default: return !known_command(pdu->command);
	}
}

static void finish(struct flow *flow, struct enip_tx *tx, enum direction direction)
{
	tx->tx.progress[TO_SERVER] = tx->tx.progress[TO_CLIENT] = 1;
	app_tx_changed(flow, &tx->tx, direction);
}

// The request this answers: the oldest that still waits with its command and context.
static struct enip_tx *find_request(struct flow *flow, const struct enip_pdu *pdu)
{
	unsigned looked = 0;
	for (struct app_tx *tx = flow->app.tx_first; tx && looked < ENIP_WAIT_MAX; tx = tx->next, looked++) {
		struct enip_tx *enip = (struct enip_tx *)(void *)tx;
		const struct enip_pdu *request = &enip->pdus[TO_SERVER];
		work_step(1);
		if (request->present && !enip->pdus[TO_CLIENT].present && tx->progress[TO_CLIENT] == 0 &&
			request->command == pdu->command && request->context == pdu->context)
			return enip;
	}
	return NULL;
}

// Requests that nobody answers must not use up the flow's transactions: the oldest gives way.
static void make_room(struct app_input *input)
{
	struct flow *flow = input->flow;
	unsigned looked = 0;
	if (!app_tx_crowded(flow, APP_TX_SPARE))
		return;
	for (struct app_tx *tx = flow->app.tx_first; tx && looked < ENIP_WAIT_MAX; tx = tx->next, looked++) {
		if (tx->progress[TO_CLIENT])
			continue;
		((struct enip_worker *)input->shared)->counters[COUNT_OVER_BUDGET]++;
		app_tx_event(flow, tx, ENIP_TOO_MANY_TRANSACTIONS);
		finish(flow, (struct enip_tx *)(void *)tx, TO_SERVER);
		return;
	}
}

static bool take_pdu(struct app_input *input, struct enip_pdu *pdu, const uint8_t *data)
{
	static const uint8_t both = 3;
	struct flow *flow = input->flow;
	struct enip_worker *worker = input->shared;
	struct enip_tx *tx = input->direction == TO_CLIENT ? find_request(flow, pdu) : NULL;
	if (!tx) {
		make_room(input);
		bool alone = input->direction == TO_CLIENT || pdu->command == ENIP_NOP ||
			     pdu->command == ENIP_UNREGISTER_SESSION;
		tx = (struct enip_tx *)(void *)app_tx_new(flow, input->slab, sizeof(*tx), input->now_ns,
			(uint8_t)(alone ? 1u << input->direction : both));
		if (!tx) {
			worker->counters[COUNT_OVER_BUDGET]++;
			return false;
		}
		if (alone)
			finish(flow, tx, input->direction);
	}
	uint8_t *bytes = pdu->len ? slab_alloc_raw(input->slab, pdu->len) : NULL;
	if (bytes)
		memcpy(bytes, data, pdu->len);
	else
		pdu->len = 0;
	pdu->bytes = bytes;
	tx->pdus[input->direction] = *pdu;
	tx->tx.last_ns = input->now_ns;
	if (is_invalid(pdu, input->direction)) {
		worker->counters[COUNT_MALFORMED]++;
		app_tx_event(flow, &tx->tx, ENIP_INVALID_PDU);
	}
	if (input->direction == TO_CLIENT)
		finish(flow, tx, TO_CLIENT);
	else
		app_tx_changed(flow, &tx->tx, TO_SERVER);
	return true;
}

// A command in use, a status in use and no options.
static bool plausible(struct span data)
{
	struct enip_pdu pdu;
	return head_read(data, &pdu) && known_command(pdu.command) && pdu.status <= 0x6a && pdu.options == 0;
}

static enum app_result parse(struct app_input *input)
{
	struct enip_state *state = input->flow->app.state;
	struct enip_worker *worker = input->shared;
	bool *lost = &state->lost[input->direction];
	if (input->gap_bytes) {
		worker->counters[COUNT_TRUNCATED]++;
		*lost = true;
	}
	if (*lost && input->data.len && !plausible(input->data))
		return APP_OK;
	*lost = *lost && !input->data.len;
	uint32_t at = 0;
	while (at < input->data.len) {
		struct enip_pdu pdu;
		struct span rest = span_from(input->data, at);
		if (!head_read(rest, &pdu) || pdu.len > rest.len - ENIP_HEAD_BYTES) {
			if (!input->datagram && !input->end)
				break;
			worker->counters[COUNT_TRUNCATED]++;
			return APP_OK;
		}
		if (!known_command(pdu.command) && !input->datagram) {
			worker->counters[COUNT_MALFORMED]++;
			if (input->flow->app.tx_last)
				app_tx_event(input->flow, input->flow->app.tx_last, ENIP_INVALID_PDU);
			return APP_ERROR;
		}
		app_frame(input, FRAME_HEAD, at, ENIP_HEAD_BYTES);
		app_frame(input, FRAME_DATA, at + ENIP_HEAD_BYTES, pdu.len);
		app_frame(input, FRAME_PDU, at, ENIP_HEAD_BYTES + pdu.len);
		at += ENIP_HEAD_BYTES + pdu.len;
		if (!take_pdu(input, &pdu, rest.data + ENIP_HEAD_BYTES))
			return APP_ERROR;
	}
	input->consumed = at;
	return APP_OK;
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	if (data.len < ENIP_HEAD_BYTES)
		return APP_PROBE_MORE;
	if (!plausible(data))
		return APP_PROBE_NO;
	// What CIP message it carries tells who is who where the session's start was not seen
	struct enip_pdu pdu;
	struct cip_message cip;
	(void)head_read(data, &pdu);
	pdu.bytes = (uint8_t *)(uintptr_t)(data.data + ENIP_HEAD_BYTES);
	if (pdu.len > data.len - ENIP_HEAD_BYTES || !enip_cip_read(&pdu, &cip))
		return APP_PROBE_YES;
	return cip.response == (direction == TO_CLIENT) ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static const struct app_port ports[] = { { PROTO_TCP, 44818, 44818 }, { PROTO_UDP, 44818, 44818 }, { 0 } };

const struct app_parser enip_parser = {
	.proto = APP_ENIP,
	.name = "enip",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = ENIP_HEAD_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct enip_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct enip_worker, counters),
};
