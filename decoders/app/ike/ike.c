// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ike/ike.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"

#define PROPOSALS_MAX 4096 // bytes kept of each
#define KEY_MAX       2048
#define NONCE_MAX     512
#define VENDOR_MAX    128

struct ike_worker {
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static const char *const event_names[] = {
	[IKE_MALFORMED_DATA] = "malformed_data",
	[IKE_NO_ENCRYPTION] = "no_encryption",
	[IKE_WEAK_CRYPTO_ENC] = "weak_crypto_enc",
	[IKE_WEAK_CRYPTO_PRF] = "weak_crypto_prf",
	[IKE_WEAK_CRYPTO_DH] = "weak_crypto_dh",
	[IKE_WEAK_CRYPTO_AUTH] = "weak_crypto_auth",
	[IKE_WEAK_CRYPTO_NO_DH] = "weak_crypto_no_dh",
	[IKE_WEAK_CRYPTO_NO_AUTH] = "weak_crypto_no_auth",
	[IKE_INVALID_PROPOSAL] = "invalid_proposal",
	[IKE_UNKNOWN_PROPOSAL] = "unknown_proposal",
	[IKE_MULTIPLE_SERVER_PROPOSAL] = "multiple_server_proposal",
	NULL,
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config, (void)parts;
	return calloc(1, sizeof(struct ike_worker));
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct ike_state *state = flow->app.state;
	for (unsigned i = 0; i < 2; i++) {
		bytes_fini(slab, &state->said[i].proposals);
		bytes_fini(slab, &state->said[i].key_exchange);
		bytes_fini(slab, &state->said[i].nonce);
	}
	for (unsigned i = 0; i < state->vendor_count; i++)
		bytes_fini(slab, &state->vendors[i]);
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct ike_tx *ike = (struct ike_tx *)(void *)tx;
	slab_free(slab, ike->bytes, ike->len);
	slab_free(slab, ike, sizeof(*ike));
}

static void keep(struct app_input *input, struct bytes *where, struct span what, uint32_t most)
{
	where->len = 0;
	bytes_append(input->slab, where, what, most);
}

static void keep_vendor(struct app_input *input, struct span vendor)
{
	struct ike_state *state = input->flow->app.state;
	vendor = span_slice(vendor, 0, VENDOR_MAX);
	for (unsigned i = 0; i < state->vendor_count; i++)
		if (span_equal(bytes_span(&state->vendors[i]), vendor))
			return;
	if (state->vendor_count == IKE_VENDORS)
		((struct ike_worker *)input->shared)->counters[COUNT_OVER_BUDGET]++;
	else
		keep(input, &state->vendors[state->vendor_count++], vendor, VENDOR_MAX);
}

static void keep_said(struct app_input *input, const struct ike_payload *payload)
{
	struct ike_state *state = input->flow->app.state;
	struct ike_said *said = &state->said[input->direction];
	switch (payload->type) {
	case IKE1_SA:
		state->has_doi = payload->body.len >= 4;
		state->doi = state->has_doi ? be32_at(payload->body.data) : 0;
		keep(input, &said->proposals, payload->body, PROPOSALS_MAX);
		break;
	case IKE1_KEY_EXCHANGE: keep(input, &said->key_exchange, payload->body, KEY_MAX); break;
	case IKE1_NONCE: keep(input, &said->nonce, payload->body, NONCE_MAX); break;
	case IKE1_VENDOR: keep_vendor(input, payload->body); break;
	default: break;
	}
}

enum { ENCRYPTION = 1, PRF, INTEGRITY, GROUP };

#define BITS(...) bits_of((const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ }))

static uint64_t bits_of(const uint8_t *numbers, size_t count)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < count; i++)
		bits |= UINT64_C(1) << numbers[i];
	return bits;
}

static bool is_in(uint64_t bits, uint16_t id)
{
	return id < 64 && bits >> id & 1;
}

// What RFC 8247 no longer wants in a version 2 proposal. Gives the bits of the events.
static unsigned judge(const struct ike_transform *t)
{
	switch (t->type) {
	case ENCRYPTION:
		if (t->id == 11)
			return 1u << IKE_NO_ENCRYPTION;
		return is_in(BITS(1, 2, 3, 4, 5, 6, 7, 8, 9), t->id) ? 1u << IKE_WEAK_CRYPTO_ENC : 0;
	case PRF: return is_in(BITS(1, 2), t->id) ? 1u << IKE_WEAK_CRYPTO_PRF : 0;
	case INTEGRITY: return is_in(BITS(1, 2, 3, 4, 6, 7), t->id) ? 1u << IKE_WEAK_CRYPTO_AUTH : 0;
	case GROUP:
		if (t->id == 0)
			return 1u << IKE_WEAK_CRYPTO_NO_DH;
		return is_in(BITS(1, 2, 5, 22), t->id) ? 1u << IKE_WEAK_CRYPTO_DH : 0;
	default: return t->type > 5 ? 1u << IKE_UNKNOWN_PROPOSAL : 0;
	}
}

