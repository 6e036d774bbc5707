// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tls/tls.h"
#include "decoders/app/app_layer.h"
#include "decoders/app/tls/tls_internal.h"
#include "decoders/base/log.h"
#include <stdlib.h>
#include <strings.h>

#define PROBE_BYTES 6

static enum app_probe probe_sslv2(enum direction direction, struct span data)
{
	if (data.len < 3)
		return APP_PROBE_MORE;
	if (direction != TO_SERVER || data.data[2] != 1)
		return APP_PROBE_NO;
	if (data.len < 5)
		return APP_PROBE_MORE;
	uint16_t version = be16_at(data.data + 3);
	return version == TLS_SSLV2 || (version >= TLS_SSLV3 && version <= TLS_V12) ? APP_PROBE_YES : APP_PROBE_NO;
}

static enum app_probe tls_probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	uint8_t type = data.len ? data.data[0] : 22;
	if (type & 0x80)
		return probe_sslv2(direction, data);
	// A server's first bytes may be an alert, or in the middle of a session application data
	if (type != 22 && !(direction == TO_CLIENT && (type == 21 || type == 23)))
		return APP_PROBE_NO;
	if (data.len > 1 && data.data[1] != 3)
		return APP_PROBE_NO;
	if (data.len > 2 && data.data[2] > 4)
		return APP_PROBE_NO;
	if (data.len < 3)
		return APP_PROBE_MORE;
	if (type == 22 && data.len >= PROBE_BYTES && data.data[5] == (direction == TO_SERVER ? 2 : 1))
		return APP_PROBE_REVERSED;
	return APP_PROBE_YES;
}

static void tls_tx_free(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)shared;
	struct tls_tx *tls = (struct tls_tx *)tx;
	struct tls_state *state = flow->app.state;
	if (state && state->tls == tls)
		state->tls = NULL;
	tls_side_fini(slab, &tls->side[TO_SERVER]);
	tls_side_fini(slab, &tls->side[TO_CLIENT]);
	slab_free(slab, tls, sizeof(*tls));
}

struct tls_shared *tls_shared_new(const struct app_config *config)
{
	struct tls_shared *shared = calloc(1, sizeof(*shared));
	if (!shared)
		return NULL;
	shared->fingerprints = fingerprints_new();
	if (!shared->fingerprints) {
		log_error("tls: the crypto library has no MD5, SHA-1 or SHA-256");
		free(shared);
		return NULL;
	}
	// "auto" is on: our events always carry fingerprints
	shared->ja3 = app_setting_bool(config, "tls", "ja3-fingerprints", true);
	shared->ja4 = app_setting_bool(config, "tls", "ja4-fingerprints", true);
	const char *handling = app_setting(config, "tls", "encryption-handling");
	shared->stop_encrypted = !handling || strcasecmp(handling, "full") != 0;
	uint64_t max = app_setting_size(config, "tls", "certificate-max-bytes", TLS_CHAIN_MAX);
	shared->certificate_max = max && max < TLS_MESSAGE_MAX ? (uint32_t)max : TLS_CHAIN_MAX;
	return shared;
}

void tls_shared_free(struct tls_shared *shared)
{
	if (shared)
		fingerprints_free(shared->fingerprints);
	free(shared);
}

static void *tls_worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	return tls_shared_new(config);
}

static void tls_worker_free(void *shared)
{
	tls_shared_free(shared);
}

static bool starts_record(struct span data)
{
	return data.len >= 3 && data.data[0] >= 20 && data.data[0] <= 24 && data.data[1] == 3 && data.data[2] <= 4;
}

// Lost bytes are harmless inside encrypted records. Elsewhere the record layer is found again only if a record starts right after
// them. False: it is lost.
static bool take_gap(struct tls_reader *r)
{
	struct tls_side *side = r->side;
	uint32_t gap = r->input->gap_bytes;
	if (gap <= side->skip) {
		side->skip -= gap;
		return true;
	}
	r->shared->counters[TLS_COUNT_GAP]++;
	side->skip = side->message_skip = side->message_need = 0;
	bytes_fini(r->input->slab, &side->message);
	if (starts_record(r->input->data))
		return true;
	side->sees_app_data = true; // nothing more to learn from this side
	return false;
}

