// SPDX-License-Identifier: GPL-3.0-or-later
// What libhtp found odd, as app-layer events: by the text of its log lines, for it gives no codes, and by the flags it sets.
#include "decoders/app/http/http_internal.h"
#include <stdlib.h>

#define MESSAGES_MAX 512 // log lines a flow that are still listened to

// The first row whose prefix fits counts: longer ones come before shorter ones.
static const struct {
	const char *prefix;
	enum http_event event;
} rows[] = {
	{ "GZip decompressor:", HTTP_EVENT_GZIP_DECOMPRESSION_FAILED },
	{ "LZMA decompressor: memory limit reached", HTTP_EVENT_LZMA_MEMLIMIT_REACHED },
	{ "Compression bomb: multiple encoding with lzma", HTTP_EVENT_COMPRESSION_BOMB },
	{ "Compression bomb:", HTTP_EVENT_COMPRESSION_BOMB },
	{ "Request field invalid: colon missing", HTTP_EVENT_REQUEST_FIELD_MISSING_COLON },
	{ "Response field invalid: missing colon", HTTP_EVENT_RESPONSE_FIELD_MISSING_COLON },
	{ "Request chunk encoding: Invalid chunk length", HTTP_EVENT_INVALID_REQUEST_CHUNK_LEN },
	{ "Response chunk encoding: Invalid chunk length", HTTP_EVENT_INVALID_RESPONSE_CHUNK_LEN },
	{ "Invalid T-E value in request", HTTP_EVENT_INVALID_TRANSFER_ENCODING_IN_REQUEST },
	{ "Invalid T-E value in response", HTTP_EVENT_INVALID_TRANSFER_ENCODING_IN_RESPONSE },
	{ "Invalid C-L field in request", HTTP_EVENT_INVALID_CONTENT_LENGTH_IN_REQUEST },
	{ "Invalid C-L field in response", HTTP_EVENT_INVALID_CONTENT_LENGTH_IN_RESPONSE },
	{ "Already seen 100-Continue", HTTP_EVENT_100_CONTINUE_ALREADY_SEEN },
	{ "Unable to match response to request", HTTP_EVENT_UNABLE_TO_MATCH_RESPONSE },
	{ "Invalid server port information in request", HTTP_EVENT_INVALID_SERVER_PORT },
	{ "Invalid authority port", HTTP_EVENT_INVALID_AUTHORITY_PORT },
	{ "Request buffer over the limit", HTTP_EVENT_REQUEST_FIELD_TOO_LONG },
	{ "Request field length exceeds", HTTP_EVENT_REQUEST_FIELD_TOO_LONG },
	{ "Response the buffer limit", HTTP_EVENT_RESPONSE_FIELD_TOO_LONG },
	{ "Response field length exceeds", HTTP_EVENT_RESPONSE_FIELD_TOO_LONG },
	{ "C-T multipart/byteranges in responses not supported", HTTP_EVENT_RESPONSE_MULTIPART_BYTERANGES },
	{ "Request field invalid", HTTP_EVENT_REQUEST_HEADER_INVALID },
	{ "Response field invalid", HTTP_EVENT_RESPONSE_HEADER_INVALID },
	{ "Request header name is not a token", HTTP_EVENT_REQUEST_HEADER_INVALID },
	{ "Response header name is not a token", HTTP_EVENT_RESPONSE_HEADER_INVALID },
	{ "Response header value contains null", HTTP_EVENT_RESPONSE_HEADER_INVALID },
	{ "Host information in request headers required", HTTP_EVENT_MISSING_HOST_HEADER },
	{ "Host information ambiguous", HTTP_EVENT_HOST_HEADER_AMBIGUOUS },
	{ "Invalid request field folding", HTTP_EVENT_INVALID_REQUEST_FIELD_FOLDING },
	{ "Invalid response field folding", HTTP_EVENT_INVALID_RESPONSE_FIELD_FOLDING },
	{ "Request server port", HTTP_EVENT_SERVER_PORT_MISMATCH },
	{ "Request line: URI contains non-compliant delimiter", HTTP_EVENT_URI_DELIM_NON_COMPLIANT },
	{ "Request line: non-compliant delimiter between Method and URI", HTTP_EVENT_METHOD_DELIM_NON_COMPLIANT },
	{ "Request line: leading whitespace", HTTP_EVENT_REQUEST_LINE_LEADING_WHITESPACE },
	{ "Request line: missing protocol", HTTP_EVENT_REQUEST_LINE_MISSING_PROTOCOL },
	{ "Request line incomplete", HTTP_EVENT_REQUEST_LINE_INCOMPLETE },
	{ "Too many response content encoding layers", HTTP_EVENT_TOO_MANY_ENCODING_LAYERS },
	{ "C-E gzip has abnormal value", HTTP_EVENT_ABNORMAL_CE_HEADER },
	{ "C-E deflate has abnormal value", HTTP_EVENT_ABNORMAL_CE_HEADER },
	{ "C-E unknown setting", HTTP_EVENT_ABNORMAL_CE_HEADER },
	{ "Transfer-encoding has abnormal chunked value", HTTP_EVENT_RESPONSE_ABNORMAL_TRANSFER_ENCODING },
	{ "Chunked transfer-encoding on HTTP/0.9 or HTTP/1.0", HTTP_EVENT_RESPONSE_CHUNKED_OLD_PROTO },
	{ "Invalid response line: invalid protocol", HTTP_EVENT_RESPONSE_INVALID_PROTOCOL },
	{ "Invalid response line: invalid response status", HTTP_EVENT_RESPONSE_INVALID_STATUS },
	{ "Unexpected request body", HTTP_EVENT_REQUEST_BODY_UNEXPECTED },
	{ "Ambiguous request C-L value", HTTP_EVENT_DUPLICATE_CONTENT_LENGTH_IN_REQUEST },
	{ "Ambiguous response C-L value", HTTP_EVENT_DUPLICATE_CONTENT_LENGTH_IN_RESPONSE },
	{ "Too many request headers", HTTP_EVENT_REQUEST_TOO_MANY_HEADERS },
	{ "Too many response headers", HTTP_EVENT_RESPONSE_TOO_MANY_HEADERS },
};

