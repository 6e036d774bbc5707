// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP fields that are one part of the request or status line, or the host: they lie ready in the transaction.
#include "signatures/field/http.h"
#include "signatures/field/http2_http.h"

static bool get_part(const struct field_source *source, unsigned index, enum http_part part, struct field_value *value)
{
	struct span data;
	return index == 0 && http_part(source->tx, part, &data) && field_whole(value, data);
}

#define PART_GET(name, part)                                                                                 \
	static bool get_##name(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                    \
		return get_part(source, index, part, value);                                                 \
	}
PART_GET(uri, HTTP_PART_URI)
PART_GET(uri_raw, HTTP_PART_URI_RAW)
PART_GET(method, HTTP_PART_METHOD)
PART_GET(protocol, HTTP_PART_PROTOCOL)
PART_GET(response_protocol, HTTP_PART_RESPONSE_PROTOCOL)
PART_GET(request_line, HTTP_PART_REQUEST_LINE)
PART_GET(response_line, HTTP_PART_RESPONSE_LINE)
PART_GET(status, HTTP_PART_STATUS)
PART_GET(status_message, HTTP_PART_STATUS_MESSAGE)
PART_GET(host, HTTP_PART_HOST)
PART_GET(host_raw, HTTP_PART_HOST_RAW)

// HTTP/1 by a function of this file, HTTP/2 by one of http2_http.c.
#define ONE(direction, at, function)  { APP_HTTP1, direction, at, function },
#define TWO(direction, function)      { APP_HTTP2, direction, HTTP2_DATA, field_http2_##function },
#define REQUEST(at, function, other)  ONE(TO_SERVER, at, function) TWO(TO_SERVER, other)
#define RESPONSE(at, function, other) ONE(TO_CLIENT, at, function) TWO(TO_CLIENT, other)
#define READERS(...)                  ((const struct field_reader[]) { __VA_ARGS__ { .get = NULL } })
#define STICKY(...)               \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

const struct field_buffer field_http_uri = {
	.name = "http.uri",
	.modifier = "http_uri",
	.description = "URI of the request, decoded and normalised",
	.level = FIELD_TX,
	.readers = READERS(REQUEST(HTTP_LINE_READ, get_uri, uri)),
};

const struct field_buffer field_http_uri_raw = {
	.name = "http.uri.raw",
	.sticky = STICKY("http_raw_uri"),
	.modifier = "http_raw_uri",
	.description = "URI of the request as sent",
	.level = FIELD_TX,
	.readers = READERS(REQUEST(HTTP_LINE_READ, get_uri_raw, uri)),
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

// A method never begins or ends with white space, so such a rule could not match.
static const char *check_method(const struct span *content, bool nocase)
{
	(void)nocase;
	if (content->len && is_blank(content->data[0]))
		return "http.method content begins with white space, which the method never does";
	if (content->len && is_blank(content->data[content->len - 1]))
		return "http.method content ends with white space, which the method never does";
	return NULL;
}

const struct field_buffer field_http_method = {
	.name = "http.method",
	.modifier = "http_method",
	.description = "method of the request",
	.level = FIELD_TX,
	.readers = READERS(REQUEST(HTTP_LINE_READ, get_method, method)),
	.check_content = check_method,
};

const struct field_buffer field_http_protocol = {
	.name = "http.protocol",
	.sticky = STICKY("http_protocol"),
	.description = "protocol named in the request or status line",
	.level = FIELD_TX,
	.readers = READERS(REQUEST(HTTP_LINE_READ, get_protocol, protocol)
			RESPONSE(HTTP_LINE_READ, get_response_protocol, protocol)),
};

const struct field_buffer field_http_request_line = {
	.name = "http.request_line",
	.sticky = STICKY("http_request_line"),
	.description = "request line",
	.level = FIELD_TX,
	.readers = READERS(ONE(TO_SERVER, HTTP_LINE_READ, get_request_line)),
};

const struct field_buffer field_http_response_line = {
	.name = "http.response_line",
	.sticky = STICKY("http_response_line"),
	.description = "status line",
	.level = FIELD_TX,
	.readers = READERS(ONE(TO_CLIENT, HTTP_LINE_READ, get_response_line)),
};

const struct field_buffer field_http_stat_code = {
	.name = "http.stat_code",
	.modifier = "http_stat_code",
	.description = "status code of the response",
	.level = FIELD_TX,
	.readers = READERS(RESPONSE(HTTP_LINE_READ, get_status, status)),
};

const struct field_buffer field_http_stat_msg = {
	.name = "http.stat_msg",
	.modifier = "http_stat_msg",
	.description = "reason phrase of the response",
	.level = FIELD_TX,
	.readers = READERS(RESPONSE(HTTP_LINE_READ, get_status_message, empty)),
};

const struct field_buffer field_http_host = {
	.name = "http.host",
	.modifier = "http_host",
	.description = "host of the request, lower case, from its URI or Host header",
	.level = FIELD_TX,
	.flags = FIELD_LOWER,
	.readers = READERS(REQUEST(HTTP_HEADERS_READ, get_host, host)),
};

const struct field_buffer field_http_host_raw = {
	.name = "http.host.raw",
	.modifier = "http_raw_host",
	.description = "host of the request as sent",
	.level = FIELD_TX,
	.readers = READERS(REQUEST(HTTP_HEADERS_READ, get_host_raw, host_raw)),
};

static bool number_of_part(const struct field_source *source, unsigned index, enum http_part part, uint64_t *value)
{
	struct span data;
	if (index > 0 || !http_part(source->tx, part, &data))
		return false;
	*value = data.len;
	return true;
}

static bool get_urilen(const struct field_source *source, unsigned index, uint64_t *value)
{
	return number_of_part(source, index, HTTP_PART_URI, value);
}

static bool get_urilen_raw(const struct field_source *source, unsigned index, uint64_t *value)
{
	return number_of_part(source, index, HTTP_PART_URI_RAW, value);
}

const struct field_number field_urilen = {
	.name = "urilen",
	.level = FIELD_TX,
	.bits = 16,
	.readers = (const struct field_number_reader[]) { { APP_HTTP1, TO_SERVER, HTTP_LINE_READ, get_urilen },
		{ APP_HTTP2, TO_SERVER, HTTP2_DATA, field_http2_urilen }, { 0 } },
};

const struct field_number field_urilen_raw = {
	.name = "urilen.raw",
	.level = FIELD_TX,
	.bits = 16,
	.readers = (const struct field_number_reader[]) { { APP_HTTP1, TO_SERVER, HTTP_LINE_READ, get_urilen_raw },
		{ APP_HTTP2, TO_SERVER, HTTP2_DATA, field_http2_urilen }, { 0 } },
};
