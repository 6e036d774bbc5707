// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reserved.h"
#include <stddef.h>

struct network {
	struct address first;
	uint8_t bits; // of the 16-byte form
};

static const struct network reserved_v4[] = {
	{ { .bytes = { [10] = 0xff, 0xff, 0 } }, 104 }, { { .bytes = { [10] = 0xff, 0xff, 10 } }, 104 }, // RFC 1918
	{ { .bytes = { [10] = 0xff, 0xff, 172, 16 } }, 108 }, { { .bytes = { [10] = 0xff, 0xff, 192, 168 } }, 112 },
	{ { .bytes = { [10] = 0xff, 0xff, 100, 64 } }, 106 }, // RFC 6598
	{ { .bytes = { [10] = 0xff, 0xff, 127 } }, 104 }, { { .bytes = { [10] = 0xff, 0xff, 169, 254 } }, 112 },
	{ { .bytes = { [10] = 0xff, 0xff, 224 } }, 99 }, // multicast, reserved, broadcast
};

static const struct network reserved_v6[] = {
	{ { .bytes = { 0 } }, 96 },   // ::, ::1, and IPv4 the old way
	{ { .bytes = { 0xfc } }, 7 }, // RFC 4193
	{ { .bytes = { 0xfe, 0x80 } }, 10 },
	{ { .bytes = { 0xff } }, 8 },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

bool reserved_has(const struct address *address)
{
	// For each end of each flow: the eight of IPv4 without a call and without a branch
	uint32_t apart = UINT32_MAX;
	if (!address_is_v4(address)) {
		for (size_t i = 0; i < COUNT(reserved_v6); i++)
			if (address_in(address, &reserved_v6[i].first, reserved_v6[i].bits))
				return true;
		return false;
	}
	for (size_t i = 0; i < COUNT(reserved_v4); i++) {
		uint32_t other = __builtin_bswap32(address->words[3] ^ reserved_v4[i].first.words[3]);
		uint32_t high = other >> (128 - reserved_v4[i].bits);
		apart = high < apart ? high : apart;
	}
	return !apart;
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
