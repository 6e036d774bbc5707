// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/krb5/krb5.h"
#include <stdlib.h>
#include "decoders/app/hold.h"
#include "decoders/app/identify/recognise.h"

#define MESSAGE_MAX (128u << 10) // bytes of a message over TCP; a longer one is passed over

// X(constant, name)
#define KRB5_COUNTERS(X)                         \
	X(KRB5_COUNT_MALFORMED, "malformed")     \
	X(KRB5_COUNT_UNSUPPORTED, "unsupported") \
	X(KRB5_COUNT_OVER_BUDGET, "over_budget") \
	X(KRB5_COUNT_TRUNCATED, "truncated")
#define KRB5_COUNTER_CONSTANT(constant, name) constant,
enum krb5_counter { KRB5_COUNTERS(KRB5_COUNTER_CONSTANT) KRB5_COUNTERS_END };

struct krb5_worker {
	uint64_t counters[KRB5_COUNTERS_END];
};

struct krb5_state {
	uint8_t request; // type of the newest one
	struct hold hold[2];
	uint32_t skip[2]; // bytes of a message that is passed over
	bool lost[2];
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config, (void)parts;
	return calloc(1, sizeof(struct krb5_worker));
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct krb5_state *state = flow->app.state;
	hold_drop(&state->hold[TO_SERVER], slab);
	hold_drop(&state->hold[TO_CLIENT], slab);
}

static void free_tx(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct krb5_tx *tx = (struct krb5_tx *)base;
	bytes_fini(slab, &tx->cname);
	bytes_fini(slab, &tx->sname);
	bytes_fini(slab, &tx->realm);
	bytes_fini(slab, &tx->cname_parts);
	bytes_fini(slab, &tx->sname_parts);
	slab_free(slab, tx, sizeof *tx);
}

static void keep_name(struct slab *slab, const struct krb5_name *name, struct bytes *text, struct bytes *parts)
{
	struct krb5_name_walk walk;
	struct span part;
	bool first = true;
	krb5_name_begin(name, &walk);
	while (krb5_name_next(&walk, &part)) {
		if (!first)
			bytes_append(slab, text, span_of("/", 1), KRB5_TEXT_MAX);
		first = false;
		bytes_append(slab, text, part, KRB5_TEXT_MAX);
		if (parts->len + part.len + 1 <= KRB5_TEXT_MAX) {
			bytes_append(slab, parts, part, KRB5_TEXT_MAX);
			bytes_append(slab, parts, span_of("", 1), KRB5_TEXT_MAX);
		}
	}
}

static struct krb5_tx *tell(const struct app_input *input, const struct krb5_message *m)
{
	struct krb5_state *state = input->flow->app.state;
	struct krb5_tx *tx = (struct krb5_tx *)app_tx_new(
		input->flow, input->slab, sizeof *tx, input->now_ns, (uint8_t)(1u << input->direction));
	if (!tx)
		return NULL;
	tx->type = m->type;
	tx->has_cname = m->cname.present;
	tx->has_sname = m->sname.present;
	tx->has_realm = m->realm.data != NULL;
	tx->has_etype = m->has_etype && (m->type == KRB5_AS_REP || m->type == KRB5_TGS_REP);
	tx->has_ticket_etype = m->has_ticket_etype;
	tx->etype = m->etype;
	tx->ticket_etype = m->ticket_etype;
	keep_name(input->slab, &m->cname, &tx->cname, &tx->cname_parts);
	keep_name(input->slab, &m->sname, &tx->sname, &tx->sname_parts);
	bytes_append(input->slab, &tx->realm, m->realm, KRB5_TEXT_MAX);
	tx->etype_count = m->etype_count;
	memcpy(tx->etypes, m->etypes, sizeof tx->etypes);
	tx->padata_count = m->padata_count;
	memcpy(tx->padata, m->padata, sizeof tx->padata);
	if (m->type == KRB5_ERROR) {
		tx->has_error = true;
		tx->error = m->error;
		tx->failed_request = state->request;
	}
	return tx;
}

