// SPDX-License-Identifier: GPL-3.0-or-later
// Endpoint mapper: the answer to ept_map (C706 appendix O) names where an interface is served, as towers (C706 appendix L; MS-RPCE 2.2.1.2.5).
// The flows to its TCP and UDP ports are announced (expect.h), with the interface, so that they are DCE-RPC from their first byte on.
//
// Memory       none; announcements are in the worker's table
// Threads      pure functions, and the worker of the flow
#pragma once
#include "decoders/app/dcerpc/dcerpc_call.h"

#define ENDPOINTS_MAX 16 // of an answer

struct app_expect;
struct flow;

struct endpoint {
	uint8_t uuid[16]; // of the interface, as written
	uint16_t version, version_minor;
	uint8_t ip_proto;   // PROTO_TCP or PROTO_UDP
	uint16_t port;      // never 0
	uint8_t address[4]; // zeros: the mapper's own
};

// The towers of an ept_map answer that have a port; stub: the answer's, without header. Gives how many; 0 as well when it is malformed.
unsigned endpoints_read(struct span stub, bool little, struct endpoint out[ENDPOINTS_MAX]);

// Is call a request to the mapper to name endpoints?
bool endpoints_asked(const struct dcerpc_call *call, const struct flow *flow);

// call was answered, with one fragment: were it the mapper's, what it names on its own host is announced for the client that asked, for five
// minutes. Endpoints on other hosts are not: a hostile mapper would say how their flows are read.
void endpoints_announce(struct app_expect *expect, const struct flow *flow, const struct dcerpc_call *call,
	struct span stub, uint64_t now_ns);

// The interface that was announced, from an announcement's note. False: it is not one of ours.
bool endpoint_noted(const uint8_t *note, uint16_t note_len, struct dcerpc_interface *out);
