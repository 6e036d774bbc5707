// SPDX-License-Identifier: GPL-3.0-or-later
// Cursor: reads integers and spans from bytes of the network. Its error sticks: after a read past the end every read
// gives 0 or an empty span, so a header is read whole and tested once with cursor_ok().
#pragma once
#include "decoders/base/span.h"
#include "decoders/base/steps.h"

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	const uint8_t *start;
	bool failed;
};

static inline struct cursor cursor_on(struct span bytes)
{
	return (struct cursor) { bytes.data, bytes.data ? bytes.data + bytes.len : NULL, bytes.data, false };
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

static inline uint32_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : (uint32_t)(c->end - c->at);
}

// Bytes read so far.
static inline uint32_t cursor_offset(const struct cursor *c)
{
	return (uint32_t)(c->at - c->start);
}

static inline bool cursor_need(struct cursor *c, uint32_t len)
{
	work_step(1);
	if (c->failed || (size_t)(c->end - c->at) < len)
		c->failed = true;
	return !c->failed;
}

static inline struct span cursor_span(struct cursor *c, uint32_t len)
{
	if (!cursor_need(c, len))
		return (struct span) { NULL, 0 };
	struct span s = { c->at, len };
	c->at += len;
	return s;
}

static inline void cursor_skip(struct cursor *c, uint32_t len)
{
	(void)cursor_span(c, len);
}

static inline struct span cursor_rest(struct cursor *c)
{
	return cursor_span(c, cursor_left(c));
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	return cursor_need(c, 1) ? *c->at++ : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
	if (!cursor_need(c, 2))
		return 0;
	uint16_t v = (uint16_t)(c->at[0] << 8 | c->at[1]);
	c->at += 2;
	return v;
}

static inline uint32_t cursor_be24(struct cursor *c)
{
	if (!cursor_need(c, 3))
		return 0;
	uint32_t v = (uint32_t)c->at[0] << 16 | (uint32_t)c->at[1] << 8 | c->at[2];
	c->at += 3;
	return v;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
	if (!cursor_need(c, 4))
		return 0;
	uint32_t v = (uint32_t)c->at[0] << 24 | (uint32_t)c->at[1] << 16 | (uint32_t)c->at[2] << 8 | c->at[3];
	c->at += 4;
	return v;
}

static inline uint64_t cursor_be64(struct cursor *c)
{
	uint64_t high = cursor_be32(c);
	return high << 32 | cursor_be32(c);
}

static inline uint16_t cursor_le16(struct cursor *c)
{
	return __builtin_bswap16(cursor_be16(c));
}

static inline uint32_t cursor_le32(struct cursor *c)
{
	return __builtin_bswap32(cursor_be32(c));
}

static inline uint64_t cursor_le64(struct cursor *c)
{
	return __builtin_bswap64(cursor_be64(c));
}

// Unaligned big-endian reads where the length was already tested.
static inline uint16_t be16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
