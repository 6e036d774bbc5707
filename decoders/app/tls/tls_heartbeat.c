// SPDX-License-Identifier: GPL-3.0-or-later
// Heartbeats (RFC 6520): a request that asks for more than it sent (CVE-2014-0160), and an answer longer than its request.
#include "decoders/app/tls/tls_internal.h"

#define HEARTBEAT_REQUEST  1
#define HEARTBEAT_RESPONSE 2
#define HEADER_LEN         3
#define PADDING_MIN        16

static enum tls_step heartbeat_fault(struct tls_reader *r, enum tls_event event)
{
	tls_event(r, event);
	return TLS_STEP_ERROR;
}

static enum tls_step heartbeat_begin(struct tls_reader *r, struct span body, bool encrypted)
{
	r->tls->heartbeat_open = true;
	r->tls->heartbeat_from = (uint8_t)r->direction;
	r->tls->heartbeat_len = encrypted ? body.len : 0;
	if (encrypted)
		return TLS_STEP_NEXT;
	uint32_t payload = be16_at(body.data + 1);
	if (payload + HEADER_LEN > body.len)
		return heartbeat_fault(r, TLS_OVERFLOW_HEARTBEAT_MESSAGE);
	if (body.len - payload - HEADER_LEN < PADDING_MIN)
		return heartbeat_fault(r, TLS_INVALID_HEARTBEAT_MESSAGE);
	return TLS_STEP_NEXT;
}

enum tls_step tls_read_heartbeat(struct tls_reader *r, struct span body)
{
	bool encrypted = r->tls->side[TO_SERVER].changed_cipher || r->tls->side[TO_CLIENT].changed_cipher;
	if (body.len < HEADER_LEN)
		return TLS_STEP_NEXT;
	if (!encrypted && body.data[0] != HEARTBEAT_REQUEST && body.data[0] != HEARTBEAT_RESPONSE)
		return heartbeat_fault(r, TLS_INVALID_HEARTBEAT_MESSAGE);
	if (!r->tls->heartbeat_open)
		return heartbeat_begin(r, body, encrypted);
	// A second one before the first was answered: what tools that hunt for leaks do
	if (r->direction == r->tls->heartbeat_from)
		return heartbeat_fault(r, TLS_HEARTBEAT_MESSAGE);
	bool leaks = r->tls->heartbeat_len && body.len > r->tls->heartbeat_len;
	r->tls->heartbeat_open = false;
	r->tls->heartbeat_len = 0;
	return leaks ? heartbeat_fault(r, TLS_DATALEAK_HEARTBEAT_MISMATCH) : TLS_STEP_NEXT;
}
