// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/quic/quic.h"
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/quic/quic_internal.h"

#define INITIAL_BYTES 1200 // RFC 9000 14.1: a client's first datagram has at least that
#define CYU_MAX       2048 // bytes of the list of tags

enum hello_type { CLIENT_HELLO = 1, SERVER_HELLO = 2 };

static const char *const event_names[] = {
	[QUIC_FAILED_DECRYPT] = "failed_decrypt",
	[QUIC_ERROR_ON_DATA] = "error_on_data",
	[QUIC_CRYPTO_FRAG_TOO_LONG] = "crypto_frag_too_long",
	NULL,
};
static const char *const counter_names[] = { "truncated", "malformed", "unsupported", "over_budget", NULL };

static void worker_free(void *shared)
{
	struct quic_worker *worker = shared;
	if (!worker)
		return;
	quic_crypto_free(worker->crypto);
	fingerprints_free(worker->fingerprints);
	free(worker);
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	struct quic_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->ja3 = app_setting_bool(config, "quic", "ja3-fingerprints", true);
	worker->ja4 = app_setting_bool(config, "quic", "ja4-fingerprints", true);
	worker->crypto = quic_crypto_new();
	worker->fingerprints = fingerprints_new();
	if (worker->crypto && worker->fingerprints)
		return worker;
	worker_free(worker);
	return NULL;
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	struct quic_state *state = flow->app.state;
	(void)shared;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		bytes_fini(slab, &state->streams[d].bytes);
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct quic_tx *quic = (struct quic_tx *)(void *)tx;
	(void)flow, (void)shared;
	bytes_fini(slab, &quic->message);
	bytes_fini(slab, &quic->ja3);
	bytes_fini(slab, &quic->cyu);
	slab_free(slab, quic, sizeof(*quic));
}

static struct quic_tx *make_tx(struct app_input *input, uint32_t version)
{
	struct quic_worker *worker = input->shared;
	enum direction d = input->direction;
	struct quic_tx *tx = (struct quic_tx *)(void *)app_tx_new(
		input->flow, input->slab, sizeof(*tx), input->now_ns, (uint8_t)(1u << d));
	if (!tx) {
		worker->counters[QUIC_COUNT_OVER_BUDGET]++;
		return NULL;
	}
	tx->version = version;
	for (unsigned i = 0; i < 4; i++)
		tx->version_bytes[i] = (uint8_t)(version >> (24 - 8 * i));
	tx->tx.progress[d] = 1;
	app_tx_changed(input->flow, &tx->tx, d);
	return tx;
}

static void fail(struct app_input *input, struct quic_tx *tx, enum quic_event event, unsigned counter)
{
	struct quic_worker *worker = input->shared;
	worker->counters[counter]++;
	if (tx)
		app_tx_event(input->flow, &tx->tx, event);
}

static bool keep_message(struct app_input *input, struct quic_tx *tx, struct span message)
{
	struct quic_worker *worker = input->shared;
	if (bytes_append(input->slab, &tx->message, message, SLAB_MAX_BLOCK) == message.len)
		return true;
	worker->counters[QUIC_COUNT_OVER_BUDGET]++;
	bytes_fini(input->slab, &tx->message);
	return false;
}

static void take_hello(struct app_input *input, struct quic_tx *tx, struct span message)
{
	struct quic_worker *worker = input->shared;
	bool client = input->direction == TO_SERVER;
	if (message.data[0] != (client ? CLIENT_HELLO : SERVER_HELLO) || !keep_message(input, tx, message))
		return;
	tx->has_hello = tls_hello_read(span_from(bytes_span(&tx->message), 4), client, &tx->hello);
	if (!tx->has_hello) {
		fail(input, tx, QUIC_ERROR_ON_DATA, QUIC_COUNT_MALFORMED);
		return;
	}
	tx->sni = tx->hello.sni;
	if (worker->ja3) {
		struct span string = ja3_string(worker->fingerprints, &tx->hello);
		if (string.data && bytes_append(input->slab, &tx->ja3, string, JA3_STRING_MAX) == string.len &&
			!ja3_hash(worker->fingerprints, string, tx->ja3_hash))
			tx->ja3_hash[0] = 0;
	}
	if (worker->ja4 && client && !ja4_hash(worker->fingerprints, &tx->hello, true, tx->ja4))
		tx->ja4[0] = 0;
}

