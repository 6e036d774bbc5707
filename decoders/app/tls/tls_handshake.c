// SPDX-License-Identifier: GPL-3.0-or-later
// Handshake messages (RFC 5246 7.4, RFC 8446 4): put together over records, and told apart.
#include "decoders/app/tls/tls_internal.h"

enum message_type {
	HELLO_REQUEST = 0,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	CERTIFICATE = 11,
	SERVER_KEY_EXCHANGE = 12,
	CERTIFICATE_REQUEST = 13,
	SERVER_HELLO_DONE = 14,
	CLIENT_KEY_EXCHANGE = 16,
};

#define HEADER_LEN 4

static bool type_is_known(uint8_t type)
{
	// hello_request .. encrypted_extensions, certificate .. client_key_exchange, finished .. compressed_certificate, next_protocol
	return type <= 8 || (type >= 11 && type <= 16) || (type >= 20 && type <= 25) || type == 67;
}

static bool take_hello(struct tls_reader *r, struct span body, bool client)
{
	struct tls_hello hello;
	bool whole = tls_hello_read(body, client, &hello);
	if (r->side->has_hello && whole)
		return true; // renegotiation, or the answer to HelloRetryRequest: the first one counts
	if (hello.faults & HELLO_MANY_SNI)
		tls_event(r, TLS_MULTIPLE_SNI_EXTENSIONS);
	if (hello.faults & HELLO_BAD_SNI_TYPE)
		tls_event(r, TLS_INVALID_SNI_TYPE);
	if (hello.faults & HELLO_BAD_SNI_LENGTH)
		tls_event(r, TLS_INVALID_SNI_LENGTH);
	if (!whole) {
		tls_event(r, TLS_HANDSHAKE_INVALID_LENGTH);
		return false;
	}
	tls_store_hello(r, &hello);
	if (client) {
		r->tls->early_data = hello.early_data;
		r->tls->resumed |= hello.has_ticket;
	}
	return true;
}

static bool take_client_hello(struct tls_reader *r, struct span body)
{
	if (!take_hello(r, body, true))
		return false;
	r->tls->seen |= TLS_SEEN_CLIENT_HELLO;
	tls_progress(r, TO_SERVER, TLS_CLIENT_HELLO_DONE);
	return true;
}

static bool take_server_hello(struct tls_reader *r, struct span body)
{
	if (!take_hello(r, body, false))
		return false;
	const struct tls_side *client = &r->tls->side[TO_SERVER], *server = r->side;
	if (server->session_id_len && client->session_id_len == server->session_id_len &&
		memcmp(client->session_id, server->session_id, server->session_id_len) == 0)
		r->tls->resumed = true;
	r->tls->seen |= TLS_SEEN_SERVER_HELLO;
	tls_progress(r, TO_CLIENT, TLS_SERVER_HELLO);
	return true;
}

static bool take_message(struct tls_reader *r, uint8_t type, struct span body)
{
	bool from_client = r->direction == TO_SERVER;
	switch (type) {
	case CLIENT_HELLO: return !from_client || take_client_hello(r, body);
	case SERVER_HELLO: return from_client || take_server_hello(r, body);
	case CERTIFICATE:
		tls_store_certificates(r, body);
		tls_progress(r, r->direction, from_client ? TLS_CLIENT_CERT_DONE : TLS_SERVER_CERT_DONE);
		return true;
	case CERTIFICATE_REQUEST: r->tls->client_cert_wanted = true; return true;
	case SERVER_KEY_EXCHANGE:
		r->tls->seen |= TLS_SEEN_SERVER_KEY;
		tls_progress(r, TO_CLIENT, 0);
		return true;
	case CLIENT_KEY_EXCHANGE:
		r->tls->seen |= TLS_SEEN_CLIENT_KEY;
		tls_progress(r, TO_SERVER, 0);
		return true;
	case SERVER_HELLO_DONE:
		if (!from_client)
			tls_progress(r, TO_CLIENT, TLS_SERVER_HELLO_DONE);
		return true;
	default: return true;
	}
}

// After ChangeCipherSpec messages are encrypted; only in TLS 1.3 it means nothing, and hellos may follow it (RFC 8446 D.4).
static bool is_encrypted(const struct tls_reader *r, struct span body)
{
	if (!r->side->changed_cipher)
		return false;
	const struct tls_side *server = &r->tls->side[TO_CLIENT];
	if (!server->has_hello || !tls_version_is_13(server->version))
		return true;
	return body.len < HEADER_LEN || body.data[0] != (r->direction == TO_SERVER ? CLIENT_HELLO : SERVER_HELLO);
}

static void message_reset(struct tls_reader *r)
{
	bytes_fini(r->input->slab, &r->side->message);
	r->side->message_need = 0;
}

// Header of the open message is complete: how long will it be?
static bool message_open(struct tls_reader *r, const uint8_t *header)
{
	if (!type_is_known(header[0])) {
		tls_event(r, TLS_INVALID_HANDSHAKE_MESSAGE);
		return false;
	}
	uint32_t len = (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 | header[3];
	r->side->message_need = HEADER_LEN + len;
	return true;
}

// Adds to the message that is open. False: broken.
static bool message_add(struct tls_reader *r, struct span *left)
{
	struct tls_side *side = r->side;
	uint32_t want = side->message_need - side->message.len;
	struct span part = span_slice(*left, 0, want);
	*left = span_from(*left, part.len);
	if (bytes_append(r->input->slab, &side->message, part, TLS_MESSAGE_MAX) != part.len) {
		r->shared->counters[side->message_need > TLS_MESSAGE_MAX ? TLS_COUNT_OVER_BUDGET : TLS_COUNT_ALLOC]++;
		side->message_skip = want - part.len;
		message_reset(r);
		return true;
	}
	if (side->message.len < side->message_need)
		return true;
	if (side->message_need == HEADER_LEN) {
		if (!message_open(r, side->message.data))
			return false;
		if (side->message_need > HEADER_LEN)
			return true;
	}
	bool good = take_message(r, side->message.data[0], span_from(bytes_span(&side->message), HEADER_LEN));
	message_reset(r);
	return good;
}

static bool read_message(struct tls_reader *r, struct span *left)
{
	struct tls_side *side = r->side;
	if (side->message_skip) {
		uint32_t take = side->message_skip < left->len ? side->message_skip : left->len;
		side->message_skip -= take;
		*left = span_from(*left, take);
		return true;
	}
	if (side->message_need)
		return message_add(r, left);
	if (left->len < HEADER_LEN) {
		side->message_need = HEADER_LEN;
		return message_add(r, left);
	}
	if (!message_open(r, left->data))
		return false;
	if (left->len < side->message_need) {
		if (side->message_need > TLS_MESSAGE_MAX) {
			r->shared->counters[TLS_COUNT_OVER_BUDGET]++;
			side->message_skip = side->message_need - left->len;
			side->message_need = 0;
			*left = span_from(*left, left->len);
			return true;
		}
		return message_add(r, left);
	}
	struct span message = span_slice(*left, 0, side->message_need);
	*left = span_from(*left, message.len);
	side->message_need = 0;
	return take_message(r, message.data[0], span_from(message, HEADER_LEN));
}

enum tls_step tls_read_handshake(struct tls_reader *r, struct span body)
{
	if (is_encrypted(r, body))
		return TLS_STEP_NEXT;
	while (body.len) {
		if (!read_message(r, &body)) {
			tls_event(r, TLS_INVALID_HANDSHAKE_MESSAGE);
			return TLS_STEP_ERROR;
		}
	}
	return TLS_STEP_NEXT;
}