// Log lines that say nothing about the traffic, or that another row already told.
static const char *const silent[] = {
	"Request line: unknown method",
	"Repetition for header",
	"LZMA decompression disabled",
	"Zero-length data chunks",
	"Inbound parser is in",
	"Outbound parser is in",
	"Missing inbound",
	"Missing outbound",
	"Switching Protocol",
	"Weird response",
	"C-L value with extra data",
	"Unexpected Response body",
	"Unexpected response body",
	"Gaps are not allowed",
	"Request body data callback",
	"Connection is already",
};

static bool is_silent(const char *text)
{
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
		if (!strncmp(text, silent[i], strlen(silent[i])))
			return true;
	return false;
}

// HTTP_EVENTS_END: none.
static enum http_event event_of(const htp_log_t *log)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strncmp(log->msg, rows[i].prefix, strlen(rows[i].prefix)))
			return rows[i].event;
	return !is_silent(log->msg) && log->level == HTP_LOG_ERROR ? HTTP_EVENT_UNKNOWN_ERROR : HTTP_EVENTS_END;
}

int http_log_event(htp_log_t *log)
{
	struct http_state *state = log->connp ? htp_connp_get_user_data(log->connp) : NULL;
	if (!state || !log->msg || state->messages > MESSAGES_MAX)
		return HTP_OK;
	enum http_event event = state->messages++ == MESSAGES_MAX ? HTTP_EVENT_TOO_MANY_WARNINGS : event_of(log);
	if (event == HTTP_EVENTS_END)
		return HTP_OK;
	struct http_tx *tx = log->tx ? htp_tx_get_user_data(log->tx) : NULL;
	if (!tx && !log->tx)
		tx = (struct http_tx *)state->flow->app.tx_last;
	if (tx)
		http_event(state, tx, event);
	else
		state->early_events |= UINT64_C(1) << event;
	return HTP_OK;
}

// libhtp keeps every line it logged with the connection; a hostile peer could make it keep them without end.
void http_log_prune(struct http_state *state)
{
	htp_conn_t *conn = htp_connp_get_connection(state->connp);
	size_t count = conn && conn->messages ? htp_list_size(conn->messages) : 0;
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		htp_log_t *log = htp_list_get(conn->messages, i);
		free((void *)(uintptr_t)log->msg);
		free(log);
	}
	htp_list_clear(conn->messages);
	htp_connp_clear_error(state->connp);
}

// libhtp knows Basic and Digest; Bearer (RFC 6750) is as ordinary.
static bool is_bearer(const struct http_tx *tx)
{
	struct span value;
	return http_header_find(&tx->base, TO_SERVER, "authorization", &value) &&
	       span_starts_nocase(span_trim(value), "bearer ");
}

void http_flag_events(struct http_state *state, struct http_tx *tx)
{
	static const struct {
		uint64_t flag;
		enum http_event event;
	} flags[] = {
		{ HTP_REQUEST_INVALID_T_E, HTTP_EVENT_INVALID_TRANSFER_ENCODING_IN_REQUEST },
		{ HTP_REQUEST_INVALID_C_L, HTTP_EVENT_INVALID_CONTENT_LENGTH_IN_REQUEST },
		{ HTP_HOST_MISSING, HTTP_EVENT_MISSING_HOST_HEADER },
		{ HTP_HOST_AMBIGUOUS, HTTP_EVENT_HOST_HEADER_AMBIGUOUS },
		{ HTP_HOSTU_INVALID, HTTP_EVENT_URI_HOST_INVALID },
		{ HTP_HOSTH_INVALID, HTTP_EVENT_HEADER_HOST_INVALID },
	};
	const htp_tx_t *htp = tx->htp;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (htp->flags & flags[i].flag)
			http_event(state, tx, flags[i].event);
	if (htp->request_auth_type == HTP_AUTH_UNRECOGNIZED && !is_bearer(tx))
		http_event(state, tx, HTTP_EVENT_AUTH_UNRECOGNIZED);
	if (htp->is_protocol_0_9 && htp->request_method_number != HTP_M_UNKNOWN &&
		(htp->request_protocol_number == HTP_PROTOCOL_INVALID ||
			htp->request_protocol_number == HTP_PROTOCOL_UNKNOWN))
		http_event(state, tx, HTTP_EVENT_REQUEST_LINE_INVALID);
}
