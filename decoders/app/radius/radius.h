// SPDX-License-Identifier: GPL-3.0-or-later
// RADIUS (RFC 2865, 2866, 5176) over UDP. A message is a transaction; identifier joins an answer to its request.
//
// Memory       worker's slab: facts
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

enum radius_fact {
	RADIUS_TYPE,
	RADIUS_IDENTIFIER,
	RADIUS_RESULT, // of an answer to an access request
	RADIUS_USERNAME,
	RADIUS_MAC, // of who asks for access: Calling-Station-Id
	RADIUS_CALLED_STATION,
	RADIUS_NAS_ADDRESS,
	RADIUS_NAS_IDENTIFIER,
	RADIUS_FRAMED_ADDRESS,
	RADIUS_TUNNEL_CLIENT,
	RADIUS_CONNECT_INFO,
	RADIUS_REPLY_MESSAGE,
};

extern const struct fact_name radius_facts[];
extern const struct app_parser radius_parser;
