// SPDX-License-Identifier: GPL-3.0-or-later
// Hex: bytes as text, two small digits each.
//
// Threads      pure
#pragma once
#include <stddef.h>
#include <stdint.h>

// Writes 2 * count characters at text, no terminating zero; returns the place after them.
static inline char *hex_put(char *text, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < count; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	return text;
}
