// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ldap/ldap.h"
#include <stdlib.h>
#include "decoders/app/app_tx.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/starttls.h"
#include "decoders/app/tally.h"

#define BUCKETS   64
#define CHAIN_MAX 32 // of a bucket that is looked at
#define START_TLS "1.3.6.1.4.1.1466.20037"

struct ldap_state {
	uint32_t skip[2]; // bytes of a message too long that are still to come
	bool sasl;        // a SASL bind was seen: what follows may be wrapped
	struct ldap_tx *buckets[BUCKETS];
};

static const char *const event_names[] = { [LDAP_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	[LDAP_INVALID_DATA] = "invalid_data",
	[LDAP_REQUEST_NOT_FOUND] = "request_not_found",
	[LDAP_TOO_MANY_RESPONSES] = "too_many_responses",
	NULL };

enum { FRAME_PDU };
static const char *const frame_names[] = { [FRAME_PDU] = "pdu", NULL };

static void wait_for_answer(struct ldap_state *state, struct ldap_tx *tx)
{
	struct ldap_tx **bucket = &state->buckets[tx->id % BUCKETS];
	tx->open = true;
	tx->next_open = *bucket;
	tx->open_link = bucket;
	if (tx->next_open)
		tx->next_open->open_link = &tx->next_open;
	*bucket = tx;
}

static void settle(struct ldap_tx *tx)
{
	if (!tx->open)
		return;
	*tx->open_link = tx->next_open;
	if (tx->next_open)
		tx->next_open->open_link = tx->open_link;
	tx->open = false;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)shared;
	struct ldap_tx *mine = (struct ldap_tx *)(void *)tx;
	if (flow->app.state)
		settle(mine);
	kept_free(&mine->requests, slab);
	kept_free(&mine->responses, slab);
	slab_free(slab, mine, sizeof(*mine));
}

static struct ldap_tx *find(struct ldap_state *state, uint32_t id)
{
	struct ldap_tx *tx = state->buckets[id % BUCKETS];
	for (unsigned seen = 0; tx && tx->id != id; tx = tx->next_open) {
		work_step(1);
		if (++seen == CHAIN_MAX)
			return NULL;
	}
	return tx;
}

static void finish(struct flow *flow, struct ldap_tx *tx)
{
	settle(tx);
	app_tx_finish(flow, &tx->tx, 1);
}

static struct ldap_tx *make_tx(struct app_input *input, uint32_t id, uint8_t mask)
{
	struct app_tx *made = app_tx_new(input->flow, input->slab, sizeof(struct ldap_tx), input->now_ns, mask);
	if (!made) {
		tally(input, TALLY_OVER_BUDGET);
		return NULL;
	}
	if (app_tx_crowded(input->flow, 1))
		app_tx_event(input->flow, made, LDAP_TOO_MANY_TRANSACTIONS);
	struct ldap_tx *tx = (struct ldap_tx *)(void *)made;
	tx->id = id;
	return tx;
}

static bool keep(struct app_input *input, struct ldap_tx *tx, uint8_t operation, struct span bytes)
{
	struct kept_list *list = ldap_is_request(operation) ? &tx->requests : &tx->responses;
	tx->tx.last_ns = input->now_ns;
	if (list->count == LDAP_KEPT_MAX || list->bytes + bytes.len > LDAP_KEPT_BYTES) {
		tally(input, TALLY_OVER_BUDGET);
		app_tx_event(input->flow, &tx->tx, LDAP_TOO_MANY_RESPONSES);
		return true;
	}
	return kept_add(list, input->slab, operation, bytes) != NULL;
}

// Does it ask for TLS?
static bool is_start_tls(const struct ldap_message *m)
{
	struct ldap_extended extended;
	return m->operation == LDAP_EXTENDED_REQUEST && ldap_extended_read(m, &extended) &&
	       span_is(extended.name, START_TLS);
}

static bool take_request(struct app_input *input, const struct ldap_message *m, struct span bytes, struct ldap_tx **out)
{
	struct ldap_state *state = input->flow->app.state;
	bool alone = m->operation == LDAP_UNBIND_REQUEST || m->operation == LDAP_ABANDON_REQUEST;
	struct ldap_tx *tx = *out = make_tx(input, m->id, alone ? 1 : 3);
	if (!tx || !keep(input, tx, m->operation, bytes))
		return false;
	if (alone) {
		finish(input->flow, tx);
		return true;
	}
	struct ldap_bind bind;
	if (ldap_bind_read(m, &bind) && bind.sasl)
		state->sasl = true;
	tx->starts_tls = is_start_tls(m);
	wait_for_answer(state, tx);
	tx->tx.progress[TO_SERVER] = 1;
	app_tx_changed(input->flow, &tx->tx, TO_SERVER);
	return true;
}

