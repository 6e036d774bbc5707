// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/asn1.h"
#include "decoders/base/cursor.h"

#define OBJECTS_MAX 64  // looked at a call
#define REAL_MAX    256 // bytes of a REAL in text form (X.690 8.5.8); more is the overflow looked for

enum { TAG_BIT_STRING = 3, TAG_REAL = 9 };

struct object {
	uint32_t tag;
	bool universal, constructed;
	uint64_t len;        // announced
	struct span content; // what of it is there
};

// X.690 8.1.2 and 8.1.3. False at the end and when header bytes are missing.
static bool object_read(struct cursor *c, struct object *out)
{
	uint8_t first = cursor_u8(c);
	*out = (struct object) { .tag = first & 0x1f, .universal = (first & 0xc0) == 0, .constructed = first & 0x20 };
	if (out->tag == 0x1f) {
		out->tag = 0;
		for (unsigned i = 0; i < 5; i++) {
			uint8_t part = cursor_u8(c);
			out->tag = out->tag << 7 | (part & 0x7f);
			if (!(part & 0x80))
				break;
		}
	}
	uint8_t len = cursor_u8(c);
	out->len = len & 0x7f;
	if (len & 0x80) {
		unsigned bytes = len & 0x7f;
		out->len = 0;
		if (bytes > 8)
			out->len = UINT64_MAX;
		for (unsigned i = 0; i < bytes && bytes <= 8; i++)
			out->len = out->len << 8 | cursor_u8(c);
	}
	uint32_t left = cursor_left(c);
	out->content = span_slice((struct span) { c->at, left }, 0, out->len < left ? (uint32_t)out->len : left);
	return !c->failed;
}

static bool object_fits(const struct match_asn1 *asn1, const struct object *object)
{
	bool plain = object->universal && !object->constructed && object->content.len;
	if ((asn1->checks & ASN1_OVERSIZE_LENGTH) && object->len > asn1->oversize)
		return true;
	if ((asn1->checks & ASN1_BITSTRING_OVERFLOW) && plain && object->tag == TAG_BIT_STRING &&
		(object->len - 1) * 8 < object->content.data[0])
		return true;
	return (asn1->checks & ASN1_DOUBLE_OVERFLOW) && plain && object->tag == TAG_REAL &&
	       (object->content.data[0] & 0xc0) == 0 && object->len > REAL_MAX;
}

bool asn1_match(const struct match_asn1 *asn1, struct span data, uint32_t at)
{
	int64_t from = asn1->offset + (asn1->checks & ASN1_RELATIVE ? (int64_t)at : 0);
	if (from < 0 || from >= data.len)
		return false;
	struct cursor c = cursor_on(span_from(data, (uint32_t)from));
	struct object object;
	for (unsigned i = 0; i < OBJECTS_MAX && cursor_left(&c) && object_read(&c, &object); i++) {
		if (object_fits(asn1, &object))
			return true;
		if (!object.constructed)
			cursor_skip(
				&c, object.content.len); // what is constructed is walked through: its parts come next
	}
	return false;
}
