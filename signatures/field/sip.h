// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of SIP: lines and headers of requests and responses.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define SIP_BUFFERS(X)             \
	X(field_sip_method)        \
	X(field_sip_uri)           \
	X(field_sip_protocol)      \
	X(field_sip_stat_code)     \
	X(field_sip_stat_msg)      \
	X(field_sip_request_line)  \
	X(field_sip_response_line) \
	X(field_sip_from)          \
	X(field_sip_to)            \
	X(field_sip_via)           \
	X(field_sip_user_agent)    \
	X(field_sip_content_type)  \
	X(field_sip_content_length)

SIP_BUFFERS(FIELD_DECLARE_BUFFER)
