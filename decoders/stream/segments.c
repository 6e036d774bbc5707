// SPDX-License-Identifier: GPL-3.0-or-later
// Overlapping segments: which copy of a byte counts is what the receiver's system would take (Novak and Sturges, "Target-Based TCP
// Stream Reassembly", 2007), judged by where the new segment begins and ends against each older one.
#include "decoders/stream/stream_engine.h"

// How the new segment lies to an older one: rows by its start, columns by its end, each less, equal or greater.
enum placing { LESS, EQUAL, MORE };

#define OS(name)   (1u << TCP_OS_##name)
#define OS_ALL_OLD (OS(VISTA) | OS(FIRST))
#define OS_EVERY   (OS(LAST) - 1 + OS(LAST))

// Systems that take the new bytes.
static const uint32_t takes_new[3][3] = {
	[LESS] = {
		// begins before, ends within
		[LESS] = OS_EVERY & ~(OS_ALL_OLD | OS(SOLARIS) | OS(HPUX11)),
		// begins before and covers it
		[EQUAL] = OS_EVERY & ~OS_ALL_OLD,
		[MORE] = OS_EVERY & ~OS_ALL_OLD,
	},
	[EQUAL] = {
		[LESS] = OS(LAST),
		[EQUAL] = OS(LAST) | OS(OLD_LINUX),
		[MORE] = OS(LAST) | OS(OLD_LINUX) | OS(LINUX) | OS(SOLARIS) | OS(HPUX11),
	},
	[MORE] = {
		[LESS] = OS(LAST),
		[EQUAL] = OS(LAST),
		[MORE] = OS(LAST) | OS(SOLARIS) | OS(HPUX11),
	},
};

static enum placing place(uint64_t new, uint64_t old)
{
	return new < old ? LESS : new == old ? EQUAL : MORE;
}

static uint64_t segment_end(const struct tcp_segment *segment)
{
	return segment->offset + segment->len;
}

