// SPDX-License-Identifier: GPL-3.0-or-later
// Address: IPv4 and IPv6 in one shape (IPv4 as ::ffff:a.b.c.d), so that tables and networks need one code path. Whether a
// packet was IPv4 or IPv6 is in the packet; the two never share a flow.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "decoders/base/span.h"

#define ADDRESS_TEXT_SIZE 46 // bytes, with the terminating zero

struct address {
	union {
		uint8_t bytes[16]; // network order
		uint32_t words[4];
		uint64_t halves[2];
	};
};

static inline struct address address_v4(const uint8_t bytes[4])
{
	struct address a = { .bytes = { [10] = 0xff, [11] = 0xff } };
	memcpy(a.bytes + 12, bytes, 4);
	return a;
}

static inline struct address address_v6(const uint8_t bytes[16])
{
	struct address a;
	memcpy(a.bytes, bytes, 16);
	return a;
}

static inline bool address_is_v4(const struct address *a)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	return memcmp(a->bytes, prefix, 12) == 0;
}

static inline bool address_equal(const struct address *a, const struct address *b)
{
	return a->halves[0] == b->halves[0] && a->halves[1] == b->halves[1];
}

// Network-order comparison, as memcmp.
static inline int address_compare(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, 16);
}

// Is a inside the network of the first prefix_bits (0..128, counted in the 16-byte form) of net?
static inline bool address_in(const struct address *a, const struct address *net, unsigned prefix_bits)
{
	unsigned whole = prefix_bits / 8, rest = prefix_bits % 8;
	if (memcmp(a->bytes, net->bytes, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));
	return ((a->bytes[whole] ^ net->bytes[whole]) & mask) == 0;
}

// Writes dotted IPv4 or IPv6 text and gives its length without the zero. IPv6: RFC 5952 with compress (needs no more than
// ADDRESS_TEXT_SIZE), else all eight groups of four digits, as the field's EVE has them.
unsigned address_format(const struct address *a, bool compress, char text[ADDRESS_TEXT_SIZE]);
// Reads IPv4 or IPv6 text. False when it is neither.
bool address_parse(const char *text, struct address *out);
// The same of a span, all of it: a zero in it is none of an address.
bool address_parse_span(struct span text, struct address *out);
