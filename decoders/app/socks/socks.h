// SPDX-License-Identifier: GPL-3.0-or-later
// SOCKS 4, 4A and 5 (RFC 1928, 1929): who asks a proxy for a way to whom. The exchange is one transaction; once the proxy grants it the flow becomes what is inside.
//
// Memory       worker's slab: facts
// Bounds       the messages are at most 513 bytes each; 255 bytes of user and of host of version 4
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

enum socks_fact {
	SOCKS_VERSION,
	SOCKS_METHOD, // how the client shows who it is
	SOCKS_USER,
	SOCKS_COMMAND,
	SOCKS_HOST, // asked for, if by name
	SOCKS_ADDRESS,
	SOCKS_PORT,
	SOCKS_STATUS,
	SOCKS_BOUND_HOST,
	SOCKS_BOUND_ADDRESS,
	SOCKS_BOUND_PORT,
};

extern const struct fact_name socks_facts[];
extern const struct app_parser socks_parser;

// Did the proxy grant what this transaction asked for?
bool socks_granted(const struct app_tx *tx);
