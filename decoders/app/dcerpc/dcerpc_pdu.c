// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dcerpc/dcerpc_pdu.h"

#define CONTEXT_BYTES  24 // id, count, abstract syntax, without transfer syntaxes
#define TRANSFER_BYTES 20
#define AUTH_BYTES     8

static uint16_t read16(struct cursor *c, bool little)
{
	return little ? cursor_le16(c) : cursor_be16(c);
}

static uint32_t read32(struct cursor *c, bool little)
{
	return little ? cursor_le32(c) : cursor_be32(c);
}

void dcerpc_uuid_swap(uint8_t out[16], const uint8_t wire[16], bool little)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	for (unsigned i = 0; i < 16; i++)
		out[i] = wire[little ? order[i] : i];
}

bool dcerpc_header_read(struct span data, struct dcerpc_header *out)
{
	struct cursor c = cursor_on(data);
	*out = (struct dcerpc_header) { 0 };
	out->major = cursor_u8(&c);
	out->minor = cursor_u8(&c);
	out->type = cursor_u8(&c);
	out->flags = cursor_u8(&c);
	out->little = cursor_u8(&c) & 0x10;
	cursor_skip(&c, 3);
	out->fragment_len = read16(&c, out->little);
	out->auth_len = read16(&c, out->little);
	out->call_id = read32(&c, out->little);
	return cursor_ok(&c) && out->major == 5 && out->minor <= 1 && out->fragment_len >= DCERPC_HEADER_BYTES;
}

bool dcerpc_looks_like(struct span data)
{
	struct dcerpc_header header;
	return dcerpc_header_read(data, &header) && header.type < DCERPC_TYPES_END && !(data.data[4] & 0xee) &&
	       data.data[5] <= 3;
}

struct span dcerpc_body(struct span fragment, const struct dcerpc_header *header, struct dcerpc_auth *auth)
{
	*auth = (struct dcerpc_auth) { 0 };
	struct span body = span_slice(fragment, DCERPC_HEADER_BYTES, header->fragment_len - DCERPC_HEADER_BYTES);
	uint32_t trailer = (uint32_t)header->auth_len + AUTH_BYTES;
	if (header->auth_len == 0 || trailer > body.len)
		return body;
	struct cursor c = cursor_on(span_from(body, body.len - trailer));
	auth->present = true;
	auth->type = cursor_u8(&c);
	auth->level = cursor_u8(&c);
	uint8_t padding = cursor_u8(&c);
	cursor_skip(&c, 1);
	auth->context = read32(&c, header->little);
	auth->token = cursor_rest(&c);
	body.len -= trailer;
	body.len -= padding < body.len ? padding : body.len;
	return body;
}

bool dcerpc_contexts_begin(struct span body, bool little, struct dcerpc_context_walk *walk)
{
	*walk = (struct dcerpc_context_walk) { .c = cursor_on(body), .little = little };
	cursor_skip(&walk->c, 8); // fragment sizes and association group
	walk->left = cursor_u8(&walk->c);
	cursor_skip(&walk->c, 3);
	return cursor_ok(&walk->c);
}

bool dcerpc_contexts_next(struct dcerpc_context_walk *walk, struct dcerpc_context *out)
{
	struct cursor *c = &walk->c;
	if (walk->left == 0 || cursor_left(c) < CONTEXT_BYTES)
		return false;
	walk->left--;
	out->id = read16(c, walk->little);
	uint8_t transfers = cursor_u8(c);
	cursor_skip(c, 1);
	dcerpc_uuid_swap(out->uuid, cursor_span(c, 16).data, walk->little);
	out->version = read16(c, walk->little);
	out->version_minor = read16(c, walk->little);
	cursor_skip(c, (uint32_t)transfers * TRANSFER_BYTES);
	return true;
}

bool dcerpc_results_begin(struct span body, bool little, struct dcerpc_result_walk *walk)
{
	*walk = (struct dcerpc_result_walk) { .c = cursor_on(body), .little = little };
	struct cursor *c = &walk->c;
	cursor_skip(c, 8);
	cursor_skip(c, read16(c, little)); // secondary address
	// The list is aligned to 4 from the header's start, which is aligned itself
	cursor_skip(c, -cursor_offset(c) & 3);
	walk->left = cursor_u8(c);
	cursor_skip(c, 3);
	return cursor_ok(c);
}

bool dcerpc_results_next(struct dcerpc_result_walk *walk, struct dcerpc_result *out)
{
	if (walk->left == 0 || cursor_left(&walk->c) < 4)
		return false;
	walk->left--;
	out->result = read16(&walk->c, walk->little);
	out->reason = read16(&walk->c, walk->little);
	cursor_skip(&walk->c, TRANSFER_BYTES);
	return true;
}

bool dcerpc_request_read(struct span rest, const struct dcerpc_header *header, struct dcerpc_request *out)
{
	struct cursor c = cursor_on(rest);
	cursor_skip(&c, 4); // allocation hint
	out->context = read16(&c, header->little);
	out->opnum = read16(&c, header->little);
	bool ok = cursor_ok(&c);
	out->stub = cursor_rest(&c);
	return ok;
}

bool dcerpc_datagram_read(struct span data, struct dcerpc_datagram *out, struct span *stub)
{
	struct cursor c = cursor_on(data);
	*out = (struct dcerpc_datagram) { 0 };
	if (cursor_u8(&c) != 4)
		return false;
	out->type = cursor_u8(&c);
	out->flags1 = cursor_u8(&c);
	out->flags2 = cursor_u8(&c);
	out->little = cursor_u8(&c) & 0x10;
	cursor_skip(&c, 3 + 16); // rest of the representation, serial high, object
	struct span interface = cursor_span(&c, 16), activity = cursor_span(&c, 16);
	cursor_skip(&c, 4); // boot time
	out->interface_version = read32(&c, out->little);
	out->sequence = read32(&c, out->little);
	out->opnum = read16(&c, out->little);
	cursor_skip(&c, 4); // hints
	out->len = read16(&c, out->little);
	out->fragment = read16(&c, out->little);
	cursor_skip(&c, 2); // authentication protocol, serial low
	if (!cursor_ok(&c))
		return false;
	dcerpc_uuid_swap(out->interface, interface.data, out->little);
	dcerpc_uuid_swap(out->activity, activity.data, out->little);
	dcerpc_uuid_swap(out->activity_told, activity.data, true);
	*stub = span_slice(cursor_rest(&c), 0, out->len);
	return true;
}