static void read_proposals(struct app_input *input, struct ike_tx *tx, struct span body)
{
	struct ike_transforms transforms;
	struct ike_transform t;
	unsigned events = 0;
	bool any = false, combined = false, integrity = false, group = false;
	ike_transforms_begin(2, body, &transforms);
	while (ike_transform_next(&transforms, &t)) {
		any = true;
		events |= judge(&t);
		combined |= t.type == ENCRYPTION && t.id >= 14 && t.id <= 28 && t.id != 17 && t.id != 23 && t.id != 24;
		integrity |= t.type == INTEGRITY && t.id != 0;
		group |= t.type == GROUP;
	}
	if (any && !group)
		events |= 1u << IKE_WEAK_CRYPTO_NO_DH;
	if (any && !combined && !integrity)
		events |= 1u << IKE_WEAK_CRYPTO_NO_AUTH;
	if (input->direction == TO_CLIENT && transforms.proposals > 1)
		events |= 1u << IKE_MULTIPLE_SERVER_PROPOSAL;
	for (unsigned event = 0; event <= IKE_MULTIPLE_SERVER_PROPOSAL; event++)
		if (events >> event & 1) {
			app_tx_event(input->flow, &tx->tx, event);
			tx->errors += event == IKE_MALFORMED_DATA;
		}
}

static void read_payloads(struct app_input *input, struct ike_tx *tx, const struct ike_message *m)
{
	struct ike_chain chain = { 0 };
	struct ike_payload payload;
	while (ike_payload_next(m, &chain, &payload)) {
		if (m->major == 1)
			keep_said(input, &payload);
		else if (payload.type == IKE2_SA)
			read_proposals(input, tx, payload.body);
	}
	if (!chain.broken)
		return;
	tx->errors++;
	((struct ike_worker *)input->shared)->counters[COUNT_MALFORMED]++;
	app_tx_event(input->flow, &tx->tx, IKE_MALFORMED_DATA);
}

static struct span without_marker(struct span data)
{
	return data.len > 4 && be32_at(data.data) == 0 ? span_from(data, 4) : data;
}

static enum app_result parse(struct app_input *input)
{
	struct ike_worker *worker = input->shared;
	struct span data = without_marker(input->data);
	struct ike_message m;
	if (!data.len)
		return APP_OK;
	if (!ike_message_read(data, &m)) {
		worker->counters[data.len < IKE_HEAD_BYTES ? COUNT_TRUNCATED : COUNT_MALFORMED]++;
		return APP_OK; // ESP on the same port, keep-alives
	}
	struct ike_tx *tx = (struct ike_tx *)(void *)app_tx_new(
		input->flow, input->slab, sizeof(*tx), input->now_ns, (uint8_t)(1u << input->direction));
	if (!tx) {
		worker->counters[COUNT_OVER_BUDGET]++;
		return APP_ERROR;
	}
	tx->from = input->direction;
	tx->bytes = slab_alloc_raw(input->slab, data.len);
	if (tx->bytes) {
		tx->len = data.len;
		memcpy(tx->bytes, data.data, data.len);
	}
	read_payloads(input, tx, &m);
	tx->tx.progress[TO_SERVER] = tx->tx.progress[TO_CLIENT] = 1;
	app_tx_changed(input->flow, &tx->tx, input->direction);
	return APP_OK;
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	struct ike_message m;
	data = without_marker(data);
	if (!ike_message_read(data, &m) || m.len != data.len)
		return APP_PROBE_NO;
	if (m.major == 1)
		return APP_PROBE_YES;
	bool call = !(m.flags & IKE_RESPONSE);
	return call == (direction == TO_SERVER) ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static const struct app_port ports[] = { { PROTO_UDP, 500, 500 }, { PROTO_UDP, 4500, 4500 }, { 0 } };

const struct app_parser ike_parser = {
	.proto = APP_IKE,
	.name = "ike",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = IKE_HEAD_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct ike_state),
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct ike_worker, counters),
};
