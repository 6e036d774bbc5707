// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ike/ike_message.h"

bool ike_message_read(struct span bytes, struct ike_message *m)
{
	struct cursor c = cursor_on(bytes);
	*m = (struct ike_message) { .init_spi = cursor_span(&c, 8) };
	m->resp_spi = cursor_span(&c, 8);
	m->first = cursor_u8(&c);
	uint8_t version = cursor_u8(&c);
	m->major = version >> 4;
	m->minor = version & 15;
	m->exchange = cursor_u8(&c);
	m->flags = cursor_u8(&c);
	m->id = cursor_be32(&c);
	m->len = cursor_be32(&c);
	m->payloads = cursor_rest(&c);
	if (m->len >= IKE_HEAD_BYTES)
		m->payloads = span_slice(m->payloads, 0, m->len - IKE_HEAD_BYTES);
	return cursor_ok(&c) && (m->major == 1 || m->major == 2) && m->len >= IKE_HEAD_BYTES;
}

bool ike_payload_next(const struct ike_message *m, struct ike_chain *chain, struct ike_payload *payload)
{
	if (!chain->started)
		*chain = (struct ike_chain) { .started = true, .next = m->first };
	bool hidden = m->major == 1 && m->flags & IKE_ENCRYPTED;
	if (hidden || chain->next == 0 || chain->count++ == IKE_PAYLOADS)
		return false;
	struct cursor c = cursor_on(span_from(m->payloads, chain->at));
	payload->type = chain->next;
	uint8_t next = cursor_u8(&c);
	cursor_u8(&c);
	uint32_t len = cursor_be16(&c);
	payload->body = cursor_span(&c, len >= 4 ? len - 4 : 0);
	if (!cursor_ok(&c) || len < 4) {
		chain->broken = true;
		return false;
	}
	// What an encrypted payload names next is inside it
	chain->next = payload->type == IKE2_ENCRYPTED || payload->type == IKE2_ENCRYPTED_FRAGMENT ? 0 : next;
	chain->at += cursor_offset(&c);
	return true;
}

bool ike_payload_find(const struct ike_message *m, uint8_t type, struct span *body)
{
	struct ike_chain chain = { 0 };
	struct ike_payload payload;
	while (ike_payload_next(m, &chain, &payload))
		if (payload.type == type) {
			*body = payload.body;
			return true;
		}
	return false;
}

void ike_transforms_begin(uint8_t major, struct span body, struct ike_transforms *t)
{
	// Version 1 begins with domain of interpretation and situation (RFC 2408 section 3.4)
	*t = (struct ike_transforms) { .rest = span_from(body, major == 1 ? 8 : 0), .major = major };
}

// A substructure of length that it says itself; rest goes past it.
static struct cursor take_part(struct span *rest)
{
	uint32_t len = rest->len >= 4 ? be16_at(rest->data + 2) : 0;
	if (len < 4 || len > rest->len) {
		*rest = (struct span) { NULL, 0 };
		struct cursor failed = cursor_on(*rest);
		failed.failed = true;
		return failed;
	}
	struct cursor c = cursor_on(span_slice(*rest, 4, len - 4));
	*rest = span_from(*rest, len);
	return c;
}

bool ike_transform_next(struct ike_transforms *t, struct ike_transform *transform)
{
	while (!t->inside.len) {
		if (!t->rest.len || t->proposals == IKE_TRANSFORMS)
			return false;
		struct cursor c = take_part(&t->rest);
		cursor_skip(&c, 2); // number, protocol
		uint8_t spi = cursor_u8(&c);
		cursor_u8(&c); // transforms
		cursor_skip(&c, spi);
		t->inside = cursor_rest(&c);
		t->proposals++;
	}
	if (t->count++ == IKE_TRANSFORMS)
		return false;
	struct cursor c = take_part(&t->inside);
	*transform = (struct ike_transform) { .proposal = t->proposals - 1 };
	if (t->major == 1) {
		cursor_u8(&c);
		transform->id = cursor_u8(&c);
		cursor_skip(&c, 2);
	} else {
		transform->type = cursor_u8(&c);
		cursor_u8(&c);
		transform->id = cursor_be16(&c);
	}
	transform->attributes = cursor_rest(&c);
	return cursor_ok(&c);
}

bool ike_attribute_next(struct span attributes, uint32_t *at, struct ike_attribute *attribute)
{
	if (*at >= attributes.len)
		return false;
	struct cursor c = cursor_on(span_from(attributes, *at));
	uint16_t type = cursor_be16(&c), value = cursor_be16(&c);
	*attribute = (struct ike_attribute) { .type = type & 0x7fff, .value = value };
	if (!(type & 0x8000)) {
		attribute->bytes = cursor_span(&c, value);
		attribute->value = 0;
		for (uint32_t i = 0; i < attribute->bytes.len && i < 8; i++)
			attribute->value = attribute->value << 8 | attribute->bytes.data[i];
	}
	*at += cursor_offset(&c);
	return cursor_ok(&c);
}
