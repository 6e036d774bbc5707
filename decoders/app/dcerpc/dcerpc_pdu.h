// SPDX-License-Identifier: GPL-3.0-or-later
// DCE-RPC messages on the wire (C706 chapter 12; MS-RPCE section 2.2.2): the connection-oriented header, bind and its answer, requests and
// their answers, and the connectionless header.
//
// Memory       none: what comes out points into what went in
// Threads      pure functions
#pragma once
#include "decoders/base/cursor.h"

enum dcerpc_type {
	DCERPC_REQUEST = 0,
	DCERPC_PING = 1,
	DCERPC_RESPONSE = 2,
	DCERPC_FAULT = 3,
	DCERPC_WORKING = 4,
	DCERPC_NOCALL = 5,
	DCERPC_REJECT = 6,
	DCERPC_ACK = 7,
	DCERPC_CL_CANCEL = 8,
	DCERPC_FACK = 9,
	DCERPC_CANCEL_ACK = 10,
	DCERPC_BIND = 11,
	DCERPC_BINDACK = 12,
	DCERPC_BINDNAK = 13,
	DCERPC_ALTER_CONTEXT = 14,
	DCERPC_ALTER_CONTEXT_RESP = 15,
	DCERPC_AUTH3 = 16,
	DCERPC_SHUTDOWN = 17,
	DCERPC_CO_CANCEL = 18,
	DCERPC_ORPHANED = 19,
	DCERPC_RTS = 20,
	DCERPC_TYPES_END,
};

#define DCERPC_FIRST_FRAGMENT 0x01
#define DCERPC_LAST_FRAGMENT  0x02

#define DCERPC_HEADER_BYTES 16
#define DCERPC_FRAGMENT_MAX 65535 // bytes of a fragment: its length has 16 bits

struct dcerpc_header {
	uint8_t major, minor;
	uint8_t type;  // enum dcerpc_type, or unknown
	uint8_t flags; // DCERPC_FIRST_FRAGMENT ...
	bool little;   // numbers after the header's first fields
	uint16_t fragment_len, auth_len;
	uint32_t call_id;
};

// Authentication trailer (C706 13.2.6.1) of a fragment.
struct dcerpc_auth {
	bool present;
	uint8_t type, level; // level: 1 none, 2 connect, 3 call, 4 packet, 5 integrity, 6 privacy
	uint32_t context;
	struct span token;
};

// The first 16 bytes. False: not whole, or no header of version 5.
bool dcerpc_header_read(struct span data, struct dcerpc_header *out);
// Does data, of either direction, begin like a connection-oriented message?
bool dcerpc_looks_like(struct span data);

// What lies between header and authentication trailer of a whole fragment, and the trailer.
struct span dcerpc_body(struct span fragment, const struct dcerpc_header *header, struct dcerpc_auth *auth);

// Presentation context of a bind or alter context; uuid in the order it is written.
struct dcerpc_context {
	uint16_t id;
	uint8_t uuid[16];
	uint16_t version, version_minor;
};

// Walks the contexts of a bind's body: *c is set up by the first call with *left 0.
struct dcerpc_context_walk {
	struct cursor c;
	unsigned left;
	bool little;
};
bool dcerpc_contexts_begin(struct span body, bool little, struct dcerpc_context_walk *walk); // false: malformed
bool dcerpc_contexts_next(struct dcerpc_context_walk *walk, struct dcerpc_context *out);     // false: no more

struct dcerpc_result {
	uint16_t result, reason; // 0: accepted
};
struct dcerpc_result_walk {
	struct cursor c;
	unsigned left;
	bool little;
};
bool dcerpc_results_begin(struct span body, bool little, struct dcerpc_result_walk *walk);
bool dcerpc_results_next(struct dcerpc_result_walk *walk, struct dcerpc_result *out);

struct dcerpc_request {
	uint16_t context, opnum;
	struct span stub;
};
// rest: a REQUEST without its header; the stub has the object and the trailer in it. False: malformed.
bool dcerpc_request_read(struct span rest, const struct dcerpc_header *header, struct dcerpc_request *out);
#define DCERPC_RESPONSE_BYTES 8 // of a RESPONSE between header and stub

struct dcerpc_datagram {
	uint8_t type, flags1, flags2;
	bool little;
	uint8_t activity[16];      // as written
	uint8_t activity_told[16]; // as events tell it: as if all were little-endian
	uint32_t sequence;
	uint16_t opnum, fragment, len;
	uint8_t interface[16];
	uint32_t interface_version;
};
#define DCERPC_DATAGRAM_LAST_FRAGMENT 0x02
#define DCERPC_DATAGRAM_FRAGMENT      0x04
bool dcerpc_datagram_read(struct span data, struct dcerpc_datagram *out, struct span *stub);

// Bytes of a UUID on the wire to the order it is written in, and back.
void dcerpc_uuid_swap(uint8_t out[16], const uint8_t wire[16], bool little);
