// SPDX-License-Identifier: GPL-3.0-or-later
// RFB, the protocol of VNC (RFC 6143; versions 3.3, 3.7, 3.8), up to the server's description of its screen. One transaction a flow: it is done when the
// screen is described, or access is refused; what follows (pixels, keys) is not read.
//
// Memory       worker's slab: one block; of texts RFB_TEXT_MAX bytes are kept
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

#define RFB_TEXT_MAX 256

enum rfb_security { RFB_INVALID, RFB_NONE, RFB_VNC };

struct rfb_version {
	bool known;
	char major[4], minor[4]; // "003"
};

struct rfb_pixels {
	uint8_t bits, depth;
	bool big_endian, true_color;
	uint16_t red_max, green_max, blue_max;
	uint8_t red_shift, green_shift, blue_shift;
};

struct rfb_text {
	uint32_t len; // kept
	uint8_t bytes[RFB_TEXT_MAX];
};

struct rfb_tx {
	struct app_tx tx;
	struct rfb_version server, client;
	bool has_security, has_challenge, has_response, has_result, has_shared, has_screen, shared;
	uint32_t security, result;
	uint8_t challenge[16], response[16];
	uint16_t width, height;
	struct rfb_pixels pixels;
	struct rfb_text name, reason;
};

enum rfb_event {
	RFB_UNIMPLEMENTED_SECURITY_TYPE,
	RFB_UNKNOWN_SECURITY_RESULT,
	RFB_MALFORMED_MESSAGE,
	RFB_CONFUSED_STATE,
	RFB_TOO_LONG_STRING,
};

extern const struct app_parser rfb_parser;

static inline const struct rfb_tx *rfb_tx_of(const struct app_tx *tx)
{
	return (const struct rfb_tx *)(const void *)tx;
}
