// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/http2_http.h"
#include "signatures/field/file.h"

static bool whole(struct field_value *value, struct span data)
{
	*value = (struct field_value) { .data = data, .first = true, .last = true };
	return true;
}

static bool get_header(const struct field_source *source, unsigned index, const char *name, struct field_value *value)
{
	struct span data;
	return index == 0 && http2_header_find(http2_tx_of(source->tx), source->direction, name, &data) &&
	       whole(value, data);
}

#define HEADER_GET(field, header)                                                                              \
	bool field_http2_##field(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                      \
		return get_header(source, index, header, value);                                               \
	}
HEADER_GET(uri, ":path")
HEADER_GET(method, ":method")
HEADER_GET(status, ":status")
HEADER_GET(accept, "accept")
HEADER_GET(accept_lang, "accept-language")
HEADER_GET(accept_enc, "accept-encoding")
HEADER_GET(connection, "connection")
HEADER_GET(content_len, "content-length")
HEADER_GET(content_type, "content-type")
HEADER_GET(location, "location")
HEADER_GET(referer, "referer")
HEADER_GET(server, "server")
HEADER_GET(user_agent, "user-agent")

bool field_http2_empty(const struct field_source *source, unsigned index, struct field_value *value)
{
	(void)source;
	return index == 0 && whole(value, (struct span) { (const uint8_t *)"", 0 });
}

bool field_http2_protocol(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct http2_header header;
	return index == 0 && http2_header_at(http2_tx_of(source->tx), source->direction, 0, &header) &&
	       whole(value, span_text("HTTP/2"));
}

bool field_http2_host_raw(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct span host;
	return index == 0 && http2_host(http2_tx_of(source->tx), &host) && whole(value, host);
}

bool field_http2_host(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct span host;
	if (index || !http2_host(http2_tx_of(source->tx), &host))
		return false;
	host = http2_host_name(host);
	uint8_t *lower = field_scratch_take(source->scratch, host.len);
	if (!lower)
		return false;
	for (uint32_t i = 0; i < host.len; i++)
		lower[i] = (uint8_t)(host.data[i] >= 'A' && host.data[i] <= 'Z' ? host.data[i] | 0x20 : host.data[i]);
	return whole(value, (struct span) { lower, host.len });
}

// Where a buffer is put together: a stretch of scratch that is filled from the front.
struct builder {
	uint8_t *start;
	uint32_t used, size;
};

static struct builder builder_on(const struct field_source *source)
{
	return (struct builder) { source->scratch->bytes + source->scratch->used, 0,
		FIELD_SCRATCH_BYTES - source->scratch->used };
}

static void put(struct builder *builder, struct span text)
{
	uint32_t room = builder->size - builder->used;
	uint32_t len = text.len < room ? text.len : room;
	if (len)
		memcpy(builder->start + builder->used, text.data, len);
	builder->used += len;
}

static void put_text(struct builder *builder, const char *text)
{
	put(builder, span_text(text));
}

static bool builder_done(const struct field_source *source, const struct builder *builder, struct field_value *value)
{
	return field_scratch_take(source->scratch, builder->used) &&
	       whole(value, (struct span) { builder->start, builder->used });
}

static bool is_cookie(const struct http2_header *header, enum direction direction)
{
	return span_is_nocase(header->name, direction == TO_SERVER ? "cookie" : "set-cookie");
}

static bool put_headers(
	const struct field_source *source, unsigned index, struct field_value *value, bool cookies, bool values)
{
	struct builder builder = builder_on(source);
	struct http2_header header;
	bool some = false;
	if (index > 0)
		return false;
	if (!values)
		put_text(&builder, "\r\n");
	for (uint32_t i = 0; http2_header_at(http2_tx_of(source->tx), source->direction, i, &header); i++) {
		if (header.is_update || (!cookies && is_cookie(&header, source->direction)))
			continue;
		some = true;
		put(&builder, header.name);
		if (values) {
			put_text(&builder, ": ");
			put(&builder, header.value);
		}
		put_text(&builder, "\r\n");
	}
	if (!values)
		put_text(&builder, "\r\n");
	return some && builder_done(source, &builder, value);
}

bool field_http2_headers(const struct field_source *source, unsigned index, struct field_value *value)
{
	return put_headers(source, index, value, false, true);
}

bool field_http2_headers_raw(const struct field_source *source, unsigned index, struct field_value *value)
{
	return put_headers(source, index, value, true, true);
}

bool field_http2_header_names(const struct field_source *source, unsigned index, struct field_value *value)
{
	return put_headers(source, index, value, true, false);
}

bool field_http2_one_header(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct builder builder = builder_on(source);
	struct http2_header header;
	if (!http2_header_at(http2_tx_of(source->tx), source->direction, index, &header))
		return false;
	put(&builder, header.name);
	put_text(&builder, ": ");
	put(&builder, header.value);
	return builder_done(source, &builder, value);
}

bool field_http2_cookie(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_header(source, index, source->direction == TO_SERVER ? "cookie" : "set-cookie", value);
}

bool field_http2_body(const struct field_source *source, unsigned index, struct field_value *value)
{
	return field_file_window(source, index, value);
}

bool field_http2_urilen(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct span path;
	if (index || !http2_header_find(http2_tx_of(source->tx), TO_SERVER, ":path", &path))
		return false;
	*value = path.len;
	return true;
}
