// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of HTTP/2 frames.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define HTTP2_BUFFERS(X) X(field_http2_header_name)
#define HTTP2_NUMBERS(X)         \
	X(field_http2_frametype) \
	X(field_http2_errorcode) \
	X(field_http2_priority)  \
	X(field_http2_window)    \
	X(field_http2_size_update)
#define HTTP2_TESTS(X) X(field_http2_settings)

HTTP2_BUFFERS(FIELD_DECLARE_BUFFER)
HTTP2_NUMBERS(FIELD_DECLARE_NUMBER)
HTTP2_TESTS(FIELD_DECLARE_TEST)
