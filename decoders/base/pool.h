// SPDX-License-Identifier: GPL-3.0-or-later
// Pool: objects of one size, cut without loss from larger blocks of a slab (whose size classes would round each of them up).
//
// Life cycle   pool_init -> pool_take / pool_give ... ; the memory goes with the slab
// Memory       blocks of POOL_BLOCK_BYTES from the slab, never given back to it; objects given back are used again first
// Threads      those of its slab
#pragma once
#include "decoders/base/slab.h"

#define POOL_BLOCK_BYTES (48u << 10)

struct pool {
	struct slab *slab;
	size_t object_bytes;
	void *free;   // list of free objects, linked through their first word
	uint8_t *cut; // what is left of the newest block
	size_t cut_left;
	uint64_t used; // objects out
};

// object_bytes: at least a pointer's, rounded up to 8.
void pool_init(struct pool *pool, struct slab *slab, size_t object_bytes);
// A zeroed object, 8-byte aligned. NULL when the slab is full.
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *object);
