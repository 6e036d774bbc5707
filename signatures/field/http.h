// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1 fields: sticky buffers, legacy modifiers and numbers over decoders/app/http.
//
// Memory       values lie in the transaction, or are built in the caller's scratch
// Threads      tables are const
#pragma once
#include "decoders/app/http/http.h"
#include "signatures/field/field.h"

// X(table)
#define HTTP_BUFFERS(X)               \
	X(field_http_uri)             \
	X(field_http_uri_raw)         \
	X(field_http_method)          \
	X(field_http_protocol)        \
	X(field_http_request_line)    \
	X(field_http_response_line)   \
	X(field_http_stat_code)       \
	X(field_http_stat_msg)        \
	X(field_http_host)            \
	X(field_http_host_raw)        \
	X(field_http_header)          \
	X(field_http_header_raw)      \
	X(field_http_header_names)    \
	X(field_http_start)           \
	X(field_http_request_header)  \
	X(field_http_response_header) \
	X(field_http_accept)          \
	X(field_http_accept_lang)     \
	X(field_http_accept_enc)      \
	X(field_http_connection)      \
	X(field_http_content_len)     \
	X(field_http_content_type)    \
	X(field_http_cookie)          \
	X(field_http_location)        \
	X(field_http_referer)         \
	X(field_http_server)          \
	X(field_http_user_agent)      \
	X(field_http_request_body)    \
	X(field_http_response_body)
#define HTTP_NUMBERS(X) \
	X(field_urilen) \
	X(field_urilen_raw)

#define HTTP_DECLARE_BUFFER(table) extern const struct field_buffer table;
#define HTTP_DECLARE_NUMBER(table) extern const struct field_number table;
HTTP_BUFFERS(HTTP_DECLARE_BUFFER)
HTTP_NUMBERS(HTTP_DECLARE_NUMBER)

// Progress from which a part can be read: the line when headers are being read, headers when the body is.
#define HTTP_LINE_READ    HTTP_HEADERS
#define HTTP_HEADERS_READ HTTP_BODY

// The decoded body of a direction, as far as it is kept.
bool field_http_body_get(const struct field_source *source, enum direction direction, struct field_value *value);
