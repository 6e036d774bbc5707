// SPDX-License-Identifier: GPL-3.0-or-later
// Base64 (RFC 4648): letters and runs of them. What surrounds them (white space, padding, how strict to be) is the reader's.
//
// Threads      pure
#pragma once
#include "decoders/base/span.h"

// What a letter of section 4 stands for; -1: it is none.
static inline int base64_letter(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// The same, with '-' and '_' of the URL's alphabet (section 5) besides.
static inline int base64_letter_any(uint8_t c)
{
	return c == '-' ? 62 : c == '_' ? 63 : base64_letter(c);
}

// Reads text up to what is no letter, or until room bytes of out are filled; *read: how many letters were taken. Gives the bytes written; bits of a last,
// half byte are left out.
static inline uint32_t base64_run(
	struct span text, int (*letter)(uint8_t c), uint8_t *out, uint32_t room, uint32_t *read)
{
	uint32_t word = 0, bits = 0, len = 0, i = 0;
	for (; i < text.len && len < room; i++) {
		int value = letter(text.data[i]);
		if (value < 0)
			break;
		word = word << 6 | (uint32_t)value; // what was written moves out at the top
		if ((bits += 6) >= 8)
			out[len++] = (uint8_t)(word >> (bits -= 8));
	}
	*read = i;
	return len;
}