// Index of the first segment that begins after offset.
static uint32_t segments_after(const struct tcp_buffer *buffer, uint64_t offset)
{
	uint32_t low = buffer->first_segment, high = buffer->segment_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (buffer->segments[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool segments_grow(struct stream_engine *engine, struct tcp_buffer *buffer)
{
	uint32_t live = buffer->segment_count - buffer->first_segment;
	if (buffer->segment_count < buffer->segment_cap)
		return true;
	if (buffer->first_segment > live) {
		memmove(buffer->segments, buffer->segments + buffer->first_segment, live * sizeof(*buffer->segments));
		buffer->first_segment = 0;
		buffer->segment_count = live;
		return true;
	}
	uint32_t cap = buffer->segment_cap ? buffer->segment_cap * 2 : 4;
	size_t size = cap * sizeof(*buffer->segments), old = buffer->segment_cap * sizeof(*buffer->segments);
	if (size > SLAB_MAX_BLOCK || !buffer_charge(engine, size))
		return false;
	struct tcp_segment *segments = slab_alloc_raw(engine->slab, size);
	if (!segments) {
		buffer_refund(engine, size);
		return false;
	}
	if (buffer->segments) {
		memcpy(segments, buffer->segments, old);
		slab_free(engine->slab, buffer->segments, old);
		buffer_refund(engine, old);
	}
	buffer->segments = segments;
	buffer->segment_cap = cap;
	return true;
}

bool segments_note(struct stream_engine *engine, struct tcp_stream *stream, uint64_t offset, uint32_t len)
{
	struct tcp_buffer *buffer = stream->buffer;
	uint32_t live = buffer->segment_count - buffer->first_segment;
	if (live >= engine->config->max_segments) {
		// In order it costs nothing to forget where one segment ended and the next began
		struct tcp_segment *last = &buffer->segments[buffer->segment_count - 1];
		if (segment_end(last) != offset || last->len + (uint64_t)len > UINT32_MAX)
			return false;
		last->len += len;
		return true;
	}
	if (!segments_grow(engine, buffer))
		return false;
	uint32_t at = segments_after(buffer, offset);
	memmove(buffer->segments + at + 1, buffer->segments + at,
		(buffer->segment_count - at) * sizeof(*buffer->segments));
	buffer->segments[at] = (struct tcp_segment) { .offset = offset, .len = len };
	buffer->segment_count++;
	return true;
}

void segments_release(struct tcp_buffer *buffer, uint64_t before)
{
	while (buffer->first_segment < buffer->segment_count &&
		segment_end(&buffer->segments[buffer->first_segment]) <= before)
		buffer->first_segment++;
	if (buffer->first_segment == buffer->segment_count)
		buffer->first_segment = buffer->segment_count = 0;
}

// Compares the held bytes of [offset, offset + len) with copy; with take_old, they are copied over it. True: they differ.
static bool old_bytes(const struct tcp_stream *stream, uint64_t offset, uint8_t *copy, uint32_t len, bool take_old)
{
	bool differ = false;
	while (len) {
		const struct tcp_block *block = buffer_find(stream, offset);
		if (!block || block->offset >= offset + len)
			return differ;
		if (block->offset > offset) {
			uint32_t skip = (uint32_t)(block->offset - offset);
			offset += skip;
			copy += skip;
			len -= skip;
		}
		uint64_t left = block->offset + block->len - offset;
		uint32_t part = left < len ? (uint32_t)left : len;
		const uint8_t *held = block->data + block->start + (offset - block->offset);
		differ = differ || memcmp(held, copy, part) != 0;
		if (take_old)
			memcpy(copy, held, part);
		offset += part;
		copy += part;
		len -= part;
	}
	return differ;
}

// Puts into the copy of the new segment what older ones win. False: this very segment is known already.
static bool settle(struct turn *turn, uint64_t offset, uint32_t len, uint8_t *copy)
{
	struct stream_engine *engine = turn->engine;
	struct tcp_stream *stream = turn->sender;
	const struct tcp_buffer *buffer = stream->buffer;
	uint32_t policy = engine->inline_mode ? TCP_OS_FIRST : turn_policy(turn);
	uint64_t end = offset + len;
	bool known = false, differ = false, overlap = false;
	uint32_t count = segments_after(buffer, end - 1);
	for (uint32_t i = buffer->first_segment; i < count; i++) {
		const struct tcp_segment *old = &buffer->segments[i];
		if (segment_end(old) <= offset)
			continue;
		uint64_t from = old->offset > offset ? old->offset : offset;
		uint64_t to = segment_end(old) < end ? segment_end(old) : end;
		bool new_wins = takes_new[place(offset, old->offset)][place(end, segment_end(old))] & (1u << policy);
		if (old_bytes(stream, from, copy + (from - offset), (uint32_t)(to - from), !new_wins))
			differ = true;
		known = known || (old->offset == offset && old->len == len);
		overlap = true;
	}
	if (overlap)
		engine->counters[STREAM_COUNT_OVERLAP]++;
	if (differ) {
		engine->counters[STREAM_COUNT_OVERLAP_DIFF]++;
		if (engine->config->check_overlap_different_data)
			turn_event(turn, STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA);
		// The receiver must not get what was not inspected
		turn->result.drop = turn->result.drop || engine->inline_mode;
	}
	return !known;
}

bool segments_add(struct turn *turn, uint64_t offset, struct span payload)
{
	struct stream_engine *engine = turn->engine;
	struct tcp_stream *stream = turn->sender;
	const struct tcp_buffer *buffer = stream->buffer;
	const uint8_t *data = payload.data;
	uint32_t len = payload.len < sizeof(engine->scratch) ? payload.len : (uint32_t)sizeof(engine->scratch);
	bool overlap = buffer && buffer->last && offset < buffer->last->offset + buffer->last->len;
	bool fresh = true;
	if (overlap) {
		memcpy(engine->scratch, data, len);
		data = engine->scratch;
		fresh = settle(turn, offset, len, engine->scratch);
	}
	// Room for its record first: bytes without one would be nobody's
	bool made = buffer || buffer_write(engine, stream, offset, data, len);
	if (!made || (fresh && !segments_note(engine, stream, offset, len))) {
		engine->counters[made ? STREAM_COUNT_SEGMENT_BUDGET : STREAM_COUNT_SEGMENT_MEMCAP_DROP]++;
		return false;
	}
	if (buffer && !buffer_write(engine, stream, offset, data, len)) {
		engine->counters[STREAM_COUNT_SEGMENT_MEMCAP_DROP]++;
		engine->counters[STREAM_COUNT_INSERT_DATA_FAIL]++;
		return false;
	}
	return true;
}
