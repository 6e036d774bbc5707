// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dcerpc/dcerpc_call.h"
#include <stdio.h>

static const char *const type_names[DCERPC_TYPES_END] = {
	[DCERPC_REQUEST] = "REQUEST",
	[DCERPC_PING] = "PING",
	[DCERPC_RESPONSE] = "RESPONSE",
	[DCERPC_FAULT] = "FAULT",
	[DCERPC_WORKING] = "WORKING",
	[DCERPC_NOCALL] = "NOCALL",
	[DCERPC_REJECT] = "REJECT",
	[DCERPC_ACK] = "ACK",
	[DCERPC_CL_CANCEL] = "CL_CANCEL",
	[DCERPC_FACK] = "FACK",
	[DCERPC_CANCEL_ACK] = "CANCEL_ACK",
	[DCERPC_BIND] = "BIND",
	[DCERPC_BINDACK] = "BINDACK",
	[DCERPC_BINDNAK] = "BINDNAK",
	[DCERPC_ALTER_CONTEXT] = "ALTER_CONTEXT",
	[DCERPC_ALTER_CONTEXT_RESP] = "ALTER_CONTEXT_RESP",
	[DCERPC_AUTH3] = "AUTH3",
	[DCERPC_SHUTDOWN] = "SHUTDOWN",
	[DCERPC_CO_CANCEL] = "CO_CANCEL",
	[DCERPC_ORPHANED] = "ORPHANED",
	[DCERPC_RTS] = "RTS",
};

const char *dcerpc_type_name(uint8_t type)
{
	return type < DCERPC_TYPES_END ? type_names[type] : "UNKNOWN";
}

void dcerpc_uuid_text(const uint8_t uuid[16], char text[37])
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = digits[uuid[i] >> 4];
		*text++ = digits[uuid[i] & 15];
	}
	*text = 0;
}

bool dcerpc_answers(uint8_t request, uint8_t response)
{
	switch (response) {
	case DCERPC_RESPONSE: return request == DCERPC_REQUEST;
	case DCERPC_BINDACK:
	case DCERPC_BINDNAK: return request == DCERPC_BIND;
	case DCERPC_ALTER_CONTEXT_RESP: return request == DCERPC_ALTER_CONTEXT;
	case DCERPC_FAULT: return request == DCERPC_REQUEST || request == DCERPC_ALTER_CONTEXT;
	default: return false;
	}
}

#define LIST_BYTES (DCERPC_INTERFACES_MAX * sizeof(struct dcerpc_interface))

static struct dcerpc_interface *find_context(const struct dcerpc_binding *binding, uint16_t context)
{
	for (unsigned i = 0; i < binding->count; i++)
		if (binding->list[i].context == context)
			return &binding->list[i];
	return NULL;
}

static bool agree(struct dcerpc_binding *binding, struct slab *slab, const struct dcerpc_interface *interface)
{
	if (!binding->list && !(binding->list = slab_alloc(slab, LIST_BYTES)))
		return false;
	struct dcerpc_interface *known = find_context(binding, interface->context);
	if (!known && binding->count == DCERPC_INTERFACES_MAX)
		return false;
	*(known ? known : &binding->list[binding->count++]) = *interface;
	return true;
}

static void take_bind(struct dcerpc_call *call, struct dcerpc_binding *binding, struct slab *slab, struct span body,
	const struct dcerpc_header *header)
{
	struct dcerpc_context_walk walk;
	struct dcerpc_context context;
	if (!dcerpc_contexts_begin(body, header->little, &walk)) {
		call->malformed = true;
		return;
	}
	if (header->type == DCERPC_BIND || binding->presumed)
		binding->count = 0;
	binding->presumed = false;
	unsigned max = walk.left < DCERPC_INTERFACES_MAX ? walk.left : DCERPC_INTERFACES_MAX;
	call->over_budget |= walk.left > max;
	if (max == 0 || call->offered)
		return;
	call->offered = slab_alloc(slab, max * sizeof(*call->offered));
	if (!call->offered) {
		call->over_budget = true;
		return;
	}
	call->offered_count = (uint16_t)max;
	unsigned count = 0;
	while (count < max && dcerpc_contexts_next(&walk, &context)) {
		struct dcerpc_interface *interface = &call->offered[count++];
		*interface = (struct dcerpc_interface) {
			.context = context.id, .version = context.version, .version_minor = context.version_minor
		};
		memcpy(interface->uuid, context.uuid, sizeof interface->uuid);
		call->over_budget |= !agree(binding, slab, interface);
	}
	call->malformed |= count < max;
	if (count < max) { // what the block is freed by is its true size
		struct dcerpc_interface *list = count ? slab_alloc(slab, count * sizeof(*list)) : NULL;
		if (list)
			memcpy(list, call->offered, count * sizeof(*list));
		slab_free(slab, call->offered, max * sizeof(*call->offered));
		call->offered = list;
		call->offered_count = list ? (uint16_t)count : 0;
	}
}

