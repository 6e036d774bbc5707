// SPDX-License-Identifier: GPL-3.0-or-later
// Slab: the memory of one worker's flows, streams and transactions, from one budgeted region and without malloc.
//
// Life cycle   slab_new -> slab_alloc / slab_free ... -> slab_destroy (frees everything still out)
// Memory       address space for the budget is reserved at start, pages are touched as they are used; blocks come in size
//              classes (powers of two and the half way between, 32 bytes to 1 MiB), cut from runs of 64 KiB each. A run of
//              which no block is out serves any class again, once the region is used up. Policy when full: slab_alloc gives
//              NULL and counts it; the caller degrades (drops state of one flow) and counts why
// Threads      one slab belongs to one worker; no call here takes a lock
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SLAB_MAX_BLOCK (1u << 20) // bytes; a larger request is refused

struct slab;

// Reserves budget_bytes. NULL when the kernel refuses.
struct slab *slab_new(size_t budget_bytes);
void slab_destroy(struct slab *slab);

// Takes back all blocks at once: no pointer into the slab is good any more. The way out when a block is left in every run of one class and another
// class is wanted.
void slab_reset(struct slab *slab);

// Zeroed memory, 16-byte aligned. NULL when the budget is used up or size is 0 or over SLAB_MAX_BLOCK.
void *slab_alloc(struct slab *slab, size_t size);
// As slab_alloc, but the bytes are not cleared.
void *slab_alloc_raw(struct slab *slab, size_t size);
// Gives back what slab_alloc(slab, size) gave, with the same size. NULL is allowed.
void slab_free(struct slab *slab, void *block, size_t size);
// Moves a block of old_size to one of new_size, keeping its bytes; block may be NULL with old_size 0. NULL when there is no
// room: the old block then stays valid.
void *slab_resize(struct slab *slab, void *block, size_t old_size, size_t new_size);
// The bytes a block of this size really takes.
size_t slab_class_size(size_t size);

// In use now, the most ever in use (bytes, by class size), and requests refused.
size_t slab_used_bytes(const struct slab *slab);
size_t slab_peak_bytes(const struct slab *slab);
size_t slab_budget_bytes(const struct slab *slab);
uint64_t slab_refused(const struct slab *slab);
