// SPDX-License-Identifier: GPL-3.0-or-later
// Region: memory of a generation: taken piece by piece while it is built, given back at once.
//
// Threads      one while it is built
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define REGION_CHUNK_BYTES ((size_t)256 << 10)

struct region {
	struct region_chunk {
		struct region_chunk *next;
		size_t size, used;
	} * chunks;
	size_t bytes;
	bool failed; // sticks: some call gave NULL
};

// Zeroed, 16-byte aligned. NULL: no memory (and failed is set). size 0 gives a valid pointer.
static inline void *region_take(struct region *region, size_t size)
{
	size_t head = (sizeof(struct region_chunk) + 15) & ~(size_t)15;
	size = (size + 15) & ~(size_t)15;
	struct region_chunk *chunk = region->chunks;
	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > REGION_CHUNK_BYTES / 4 ? size : REGION_CHUNK_BYTES;
		chunk = calloc(1, head + room);
		if (!chunk) {
			region->failed = true;
			return NULL;
		}
		chunk->size = room;
		region->bytes += room;
		if (region->chunks && room == size) { // a block of its own: the open chunk stays in front
			chunk->next = region->chunks->next;
			region->chunks->next = chunk;
		} else {
			chunk->next = region->chunks;
			region->chunks = chunk;
		}
	}
	void *at = (char *)chunk + head + chunk->used;
	chunk->used += size;
	return at;
}

static inline void *region_copy(struct region *region, const void *bytes, size_t size)
{
	void *at = region_take(region, size);
	if (at && size)
		memcpy(at, bytes, size);
	return at;
}

static inline void region_free(struct region *region)
{
	while (region->chunks) {
		struct region_chunk *chunk = region->chunks;
		region->chunks = chunk->next;
		free(chunk);
	}
}