static void take_bind_answer(struct dcerpc_call *call, struct dcerpc_binding *binding, struct span body, bool little)
{
	struct dcerpc_result_walk walk;
	struct dcerpc_result result;
	if (!dcerpc_results_begin(body, little, &walk)) {
		call->malformed = true;
		return;
	}
	for (unsigned i = 0; i < call->offered_count && dcerpc_results_next(&walk, &result); i++) {
		struct dcerpc_interface *interface = &call->offered[i];
		interface->acked = true;
		interface->result = result.result;
		interface->reason = result.reason;
		struct dcerpc_interface *known = find_context(binding, interface->context);
		if (known)
			*known = *interface;
	}
}

void dcerpc_call_add_stub(struct dcerpc_call *call, struct slab *slab, struct span stub, enum direction direction)
{
	call->fragments[direction]++;
	if (stub.len > UINT32_MAX - call->stub_size[direction])
		return;
	call->stub_size[direction] += stub.len;
	if (bytes_append(slab, &call->stub[direction], stub, DCERPC_STUB_MAX) < stub.len)
		call->over_budget = true;
}

static void find_interface(struct dcerpc_call *call, const struct dcerpc_binding *binding)
{
	const struct dcerpc_interface *known = binding->presumed ? binding->list : find_context(binding, call->context);
	call->has_interface = known != NULL;
	if (known)
		call->interface = *known;
}

// fragment without its header.
static void take_request(struct dcerpc_call *call, struct dcerpc_binding *binding, struct slab *slab, struct span rest,
	const struct dcerpc_header *header)
{
	struct dcerpc_request request;
	if (!dcerpc_request_read(rest, header, &request)) {
		call->malformed = call->request_done = true;
		return;
	}
	if (call->fragments[TO_SERVER] == 0) {
		call->opnum = request.opnum;
		call->context = request.context;
		find_interface(call, binding);
	}
	dcerpc_call_add_stub(call, slab, request.stub, TO_SERVER);
	call->request_done = header->flags & DCERPC_LAST_FRAGMENT;
}

static void take_response(struct dcerpc_call *call, struct dcerpc_binding *binding, struct slab *slab, struct span rest,
	const struct dcerpc_header *header, enum dcerpc_carrier carrier)
{
	if (call->has_request && !(call->has_interface && call->interface.acked))
		find_interface(call, binding); // the request may have been read before the bind's answer
	if (rest.len < DCERPC_RESPONSE_BYTES) {
		call->malformed = call->response_done = true;
		return;
	}
	dcerpc_call_add_stub(
		call, slab, carrier == DCERPC_OVER_TCP ? rest : span_from(rest, DCERPC_RESPONSE_BYTES), TO_CLIENT);
	call->response_done = header->flags & DCERPC_LAST_FRAGMENT;
}

static void take_answer(struct dcerpc_call *call, struct dcerpc_binding *binding, struct slab *slab,
	struct span fragment, const struct dcerpc_header *header, enum dcerpc_carrier carrier)
{
	struct dcerpc_auth auth;
	call->response = header->type;
	call->has_response = true;
	if (header->type == DCERPC_RESPONSE) {
		take_response(call, binding, slab, span_from(fragment, DCERPC_HEADER_BYTES), header, carrier);
		return;
	}
	if (header->type == DCERPC_BINDACK || header->type == DCERPC_ALTER_CONTEXT_RESP)
		take_bind_answer(call, binding, dcerpc_body(fragment, header, &auth), header->little);
	call->response_done = true;
}

void dcerpc_call_take(struct dcerpc_call *call, struct dcerpc_binding *binding, struct slab *slab, struct span fragment,
	const struct dcerpc_header *header, enum direction direction, enum dcerpc_carrier carrier)
{
	struct dcerpc_auth auth;
	struct span body = dcerpc_body(fragment, header, &auth);
	if (auth.present) {
		call->auth_type = auth.type;
		call->auth_level = auth.level;
	}
	call->little = header->little;
	if (direction == TO_CLIENT) {
		take_answer(call, binding, slab, fragment, header, carrier);
		return;
	}
	call->request = header->type;
	call->has_request = true;
	if (header->type == DCERPC_REQUEST) {
		take_request(call, binding, slab, span_from(fragment, DCERPC_HEADER_BYTES), header);
		return;
	}
	if (header->type == DCERPC_BIND || header->type == DCERPC_ALTER_CONTEXT)
		take_bind(call, binding, slab, body, header);
	call->request_done = true;
}

void dcerpc_call_fini(struct dcerpc_call *call, struct slab *slab)
{
	bytes_fini(slab, &call->stub[TO_SERVER]);
	bytes_fini(slab, &call->stub[TO_CLIENT]);
	slab_free(slab, call->offered, call->offered_count * sizeof(*call->offered));
	call->offered = NULL;
	call->offered_count = 0;
}

void dcerpc_binding_presume(struct dcerpc_binding *binding, struct slab *slab, const struct dcerpc_interface *interface)
{
	binding->presumed = agree(binding, slab, interface);
}

void dcerpc_binding_fini(struct dcerpc_binding *binding, struct slab *slab)
{
	slab_free(slab, binding->list, LIST_BYTES);
	*binding = (struct dcerpc_binding) { 0 };
}
