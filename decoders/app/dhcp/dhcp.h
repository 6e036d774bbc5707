// SPDX-License-Identifier: GPL-3.0-or-later
// DHCP for IPv4 (RFC 2131, options RFC 2132): a transaction a message.
//
// Memory       worker's slab: a copy of each datagram
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

enum dhcp_event { DHCP_TRUNCATED_OPTIONS, DHCP_MALFORMED_OPTIONS };

enum dhcp_option {
	DHCP_PAD = 0,
	DHCP_SUBNET_MASK = 1,
	DHCP_ROUTERS = 3,
	DHCP_DNS_SERVERS = 6,
	DHCP_HOSTNAME = 12,
	DHCP_REQUESTED_IP = 50,
	DHCP_LEASE_TIME = 51,
	DHCP_TYPE = 53,
	DHCP_PARAMETERS = 55,
	DHCP_RENEWAL_TIME = 58,
	DHCP_REBINDING_TIME = 59,
	DHCP_VENDOR_CLASS = 60,
	DHCP_CLIENT_ID = 61,
	DHCP_END = 255,
};

struct dhcp_message {
	uint8_t operation; // 1 request, 2 reply
	uint32_t id;
	struct span client, assigned, next_server, relay; // addresses, 4 bytes each
	struct span hardware;                             // the client's address
	struct span options;                              // behind the magic cookie
};

// False: not DHCP.
bool dhcp_message_read(struct span data, struct dhcp_message *message);

enum dhcp_step { DHCP_STEP_OPTION, DHCP_STEP_END, DHCP_STEP_CUT };
// The next of the options, *at from 0; padding is passed over.
enum dhcp_step dhcp_option_next(struct span options, uint32_t *at, uint8_t *code, struct span *value);
// The first option of a code that is a number of seconds. False: there is none.
bool dhcp_seconds(const struct dhcp_message *message, uint8_t code, uint32_t *seconds);

extern const struct app_parser dhcp_parser;
