// SPDX-License-Identifier: GPL-3.0-or-later
// What libhtp calls while it parses: makes our transactions, and takes raw headers and bodies out.
#include "decoders/app/http/http_internal.h"

#define RPC_SHORT_BODY  1024        // bytes; a channel's are 128 KiB at least (MS-RPCH 2.1.2.1.7)
#define RAW_HEADERS_MAX (64u << 10) // bytes kept of a message's header block; more is parsed, but not matched raw

// Our transaction of libhtp's, made at its first sign. NULL: refused; the parser then ends the flow.
static struct http_tx *take_tx(htp_tx_t *htp)
{
	struct http_tx *tx = htp_tx_get_user_data(htp);
	if (tx)
		return tx;
	struct http_state *state = http_state_of(htp);
	if (state->refused)
		return NULL;
	tx = (struct http_tx *)app_tx_new(state->flow, state->slab, sizeof *tx, state->now_ns, 3);
	if (!tx) {
		state->refused = true;
		state->worker->counters[HTTP_COUNT_TX_REFUSED]++;
		return NULL;
	}
	tx->htp = htp;
	htp_tx_set_user_data(htp, tx);
	if (state->early_events) {
		tx->base.events |= state->early_events;
		state->early_events = 0;
		state->flow->app.flags |= APP_EVENTS_NEW;
	}
	return tx;
}

// Never an error: libhtp would start the same message again, without end. The first line's hook refuses instead.
static int on_request_start(htp_tx_t *htp)
{
	struct http_tx *tx = take_tx(htp);
	if (tx)
		http_frame_start(http_state_of(htp), tx, TO_SERVER);
	return HTP_OK;
}

static int on_response_start(htp_tx_t *htp)
{
	struct http_tx *tx = take_tx(htp);
	if (tx)
		http_frame_start(http_state_of(htp), tx, TO_CLIENT);
	return HTP_OK;
}

static int on_request_line(htp_tx_t *htp)
{
	struct http_tx *tx = take_tx(htp);
	if (!tx)
		return HTP_ERROR;
	if (!http_state_of(htp)->first_request)
		http_state_of(htp)->first_request = tx->base.id + 1;
	http_uri_normalise(http_state_of(htp), tx);
	http_flag_events(http_state_of(htp), tx);
	return HTP_OK;
}

// DCE-RPC over HTTP (MS-RPCH 2.1.2.1.1): bodies of a gigabyte, one a connection, that carry the calls one way and the answers the other. What
// has a short body only says who asks, or that it lives.
static bool begins_rpc(const htp_tx_t *htp, const char *method, int64_t body_bytes)
{
	return span_is(http_bstr(htp->request_method), method) && body_bytes > RPC_SHORT_BODY;
}

static int leave_to_rpc(htp_tx_t *htp)
{
	http_state_of(htp)->carries_rpc = true;
	htp->request_progress = HTP_REQUEST_COMPLETE;
	htp->response_progress = HTP_RESPONSE_COMPLETE;
	return HTP_STOP;
}

static int on_request_headers(htp_tx_t *htp)
{
	struct http_tx *tx = htp_tx_get_user_data(htp);
	if (!tx)
		return HTP_OK;
	http_flag_events(http_state_of(htp), tx);
	http_coding_start(http_state_of(htp), tx, TO_SERVER);
	return begins_rpc(htp, "RPC_IN_DATA", htp->request_content_length) ? leave_to_rpc(htp) : HTP_OK;
}

static int on_response_line(htp_tx_t *htp)
{
	struct http_tx *tx = take_tx(htp);
	if (!tx)
		return HTP_ERROR;
	tx->raw_headers[TO_CLIENT].len = 0; // those of a 100 Continue before
	http_body_reset(tx, TO_CLIENT);     // lines before the status line
	return HTP_OK;
}

static int keep_raw(const htp_tx_data_t *data, enum direction direction, bool trailer)
{
	struct http_tx *tx = htp_tx_get_user_data(data->tx);
	if (!tx || !data->data)
		return HTP_OK;
	struct http_state *state = http_state_of(data->tx);
	struct bytes *raw = trailer ? &tx->raw_trailers[direction] : &tx->raw_headers[direction];
	struct span bytes = span_of(data->data, data->len);
	if (direction == TO_CLIENT && raw->len == 0 && data->tx->seen_100continue)
		while (bytes.len && (bytes.data[0] == '\r' || bytes.data[0] == '\n'))
			bytes = span_from(bytes, 1); // the empty line that ended the interim answer comes late
	bytes_append(state->slab, raw, bytes, RAW_HEADERS_MAX);
	return HTP_OK;
}

