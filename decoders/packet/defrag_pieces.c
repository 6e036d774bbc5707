// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/defrag_pieces.h"

struct piece {
	uint32_t start, end; // of the datagram, what of the fragment still counts
	uint32_t from, to;   // what the fragment covered when it came: policies compare whole fragments
	uint32_t lead;       // bytes of data before start
	uint32_t size;       // of the block
	uint8_t data[];
};

static bool newer_wins(enum defrag_policy policy, uint32_t start, uint32_t end, const struct piece *old)
{
	switch (policy) {
	case DEFRAG_FIRST: return false;
	case DEFRAG_LAST: return true;
	case DEFRAG_BSD: return start < old->from;
	case DEFRAG_BSD_RIGHT: return start >= old->from;
	case DEFRAG_LINUX: return start <= old->from;
	case DEFRAG_SOLARIS: return start < old->from && end >= old->to;
	case DEFRAG_WINDOWS: return start < old->from && end > old->to;
	}
	return false;
}

static struct piece *piece_new(
	struct slab *slab, uint32_t start, const uint8_t *data, uint32_t len, uint32_t from, uint32_t to)
{
	uint32_t size = pieces_block_size((uint32_t)sizeof(struct piece) + len);
	struct piece *piece = slab_alloc_raw(slab, size);
	if (!piece)
		return NULL;
	*piece = (struct piece) { .start = start, .end = start + len, .from = from, .to = to, .size = size };
	memcpy(piece->data, data, len);
	return piece;
}

static bool insert(struct slab *slab, struct pieces *pieces, uint32_t index, struct piece *piece)
{
	if (!piece)
		return false;
	uint32_t need = (pieces->count + 1) * (uint32_t)sizeof(*pieces->at);
	if (need > pieces->cap_bytes) {
		uint32_t cap = (uint32_t)slab_class_size(pieces_block_size(need < 256 ? need : need + need / 2));
		struct piece **at = slab_resize(slab, pieces->at, pieces->cap_bytes, cap);
		if (!at) {
			slab_free(slab, piece, piece->size);
			return false;
		}
		pieces->at = at;
		pieces->cap_bytes = cap;
	}
	memmove(pieces->at + index + 1, pieces->at + index, (pieces->count - index) * sizeof(*pieces->at));
	pieces->at[index] = piece;
	pieces->count++;
	pieces->covered_bytes += piece->end - piece->start;
	return true;
}

static void take_out(struct slab *slab, struct pieces *pieces, uint32_t index)
{
	struct piece *piece = pieces->at[index];
	pieces->covered_bytes -= piece->end - piece->start;
	pieces->count--;
	memmove(pieces->at + index, pieces->at + index + 1, (pieces->count - index) * sizeof(*pieces->at));
	slab_free(slab, piece, piece->size);
}

// First piece that ends behind offset.
static uint32_t find(const struct pieces *pieces, uint32_t offset)
{
	uint32_t low = 0, high = pieces->count;
	if (high && pieces->at[high - 1]->end <= offset) // in order, as nearly always
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (pieces->at[middle]->end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// Takes [start, end) away from the older piece at *index; moves *index to where the newer one goes. false: no memory.
static bool yield_to_newer(struct slab *slab, struct pieces *pieces, uint32_t *index, uint32_t start, uint32_t end)
{
	struct piece *old = pieces->at[*index];
	if (old->start >= start && old->end <= end) {
		take_out(slab, pieces, *index);
		return true;
	}
	if (old->start >= start) {
		uint32_t cut = end - old->start;
		old->lead += cut;
		old->start = end;
		pieces->covered_bytes -= cut;
		return true;
	}
	if (old->end > end) {
		const uint8_t *tail = old->data + old->lead + (end - old->start);
		if (!insert(slab, pieces, *index + 1, piece_new(slab, end, tail, old->end - end, old->from, old->to)))
			return false;
	}
	pieces->covered_bytes -= old->end - start;
	old->end = start;
	++*index;
	return true;
}

bool pieces_add(struct slab *slab, struct pieces *pieces, enum defrag_policy policy, uint32_t offset, struct span data,
	bool *overlap)
{
	uint32_t start = offset, end = offset + data.len, at = start; // [at, end): not yet put anywhere
	uint32_t index = find(pieces, start);
	*overlap = false;
	while (index < pieces->count && pieces->at[index]->start < end) {
		const struct piece *old = pieces->at[index];
		*overlap = true;
		if (newer_wins(policy, start, end, old)) {
			if (!yield_to_newer(slab, pieces, &index, start, end))
				return false;
			continue;
		}
		uint32_t old_end = old->end;
		if (old->start > at) {
			struct piece *part = piece_new(slab, at, data.data + (at - start), old->start - at, start, end);
			if (!insert(slab, pieces, index++, part))
				return false;
		}
		if (old_end > at)
			at = old_end;
		index++;
	}
	if (end > pieces->end)
		pieces->end = end;
	if (at >= end)
		return true;
	return insert(slab, pieces, index, piece_new(slab, at, data.data + (at - start), end - at, start, end));
}

void pieces_copy(const struct pieces *pieces, uint8_t *out)
{
	for (uint32_t i = 0; i < pieces->count; i++) {
		const struct piece *piece = pieces->at[i];
		memcpy(out + piece->start, piece->data + piece->lead, piece->end - piece->start);
	}
}

void pieces_fini(struct slab *slab, struct pieces *pieces)
{
	for (uint32_t i = 0; i < pieces->count; i++)
		slab_free(slab, pieces->at[i], pieces->at[i]->size);
	slab_free(slab, pieces->at, pieces->cap_bytes);
	*pieces = (struct pieces) { 0 };
}
