// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/slab.h"
#include <assert.h>
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

#define SLAB_MIN_SHIFT  5  // 32 bytes
#define SLAB_MAX_SHIFT  20 // 1 MiB
#define SLAB_CLASSES    (2 * (SLAB_MAX_SHIFT - SLAB_MIN_SHIFT) + 1)
#define SLAB_UNIT_SHIFT 16
#define SLAB_UNIT       (1u << SLAB_UNIT_SHIFT) // the region is cut in runs of units
#define SLAB_SEARCH     4096u                   // runs looked at for room of another class, at most

struct block {
	struct block *next;
};

// Units that blocks of one class are cut from; the first unit's holds for all of them.
struct run {
	struct block *free;  // of its own blocks
	uint32_t prev, next; // runs of the class with free blocks: number + 1
	uint32_t head;       // number of the run's first unit
	uint32_t units;
	uint16_t used; // blocks out
	uint8_t class;
	bool listed;
};

struct slab {
	uint8_t *region;
	struct run *runs; // one a unit
	size_t budget_bytes;
	size_t used_bytes;
	size_t peak_bytes;
	uint64_t refused;
	uint32_t units;
	uint32_t cut;                   // units handed to runs so far
	uint32_t empty;                 // units of runs without a block out
	uint32_t rotor;                 // where the next search begins: a run's first unit
	uint32_t partial[SLAB_CLASSES]; // runs with free blocks: number + 1
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
	slab->units = (uint32_t)((budget_bytes + SLAB_UNIT - 1) >> SLAB_UNIT_SHIFT);
	slab->runs = calloc(slab->units + 1u, sizeof(*slab->runs));
	slab->region = mmap(NULL, (size_t)slab->units << SLAB_UNIT_SHIFT, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slab->region == MAP_FAILED || !slab->runs) {
		if (slab->region != MAP_FAILED)
			munmap(slab->region, (size_t)slab->units << SLAB_UNIT_SHIFT);
		free(slab->runs);
		free(slab);
		return NULL;
	}
	ASAN_POISON_MEMORY_REGION(slab->region, (size_t)slab->units << SLAB_UNIT_SHIFT);
	return slab;
}

void slab_destroy(struct slab *slab)
{
	if (!slab)
		return;
	ASAN_UNPOISON_MEMORY_REGION(slab->region, (size_t)slab->units << SLAB_UNIT_SHIFT);
	munmap(slab->region, (size_t)slab->units << SLAB_UNIT_SHIFT);
	free(slab->runs);
	free(slab);
}

void slab_reset(struct slab *slab)
{
	slab->cut = slab->empty = slab->rotor = 0;
	slab->used_bytes = 0;
	memset(slab->partial, 0, sizeof(slab->partial));
	ASAN_POISON_MEMORY_REGION(slab->region, (size_t)slab->units << SLAB_UNIT_SHIFT);
}

static void list_run(struct slab *slab, struct run *run)
{
	uint32_t *first = &slab->partial[run->class];
	run->prev = 0;
	run->next = *first;
	if (*first)
		slab->runs[*first - 1].prev = run->head + 1;
	*first = run->head + 1;
	run->listed = true;
}

static void unlist_run(struct slab *slab, struct run *run)
{
	if (run->prev)
		slab->runs[run->prev - 1].next = run->next;
	else
		slab->partial[run->class] = run->next;
	if (run->next)
		slab->runs[run->next - 1].prev = run->prev;
	run->listed = false;
}

// Units from head on become one run that no class has.
static struct run *make_run(struct slab *slab, uint32_t head, uint32_t units)
{
	for (uint32_t i = 0; i < units; i++)
		slab->runs[head + i].head = head;
	struct run *run = &slab->runs[head];
	run->free = NULL;
	run->units = units;
	run->used = 0;
	run->listed = false;
	return run;
}

static struct run *cut_fresh(struct slab *slab, uint32_t units)
{
	if (units > slab->units - slab->cut)
		return NULL;
	slab->cut += units;
	slab->empty += units;
	return make_run(slab, slab->cut - units, units);
}

