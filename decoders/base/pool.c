// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/pool.h"
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POOL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN 1
#endif
#endif
#ifdef POOL_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

void pool_init(struct pool *pool, struct slab *slab, size_t object_bytes)
{
	*pool = (struct pool) { .slab = slab, .object_bytes = (object_bytes + 7) & ~(size_t)7 };
}

void *pool_take(struct pool *pool)
{
	void *object = pool->free;
	if (object) {
		ASAN_UNPOISON_MEMORY_REGION(object, pool->object_bytes);
		memcpy(&pool->free, object, sizeof(pool->free));
	} else {
		if (pool->cut_left < pool->object_bytes) {
			uint8_t *block = slab_alloc_raw(pool->slab, POOL_BLOCK_BYTES);
			if (!block)
				return NULL;
			ASAN_POISON_MEMORY_REGION(block, POOL_BLOCK_BYTES);
			pool->cut = block;
			pool->cut_left = POOL_BLOCK_BYTES;
		}
		object = pool->cut;
		pool->cut += pool->object_bytes;
		pool->cut_left -= pool->object_bytes;
		ASAN_UNPOISON_MEMORY_REGION(object, pool->object_bytes);
	}
	pool->used++;
	memset(object, 0, pool->object_bytes);
	return object;
}

void pool_give(struct pool *pool, void *object)
{
	if (!object)
		return;
	memcpy(object, &pool->free, sizeof(pool->free));
	pool->free = object;
	pool->used--;
	ASAN_POISON_MEMORY_REGION(object, pool->object_bytes);
}