static bool take_response(
	struct app_input *input, const struct ldap_message *m, struct span bytes, struct ldap_tx **out, bool *tls)
{
	struct ldap_tx *tx = *out = find(input->flow->app.state, m->id);
	bool lone = tx == NULL;
	if (lone) {
		tx = *out = make_tx(input, m->id, 2);
		// Message id 0 is the server's own word (section 4.4)
		if (tx && m->id)
			app_tx_event(input->flow, &tx->tx, LDAP_REQUEST_NOT_FOUND);
	}
	if (!tx || !keep(input, tx, m->operation, bytes))
		return false;
	tx->responses_seen++;
	struct ldap_result result;
	*tls = tx->starts_tls && m->operation == LDAP_EXTENDED_RESPONSE && ldap_result_read(m, &result) &&
	       result.code == 0;
	if (lone || ldap_is_final(m->operation))
		finish(input->flow, tx);
	else
		app_tx_changed(input->flow, &tx->tx, TO_CLIENT);
	return true;
}

// What is no message: an event on a transaction of its own.
static void complain(struct app_input *input)
{
	tally(input, TALLY_MALFORMED);
	struct ldap_tx *tx = make_tx(input, 0, (uint8_t)(1u << input->direction));
	if (!tx)
		return;
	app_tx_event(input->flow, &tx->tx, LDAP_INVALID_DATA);
	finish(input->flow, tx);
}

enum head { HEAD_OK, HEAD_MORE, HEAD_BAD };

// Tag and length of the message at the front of data: *whole bytes with them.
static enum head read_head(struct span data, uint64_t *whole)
{
	struct cursor c = cursor_on(data);
	uint8_t tag = cursor_u8(&c), first = cursor_u8(&c);
	if (data.len && tag != DER_SEQUENCE)
		return HEAD_BAD;
	uint64_t len = first;
	if (first & 0x80) {
		unsigned count = first & 0x7f;
		if (!cursor_ok(&c))
			return HEAD_MORE;
		if (count == 0 || count > 8)
			return HEAD_BAD;
		len = 0;
		for (unsigned i = 0; i < count; i++)
			len = len << 8 | cursor_u8(&c);
	}
	if (!cursor_ok(&c))
		return HEAD_MORE;
	*whole = len + cursor_offset(&c);
	return len > INT32_MAX ? HEAD_BAD : HEAD_OK;
}

static bool take_message(struct app_input *input, uint32_t at, uint32_t len, bool *tls)
{
	struct span bytes = span_slice(input->data, at, len);
	struct ldap_message m;
	struct ldap_tx *tx = NULL;
	if (!ldap_message_read(bytes, &m)) {
		complain(input);
		return true;
	}
	bool good = ldap_is_request(m.operation) ? take_request(input, &m, bytes, &tx)
						 : take_response(input, &m, bytes, &tx, tls);
	if (!good)
		return false;
	struct app_frame *frame = app_frame(input, FRAME_PDU, at, len);
	if (frame && tx)
		frame->tx_id = tx->tx.id + 1;
	return true;
}

static uint32_t skip(uint32_t *left, uint32_t have)
{
	uint32_t now = *left < have ? *left : have;
	*left -= now;
	return now;
}

static enum app_result parse(struct app_input *input)
{
	struct ldap_state *state = input->flow->app.state;
	uint32_t *left = &state->skip[input->direction];
	if (input->gap_bytes && skip(left, input->gap_bytes) < input->gap_bytes)
		return APP_ERROR;
	uint32_t at = skip(left, input->data.len);
	bool tls = false;
	while (at < input->data.len && !tls) {
		uint64_t whole = 0;
		enum head head = read_head(span_from(input->data, at), &whole);
		if (head == HEAD_BAD && state->sasl && !input->datagram) {
			tally(input, TALLY_UNSUPPORTED); // signed or sealed from here on
			return APP_STOP_BOTH;
		}
		if (head == HEAD_BAD) {
			complain(input);
			return input->datagram ? APP_OK : APP_ERROR;
		}
		uint32_t have = input->data.len - at;
		bool too_long = head == HEAD_OK && whole > LDAP_MESSAGE_MAX;
		if (input->datagram && (head == HEAD_MORE || whole > have)) {
			complain(input);
			break;
		}
		if (head == HEAD_MORE || (!too_long && whole > have))
			break;
		if (too_long) {
			tally(input, TALLY_TRUNCATED);
			*left = (uint32_t)whole;
			at += skip(left, have);
			continue;
		}
		if (!take_message(input, at, (uint32_t)whole, &tls))
			return APP_ERROR;
		at += (uint32_t)whole;
	}
	input->consumed = at;
	return tls ? app_switch_to_tls(input) : APP_OK;
}

static const struct app_port ports[] = { { PROTO_TCP, 389, 389 }, { PROTO_TCP, 3268, 3268 }, { PROTO_UDP, 389, 389 },
	{ PROTO_UDP, 3268, 3268 }, { 0 } };

const struct app_parser ldap_parser = {
	.proto = APP_LDAP,
	.name = "ldap",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 20,
	.probe = recognise_ldap,
	.state_bytes = sizeof(struct ldap_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = tally_names,
};
