// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/sip.h"

FIELD_BUFFER(field_sip_method, APP_SIP, "sip.method", NULL, "sip method", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_uri, APP_SIP, "sip.uri", NULL, "sip uri", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_protocol, APP_SIP, "sip.protocol", NULL, "sip protocol", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_stat_code, APP_SIP, "sip.stat_code", NULL, "sip stat code", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_stat_msg, APP_SIP, "sip.stat_msg", NULL, "sip stat msg", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_request_line, APP_SIP, "sip.request_line", NULL, "sip request line", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_response_line, APP_SIP, "sip.response_line", NULL, "sip response line", 0, FIELD_WAITING);
FIELD_BUFFER(field_sip_from, APP_SIP, "sip.from", NULL, "sip from", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sip_to, APP_SIP, "sip.to", NULL, "sip to", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sip_via, APP_SIP, "sip.via", NULL, "sip via", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sip_user_agent, APP_SIP, "sip.user_agent", NULL, "sip user agent", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sip_content_type, APP_SIP, "sip.content_type", NULL, "sip content type", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sip_content_length, APP_SIP, "sip.content_length", NULL, "sip content length", FIELD_MULTI,
	FIELD_WAITING);
