// SPDX-License-Identifier: GPL-3.0-or-later
// Store file: the bytes that store_build writes and store reads.
//
// Layout    header, then each on its own cache line: filter, bucket offsets, keys, entries, two tables of networks (listed, allowed) with their bitmaps,
//           sets, sources, feeds, texts. Where each begins follows from the counts in the header: the file has no offsets to trust but those of
//           buckets, sets and texts. Integers as the machine has them (byte_order tells a file of another one)
// Size      10 million indicators: 20 bytes each for key and entry, 1.5 for the filter, 0.5 for the buckets
// Keys      64 bits; those of allow lists are turned by STORE_ALLOW_KEY, so that the two never meet
#pragma once
#include "decoders/base/address.h"
#include "signatures/reputation/indicator.h"

#define STORE_MAGIC       0x65726f74736b6573ull // "sekstore"
#define STORE_VERSION     3u
#define STORE_BYTE_ORDER  0x01020304u
#define STORE_ALLOW_KEY   0x9d4c66e1b3f0a527ull
#define STORE_BLOCK_BYTES 64u        // of the filter
#define STORE_BITS_EACH   12u        // of the filter, per key: 0.6 % false positives with six bits in one block
#define STORE_BUCKET_LOAD 8u         // keys a bucket, in the middle
#define STORE_V4_BITMAP   (1u << 17) // bytes: a bit for each /20
#define STORE_V6_BITMAP   (1u << 13) // bytes: a bit for each hash of 32 bits
#define STORE_BITMAP      (STORE_V4_BITMAP + STORE_V6_BITMAP)
#define STORE_LABELS_MAX  10   // of a name, looked up with each of its parents; a longer one itself, and its end
#define STORE_SOURCES_MAX 255u // kept of an entry

struct store_header {
	uint64_t magic;
	uint32_t version, byte_order;
	uint64_t file_bytes, digest;
	uint64_t body_hash; // XXH3 of all that follows the header
	uint64_t entry_count, filter_blocks, text_bytes;
	uint32_t bucket_bits, built_s;
	uint32_t set_count, source_count, feed_count, text_count;
	uint32_t network_count[2];               // [allow]
	uint64_t kind_count[2][INDICATOR_KINDS]; // [allow]; a kind of which there is none is not looked up
	uint64_t anywhere_count[2];              // URLs without a host
	uint32_t label_counts[2];                // [allow], bit n: some domain has n labels (the last: as many or more)
	uint64_t header_hash;                    // XXH3 of the header before it
};

struct store_file_entry {
	uint32_t set, first_seen_s, expiry_s;
};

struct store_file_network {
	uint8_t address[16];
	struct store_file_entry entry;
	uint32_t parent; // index + 1 of the next wider one around it; 0 none
	uint8_t bits, reserved[3];
};

struct store_file_set {
	uint32_t first; // of its sources
	uint8_t count, confidence, flags, reserved;
};

struct store_file_source {
	uint32_t feed;
	uint32_t family, technique; // texts; text 0 is empty
	uint32_t confidence;
};

// Offsets of the parts from the beginning of the file.
struct store_layout {
	uint64_t filter, buckets, keys, entries, networks[2], bitmaps[2], sets, sources, feeds, text_offsets, texts,
		end;
};
// False: counts that no file has.
bool store_layout_of(const struct store_header *header, struct store_layout *out);

static inline uint64_t store_space(bool allow)
{
	return allow ? STORE_ALLOW_KEY : 0;
}

// Bit of label_counts for a name of so many labels.
static inline uint32_t store_label_bit(unsigned labels)
{
	return 1u << (labels <= STORE_LABELS_MAX ? labels : STORE_LABELS_MAX + 1);
}

// A path's first segment with the '/' before it.
static inline struct span store_first_segment(struct span path)
{
	uint32_t end = 1;
	while (end < path.len && path.data[end] != '/' && path.data[end] != '?')
		end++;
	return span_slice(path, 0, end);
}

static inline uint32_t store_bucket(uint64_t key, uint32_t bucket_bits)
{
	return (uint32_t)(key >> 1 >> (63 - bucket_bits));
}

// Offset, in words, of a key's block: by its high bits (the builder goes through the filter in order).
static inline uint64_t store_block(uint64_t key, uint64_t blocks)
{
	return (uint64_t)((unsigned __int128)key * blocks >> 64) * (STORE_BLOCK_BYTES / sizeof(uint64_t));
}

// A key has three bits in one word of its block's first half, and the same three, turned, in one of its second: so three shifts test six bits. Which ones its
// low half says.
struct store_bits {
	unsigned one, other, turn; // words, and by how much the other's are turned
	unsigned at[3];
};

static inline struct store_bits store_bits(uint64_t key)
{
	return (struct store_bits) { key & 3, 4 | (key >> 2 & 3), key >> 4 & 63,
		{ key >> 10 & 63, key >> 16 & 63, key >> 22 & 63 } };
}

static inline uint64_t store_turned(uint64_t word, unsigned by)
{
	return word << by | word >> (-by & 63);
}

static inline bool store_block_has(const uint64_t *block, uint64_t key)
{
	struct store_bits bits = store_bits(key);
	uint64_t both = block[bits.one] & store_turned(block[bits.other], bits.turn);
	return both >> bits.at[0] & both >> bits.at[1] & both >> bits.at[2] & 1;
}

static inline void store_block_add(uint64_t *block, uint64_t key)
{
	struct store_bits bits = store_bits(key);
	uint64_t three = 1ull << bits.at[0] | 1ull << bits.at[1] | 1ull << bits.at[2];
	block[bits.one] |= three;
	block[bits.other] |= store_turned(three, -bits.turn & 63);
}

// Bit of the networks' bitmap.
static inline uint32_t store_bitmap_bit(const struct address *address)
{
	uint32_t v4 = __builtin_bswap32(address->words[3]) >> 12;
	uint32_t v6 = address->words[0] * 0x9e3779b1u >> 16;
	return address_is_v4(address) ? v4 : 8 * STORE_V4_BITMAP + v6;
}
