// SPDX-License-Identifier: GPL-3.0-or-later
// ASCII: letters and their lower case, many at once. Bytes beyond ASCII stay as they are.
//
// Threads      pure
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint8_t ascii_lower(uint8_t c)
{
	return (uint8_t)(c | (uint8_t)((uint8_t)(c - 'A') < 26) << 5);
}

static inline bool ascii_alpha(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

#define ASCII_BLOCK 16 // a count the compiler knows, so that it takes the bytes of a block together

static inline void ascii_lower_copy(uint8_t *restrict out, const uint8_t *restrict in, size_t len)
{
	size_t at = 0;
	for (; len - at >= ASCII_BLOCK; at += ASCII_BLOCK)
		for (size_t i = 0; i < ASCII_BLOCK; i++)
			out[at + i] = ascii_lower(in[at + i]);
	for (; at < len; at++)
		out[at] = ascii_lower(in[at]);
}
