// SPDX-License-Identifier: GPL-3.0-or-later
// Flow key: what makes two packets one conversation, the hash that is the same for both of its directions, and the id events carry.
//
// Threads      pure functions
#pragma once
#include "decoders/flow/flow.h"

struct flow_config;

// How a packet's key was found.
enum flow_key_kind {
	FLOW_KEY_NONE,     // has no flow: no IP, a fragment, headers that cannot be trusted, other ICMPv4 errors
	FLOW_KEY_OWN,      // its own addresses
	FLOW_KEY_EMBEDDED, // ICMPv4 unreachable: the datagram it answers; joins that flow, never starts one
};

// Key of packet, as sent by its source. ICMP: sport is type << 8 | code, dport the answering type << 8 (RFC 792, 4443), or 0 when
// the type has no answer, so that request and reply are one flow.
enum flow_key_kind flow_key_of_packet(
	const struct packet *packet, const struct flow_config *config, struct flow_key *out);

// Same for key and its reverse; seed keeps an attacker from aiming at buckets.
uint64_t flow_key_hash(const struct flow_key *key, uint64_t seed);

// Does packet's key a belong to flow's key b, and in which direction?
bool flow_key_matches(const struct flow_key *a, const struct flow_key *b, enum direction *direction);

// EVE's flow_id: 51 bits of key and start time, never 0, no secret in it, so the same for any number of workers.
uint64_t flow_key_id(const struct flow_key *key, uint64_t first_ns);

// The ICMP type that answers type (either way round), -1 when there is none.
int flow_icmp_counterpart(uint8_t ip_version, uint8_t type);
