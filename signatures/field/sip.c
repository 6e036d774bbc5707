// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/sip.h"
#include "decoders/app/sip/sip.h"

#define HEADERS_MAX 32 // of one name that are inspected

#define GET_PART(function, member)                                                                         \
	static bool function(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                  \
		return index == 0 && field_present(value, sip_message_of(source->tx)->member);             \
	}

GET_PART(get_method, method)
GET_PART(get_uri, uri)
GET_PART(get_version, version)
GET_PART(get_code, code)
GET_PART(get_reason, reason)
GET_PART(get_line, line)

#define GET_HEADER(function, name, brief)                                                                          \
	static bool function(const struct field_source *source, unsigned index, struct field_value *value)         \
	{                                                                                                          \
		struct span text;                                                                                  \
		return index < HEADERS_MAX && sip_header(sip_message_of(source->tx), name, brief, index, &text) && \
		       field_present(value, text);                                                                 \
	}

GET_HEADER(get_from, "from", 'f')
GET_HEADER(get_to, "to", 't')
GET_HEADER(get_via, "via", 'v')
GET_HEADER(get_user_agent, "user-agent", 0)
GET_HEADER(get_content_type, "content-type", 'c')
GET_HEADER(get_content_length, "content-length", 'l')

// clang-format off
#define READ_REQUEST(function) { APP_SIP, TO_SERVER, 1, function }
#define READ_RESPONSE(function) { APP_SIP, TO_CLIENT, 1, function }
#define READ(function) READ_REQUEST(function), READ_RESPONSE(function)
// clang-format on

FIELD_BUFFER(field_sip_method, APP_SIP, "sip.method", NULL, "sip method", 0, READ_REQUEST(get_method));
FIELD_BUFFER(field_sip_uri, APP_SIP, "sip.uri", NULL, "sip uri", 0, READ_REQUEST(get_uri));
FIELD_BUFFER(field_sip_protocol, APP_SIP, "sip.protocol", NULL, "sip protocol", 0, READ(get_version));
FIELD_BUFFER(field_sip_stat_code, APP_SIP, "sip.stat_code", NULL, "sip stat code", 0, READ_RESPONSE(get_code));
FIELD_BUFFER(field_sip_stat_msg, APP_SIP, "sip.stat_msg", NULL, "sip stat msg", 0, READ_RESPONSE(get_reason));
FIELD_BUFFER(field_sip_request_line, APP_SIP, "sip.request_line", NULL, "sip request line", 0, READ_REQUEST(get_line));
FIELD_BUFFER(
	field_sip_response_line, APP_SIP, "sip.response_line", NULL, "sip response line", 0, READ_RESPONSE(get_line));
FIELD_BUFFER(field_sip_from, APP_SIP, "sip.from", NULL, "sip from", FIELD_MULTI, READ(get_from));
FIELD_BUFFER(field_sip_to, APP_SIP, "sip.to", NULL, "sip to", FIELD_MULTI, READ(get_to));
FIELD_BUFFER(field_sip_via, APP_SIP, "sip.via", NULL, "sip via", FIELD_MULTI, READ(get_via));
FIELD_BUFFER(
	field_sip_user_agent, APP_SIP, "sip.user_agent", NULL, "sip user agent", FIELD_MULTI, READ(get_user_agent));
FIELD_BUFFER(field_sip_content_type, APP_SIP, "sip.content_type", NULL, "sip content type", FIELD_MULTI,
	READ(get_content_type));
FIELD_BUFFER(field_sip_content_length, APP_SIP, "sip.content_length", NULL, "sip content length", FIELD_MULTI,
	READ(get_content_length));
