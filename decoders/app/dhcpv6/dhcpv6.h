// SPDX-License-Identifier: GPL-3.0-or-later
// DHCPv6 (RFC 8415) over UDP. A message is a transaction of its direction; trans_id joins an answer to its request. What relays carry is told with what they say
// themselves.
//
// Memory       worker's slab: facts
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define DHCPV6_RELAYS  8  // inside of each other (HOP_COUNT_LIMIT)
#define DHCPV6_OPTIONS 32 // told of those a client asks for

enum dhcpv6_fact {
	DHCPV6_TYPE, // of the innermost message
	DHCPV6_TRANSACTION,
	DHCPV6_RELAY_TYPE,
	DHCPV6_RELAY_HOPS,
	DHCPV6_RELAY_LINK,
	DHCPV6_RELAY_PEER,
	DHCPV6_INTERFACE,
	DHCPV6_REMOTE,
	DHCPV6_CLIENT_DUID,
	DHCPV6_SERVER_DUID,
	DHCPV6_CLIENT_MAC,
	DHCPV6_IAID,
	DHCPV6_ADDRESS,
	DHCPV6_PREFIX,
	DHCPV6_PREFERRED,
	DHCPV6_LEASE,
	DHCPV6_REQUESTED,
	DHCPV6_FQDN,
	DHCPV6_VENDOR_CLASS,
	DHCPV6_USER_CLASS,
	DHCPV6_ENTERPRISE,
	DHCPV6_ELAPSED,
	DHCPV6_RAPID_COMMIT,
	DHCPV6_DNS_SERVER,
	DHCPV6_DOMAIN,
	DHCPV6_BOOTFILE,
	DHCPV6_STATUS,
	DHCPV6_STATUS_MESSAGE,
};

extern const struct fact_name dhcpv6_facts[];
extern const struct app_parser dhcpv6_parser;

// Tells options, those inside of others too. relayed is set to the message a relay carries. False: broken.
bool dhcpv6_take_options(
	const struct app_input *input, struct fact_tx *tx, struct span options, bool relay, struct span *relayed);
