// SPDX-License-Identifier: GPL-3.0-or-later
// DCE-RPC call: a request and its answer, put together from fragments, and the interfaces a connection or a pipe agreed on. Shared by
// DCE-RPC over TCP and UDP, and over the pipes of SMB.
//
// Life cycle   zeroed in its transaction -> dcerpc_call_take a fragment each -> dcerpc_call_fini
// Memory       worker's slab: stub data of each direction up to DCERPC_STUB_MAX, interfaces up to DCERPC_INTERFACES_MAX
// Threads      worker of its flow
#pragma once
#include "decoders/app/dcerpc/dcerpc_pdu.h"
#include "decoders/base/bytes.h"
#include "decoders/packet/packet.h"

#define DCERPC_STUB_MAX       (1u << 20) // bytes kept; what is over is counted in stub_size only
#define DCERPC_INTERFACES_MAX 64

struct dcerpc_interface {
	uint16_t context;
	uint8_t uuid[16]; // as written
	uint16_t version, version_minor;
	bool acked;
	uint16_t result, reason; // of the server, when acked; result 0: accepted
};

// What was agreed on, newest last; a context named again takes the place of the older one.
struct dcerpc_binding {
	struct dcerpc_interface *list; // DCERPC_INTERFACES_MAX once there is one
	uint16_t count;
	bool presumed; // list has what an endpoint mapper said, until a bind says more: it stands for any context
};

struct dcerpc_call {
	uint32_t call_id;
	uint8_t request, response; // enum dcerpc_type
	bool has_request, has_response;
	bool request_done, response_done; // all fragments were seen
	bool little;                      // numbers in the newest stub data
	bool over_budget;                 // stub data or interfaces were left out
	bool malformed;
	uint16_t opnum, context;
	uint32_t fragments[2], stub_size[2]; // by direction
	struct bytes stub[2];
	uint8_t auth_type, auth_level;
	bool has_interface;
	struct dcerpc_interface interface; // of a REQUEST
	struct dcerpc_interface *offered;  // of a BIND or ALTER_CONTEXT
	uint16_t offered_count;
};

// The answers that end a request of type.
bool dcerpc_answers(uint8_t request, uint8_t response);
// Stub data as rules know it: behind the request's header; object and authentication trailer are in it. Of an answer over TCP, so is its own
// header's second half.
enum dcerpc_carrier {
	DCERPC_OVER_TCP,
	DCERPC_OVER_PIPE,
};

// One whole fragment, travelling in direction. binding: of its connection or pipe.
void dcerpc_call_take(struct dcerpc_call *call, struct dcerpc_binding *binding, struct slab *slab, struct span fragment,
	const struct dcerpc_header *header, enum direction direction, enum dcerpc_carrier carrier);
void dcerpc_call_add_stub(struct dcerpc_call *call, struct slab *slab, struct span stub, enum direction direction);
void dcerpc_call_fini(struct dcerpc_call *call, struct slab *slab);
// interface is what the connection will be used for, as far as is known before its bind.
void dcerpc_binding_presume(
	struct dcerpc_binding *binding, struct slab *slab, const struct dcerpc_interface *interface);
void dcerpc_binding_fini(struct dcerpc_binding *binding, struct slab *slab);

const char *dcerpc_type_name(uint8_t type); // "BINDACK"; "UNKNOWN"
// uuid as written, zero-ended.
void dcerpc_uuid_text(const uint8_t uuid[16], char text[37]);
