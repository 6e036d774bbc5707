// SPDX-License-Identifier: GPL-3.0-or-later
// SSLv2 records, and the SSLv2 hello that old clients of SSLv3 and TLS open with (RFC 5246 E.2).
#include "decoders/app/tls/tls_internal.h"

enum sslv2_type {
	SSLV2_ERROR = 0,
	SSLV2_CLIENT_HELLO = 1,
	SSLV2_CLIENT_MASTER_KEY = 2,
	SSLV2_SERVER_HELLO = 4,
	SSLV2_TYPES_END = 9,
};

bool tls_is_sslv2(const struct tls_reader *r, struct span left)
{
	// The first record of a side only, or any once the session speaks SSLv2
	if (r->side->has_hello && r->side->version != TLS_SSLV2)
		return false;
	return left.data[0] & 0x80 || (left.data[0] & 0x40 && r->tls->side[TO_SERVER].version == TLS_SSLV2);
}

static enum tls_step sslv2_fault(struct tls_reader *r)
{
	tls_event(r, TLS_INVALID_SSLV2_HEADER);
	return TLS_STEP_ERROR;
}

static bool sslv2_hello(struct tls_reader *r, struct span body)
{
	struct cursor c = cursor_on(body);
	bool client = r->direction == TO_SERVER;
	cursor_skip(&c, client ? 1 : 3); // type; server: session id hit, certificate type
	uint16_t version = cursor_be16(&c);
	if (!cursor_ok(&c) || (version != TLS_SSLV2 && version >> 8 != 3))
		return false;
	r->side->has_hello = true;
	r->side->version = r->side->best_version = version;
	r->tls->seen |= client ? TLS_SEEN_CLIENT_HELLO : TLS_SEEN_SERVER_HELLO;
	tls_progress(r, r->direction, client ? TLS_CLIENT_HELLO_DONE : TLS_SERVER_HELLO);
	return true;
}

enum tls_step tls_read_sslv2(struct tls_reader *r, struct span *left)
{
	uint32_t header = left->data[0] & 0x80 ? 2 : 3;
	if (left->len < header)
		return TLS_STEP_WAIT;
	uint32_t len = (left->data[0] & (header == 2 ? 0x7fu : 0x3fu)) << 8 | left->data[1];
	if (len == 0)
		return sslv2_fault(r);
	if (left->len < header + len)
		return TLS_STEP_WAIT;
	struct span body = span_slice(*left, header, len);
	*left = span_from(*left, header + len);
	if (r->side->changed_cipher)
		return TLS_STEP_NEXT;
	switch (body.data[0]) {
	case SSLV2_ERROR: tls_event(r, TLS_ERROR_MESSAGE); return TLS_STEP_NEXT;
	case SSLV2_CLIENT_HELLO:
	case SSLV2_SERVER_HELLO:
		return (body.data[0] == SSLV2_CLIENT_HELLO) == (r->direction == TO_SERVER) && sslv2_hello(r, body)
			       ? TLS_STEP_NEXT
			       : sslv2_fault(r);
	case SSLV2_CLIENT_MASTER_KEY:
		// All that follows is encrypted
		r->tls->seen |= TLS_SEEN_CLIENT_KEY;
		r->tls->side[TO_SERVER].changed_cipher = r->tls->side[TO_CLIENT].changed_cipher = true;
		tls_handshake_done(r);
		return TLS_STEP_NEXT;
	default: return body.data[0] < SSLV2_TYPES_END ? TLS_STEP_NEXT : sslv2_fault(r);
	}
}
