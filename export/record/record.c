// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/record/record.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RECORD_SIZE_MAX ((sizeof(struct record) + RECORD_LINE_MAX + 7) / 8 * 8)
#define RING_MIN_BYTES  (1u << 20) // two of the largest records, and the pad at the end
#define LINE_LEN_PAD    UINT32_MAX // nothing here: the next record starts at the ring's beginning
static_assert(RING_MIN_BYTES > 3 * RECORD_SIZE_MAX, "a largest record must fit beside another and the pad");

// Positions count bytes ever written and read; their place in memory is position & mask. Each side keeps a copy of the
// other's position and looks again only when the copy says full or empty, so that the lines between cores stay quiet.
struct record_ring {
	_Alignas(64) _Atomic uint64_t head; // producer: all before it is published
	_Atomic uint64_t progress;          // producer
	_Atomic bool closed;                // producer
	uint64_t tail_seen;                 // producer's copy of tail
	_Alignas(64) _Atomic uint64_t tail; // consumer: all before it is free
	uint64_t head_seen;                 // consumer's copy of head
	_Alignas(64) char *memory;
	uint64_t mask;
};

struct record_ring *record_ring_new(size_t size_bytes)
{
	size_t size = RING_MIN_BYTES;
	while (size < size_bytes && size < SIZE_MAX / 2)
		size *= 2;
	struct record_ring *ring = aligned_alloc(64, sizeof(*ring));
	if (!ring)
		return NULL;
	memset(ring, 0, sizeof(*ring));
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		free(ring);
		return NULL;
	}
	ring->memory = memory;
	ring->mask = size - 1;
	return ring;
}

void record_ring_free(struct record_ring *ring)
{
	if (!ring)
		return;
	munmap(ring->memory, ring->mask + 1);
	free(ring);
}

static bool has_room(struct record_ring *ring, uint64_t head, uint64_t need)
{
	uint64_t size = ring->mask + 1;
	if (size - (head - ring->tail_seen) >= need)
		return true;
	ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
	return size - (head - ring->tail_seen) >= need;
}

static struct record *record_at(struct record_ring *ring, uint64_t position)
{
	return (struct record *)(void *)(ring->memory + (position & ring->mask));
}

struct record *record_ring_reserve(struct record_ring *ring)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t to_end = ring->mask + 1 - (head & ring->mask);
	if (to_end < RECORD_SIZE_MAX) {
		if (!has_room(ring, head, to_end + RECORD_SIZE_MAX))
			return NULL;
		struct record *pad = record_at(ring, head);
		pad->size = (uint32_t)to_end;
		pad->line_len = LINE_LEN_PAD;
		head += to_end;
		atomic_store_explicit(&ring->head, head, memory_order_release);
	} else if (!has_room(ring, head, RECORD_SIZE_MAX)) {
		return NULL;
	}
	struct record *record = record_at(ring, head);
	memset(record, 0, sizeof(*record));
	return record;
}

void record_ring_commit(struct record_ring *ring, struct record *record, uint32_t line_len)
{
	assert(line_len <= RECORD_LINE_MAX);
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	assert(record == record_at(ring, head));
	record->line_len = line_len;
	record->size = (uint32_t)((sizeof(*record) + line_len + 7) / 8 * 8);
	atomic_store_explicit(&ring->head, head + record->size, memory_order_release);
}

void record_ring_progress(struct record_ring *ring, uint64_t order)
{
	atomic_store_explicit(&ring->progress, order, memory_order_release);
}

void record_ring_close(struct record_ring *ring)
{
	atomic_store_explicit(&ring->closed, true, memory_order_release);
}

const struct record *record_ring_peek(struct record_ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	for (;;) {
		if (tail == ring->head_seen) {
			ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
			if (tail == ring->head_seen)
				return NULL;
		}
		const struct record *record = record_at(ring, tail);
		if (record->line_len != LINE_LEN_PAD)
			return record;
		tail += record->size;
		atomic_store_explicit(&ring->tail, tail, memory_order_release);
	}
}

void record_ring_release(struct record_ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	assert(tail != ring->head_seen);
	atomic_store_explicit(&ring->tail, tail + record_at(ring, tail)->size, memory_order_release);
}

uint64_t record_ring_progressed(const struct record_ring *ring)
{
	return atomic_load_explicit(&ring->progress, memory_order_acquire);
}

bool record_ring_closed(const struct record_ring *ring)
{
	return atomic_load_explicit(&ring->closed, memory_order_acquire) &&
	       atomic_load_explicit(&ring->head, memory_order_acquire) ==
		       atomic_load_explicit(&ring->tail, memory_order_relaxed);
}