// Google's versions: the client's tags, their order as a fingerprint.
static void take_google(struct app_input *input, struct quic_tx *tx, struct span frames)
{
	struct quic_worker *worker = input->shared;
	struct quic_state *state = input->flow->app.state;
	struct span message, name, value;
	char text[CYU_MAX];
	if (!quic_google_message(frames, &message))
		return;
	state->hello[input->direction] = true;
	if (!keep_message(input, tx, message))
		return;
	message = bytes_span(&tx->message);
	size_t len = (size_t)snprintf(text, sizeof(text), "%.2s,", (const char *)tx->version_bytes + 2);
	size_t start = len;
	for (uint32_t at = 0; quic_google_tag(message, &at, &name, &value);) {
		if (span_is(name, "SNI"))
			tx->sni = value;
		else if (span_is(name, "UAID"))
			tx->ua = value;
		if (len + name.len + 1 < sizeof(text)) {
			if (len > start)
				text[len++] = '-';
			memcpy(text + len, name.data, name.len);
			len += name.len;
		}
	}
	if (!span_starts(message, "CHLO") || !bytes_append(input->slab, &tx->cyu, span_of(text, len), CYU_MAX))
		return;
	if (!quic_md5(worker->crypto, bytes_span(&tx->cyu), tx->cyu_hash))
		tx->cyu_hash[0] = 0;
}

// The frames of an opened Initial packet. False: nothing more of the datagram is worth a look.
static bool take_frames(struct app_input *input, struct quic_tx *tx, struct span frames)
{
	struct quic_state *state = input->flow->app.state;
	struct quic_stream *stream = &state->streams[input->direction];
	struct span message;
	switch (quic_frames_read(input->slab, stream, frames)) {
	case QUIC_FRAMES_BAD: fail(input, tx, QUIC_ERROR_ON_DATA, QUIC_COUNT_MALFORMED); return false;
	case QUIC_FRAMES_TOO_LONG: fail(input, tx, QUIC_CRYPTO_FRAG_TOO_LONG, QUIC_COUNT_OVER_BUDGET); return false;
	case QUIC_FRAMES_OK: break;
	}
	if (!quic_stream_message(stream, &message))
		return true;
	if (tx)
		take_hello(input, tx, message);
	state->hello[input->direction] = true;
	stream->range_count = 0;
	bytes_fini(input->slab, &stream->bytes);
	return true;
}

// A packet whose tag is wrong, which a receiver discards. Does it begin with a whole ClientHello all the same, its writer left the tag out: the hello is shown
// with the packet's transaction. The connection's own hello is still to come.
static void take_forged(struct app_input *input, struct quic_tx *tx, struct span plain)
{
	struct quic_state *state = input->flow->app.state;
	struct quic_stream *stream = &state->streams[input->direction];
	struct span message;
	struct cursor c = cursor_on(plain);
	if (stream->range_count || cursor_u8(&c) != 0x06 || quic_varint(&c) != 0 || quic_varint(&c) < 4 ||
		cursor_u8(&c) != 1 || cursor_u8(&c) != 0)
		return;
	if (quic_frames_read(input->slab, stream, plain) == QUIC_FRAMES_OK && quic_stream_message(stream, &message))
		take_hello(input, tx, message);
	stream->range_count = 0;
	bytes_fini(input->slab, &stream->bytes);
}

// The first Initial of a connection says the keys; after a Retry the next one does.
static bool ready_keys(struct app_input *input, const struct quic_header *header)
{
	struct quic_state *state = input->flow->app.state;
	struct quic_worker *worker = input->shared;
	if (!state->has_keys && header->type == QUIC_INITIAL && input->direction == TO_SERVER)
		state->has_keys = quic_initial_keys(worker->crypto, header->version, header->destination, state->keys);
	if (header->type == QUIC_RETRY && input->direction == TO_CLIENT && state->has_keys && !state->retried) {
		state->retried = true;
		state->has_keys = state->hello[TO_SERVER] = false;
	}
	return state->has_keys;
}

