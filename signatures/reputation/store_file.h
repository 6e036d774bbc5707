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
#define STORE_VERSION     2u
#define STORE_BYTE_ORDER  0x01020304u
#define STORE_ALLOW_KEY   0x9d4c66e1b3f0a527ull
#define STORE_BLOCK_BYTES 64u        // of the filter
#define STORE_BITS_EACH   12u        // of the filter, per key: 0.7 % false positives with six bits in one block
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

// A key from the hash of a value: what else tells indicators apart is mixed in.
uint64_t store_hash(struct span value, uint64_t more);

enum store_mark { STORE_MARK_HOST = 0xf0, STORE_MARK_ANYWHERE = 0xf1 };
// Only in the filter, for URLs: "some listed URL has this host" ("host:port"), "some listed URL of any host begins with this segment" ("/first").
static inline uint64_t store_mark_key(enum store_mark mark, struct span value)
{
	return store_hash(value, mark);
}

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

// A key has two bits in each of three words of its block: few instructions, so that the processor gets to the next block before this one has come.
static inline uint64_t store_pair(uint64_t bits)
{
	return 1ull << (bits & 63) | 1ull << (bits >> 6 & 63);
}

static inline bool store_block_has(const uint64_t *block, uint64_t key)
{
	uint64_t bits = key * 0x9e3779b97f4a7c15ull, missing = ~block[bits >> 61] & store_pair(bits >> 43);
	missing |= ~block[bits >> 58 & 7] & store_pair(bits >> 31);
	missing |= ~block[bits >> 55 & 7] & store_pair(bits >> 19);
	return !missing;
}

static inline void store_block_add(uint64_t *block, uint64_t key)
{
	uint64_t bits = key * 0x9e3779b97f4a7c15ull;
	block[bits >> 61] |= store_pair(bits >> 43);
	block[bits >> 58 & 7] |= store_pair(bits >> 31);
	block[bits >> 55 & 7] |= store_pair(bits >> 19);
}

// Bit of the networks' bitmap.
static inline uint32_t store_bitmap_bit(const struct address *address)
{
	uint32_t v4 = __builtin_bswap32(address->words[3]) >> 12;
	uint32_t v6 = address->words[0] * 0x9e3779b1u >> 16;
	return address_is_v4(address) ? v4 : 8 * STORE_V4_BITMAP + v6;
}
