// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-16LE to UTF-8, as Windows protocols carry names. Zeros are left out, halves of a pair become U+FFFD, an odd last byte is dropped.
//
// Memory       what is appended lies in the caller's bytes, within the caller's bound
// Threads      those of the slab
#pragma once
#include "decoders/base/bytes.h"

static inline uint32_t utf16_code(struct span text, uint32_t *at)
{
	uint32_t unit = (uint32_t)(text.data[*at] | text.data[*at + 1] << 8);
	*at += 2;
	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	if (unit > 0xdbff || text.len - *at < 2)
		return 0xfffd;
	uint32_t low = (uint32_t)(text.data[*at] | text.data[*at + 1] << 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*at += 2;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static inline uint32_t utf8_write(uint32_t code, uint8_t out[4])
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (code & 0x3f));
	return 4;
}

// Appends text to out, which holds max_len bytes at most. False: something was left out (bound, or no memory).
static inline bool utf16_append(struct slab *slab, struct bytes *out, struct span text, uint32_t max_len)
{
	uint64_t room = out->len + (uint64_t)text.len / 2 * 3;
	if (text.len < 2 || !bytes_reserve(slab, out, room < max_len ? (uint32_t)room : max_len))
		return text.len < 2;
	for (uint32_t at = 0; text.len - at >= 2;) {
		uint8_t utf8[4];
		uint32_t code = utf16_code(text, &at);
		uint32_t len = utf8_write(code, utf8);
		if (code == 0)
			continue;
		if (out->cap - out->len < len || max_len - out->len < len)
			return false;
		memcpy(out->data + out->len, utf8, len);
		out->len += len;
	}
	return true;
}

// The same for text of one byte a character: zeros are left out.
static inline bool text8_append(struct slab *slab, struct bytes *out, struct span text, uint32_t max_len)
{
	uint64_t room = out->len + (uint64_t)text.len;
	if (text.len == 0 || !bytes_reserve(slab, out, room < max_len ? (uint32_t)room : max_len))
		return text.len == 0;
	for (uint32_t at = 0; at < text.len; at++) {
		if (text.data[at] == 0)
			continue;
		if (out->len >= out->cap || out->len >= max_len)
			return false;
		out->data[out->len++] = text.data[at];
	}
	return true;
}