static void take_message(const struct app_input *input, struct span data)
{
	struct krb5_worker *worker = input->shared;
	struct krb5_state *state = input->flow->app.state;
	struct krb5_message m;
	enum krb5_result result = krb5_message_parse(data, &m);
	if (result == KRB5_MALFORMED) {
		worker->counters[KRB5_COUNT_MALFORMED]++;
		if (input->flow->app.tx_last)
			app_tx_event(input->flow, input->flow->app.tx_last, KRB5_MALFORMED_DATA);
		return;
	}
	if (result == KRB5_UNKNOWN) {
		worker->counters[KRB5_COUNT_UNSUPPORTED]++;
		return;
	}
	if (m.type == KRB5_AP_REQ || m.type == KRB5_AP_REP || m.type == KRB5_PRIV) {
		state->request = 0; // of applications: changing a password; not told
		return;
	}
	struct krb5_tx *tx = tell(input, &m);
	if (m.type == KRB5_AS_REQ || m.type == KRB5_TGS_REQ)
		state->request = m.type;
	else
		state->request = 0;
	if (!tx) {
		worker->counters[KRB5_COUNT_OVER_BUDGET]++;
		return;
	}
	if ((tx->has_etype && krb5_etype_is_weak(tx->etype)))
		app_tx_event(input->flow, &tx->tx, KRB5_WEAK_ENCRYPTION);
	tx->tx.progress[input->direction] = 1;
	app_tx_changed(input->flow, &tx->tx, input->direction);
}

static bool starts_message(struct span data)
{
	return data.len >= 5 && be32_at(data.data) <= MESSAGE_MAX && data.data[4] >= 0x6a && data.data[4] <= 0x7e;
}

static void take_stream(struct app_input *input)
{
	struct krb5_state *state = input->flow->app.state;
	struct krb5_worker *worker = input->shared;
	enum direction d = input->direction;
	struct hold *hold = &state->hold[d];
	struct span left;
	if (input->gap_bytes) {
		worker->counters[KRB5_COUNT_TRUNCATED] += hold->bytes.len > 0;
		state->lost[d] = hold->bytes.len || state->skip[d] < input->gap_bytes || state->lost[d];
		state->skip[d] = state->lost[d] ? 0 : state->skip[d] - input->gap_bytes;
		hold_drop(hold, input->slab);
	}
	if (!hold_open(hold, input->slab, input->data, SLAB_MAX_BLOCK, &left))
		state->lost[d] = true;
	if (state->lost[d]) { // only a segment that starts with a message tells where one is
		if (!starts_message(left))
			return;
		state->lost[d] = false;
	}
	for (;;) {
		uint32_t skip = state->skip[d] < left.len ? state->skip[d] : left.len;
		state->skip[d] -= skip;
		left = span_from(left, skip);
		if (left.len < 4)
			break;
		uint32_t len = be32_at(left.data) & 0x7fffffff;
		if (len > MESSAGE_MAX) {
			worker->counters[KRB5_COUNT_OVER_BUDGET]++;
			state->skip[d] = len;
			left = span_from(left, 4);
			continue;
		}
		if (left.len - 4 < len)
			break;
		if (len)
			take_message(input, span_slice(left, 4, len));
		left = span_from(left, 4 + len);
	}
	if (!hold_keep(hold, input->slab, left, MESSAGE_MAX + 4)) {
		worker->counters[KRB5_COUNT_OVER_BUDGET]++;
		state->lost[d] = true;
	}
}

static enum app_result parse(struct app_input *input)
{
	if (input->datagram)
		take_message(input, input->data);
	else
		take_stream(input);
	return APP_OK;
}

#define NAME(constant, name) [constant] = name,
static const char *const event_names[] = { "malformed_data", "weak_encryption", NULL };
static const char *const counter_names[] = { KRB5_COUNTERS(NAME) NULL };

static const struct app_port ports[] = { { PROTO_TCP, 88, 88 }, { PROTO_UDP, 88, 88 }, { 0 } };

const struct app_parser krb5_parser = {
	.proto = APP_KRB5,
	.name = "krb5",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 16,
	.probe = recognise_krb5,
	.state_bytes = sizeof(struct krb5_state),
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct krb5_worker, counters),
};