// Certificates end what is to be learned (the client's too, when it was asked for one).
static void note_certificates(struct tls_reader *r)
{
	const struct tls_side *from = &r->tls->side[r->tls->client_cert_wanted ? TO_SERVER : TO_CLIENT];
	if (from->certificate.seen && r->tls->tx.progress[TO_CLIENT] < TLS_SERVER_HANDSHAKE_DONE)
		tls_handshake_done(r);
}

static void note_end(struct tls_reader *r, struct tls_state *state)
{
	state->ended[r->direction] = true;
	if (!state->ended[direction_other(r->direction)] ||
		r->tls->tx.progress[TO_SERVER] < TLS_CLIENT_HANDSHAKE_DONE ||
		r->tls->tx.progress[TO_CLIENT] < TLS_SERVER_HANDSHAKE_DONE)
		return;
	tls_progress(r, TO_SERVER, TLS_CLIENT_FINISHED);
	tls_progress(r, TO_CLIENT, TLS_SERVER_FINISHED);
}

static struct tls_tx *first_transaction(struct app_input *input, struct tls_state *state)
{
	if (!state->started) {
		state->tls =
			(struct tls_tx *)app_tx_new(input->flow, input->slab, sizeof(struct tls_tx), input->now_ns, 3);
		state->started = true;
		if (state->tls)
			state->tls->tx.tls = state->tls;
	}
	return state->tls;
}

static enum app_result tls_parse(struct app_input *input)
{
	struct tls_state *state = input->flow->app.state;
	struct tls_tx *tls = first_transaction(input, state);
	if (!tls)
		return APP_STOP_BOTH;
	struct tls_reader r = { .input = input,
		.shared = input->shared,
		.tls = tls,
		.side = &tls->side[input->direction],
		.direction = input->direction };
	tls->tx.last_ns = input->now_ns;
	if (input->gap_bytes && !take_gap(&r))
		return APP_STOP;
	struct span left = input->data;
	enum tls_step step = TLS_STEP_NEXT;
	while (left.len && step == TLS_STEP_NEXT)
		step = tls_read_record(&r, &left);
	if (step == TLS_STEP_ERROR) {
		tls_event(&r, TLS_INVALID_SSL_RECORD);
		return APP_ERROR;
	}
	input->consumed = input->data.len - left.len;
	note_certificates(&r);
	if (input->end)
		note_end(&r, state);
	return tls->encrypted ? APP_STOP_BOTH : APP_OK;
}

static const char *const client_states[] = { "client_in_progress", "client_hello_done", "client_cert_done",
	"client_handshake_done", "client_finished", NULL };
static const char *const server_states[] = { "server_in_progress", "server_hello", "server_cert_done",
	"server_hello_done", "server_handshake_done", "server_finished", NULL };

#define NAME(constant, name) [constant] = name,
static const char *const tls_event_names[] = { TLS_EVENTS(NAME) NULL };
static const char *const tls_counter_names[] = { TLS_COUNTERS(NAME) NULL };

static const struct app_port tls_ports[] = { { PROTO_TCP, 443, 443 }, { 0 } };

const struct app_parser tls_parser = {
	.proto = APP_TLS,
	.name = "tls",
	.tcp = true,
	.ports = tls_ports,
	.probe_bytes = PROBE_BYTES,
	.probe = tls_probe,
	.state_bytes = sizeof(struct tls_state),
	.parse = tls_parse,
	.tx_free = tls_tx_free,
	.worker_new = tls_worker_new,
	.worker_free = tls_worker_free,
	.complete = { TLS_CLIENT_FINISHED, TLS_SERVER_FINISHED },
	.log_progress = { TLS_CLIENT_HANDSHAKE_DONE, TLS_SERVER_HANDSHAKE_DONE },
	.progress_names = { client_states, server_states },
	.frame_names = tls_frame_names,
	.event_names = tls_event_names,
	.counter_names = tls_counter_names,
	.counters_at = offsetof(struct tls_shared, counters),
};
