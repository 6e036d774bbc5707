// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reserved.h"
#include <assert.h>
#include <stddef.h>

struct network {
	struct address first;
	uint8_t bits;  // of the 16-byte form
	uint32_t mask; // IPv4: of the last word
};

#define V4(a, b, bits_)                                                 \
	{                                                               \
		{ .bytes = { [10] = 0xff, 0xff, a, b } }, 96 + (bits_), \
			__builtin_bswap32(UINT32_MAX << (32 - (bits_))) \
	}
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the masks");

static const struct network reserved_v4[] = {
	V4(0, 0, 8), V4(10, 0, 8), V4(172, 16, 12), V4(192, 168, 16), // RFC 1918
	V4(100, 64, 10),                                              // RFC 6598
	V4(127, 0, 8), V4(169, 254, 16), V4(224, 0, 3),               // multicast, reserved, broadcast
};

static const struct network reserved_v6[] = {
	{ { .bytes = { 0 } }, 96, 0 },   // ::, ::1, and IPv4 the old way
	{ { .bytes = { 0xfc } }, 7, 0 }, // RFC 4193
	{ { .bytes = { 0xfe, 0x80 } }, 10, 0 },
	{ { .bytes = { 0xff } }, 8, 0 },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

bool reserved_has(const struct address *address)
{
	// For each end of each flow: the eight of IPv4 without a call and without a branch
	bool has = false;
	if (!address_is_v4(address)) {
		for (size_t i = 0; i < COUNT(reserved_v6); i++)
			if (address_in(address, &reserved_v6[i].first, reserved_v6[i].bits))
				return true;
		return false;
	}
	uint32_t word = address->words[3];
	for (size_t i = 0; i < COUNT(reserved_v4); i++)
		has |= !((word ^ reserved_v4[i].first.words[3]) & reserved_v4[i].mask);
	return has;
}

static bool touches(const struct address *first, unsigned bits, const struct network *networks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (address_in(first, &networks[i].first, bits < networks[i].bits ? bits : networks[i].bits))
			return true;
	return false;
}

bool reserved_touches(const struct address *first, unsigned bits)
{
	return touches(first, bits, reserved_v4, COUNT(reserved_v4)) ||
	       touches(first, bits, reserved_v6, COUNT(reserved_v6));
}
