// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/sdp.h"
#include "decoders/app/sip/sip.h"

#define LINES_MAX 64 // of one kind that are inspected

#define GET_SESSION(function, type)                                                                                  \
	static bool function(const struct field_source *source, unsigned index, struct field_value *value)           \
	{                                                                                                            \
		struct span text;                                                                                    \
		return index < LINES_MAX && sdp_session_line(sip_message_of(source->tx)->sdp, type, index, &text) && \
		       field_present(value, text);                                                                   \
	}
#define GET_MEDIA(function, type)                                                                                  \
	static bool function(const struct field_source *source, unsigned index, struct field_value *value)         \
	{                                                                                                          \
		struct span text;                                                                                  \
		return index < LINES_MAX && sdp_media_line(sip_message_of(source->tx)->sdp, type, index, &text) && \
		       field_present(value, text);                                                                 \
	}

GET_SESSION(get_session_name, 's')
GET_SESSION(get_session_info, 'i')
GET_SESSION(get_origin, 'o')
GET_SESSION(get_uri, 'u')
GET_SESSION(get_email, 'e')
GET_SESSION(get_phone_number, 'p')
GET_SESSION(get_connection_data, 'c')
GET_SESSION(get_bandwidth, 'b')
GET_SESSION(get_time, 't')
GET_SESSION(get_repeat_time, 'r')
GET_SESSION(get_timezone, 'z')
GET_SESSION(get_encryption_key, 'k')
GET_SESSION(get_attribute, 'a')
GET_MEDIA(get_media_media, 'm')
GET_MEDIA(get_media_media_info, 'i')
GET_MEDIA(get_media_connection_data, 'c')
GET_MEDIA(get_media_encryption_key, 'k')

// clang-format off
#define READ(function) { APP_SIP, TO_SERVER, 1, function }, { APP_SIP, TO_CLIENT, 1, function }
// clang-format on

FIELD_BUFFER(field_sdp_session_name, APP_SIP, "sdp.session_name", NULL, "sdp session name", 0, READ(get_session_name));
FIELD_BUFFER(field_sdp_session_info, APP_SIP, "sdp.session_info", NULL, "sdp session info", 0, READ(get_session_info));
FIELD_BUFFER(field_sdp_origin, APP_SIP, "sdp.origin", NULL, "sdp origin", 0, READ(get_origin));
FIELD_BUFFER(field_sdp_uri, APP_SIP, "sdp.uri", NULL, "sdp uri", 0, READ(get_uri));
FIELD_BUFFER(field_sdp_email, APP_SIP, "sdp.email", NULL, "sdp email", 0, READ(get_email));
FIELD_BUFFER(field_sdp_phone_number, APP_SIP, "sdp.phone_number", NULL, "sdp phone number", 0, READ(get_phone_number));
FIELD_BUFFER(field_sdp_connection_data, APP_SIP, "sdp.connection_data", NULL, "sdp connection data", 0,
	READ(get_connection_data));
FIELD_BUFFER(field_sdp_bandwidth, APP_SIP, "sdp.bandwidth", NULL, "sdp bandwidth", FIELD_MULTI, READ(get_bandwidth));
FIELD_BUFFER(field_sdp_time, APP_SIP, "sdp.time", NULL, "sdp time", FIELD_MULTI, READ(get_time));
FIELD_BUFFER(
	field_sdp_repeat_time, APP_SIP, "sdp.repeat_time", NULL, "sdp repeat time", FIELD_MULTI, READ(get_repeat_time));
FIELD_BUFFER(field_sdp_timezone, APP_SIP, "sdp.timezone", NULL, "sdp timezone", 0, READ(get_timezone));
FIELD_BUFFER(field_sdp_encryption_key, APP_SIP, "sdp.encryption_key", NULL, "sdp encryption key", 0,
	READ(get_encryption_key));
FIELD_BUFFER(field_sdp_attribute, APP_SIP, "sdp.attribute", NULL, "sdp attribute", FIELD_MULTI, READ(get_attribute));
FIELD_BUFFER(
	field_sdp_media_media, APP_SIP, "sdp.media.media", NULL, "sdp media media", FIELD_MULTI, READ(get_media_media));
FIELD_BUFFER(field_sdp_media_media_info, APP_SIP, "sdp.media.media_info", NULL, "sdp media media info", FIELD_MULTI,
	READ(get_media_media_info));
FIELD_BUFFER(field_sdp_media_connection_data, APP_SIP, "sdp.media.connection_data", NULL, "sdp media connection data",
	FIELD_MULTI, READ(get_media_connection_data));
FIELD_BUFFER(field_sdp_media_encryption_key, APP_SIP, "sdp.media.encryption_key", NULL, "sdp media encryption key",
	FIELD_MULTI, READ(get_media_encryption_key));
