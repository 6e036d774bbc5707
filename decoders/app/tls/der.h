// SPDX-License-Identifier: GPL-3.0-or-later
// DER: reads ASN.1 values (X.690) in place. A cursor and one function do for certificates what a compiled grammar would do with a tree
// and allocations: a certificate is eight values deep at most and is read once, front to back.
//
// Memory       none; what comes out points into what went in
// Threads      pure functions
#pragma once
#include "decoders/base/cursor.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_NUMERIC = 0x12,
	DER_PRINTABLE = 0x13,
	DER_T61 = 0x14,
	DER_VIDEOTEX = 0x15,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_GRAPHIC = 0x19,
	DER_VISIBLE = 0x1a,
	DER_GENERAL = 0x1b,
	DER_UNIVERSAL = 0x1c,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,             // [n] primitive
	DER_CONTEXT_CONSTRUCTED = 0xa0, // [n] constructed
};

enum der_result {
	DER_OK,
	DER_END,       // no bytes left
	DER_TRUNCATED, // the header is cut
	DER_OVERRUN,   // says it is longer than what holds it
	DER_INVALID,   // indefinite or overlong length, high tag number
};

struct der {
	uint8_t tag;
	struct span value;
};

// The next value at c. On anything but DER_OK c stays where it was.
static inline enum der_result der_next(struct cursor *c, struct der *out)
{
	uint32_t left = cursor_left(c);
	if (left == 0)
		return DER_END;
	if (left < 2)
		return DER_TRUNCATED;
	uint8_t tag = c->at[0];
	uint32_t len = c->at[1], header = 2;
	if ((tag & 0x1f) == 0x1f || len == 0x80)
		return DER_INVALID;
	if (len > 0x80) {
		uint32_t count = len & 0x7f;
		if (count > 8)
			return DER_INVALID;
		if (left < 2 + count)
			return DER_TRUNCATED;
		uint64_t wide = 0;
		for (uint32_t i = 0; i < count; i++)
			wide = wide << 8 | c->at[2 + i];
		header += count;
		if (wide > left - header)
			return DER_OVERRUN;
		len = (uint32_t)wide;
	}
	if (len > left - header)
		return DER_OVERRUN;
	*out = (struct der) { tag, { c->at + header, len } };
	c->at += header + len;
	return DER_OK;
}

// The next value, which must have tag.
static inline bool der_expect(struct cursor *c, uint8_t tag, struct span *out)
{
	struct cursor try = *c;
	struct der value;
	if (der_next(&try, &value) != DER_OK || value.tag != tag)
		return false;
	*c = try;
	*out = value.value;
	return true;
}
