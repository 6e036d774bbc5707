// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP bodies, decoded, as they grow.
#include "signatures/field/http.h"
#include "signatures/field/http2_http.h"

bool field_http_body_get(const struct field_source *source, enum direction direction, struct field_value *value)
{
	const struct http_body *body = &((const struct http_tx *)source->tx)->body[direction];
	// Trailers follow the whole body, though its end is told only behind them
	bool passed = source->tx->progress[direction] > HTTP_BODY;
	if (!body->has_body || body->data.len == 0)
		return false;
	*value = (struct field_value) {
		.data = bytes_span(&body->data),
		.offset = body->offset,
		.first = body->offset == 0,
		.last = passed || body->complete || body->limited,
	};
	return true;
}

static bool get_request_body(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_http_body_get(source, TO_SERVER, value);
}

static bool get_response_body(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_http_body_get(source, TO_CLIENT, value);
}

const struct field_buffer field_http_request_body = {
	.name = "http.request_body",
	.modifier = "http_client_body",
	.description = "body of the request",
	.level = FIELD_BODY,
	.readers = (const struct field_reader[]) { { APP_HTTP1, TO_SERVER, HTTP_BODY, get_request_body },
		{ APP_HTTP2, TO_SERVER, HTTP2_DATA, field_http2_body }, { 0 } },
};

const struct field_buffer field_http_response_body = {
	.name = "http.response_body",
	.modifier = "http_server_body",
	.description = "body of the response, decompressed",
	.level = FIELD_BODY,
	.readers = (const struct field_reader[]) { { APP_HTTP1, TO_CLIENT, HTTP_BODY, get_response_body },
		{ APP_HTTP2, TO_CLIENT, HTTP2_DATA, field_http2_body }, { 0 } },
};
