// SPDX-License-Identifier: GPL-3.0-or-later
// Defragmenter's pieces: the bytes of one datagram that came so far, in order and without overlap.
//
// Life cycle   zeroed struct -> pieces_add ... -> pieces_copy -> pieces_fini
// Memory       the defragmenter's slab
#pragma once
#include "decoders/base/slab.h"
#include "decoders/base/span.h"

// Which of two overlapping fragments a host keeps (Novak, "Target-Based Fragmentation Reassembly", 2005).
enum defrag_policy {
	DEFRAG_BSD,       // the older, unless the newer begins before it
	DEFRAG_BSD_RIGHT, // the newer, unless it begins before the older
	DEFRAG_LINUX,     // the older, unless the newer begins before it or with it
	DEFRAG_FIRST,     // always the older
	DEFRAG_LAST,      // always the newer
	DEFRAG_SOLARIS,   // the older, unless the newer begins before it and reaches its end
	DEFRAG_WINDOWS,   // the older, unless the newer begins before it and ends behind it
};

// Blocks of two sizes for nearly all that is kept, so that what one datagram gave back fits the next: the slab has no way to turn many small
// blocks into a large one.
static inline uint32_t pieces_block_size(uint32_t len)
{
	return len <= 256 ? 256 : len <= 2048 ? 2048 : len;
}

struct piece;

struct pieces {
	struct piece **at; // sorted by offset
	uint32_t count;
	uint32_t cap_bytes;     // of at
	uint32_t covered_bytes; // by all pieces
	uint32_t end;           // highest offset any fragment reached
};

// Adds data at offset. Gives in *overlap whether it met what was there. false: no memory; the pieces are then of no use.
bool pieces_add(struct slab *slab, struct pieces *pieces, enum defrag_policy policy, uint32_t offset, struct span data,
	bool *overlap);
// No gap from 0 to the end?
static inline bool pieces_whole(const struct pieces *pieces)
{
	return pieces->covered_bytes == pieces->end;
}
// Writes the end bytes of a whole datagram.
void pieces_copy(const struct pieces *pieces, uint8_t *out);
void pieces_fini(struct slab *slab, struct pieces *pieces);
