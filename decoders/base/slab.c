// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/slab.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define SLAB_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLAB_ASAN 1
#endif
#endif
#ifdef SLAB_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define SLAB_MIN_SHIFT 5  // 32 bytes
#define SLAB_MAX_SHIFT 20 // 1 MiB
#define SLAB_CLASSES   (2 * (SLAB_MAX_SHIFT - SLAB_MIN_SHIFT) + 1)
#define SLAB_REFILL    (64u << 10) // small classes are cut from the region in runs of this many bytes

struct block {
	struct block *next;
};

struct slab {
	uint8_t *region;
	size_t budget_bytes;
	size_t cut_bytes; // of the region, handed to classes so far
	size_t used_bytes;
	size_t peak_bytes;
	uint64_t refused;
	struct block *free[SLAB_CLASSES];
};

// Classes: 2k is 2^(5+k), 2k+1 is one and a half of it.
static unsigned slab_class(size_t size)
{
	if (size <= 32)
		return 0;
	unsigned shift =
		63u - (unsigned)__builtin_clzll((unsigned long long)(size - 1)); // 2^shift < size <= 2^(shift+1)
	size_t half = ((size_t)1 << shift) + ((size_t)1 << (shift - 1));
	return size <= half ? 2 * (shift - SLAB_MIN_SHIFT) + 1 : 2 * (shift + 1 - SLAB_MIN_SHIFT);
}

static size_t slab_class_bytes(unsigned class)
{
	size_t base = (size_t)1 << (SLAB_MIN_SHIFT + class / 2);
	return class & 1 ? base + base / 2 : base;
}

size_t slab_class_size(size_t size)
{
	return slab_class_bytes(slab_class(size));
}

struct slab *slab_new(size_t budget_bytes)
{
	struct slab *slab = calloc(1, sizeof(*slab));
	if (!slab)
		return NULL;
	slab->budget_bytes = budget_bytes;
	slab->region =
		mmap(NULL, budget_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slab->region == MAP_FAILED) {
		free(slab);
		return NULL;
	}
	ASAN_POISON_MEMORY_REGION(slab->region, budget_bytes);
	return slab;
}

void slab_destroy(struct slab *slab)
{
	if (!slab)
		return;
	ASAN_UNPOISON_MEMORY_REGION(slab->region, slab->budget_bytes);
	munmap(slab->region, slab->budget_bytes);
	free(slab);
}

void slab_reset(struct slab *slab)
{
	slab->cut_bytes = 0;
	slab->used_bytes = 0;
	memset(slab->free, 0, sizeof(slab->free));
	ASAN_POISON_MEMORY_REGION(slab->region, slab->budget_bytes);
}

// Cuts fresh blocks for a class. False when the region is used up.
static bool slab_refill(struct slab *slab, unsigned class)
{
	size_t bytes = slab_class_bytes(class);
	size_t left = slab->budget_bytes - slab->cut_bytes;
	size_t count = bytes >= SLAB_REFILL ? 1 : SLAB_REFILL / bytes;
	if (count * bytes > left)
		count = left / bytes;
	if (count == 0)
		return false;
	uint8_t *run = slab->region + slab->cut_bytes;
	slab->cut_bytes += count * bytes;
	for (size_t i = count; i-- > 0;) {
		struct block *block = (struct block *)(run + i * bytes);
		ASAN_UNPOISON_MEMORY_REGION(block, sizeof(*block));
		block->next = slab->free[class];
		slab->free[class] = block;
		ASAN_POISON_MEMORY_REGION(block, sizeof(*block));
	}
	return true;
}

void *slab_alloc_raw(struct slab *slab, size_t size)
{
	if (size == 0 || size > SLAB_MAX_BLOCK) {
		slab->refused++;
		return NULL;
	}
	unsigned class = slab_class(size);
	if (!slab->free[class] && !slab_refill(slab, class)) {
		slab->refused++;
		return NULL;
	}
	struct block *block = slab->free[class];
	ASAN_UNPOISON_MEMORY_REGION(block, sizeof(*block));
	slab->free[class] = block->next;
	ASAN_POISON_MEMORY_REGION(block, slab_class_bytes(class));
	ASAN_UNPOISON_MEMORY_REGION(block, size);
	slab->used_bytes += slab_class_bytes(class);
	if (slab->used_bytes > slab->peak_bytes)
		slab->peak_bytes = slab->used_bytes;
	return block;
}

void *slab_alloc(struct slab *slab, size_t size)
{
	void *block = slab_alloc_raw(slab, size);
	if (block)
		memset(block, 0, size);
	return block;
}

void slab_free(struct slab *slab, void *memory, size_t size)
{
	if (!memory)
		return;
	unsigned class = slab_class(size);
	struct block *block = memory;
	ASAN_UNPOISON_MEMORY_REGION(block, sizeof(*block));
	block->next = slab->free[class];
	slab->free[class] = block;
	slab->used_bytes -= slab_class_bytes(class);
	ASAN_POISON_MEMORY_REGION(block, slab_class_bytes(class));
}

void *slab_resize(struct slab *slab, void *block, size_t old_size, size_t new_size)
{
	if (block && new_size && new_size <= SLAB_MAX_BLOCK && slab_class(old_size) == slab_class(new_size)) {
		ASAN_UNPOISON_MEMORY_REGION(block, new_size);
		return block;
	}
	void *fresh = slab_alloc_raw(slab, new_size);
	if (!fresh)
		return NULL;
	if (block) {
		memcpy(fresh, block, old_size < new_size ? old_size : new_size);
		slab_free(slab, block, old_size);
	}
	return fresh;
}

size_t slab_used_bytes(const struct slab *slab)
{
	return slab->used_bytes;
}

size_t slab_peak_bytes(const struct slab *slab)
{
	return slab->peak_bytes;
}

size_t slab_budget_bytes(const struct slab *slab)
{
	return slab->budget_bytes;
}

uint64_t slab_refused(const struct slab *slab)
{
	return slab->refused;
}
