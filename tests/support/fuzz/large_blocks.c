// SPDX-License-Identifier: GPL-3.0-or-later
// Linked into fuzz targets that make whole tables for every input (tests/CMakeLists.txt wraps malloc and the like): large blocks come from mmap, each
// at the end of its pages with a page behind and one in front that nobody may touch. The address sanitizer would write shadow for all of a block when it
// is made and when it goes, which for a worker's tables takes ten times as long as the input; here only what is used costs. A read or write past either
// end, and after the block is freed, still ends the target.
// And getrandom gives the same bytes for every input: what is keyed lies in the same places each time an input is run.
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include "tests/support/fuzz/large_blocks.h"

#define LARGE      (64u << 10) // bytes from which on a block is ours
#define BLOCKS_MAX 256
#define PAGE       4096u
#define ALIGN      16u

static struct block {
	void *at;      // what the caller has
	uint8_t *base; // of the mapping
	size_t mapped, size;
} blocks[BLOCKS_MAX];
static unsigned block_count;
static bool on;
static uintptr_t lowest = UINTPTR_MAX; // no block of ours was ever below
static uint64_t draw;

// NOLINTBEGIN: names are the linker's
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);
ssize_t __real_getrandom(void *to, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *to, size_t size, unsigned flags);

static void *take(size_t size)
{
	size_t pages = (size + 2 * PAGE - 1) / PAGE * PAGE, mapped = pages + PAGE;
	if (block_count == BLOCKS_MAX)
		abort();
	uint8_t *base = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	uint8_t *end = base + pages;
	if (mprotect(base, PAGE, PROT_NONE) != 0 || mprotect(end, PAGE, PROT_NONE) != 0)
		abort();
	void *at = end - (size + ALIGN - 1) / ALIGN * ALIGN;
	blocks[block_count++] = (struct block) { at, base, mapped, size };
	lowest = (uintptr_t)base < lowest ? (uintptr_t)base : lowest;
	return at;
}

// Index of a block of ours; block_count: it is none.
static unsigned find(const void *at)
{
	unsigned i = (uintptr_t)at < lowest ? block_count : 0;
	while (i < block_count && blocks[i].at != at)
		i++;
	return i;
}

static void give_back(unsigned i)
{
	munmap(blocks[i].base, blocks[i].mapped);
	blocks[i] = blocks[--block_count];
}

void *__wrap_malloc(size_t size)
{
	return on && size >= LARGE ? take(size) : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes) || !on || bytes < LARGE)
		return __real_calloc(count, size);
	return take(bytes);
}

void *__wrap_realloc(void *at, size_t size)
{
	unsigned i = find(at);
	if (i == block_count)
		return __real_realloc(at, size); // what grows stays where it began
	void *to = __wrap_malloc(size);
	if (to) {
		memcpy(to, at, size < blocks[i].size ? size : blocks[i].size);
		give_back(i);
	}
	return to;
}

void __wrap_free(void *at)
{
	unsigned i = find(at);
	if (i < block_count)
		give_back(i);
	else
		__real_free(at);
}

ssize_t __wrap_getrandom(void *to, size_t size, unsigned flags)
{
	if (!on)
		return __real_getrandom(to, size, flags);
	for (size_t i = 0; i < size; i++) {
		draw = draw * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		((uint8_t *)to)[i] = (uint8_t)(draw >> 56);
	}
	return (ssize_t)size;
}
// NOLINTEND

void large_blocks_begin(void)
{
	on = true;
	draw = 1;
}

void large_blocks_end(void)
{
	on = false;
	if (block_count)
		abort();
}
