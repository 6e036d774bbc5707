// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/sdp.h"

FIELD_BUFFER(field_sdp_session_name, APP_SIP, "sdp.session_name", NULL, "sdp session name", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_session_info, APP_SIP, "sdp.session_info", NULL, "sdp session info", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_origin, APP_SIP, "sdp.origin", NULL, "sdp origin", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_uri, APP_SIP, "sdp.uri", NULL, "sdp uri", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_email, APP_SIP, "sdp.email", NULL, "sdp email", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_phone_number, APP_SIP, "sdp.phone_number", NULL, "sdp phone number", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_connection_data, APP_SIP, "sdp.connection_data", NULL, "sdp connection data", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_bandwidth, APP_SIP, "sdp.bandwidth", NULL, "sdp bandwidth", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sdp_time, APP_SIP, "sdp.time", NULL, "sdp time", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sdp_repeat_time, APP_SIP, "sdp.repeat_time", NULL, "sdp repeat time", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sdp_timezone, APP_SIP, "sdp.timezone", NULL, "sdp timezone", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_encryption_key, APP_SIP, "sdp.encryption_key", NULL, "sdp encryption key", 0, FIELD_WAITING);
FIELD_BUFFER(field_sdp_attribute, APP_SIP, "sdp.attribute", NULL, "sdp attribute", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sdp_media_media, APP_SIP, "sdp.media.media", NULL, "sdp media media", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sdp_media_media_info, APP_SIP, "sdp.media.media_info", NULL, "sdp media media info", FIELD_MULTI,
	FIELD_WAITING);
FIELD_BUFFER(field_sdp_media_connection_data, APP_SIP, "sdp.media.connection_data", NULL, "sdp media connection data",
	FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_sdp_media_encryption_key, APP_SIP, "sdp.media.encryption_key", NULL, "sdp media encryption key",
	FIELD_MULTI, FIELD_WAITING);
