// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of one direction: blocks sorted by offset that do not overlap. In order there is one, which grows at its end and is released at its
// front; every gap starts another, and filling the gap joins them again.
#include "decoders/stream/stream_engine.h"

#define REGION_DISTANCE (256u << 10) // blocks further apart than this count as regions

bool buffer_charge(struct stream_engine *engine, size_t size)
{
	size_t real = slab_class_size(size);
	if (engine->reassembly_bytes + real > engine->reassembly_memcap_bytes)
		return false;
	engine->reassembly_bytes += real;
	engine->counters[STREAM_COUNT_REASSEMBLY_MEMUSE] = engine->reassembly_bytes;
	return true;
}

void buffer_refund(struct stream_engine *engine, size_t size)
{
	engine->reassembly_bytes -= slab_class_size(size);
	engine->counters[STREAM_COUNT_REASSEMBLY_MEMUSE] = engine->reassembly_bytes;
}

static void *take(struct stream_engine *engine, size_t size)
{
	if (!buffer_charge(engine, size))
		return NULL;
	void *memory = slab_alloc_raw(engine->slab, size);
	if (!memory)
		buffer_refund(engine, size);
	return memory;
}

static void give(struct stream_engine *engine, void *memory, size_t size)
{
	if (!memory)
		return;
	buffer_refund(engine, size);
	slab_free(engine->slab, memory, size);
}

static uint64_t block_end(const struct tcp_block *block)
{
	return block->offset + block->len;
}

static struct tcp_buffer *buffer_make(struct stream_engine *engine, struct tcp_stream *stream)
{
	if (!stream->buffer) {
		stream->buffer = take(engine, sizeof(struct tcp_buffer));
		if (stream->buffer)
			*stream->buffer = (struct tcp_buffer) { 0 };
	}
	return stream->buffer;
}

// Room for more bytes after those the block has.
static bool block_grow(struct stream_engine *engine, struct tcp_block *block, uint32_t more)
{
	if (block->start + block->len + more <= block->cap)
		return true;
	if (block->start >= block->len && block->len + more <= block->cap) {
		// Half or more was released: moving costs no more than what was appended since
		memmove(block->data, block->data + block->start, block->len);
		block->start = 0;
		return true;
	}
	uint64_t want = block->len ? (uint64_t)(block->len + more) * 3 / 2 : more;
	if (want > SLAB_MAX_BLOCK)
		want = SLAB_MAX_BLOCK;
	uint32_t cap = (uint32_t)slab_class_size(want);
	uint8_t *data = take(engine, cap);
	if (!data)
		return false;
	if (block->len)
		memcpy(data, block->data + block->start, block->len);
	give(engine, block->data, block->cap);
	block->data = data;
	block->cap = cap;
	block->start = 0;
	return true;
}

static bool block_append(struct stream_engine *engine, struct tcp_block *block, const uint8_t *data, uint32_t len)
{
	if (!block_grow(engine, block, len))
		return false;
	memcpy(block->data + block->start + block->len, data, len);
	block->len += len;
	engine->counters[STREAM_COUNT_COPIED] += len;
	return true;
}

static void block_free(struct stream_engine *engine, struct tcp_buffer *buffer, struct tcp_block *block)
{
	give(engine, block->data, block->cap);
	give(engine, block, sizeof(*block));
	buffer->block_count--;
}

// A new block after previous (NULL: first).
static struct tcp_block *block_insert(
	struct stream_engine *engine, struct tcp_stream *stream, struct tcp_block *previous, uint64_t offset)
{
	struct tcp_buffer *buffer = stream->buffer;
	if (buffer->block_count >= engine->config->max_segments)
		return NULL;
	struct tcp_block *block = take(engine, sizeof(*block));
	if (!block)
		return NULL;
	*block = (struct tcp_block) { .offset = offset, .next = previous ? previous->next : buffer->first };
	if (previous)
		previous->next = block;
	else
		buffer->first = block;
	if (!block->next)
		buffer->last = block;
	buffer->block_count++;
	uint64_t before = previous ? block_end(previous) : stream->base_offset;
	if (stream->regions == 0)
		stream->regions = 1;
	if (offset > before + REGION_DISTANCE && stream->regions < UINT8_MAX)
		stream->regions++;
	return block;
}

