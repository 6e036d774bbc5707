// SPDX-License-Identifier: GPL-3.0-or-later
// SSDP (UPnP Device Architecture 2.0 section 1): who searches for what, and which device says where it is described. A message is a transaction.
//
// Memory       worker's slab: facts
// Bounds       SSDP_HEADERS_MAX lines of a message
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define SSDP_HEADERS_MAX 64

enum ssdp_fact {
	SSDP_METHOD, // M-SEARCH, NOTIFY; none of an answer
	SSDP_STATUS,
	SSDP_HOST,
	SSDP_TARGET, // ST or NT
	SSDP_NTS,
	SSDP_USN,
	SSDP_LOCATION,
	SSDP_SERVER,
	SSDP_USER_AGENT,
};

extern const struct fact_name ssdp_facts[];
extern const struct app_parser ssdp_parser;
