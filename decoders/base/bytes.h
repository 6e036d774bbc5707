// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes: a byte string that grows in a slab up to a limit its owner sets.
//
// Life cycle   zeroed struct -> bytes_append ... -> bytes_fini
// Threads      those of its slab
#pragma once
#include "decoders/base/slab.h"
#include "decoders/base/span.h"

struct bytes {
	uint8_t *data;
	uint32_t len;
	uint32_t cap;
};

static inline void bytes_fini(struct slab *slab, struct bytes *b)
{
	slab_free(slab, b->data, b->cap);
	*b = (struct bytes) { 0 };
}

static inline struct span bytes_span(const struct bytes *b)
{
	return (struct span) { b->data, b->len };
}

// Room for len bytes in all. False when the slab is full or len is over SLAB_MAX_BLOCK; nothing changed then.
static inline bool bytes_reserve(struct slab *slab, struct bytes *b, uint32_t len)
{
	if (len <= b->cap)
		return true;
	if (len > SLAB_MAX_BLOCK)
		return false;
	uint32_t want = len < 64 ? 64 : len + len / 2;
	uint32_t cap = (uint32_t)slab_class_size(want > SLAB_MAX_BLOCK ? SLAB_MAX_BLOCK : want);
	uint8_t *data = slab_resize(slab, b->data, b->cap, cap);
	if (!data)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

// Appends at most what fits under max_len; gives how many bytes were taken (fewer than more.len: over budget).
static inline uint32_t bytes_append(struct slab *slab, struct bytes *b, struct span more, uint32_t max_len)
{
	uint32_t room = b->len < max_len ? max_len - b->len : 0;
	uint32_t take = more.len < room ? more.len : room;
	if (take == 0 || !bytes_reserve(slab, b, b->len + take))
		return 0;
	memcpy(b->data + b->len, more.data, take);
	b->len += take;
	return take;
}

// Drops the first len bytes.
static inline void bytes_drop_front(struct bytes *b, uint32_t len)
{
	if (len >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
}