static int on_request_header_data(htp_tx_data_t *data)
{
	return keep_raw(data, TO_SERVER, false);
}

static int on_request_trailer_data(htp_tx_data_t *data)
{
	return keep_raw(data, TO_SERVER, true);
}

static int on_response_header_data(htp_tx_data_t *data)
{
	return keep_raw(data, TO_CLIENT, false);
}

static int on_response_trailer_data(htp_tx_data_t *data)
{
	return keep_raw(data, TO_CLIENT, true);
}

// Data NULL is a gap, or with length 0 the end, which the complete hooks tell as well.
static int take_body(const htp_tx_data_t *data, enum direction direction)
{
	struct http_tx *tx = htp_tx_get_user_data(data->tx);
	if (!tx || data->len == 0 || data->len > UINT32_MAX)
		return HTP_OK;
	struct http_state *state = http_state_of(data->tx);
	if (data->data)
		http_coding_data(state, tx, direction, span_of(data->data, data->len));
	else
		http_body_gap(state, tx, direction, (uint32_t)data->len);
	return HTP_OK;
}

static int on_request_body(htp_tx_data_t *data)
{
	return take_body(data, TO_SERVER);
}

static int on_response_body(htp_tx_data_t *data)
{
	return take_body(data, TO_CLIENT);
}

static int on_request_complete(htp_tx_t *htp)
{
	struct http_tx *tx = take_tx(htp);
	if (!tx)
		return HTP_ERROR;
	if (htp->is_protocol_0_9)
		http_state_of(htp)->last_request = true;
	http_flag_events(http_state_of(htp), tx);
	http_coding_end(http_state_of(htp), tx, TO_SERVER);
	http_body_end(http_state_of(htp), tx, TO_SERVER, FILE_CLOSED);
	http_frame_end(http_state_of(htp), tx, TO_SERVER);
	return HTP_OK;
}

// RFC 9110 9.3.6: any 2xx answer to CONNECT opens the tunnel right behind its headers. What follows speaks another protocol; libhtp
// would take it for a body.
static int on_response_headers(htp_tx_t *htp)
{
	struct http_tx *tx = htp_tx_get_user_data(htp);
	if (!tx)
		return HTP_OK;
	http_coding_start(http_state_of(htp), tx, TO_CLIENT);
	if (htp->response_status_number == 200 && begins_rpc(htp, "RPC_OUT_DATA", htp->response_content_length))
		return leave_to_rpc(htp);
	if (htp->request_method_number != HTP_M_CONNECT || htp->response_status_number < 200 ||
		htp->response_status_number > 299)
		return HTP_OK;
	http_state_of(htp)->connected = true;
	htp->request_progress = HTP_REQUEST_COMPLETE;
	htp->response_progress = HTP_RESPONSE_COMPLETE;
	return HTP_STOP;
}

static int on_response_complete(htp_tx_t *htp)
{
	struct http_tx *tx = htp_tx_get_user_data(htp);
	if (!tx)
		return HTP_OK;
	http_coding_end(http_state_of(htp), tx, TO_CLIENT);
	http_body_end(http_state_of(htp), tx, TO_CLIENT, FILE_CLOSED);
	http_frame_end(http_state_of(htp), tx, TO_CLIENT);
	return HTP_OK;
}

void http_hooks_register(htp_cfg_t *cfg)
{
	htp_config_register_log(cfg, http_log_event);
	htp_config_register_request_start(cfg, on_request_start);
	htp_config_register_request_line(cfg, on_request_line);
	htp_config_register_request_header_data(cfg, on_request_header_data);
	htp_config_register_request_headers(cfg, on_request_headers);
	htp_config_register_request_trailer_data(cfg, on_request_trailer_data);
	htp_config_register_request_body_data(cfg, on_request_body);
	htp_config_register_request_complete(cfg, on_request_complete);
	htp_config_register_response_start(cfg, on_response_start);
	htp_config_register_response_line(cfg, on_response_line);
	htp_config_register_response_header_data(cfg, on_response_header_data);
	htp_config_register_response_headers(cfg, on_response_headers);
	htp_config_register_response_trailer_data(cfg, on_response_trailer_data);
	htp_config_register_response_body_data(cfg, on_response_body);
	htp_config_register_response_complete(cfg, on_response_complete);
}
