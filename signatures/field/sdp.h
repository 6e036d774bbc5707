// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of SDP, as SIP messages carry it.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define SDP_BUFFERS(X)                     \
	X(field_sdp_session_name)          \
	X(field_sdp_session_info)          \
	X(field_sdp_origin)                \
	X(field_sdp_uri)                   \
	X(field_sdp_email)                 \
	X(field_sdp_phone_number)          \
	X(field_sdp_connection_data)       \
	X(field_sdp_bandwidth)             \
	X(field_sdp_time)                  \
	X(field_sdp_repeat_time)           \
	X(field_sdp_timezone)              \
	X(field_sdp_encryption_key)        \
	X(field_sdp_attribute)             \
	X(field_sdp_media_media)           \
	X(field_sdp_media_media_info)      \
	X(field_sdp_media_connection_data) \
	X(field_sdp_media_encryption_key)

SDP_BUFFERS(FIELD_DECLARE_BUFFER)