// One packet. False: nothing more of the datagram is worth a look.
static bool take_packet(struct app_input *input, struct span data, const struct quic_header *header)
{
	struct quic_state *state = input->flow->app.state;
	struct quic_worker *worker = input->shared;
	struct quic_tx *tx = make_tx(input, header->version);
	struct span packet = span_slice(data, 0, header->end);
	if (header->google) {
		if (tx && header->type == QUIC_INITIAL)
			take_google(input, tx, span_from(packet, header->number_at));
		return false; // the rest of the datagram is its own
	}
	bool keys = ready_keys(input, header);
	if (header->type == QUIC_RETRY || header->type == QUIC_NEGOTIATION)
		return false;
	if (header->type != QUIC_INITIAL)
		return true; // its version is all it tells
	if (!keys || packet.len > QUIC_DATAGRAM_MAX) {
		worker->counters[QUIC_COUNT_UNSUPPORTED]++;
		return true;
	}
	bool authentic;
	struct span plain = quic_open(
		worker->crypto, &state->keys[input->direction], packet, header->number_at, worker->plain, &authentic);
	if (plain.data && authentic)
		return take_frames(input, tx, plain);
	fail(input, tx, QUIC_FAILED_DECRYPT, QUIC_COUNT_MALFORMED);
	if (plain.data && tx)
		take_forged(input, tx, plain);
	return false;
}

static enum app_result parse(struct app_input *input)
{
	struct quic_state *state = input->flow->app.state;
	struct quic_worker *worker = input->shared;
	struct span data = input->data;
	for (unsigned count = 0; data.len && count < QUIC_PACKETS_MAX; count++) {
		struct quic_header header;
		if (state->hello[input->direction]) // what follows is encrypted
			break;
		if (!quic_header_read(data, &header)) {
			worker->counters[QUIC_COUNT_TRUNCATED]++;
			break;
		}
		if (header.type == QUIC_SHORT || !take_packet(input, data, &header))
			break;
		data = span_from(data, header.end);
	}
	return state->hello[TO_SERVER] && state->hello[TO_CLIENT] ? APP_STOP_BOTH : APP_OK;
}

static bool is_hinted(const struct flow *flow)
{
	return flow->app.flags & APP_HINTED;
}

// A long header of a version in use; away from its ports only a client's first datagram, which is long.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	struct quic_header header;
	if (!quic_header_read(data, &header) || !quic_version_known(header.version))
		return APP_PROBE_NO;
	if (header.google)
		return is_hinted(flow) ? APP_PROBE_YES : APP_PROBE_NO;
	if (!(data.data[0] & 0x40))
		return APP_PROBE_NO;
	if (is_hinted(flow))
		return APP_PROBE_YES;
	return direction == TO_SERVER && data.len >= INITIAL_BYTES && header.type == QUIC_INITIAL &&
			       header.destination.len >= 8
		       ? APP_PROBE_YES
		       : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_UDP, 443, 443 }, { PROTO_UDP, 80, 80 }, { 0 } };

const struct app_parser quic_parser = {
	.proto = APP_QUIC,
	.name = "quic",
	.udp = true,
	.ports = ports,
	.probe_bytes = INITIAL_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct quic_state),
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = worker_free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct quic_worker, counters),
};

const char *quic_extension_name(uint16_t type)
{
	static const char *const names[] = { "server_name", "max_fragment_length", "client_certificate_url",
		"trusted_ca_keys", "truncated_hmac", "status_request", "user_mapping", "client_authz", "server_authz",
		"cert_type", "supported_groups", "ec_point_formats", "srp", "signature_algorithms", "use_srtp",
		"heartbeat", "alpn", "status_request_v2", "signed_certificate_timestamp", "client_certificate_type",
		"server_certificate_type", "padding", "encrypt_then_mac", "extended_master_secret", "token_binding",
		"cached_info", "tls_lts", "compress_certificate", "record_size_limit", "pwd_protect", "pwd_clear",
		"password_salt", "ticket_pinning", "tls_cert_with_extern_psk", "delegated_credentials",
		"session_ticket", "TLMSP", "TLMSP_proxying", "TLMSP_delegate", "supported_ekt_ciphers", NULL,
		"pre_shared_key", "early_data", "supported_versions", "cookie", "psk_key_exchange_modes", NULL,
		"certificate_authorities", "oid_filters", "post_handshake_auth", "signature_algorithms_cert",
		"key_share", "transparency_info", "connection_id_deprecated", "connection_id", "external_id_hash",
		"external_session_id", "quic_transport_parameters", "ticket_request", "dnssec_chain" };
	if (type == 0xff01)
		return "renegotiation_info";
	if (type == 0xffa5)
		return "quic_transport_parameters_draft";
	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}
