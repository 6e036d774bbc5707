// SPDX-License-Identifier: GPL-3.0-or-later
// Record layer (RFC 8446 5.1, RFC 5246 6.2).
#include "decoders/app/tls/tls_internal.h"

enum record_type {
	RECORD_CHANGE_CIPHER = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_APPLICATION = 23,
	RECORD_HEARTBEAT = 24,
};

#define HEADER_LEN 5

enum { FRAME_PDU, FRAME_HDR, FRAME_DATA, FRAME_ALERT, FRAME_HEARTBEAT, FRAME_SSLV2_HDR, FRAME_SSLV2_PDU };
const char *const tls_frame_names[] = { [FRAME_PDU] = "pdu",
	[FRAME_HDR] = "hdr",
	[FRAME_DATA] = "data",
	[FRAME_ALERT] = "alert",
	[FRAME_HEARTBEAT] = "heartbeat",
	[FRAME_SSLV2_HDR] = "ssl2.hdr",
	[FRAME_SSLV2_PDU] = "ssl2.pdu",
	NULL };
#define RECORD_MAX ((1u << 14) + 2048) // bytes after the header

static bool version_is_valid(uint16_t version)
{
	return (version >= TLS_SSLV3 && version <= TLS_V13) || version >> 8 == 0x7f;
}

static enum tls_step record_fault(struct tls_reader *r, enum tls_event event)
{
	tls_event(r, event);
	return TLS_STEP_ERROR;
}

static void take_application_data(struct tls_reader *r)
{
	// Early data comes before the server's hello (RFC 8446 2.3): nothing is done yet
	if (r->tls->early_data && !(r->tls->seen & TLS_SEEN_SERVER_HELLO))
		return;
	r->side->sees_app_data = true;
	tls_handshake_done(r);
	if (!r->shared->stop_encrypted)
		return;
	if (!r->carried)
		r->input->flow->app.flags |= APP_ENCRYPTED;
	if (!r->tls->side[TO_SERVER].sees_app_data || !r->tls->side[TO_CLIENT].sees_app_data)
		return;
	// Packets of both directions came since the certificates did: rules have seen them
	r->tls->encrypted = true;
	if (r->tls->tx.logged)
		tls_trim(r->input->slab, r->tls);
}

static enum tls_step take_record(struct tls_reader *r, uint8_t type, struct span body)
{
	switch (type) {
	case RECORD_CHANGE_CIPHER:
		r->side->changed_cipher = true;
		tls_progress(r, r->direction, 0);
		return TLS_STEP_NEXT;
	case RECORD_ALERT:
		if (body.len < 2)
			tls_event(r, TLS_INVALID_ALERT_MESSAGE);
		return TLS_STEP_NEXT;
	case RECORD_HANDSHAKE: return tls_read_handshake(r, body);
	default: return tls_read_heartbeat(r, body);
	}
}

static void tell_frames(const struct tls_reader *r, const struct span *left, uint8_t type, uint16_t len)
{
	uint32_t at = r->input->data.len - left->len;
	if (r->carried)
		return;
	app_frame(r->input, FRAME_PDU, at, HEADER_LEN + (uint32_t)len);
	app_frame(r->input, FRAME_HDR, at, HEADER_LEN);
	app_frame(r->input,
		type == RECORD_ALERT       ? FRAME_ALERT
		: type == RECORD_HEARTBEAT ? FRAME_HEARTBEAT
					   : FRAME_DATA,
		at + HEADER_LEN, len);
}

enum tls_step tls_read_record(struct tls_reader *r, struct span *left)
{
	struct tls_side *side = r->side;
	if (side->skip) {
		uint32_t take = side->skip < left->len ? side->skip : left->len;
		side->skip -= take;
		*left = span_from(*left, take);
		return TLS_STEP_NEXT;
	}
	if (tls_is_sslv2(r, *left)) {
		struct span before = *left;
		enum tls_step step = tls_read_sslv2(r, left);
		uint32_t len = before.len - left->len, at = r->input->data.len - before.len;
		if (len && !r->carried) {
			app_frame(r->input, FRAME_SSLV2_HDR, at, before.data[0] & 0x80 ? 2 : 3);
			app_frame(r->input, FRAME_SSLV2_PDU, at, len);
		}
		return step;
	}
	if (left->len < HEADER_LEN)
		return TLS_STEP_WAIT;
	uint8_t type = left->data[0];
	uint16_t version = be16_at(left->data + 1), len = be16_at(left->data + 3);
	if (!version_is_valid(version))
		return record_fault(r, TLS_INVALID_RECORD_VERSION);
	if (type < RECORD_CHANGE_CIPHER || type > RECORD_HEARTBEAT) {
		r->tls->seen |= TLS_SEEN_UNKNOWN;
		return record_fault(r, TLS_INVALID_RECORD_TYPE);
	}
	if ((len == 0 && type != RECORD_APPLICATION) || len > RECORD_MAX)
		return record_fault(r, TLS_INVALID_TLS_HEADER);
	if (type == RECORD_APPLICATION) {
		tell_frames(r, left, type, len);
		*left = span_from(*left, HEADER_LEN);
		side->skip = len;
		take_application_data(r);
		return TLS_STEP_NEXT;
	}
	if (left->len < HEADER_LEN + (uint32_t)len)
		return TLS_STEP_WAIT;
	tell_frames(r, left, type, len);
	struct span body = span_slice(*left, HEADER_LEN, len);
	*left = span_from(*left, HEADER_LEN + (uint32_t)len);
	return take_record(r, type, body);
}
