// SPDX-License-Identifier: GPL-3.0-or-later
// NTP versions 1 to 4 (RFC 5905 section 7.3; modes 6 and 7: RFC 9327): a transaction a datagram.
//
// Memory       worker's slab: a copy of each datagram
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

enum ntp_event { NTP_MALFORMED_DATA };

struct ntp_message {
	uint8_t leap, version, mode;
	bool timed; // the header of modes 1 to 5: what follows is there
	uint8_t stratum;
	struct span reference; // 4 bytes: a clock's name, or an address
};

// False: not NTP.
bool ntp_message_read(struct span data, struct ntp_message *message);

extern const struct app_parser ntp_parser;