// Runs beside each other of which no block is out make room for another class; what is left over stays empty.
static struct run *take_empty(struct slab *slab, uint32_t units)
{
	if (slab->cut < slab->units) // too few for this class are left: let them be found
		cut_fresh(slab, slab->units - slab->cut);
	if (slab->empty < units)
		return NULL;
	uint32_t from = slab->rotor, at = from, seen = 0;
	for (unsigned i = 0; i < SLAB_SEARCH && seen < slab->units + units; i++) {
		const struct run *run = &slab->runs[at];
		seen += run->units;
		at += run->units;
		if (run->used)
			from = at;
		if (at - from >= units)
			break;
		if (at == slab->units)
			from = at = 0;
	}
	slab->rotor = at == slab->units ? 0 : at;
	if (at - from < units)
		return NULL;
	for (uint32_t i = from; i < at; i += slab->runs[i].units)
		if (slab->runs[i].listed)
			unlist_run(slab, &slab->runs[i]);
	if (at - from > units)
		make_run(slab, from + units, at - from - units);
	ASAN_POISON_MEMORY_REGION(slab->region + ((size_t)from << SLAB_UNIT_SHIFT), (size_t)units << SLAB_UNIT_SHIFT);
	return make_run(slab, from, units);
}

// Units that blocks of a class are cut from with the least waste: three for what is one and a half of a power of two.
static uint32_t units_of(unsigned class)
{
	size_t bytes = slab_class_bytes(class);
	if (bytes >= 3 * SLAB_UNIT)
		return (uint32_t)(bytes >> SLAB_UNIT_SHIFT);
	if (class & 1 && bytes >= SLAB_UNIT / 8)
		return 3;
	return bytes > SLAB_UNIT ? (uint32_t)(bytes >> SLAB_UNIT_SHIFT) : 1;
}

// A run of fresh blocks for a class. False when there is no room.
static bool slab_refill(struct slab *slab, unsigned class)
{
	size_t bytes = slab_class_bytes(class);
	uint32_t units = units_of(class), fewest = (uint32_t)((bytes + SLAB_UNIT - 1) >> SLAB_UNIT_SHIFT);
	struct run *run = cut_fresh(slab, units);
	run = run ? run : take_empty(slab, units);
	run = run || units == fewest ? run : take_empty(slab, fewest);
	if (!run)
		return false;
	uint8_t *start = slab->region + ((size_t)run->head << SLAB_UNIT_SHIFT);
	for (size_t i = ((size_t)run->units << SLAB_UNIT_SHIFT) / bytes; i-- > 0;) {
		struct block *block = (struct block *)(start + i * bytes);
		ASAN_UNPOISON_MEMORY_REGION(block, sizeof(*block));
		block->next = run->free;
		run->free = block;
		ASAN_POISON_MEMORY_REGION(block, sizeof(*block));
	}
	run->class = (uint8_t) class;
	list_run(slab, run);
	return true;
}

void *slab_alloc_raw(struct slab *slab, size_t size)
{
	if (size == 0 || size > SLAB_MAX_BLOCK) {
		slab->refused++;
		return NULL;
	}
	unsigned class = slab_class(size);
	if (!slab->partial[class] && !slab_refill(slab, class)) {
		slab->refused++;
		return NULL;
	}
	struct run *run = &slab->runs[slab->partial[class] - 1];
	struct block *block = run->free;
	ASAN_UNPOISON_MEMORY_REGION(block, sizeof(*block));
	run->free = block->next;
	ASAN_POISON_MEMORY_REGION(block, slab_class_bytes(class));
	ASAN_UNPOISON_MEMORY_REGION(block, size);
	if (!run->used++)
		slab->empty -= run->units;
	if (!run->free)
		unlist_run(slab, run);
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
	size_t unit = (size_t)((uint8_t *)memory - slab->region) >> SLAB_UNIT_SHIFT;
	struct run *run = &slab->runs[slab->runs[unit].head];
	assert(run->class == class && run->used);
	ASAN_UNPOISON_MEMORY_REGION(block, sizeof(*block));
	block->next = run->free;
	run->free = block;
	if (!--run->used)
		slab->empty += run->units;
	if (!run->listed)
		list_run(slab, run);
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
