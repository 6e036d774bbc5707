// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting block: rows of what was seen as they lie on disk: some hundred, in order, packed.
//
// Row     a key and a host, and what is known of both (struct sighting_seen). Rows are ordered by key, then host
// Key     the kind's byte (enum indicator_kind), then the value; a domain's is its name backwards ("moc.elpmaxe.www"), so that a name and all below it lie together
// Form    a byte of version, 8 bytes of time (little-endian seconds, to which rows are relative), then rows: a byte of flags, the key without what it shares with the one
//         before, addresses of 4 or 16 bytes, numbers as LEB128, flow ids of 8 bytes. About 35 bytes a row
// Memory  a writer holds one block, a reader one key; what is read is borrowed until the next row
// Bounds  a block is at most SIGHTING_BLOCK_MAX bytes; bytes from disk may be damaged and are not believed
// Threads one at a time
#pragma once
#include <stddef.h>
#include "decoders/base/cursor.h"
#include "sensor/sightings/sighting.h"

#define SIGHTING_KEY_MAX     (1 + SIGHTING_VALUE_MAX)
#define SIGHTING_BLOCK_BYTES 16000 // a writer is full
#define SIGHTING_ROW_MAX     (SIGHTING_KEY_MAX + 128)
#define SIGHTING_BLOCK_MAX   (SIGHTING_BLOCK_BYTES + SIGHTING_ROW_MAX)

struct sighting_seen {
	struct address host, far; // far: met last
	uint64_t first_s, last_s, count;
	uint64_t places;
	uint32_t flow_count;
	uint8_t proto;
	uint64_t flows[SIGHTING_FLOWS]; // the newest first
};

// One row of two of the same key and host.
void sighting_seen_join(struct sighting_seen *into, const struct sighting_seen *more);

// kind and value (as it is named) to a key; out: SIGHTING_KEY_MAX bytes. Gives its length.
size_t sighting_key(unsigned kind, struct span value, uint8_t *out);
// Back: a key's value; out: SIGHTING_VALUE_MAX bytes.
size_t sighting_key_value(struct span key, uint8_t *out);
int sighting_key_compare(struct span a, struct span b);

struct sighting_block_writer {
	uint64_t base_s, newest_s, oldest_s;
	uint32_t used, rows, limit;
	uint16_t key_len, low_len;
	struct address low_host; // of the first row, with low
	uint8_t key[SIGHTING_KEY_MAX], low[SIGHTING_KEY_MAX];
	uint8_t data[SIGHTING_BLOCK_MAX + SIGHTING_ROW_MAX];
};

// limit: SIGHTING_BLOCK_BYTES, or SIGHTING_BLOCK_MAX for the rest of a block that was read (base_s: that one's).
void sighting_block_begin(struct sighting_block_writer *writer, uint64_t base_s, uint32_t limit);
// False: the block is full, and the row was not taken. Rows come in order.
bool sighting_block_put(struct sighting_block_writer *writer, struct span key, const struct sighting_seen *seen);

struct sighting_block_reader {
	struct cursor at;
	uint64_t base_s;
	uint16_t key_len;
	uint8_t key[SIGHTING_KEY_MAX];
};

// False: it is no block.
bool sighting_block_open(struct sighting_block_reader *reader, struct span bytes);
enum sighting_block_row { SIGHTING_ROW, SIGHTING_ROWS_END, SIGHTING_ROW_DAMAGED };
// The next row; its key is reader's.
enum sighting_block_row sighting_block_next(struct sighting_block_reader *reader, struct sighting_seen *seen);
