// SPDX-License-Identifier: GPL-3.0-or-later
// What the fields of HTTP (http.uri, http.header, ...) are in HTTP/2: readers for the tables of http_line.c, http_headers.c and http_body.c.
//
// Threads      pure functions
#pragma once
#include "decoders/app/http2/http2.h"
#include "signatures/field/field.h"

#define HTTP2_GET(name) \
	bool field_http2_##name(const struct field_source *source, unsigned index, struct field_value *value);
HTTP2_GET(uri)
HTTP2_GET(method)
HTTP2_GET(status)
HTTP2_GET(empty) // what HTTP/2 has no more: the reason phrase
HTTP2_GET(protocol)
HTTP2_GET(host)
HTTP2_GET(host_raw)
HTTP2_GET(headers)
HTTP2_GET(headers_raw)
HTTP2_GET(header_names)
HTTP2_GET(one_header)
HTTP2_GET(cookie)
HTTP2_GET(body)
HTTP2_GET(accept)
HTTP2_GET(accept_lang)
HTTP2_GET(accept_enc)
HTTP2_GET(connection)
HTTP2_GET(content_len)
HTTP2_GET(content_type)
HTTP2_GET(location)
HTTP2_GET(referer)
HTTP2_GET(server)
HTTP2_GET(user_agent)
bool field_http2_urilen(const struct field_source *source, unsigned index, uint64_t *value);
