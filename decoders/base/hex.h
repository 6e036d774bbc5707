// SPDX-License-Identifier: GPL-3.0-or-later
// Hex: bytes as text, two small digits each; and read from text of digits in either case.
//
// Threads      pure
#pragma once
#include <stdbool.h>
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

// What a digit stands for; -1: it is none.
static inline int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Reads 2 * count digits at text into out. False: one of them is none; what is behind it is not looked at (a zero ends a text).
static inline bool hex_take(const char *text, uint8_t *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int high = hex_value((uint8_t)text[2 * i]);
		int low = high < 0 ? -1 : hex_value((uint8_t)text[2 * i + 1]);
		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
