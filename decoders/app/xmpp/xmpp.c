// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/xmpp/xmpp.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tls/tls_carried.h"
#include "decoders/base/slab.h"
#include "decoders/base/steps.h"

#define TLS_HANDSHAKE 22

struct xmpp_state {
	bool asked, granted;
	uint32_t clear[2];        // bytes that were read
	struct app_tx *handshake; // while it goes on
};

static enum app_result handshake_end(struct app_input *input)
{
	struct xmpp_state *state = input->flow->app.state;
	struct app_tx *tx = state->handshake;
	tls_carried_end(tx);
	tx->progress[TO_SERVER] = tx->progress[TO_CLIENT] = 1;
	app_tx_changed(input->flow, tx, TO_SERVER);
	app_tx_changed(input->flow, tx, TO_CLIENT);
	state->handshake = NULL;
	return APP_STOP_BOTH;
}

static enum app_result take_tls(struct app_input *input, uint32_t at)
{
	struct xmpp_state *state = input->flow->app.state;
	if (!state->handshake)
		state->handshake = app_tx_new(input->flow, input->slab, sizeof(struct app_tx), input->now_ns, 3);
	if (!state->handshake) {
		tally(input, TALLY_OVER_BUDGET);
		return APP_STOP_BOTH;
	}
	input->consumed = at + tls_carried_read(input, state->handshake, span_from(input->data, at));
	state->handshake->last_ns = input->now_ns;
	return tls_carried_is_over(state->handshake) ? handshake_end(input) : APP_OK;
}

// A tag at the front of data, "<" to ">". 0: it is not whole yet.
static uint32_t tag_bytes(struct span data)
{
	struct span most = span_slice(data, 0, XMPP_TAG_MAX);
	uint32_t end = span_find(most, '>', 0);
	work_step(1 + end / 16);
	if (end < most.len)
		return end + 1;
	return most.len == XMPP_TAG_MAX ? 1 : 0; // a longer one is none of ours
}

static void take_tag(struct xmpp_state *state, enum direction direction, struct span tag)
{
	if (direction == TO_SERVER)
		state->asked |= span_starts(tag, "<starttls");
	else
		state->granted |= state->asked && span_starts(tag, "<proceed");
}

static enum app_result parse(struct app_input *input)
{
	struct xmpp_state *state = input->flow->app.state;
	struct span data = input->data;
	uint32_t at = 0;
	if (state->handshake)
		return input->gap_bytes ? handshake_end(input) : take_tls(input, 0);
	while (at < data.len) {
		if (state->granted && data.data[at] == TLS_HANDSHAKE)
			return take_tls(input, at);
		uint32_t len = data.data[at] == '<' ? tag_bytes(span_from(data, at)) : 1;
		if (!len)
			break;
		take_tag(state, input->direction, span_slice(data, at, len));
		at += len;
	}
	input->consumed = at;
	state->clear[input->direction] += at;
	return state->clear[input->direction] > XMPP_CLEAR_MAX ? APP_STOP_BOTH : APP_OK;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct xmpp_state *state = flow->app.state;
	(void)shared;
	if (state && state->handshake == tx)
		state->handshake = NULL;
	tls_carried_free(slab, tx);
	slab_free(slab, tx, sizeof(*tx));
}

static const struct app_port ports[] = { { PROTO_TCP, 5222, 5222 }, { 0 } };

const struct app_parser xmpp_parser = {
	.proto = APP_JABBER,
	.name = "jabber",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 160,
	.probe = recognise_jabber,
	.state_bytes = sizeof(struct xmpp_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = tls_carrier_new,
	.worker_free = tls_carrier_free,
	.complete = { 1, 1 },
	.counter_names = tally_names,
};
