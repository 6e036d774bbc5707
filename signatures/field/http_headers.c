// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP fields made of headers: one header by its name, or many of them put together in the scratch.
#include "signatures/field/http.h"
#include "signatures/field/http2_http.h"

static bool get_header(const struct field_source *source, unsigned index, const char *name, struct field_value *value)
{
	struct span data;
	return index == 0 && http_header_find(source->tx, source->direction, name, &data) && field_whole(value, data);
}

#define HEADER_GET(field, header)                                                                             \
	static bool get_##field(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                     \
		return get_header(source, index, header, value);                                              \
	}
HEADER_GET(accept, "accept")
HEADER_GET(accept_lang, "accept-language")
HEADER_GET(accept_enc, "accept-encoding")
HEADER_GET(connection, "connection")
HEADER_GET(content_len, "content-length")
HEADER_GET(content_type, "content-type")
HEADER_GET(cookie, "cookie")
HEADER_GET(set_cookie, "set-cookie")
HEADER_GET(location, "location")
HEADER_GET(referer, "referer")
HEADER_GET(server, "server")
HEADER_GET(user_agent, "user-agent")

// Where a buffer is put together: a stretch of scratch that is filled from the front.
struct builder {
	uint8_t *start;
	uint32_t used, size;
};

static struct builder builder_on(const struct field_source *source)
{
	uint32_t size = FIELD_SCRATCH_BYTES - source->scratch->used;
	return (struct builder) { .start = source->scratch->bytes + source->scratch->used, .size = size };
}

static void put(struct builder *builder, struct span text)
{
	if (builder->size - builder->used < text.len)
		text.len = builder->size - builder->used; // the front of too much is better than nothing of it
	if (text.len)
		memcpy(builder->start + builder->used, text.data, text.len);
	builder->used += text.len;
}

static void put_header(struct builder *builder, const struct http_header *header)
{
	put(builder, header->name);
	put(builder, span_of(": ", 2));
	put(builder, header->value);
}

static bool builder_done(const struct field_source *source, const struct builder *builder, struct field_value *value)
{
	if (!field_scratch_take(source->scratch, builder->used))
		return false;
	return field_whole(value, (struct span) { builder->start, builder->used });
}

static bool is_cookie(const struct http_header *header, enum direction direction)
{
	return span_is_nocase(header->name, direction == TO_SERVER ? "cookie" : "set-cookie");
}

// All headers but cookies, which have a buffer of their own: "Name: value" with CRLF after each.
static bool get_headers(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct builder builder = builder_on(source);
	struct http_header header;
	if (index > 0)
		return false;
	for (uint32_t i = 0; http_header_at(source->tx, source->direction, i, &header); i++) {
		if (is_cookie(&header, source->direction))
			continue;
		put_header(&builder, &header);
		put(&builder, span_of("\r\n", 2));
	}
	return builder.used > 0 && builder_done(source, &builder, value);
}

static bool get_headers_raw(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct http_tx *tx = (const struct http_tx *)source->tx;
	const struct bytes *raw = &tx->raw_headers[source->direction];
	return index == 0 && raw->len > 0 && field_whole(value, bytes_span(raw));
}

// "\r\nHost\r\nAccept\r\n\r\n": a rule can ask for order, start and end.
static bool get_header_names(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct builder builder = builder_on(source);
	struct http_header header;
	uint32_t count = 0;
	if (index > 0)
		return false;
	put(&builder, span_of("\r\n", 2));
	for (; http_header_at(source->tx, source->direction, count, &header); count++) {
		put(&builder, header.name);
		put(&builder, span_of("\r\n", 2));
	}
	put(&builder, span_of("\r\n", 2));
	return count > 0 && builder_done(source, &builder, value);
}

// First line and headers, as one text.
static bool get_start(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct builder builder = builder_on(source);
	struct http_header header;
	struct span line;
	enum http_part part = source->direction == TO_SERVER ? HTTP_PART_REQUEST_LINE : HTTP_PART_RESPONSE_LINE;
	if (index > 0 || !http_part(source->tx, part, &line))
		return false;
	put(&builder, line);
	put(&builder, span_of("\r\n", 2));
	for (uint32_t i = 0; http_header_at(source->tx, source->direction, i, &header); i++) {
		put_header(&builder, &header);
		put(&builder, span_of("\r\n", 2));
	}
	put(&builder, span_of("\r\n", 2));
	return builder_done(source, &builder, value);
}