// Joins block with the one after it when they touch.
static void block_join(struct stream_engine *engine, struct tcp_buffer *buffer, struct tcp_block *block)
{
	struct tcp_block *next = block->next;
	if (!next || block_end(block) != next->offset || (uint64_t)block->len + next->len > SLAB_MAX_BLOCK)
		return;
	if (!block_append(engine, block, next->data + next->start, next->len))
		return;
	block->next = next->next;
	if (buffer->last == next)
		buffer->last = block;
	block_free(engine, buffer, next);
}

// A block that got no bytes does not stay.
static void block_drop(struct stream_engine *engine, struct tcp_buffer *buffer, struct tcp_block *block)
{
	struct tcp_block *previous = NULL;
	for (struct tcp_block *b = buffer->first; b != block; b = b->next)
		previous = b;
	if (previous)
		previous->next = block->next;
	else
		buffer->first = block->next;
	if (buffer->last == block)
		buffer->last = previous;
	block_free(engine, buffer, block);
}

// The last block that begins at or before offset.
static struct tcp_block *block_at_or_before(const struct tcp_buffer *buffer, uint64_t offset)
{
	if (buffer->last && buffer->last->offset <= offset)
		return buffer->last;
	struct tcp_block *found = NULL;
	for (struct tcp_block *b = buffer->first; b && b->offset <= offset; b = b->next)
		found = b;
	return found;
}

bool buffer_write(
	struct stream_engine *engine, struct tcp_stream *stream, uint64_t offset, const uint8_t *data, uint32_t len)
{
	struct tcp_buffer *buffer = buffer_make(engine, stream);
	if (!buffer)
		return false;
	while (len) {
		struct tcp_block *block = block_at_or_before(buffer, offset);
		uint32_t part;
		if (block && offset < block_end(block)) {
			uint64_t left = block_end(block) - offset;
			part = left < len ? (uint32_t)left : len;
			memcpy(block->data + block->start + (offset - block->offset), data, part);
		} else {
			const struct tcp_block *next = block ? block->next : buffer->first;
			part = next && next->offset - offset < len ? (uint32_t)(next->offset - offset) : len;
			bool touches = block && block_end(block) == offset && block->len + part <= SLAB_MAX_BLOCK;
			if (!touches)
				block = block_insert(engine, stream, block, offset);
			if (!block)
				return false;
			if (!block_append(engine, block, data, part)) {
				if (!touches)
					block_drop(engine, buffer, block);
				return false;
			}
			block_join(engine, buffer, block);
		}
		offset += part;
		data += part;
		len -= part;
	}
	return true;
}

const struct tcp_block *buffer_find(const struct tcp_stream *stream, uint64_t offset)
{
	if (!stream->buffer)
		return NULL;
	const struct tcp_block *block = block_at_or_before(stream->buffer, offset);
	if (block && offset < block_end(block))
		return block;
	return block ? block->next : stream->buffer->first;
}

void buffer_release(struct stream_engine *engine, struct tcp_stream *stream, uint64_t before)
{
	struct tcp_buffer *buffer = stream->buffer;
	if (!buffer)
		return;
	while (buffer->first) {
		struct tcp_block *block = buffer->first;
		if (block->offset >= before)
			break;
		if (block_end(block) > before) {
			uint32_t gone = (uint32_t)(before - block->offset);
			block->start += gone;
			block->len -= gone;
			block->offset = before;
			break;
		}
		buffer->first = block->next;
		if (buffer->last == block)
			buffer->last = NULL;
		block_free(engine, buffer, block);
	}
	segments_release(buffer, before);
	if (!buffer->first)
		buffer_free(engine, stream);
}

void buffer_free(struct stream_engine *engine, struct tcp_stream *stream)
{
	struct tcp_buffer *buffer = stream->buffer;
	if (!buffer)
		return;
	while (buffer->first) {
		struct tcp_block *next = buffer->first->next;
		block_free(engine, buffer, buffer->first);
		buffer->first = next;
	}
	give(engine, buffer->segments, buffer->segment_cap * sizeof(*buffer->segments));
	give(engine, buffer, sizeof(*buffer));
	stream->buffer = NULL;
}