static bool get_one_header(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct builder builder = builder_on(source);
	struct http_header header;
	if (!http_header_at(source->tx, source->direction, index, &header))
		return false;
	put_header(&builder, &header);
	return builder_done(source, &builder, value);
}

// Each reads HTTP/1 with a function of this file and HTTP/2 with one of http2_http.c.
#define SIDE(direction, function, other)                       \
	{ APP_HTTP1, direction, HTTP_HEADERS_READ, function }, \
		{ APP_HTTP2, direction, HTTP2_DATA, field_http2_##other },
#define REQUEST(function, other)  SIDE(TO_SERVER, function, other)
#define RESPONSE(function, other) SIDE(TO_CLIENT, function, other)
#define READERS(...)              ((const struct field_reader[]) { __VA_ARGS__ { .get = NULL } })

#define TABLE(symbol, keyword, old_sticky, old_modifier, text, options, ...) \
	const struct field_buffer symbol = {                                 \
		.name = keyword,                                             \
		.sticky = (const char *const[]) { old_sticky, NULL },        \
		.modifier = old_modifier,                                    \
		.description = text,                                         \
		.level = FIELD_TX,                                           \
		.flags = options,                                            \
		.readers = __VA_ARGS__,                                      \
	}

TABLE(field_http_header, "http.header", NULL, "http_header", "headers but cookies", 0,
	READERS(REQUEST(get_headers, headers) RESPONSE(get_headers, headers)));
TABLE(field_http_header_raw, "http.header.raw", NULL, "http_raw_header", "headers as sent", 0,
	READERS(REQUEST(get_headers_raw, headers_raw) RESPONSE(get_headers_raw, headers_raw)));
TABLE(field_http_header_names, "http.header_names", "http_header_names", NULL, "names of the headers, in order", 0,
	READERS(REQUEST(get_header_names, header_names) RESPONSE(get_header_names, header_names)));
TABLE(field_http_start, "http.start", "http_start", NULL, "first line and headers", 0,
	READERS({ APP_HTTP1, TO_SERVER, HTTP_HEADERS_READ, get_start },
		{ APP_HTTP1, TO_CLIENT, HTTP_HEADERS_READ, get_start }, ));
TABLE(field_http_request_header, "http.request_header", "http_request_header", NULL, "one header of the request",
	FIELD_MULTI, READERS(REQUEST(get_one_header, one_header)));
TABLE(field_http_response_header, "http.response_header", "http_response_header", NULL, "one header of the response",
	FIELD_MULTI, READERS(RESPONSE(get_one_header, one_header)));
TABLE(field_http_accept, "http.accept", "http_accept", NULL, "Accept header", 0, READERS(REQUEST(get_accept, accept)));
TABLE(field_http_accept_lang, "http.accept_lang", "http_accept_lang", NULL, "Accept-Language header", 0,
	READERS(REQUEST(get_accept_lang, accept_lang)));
TABLE(field_http_accept_enc, "http.accept_enc", "http_accept_enc", NULL, "Accept-Encoding header", 0,
	READERS(REQUEST(get_accept_enc, accept_enc)));
TABLE(field_http_connection, "http.connection", "http_connection", NULL, "Connection header", 0,
	READERS(REQUEST(get_connection, connection) RESPONSE(get_connection, connection)));
TABLE(field_http_content_len, "http.content_len", "http_content_len", NULL, "Content-Length header", 0,
	READERS(REQUEST(get_content_len, content_len) RESPONSE(get_content_len, content_len)));
TABLE(field_http_content_type, "http.content_type", "http_content_type", NULL, "Content-Type header", 0,
	READERS(REQUEST(get_content_type, content_type) RESPONSE(get_content_type, content_type)));
TABLE(field_http_cookie, "http.cookie", NULL, "http_cookie", "Cookie or Set-Cookie header", 0,
	READERS(REQUEST(get_cookie, cookie) RESPONSE(get_set_cookie, cookie)));
TABLE(field_http_location, "http.location", "http_location", NULL, "Location header", 0,
	READERS(RESPONSE(get_location, location)));
TABLE(field_http_referer, "http.referer", "http_referer", NULL, "Referer header", 0,
	READERS(REQUEST(get_referer, referer)));
TABLE(field_http_server, "http.server", "http_server", NULL, "Server header", 0, READERS(RESPONSE(get_server, server)));
TABLE(field_http_user_agent, "http.user_agent", NULL, "http_user_agent", "User-Agent header", 0,
	READERS(REQUEST(get_user_agent, user_agent)));
