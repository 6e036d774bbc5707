// SPDX-License-Identifier: GPL-3.0-or-later
// Decompress: takes content codings (RFC 9110 8.4.1) off a body as it passes, in layers, bounded.
//
// What a layer holds is told from its bytes rather than from its name: gzip, zlib and raw deflate stand for each other in the wild, and an
// attacker gains by any server or browser that is lenient. Bytes that are none of these pass as they are.
// Life cycle   decompress_new -> decompress_feed ... -> decompress_end -> decompress_free
// Memory       slab: streams and windows; a freed layer waits in the pool for the next body. LZMA takes from malloc, under its limit
// Threads      pool and streams of one worker
#pragma once
#include "decoders/base/slab.h"
#include "decoders/base/span.h"

#define DECOMPRESS_LAYERS_MAX 8
#define DECOMPRESS_BOMB_RATIO \
	256u // of bytes out to bytes in, above the bomb limit: text is below 30, an image of a disk without data is not

enum decompress_kind {
	DECOMPRESS_INFLATE, // gzip, zlib, raw deflate
	DECOMPRESS_LZMA,
};

enum decompress_trouble {
	DECOMPRESS_BROKEN = 1 << 0,     // a layer's bytes were not what they claimed; passed on as they are
	DECOMPRESS_BOMB = 1 << 1,       // too much out of too little: the rest is dropped
	DECOMPRESS_LZMA_LIMIT = 1 << 2, // LZMA wanted more memory than it may have
};

struct decompress_limits {
	uint64_t bomb_bytes;  // output above which the ratio is looked at
	uint64_t lzma_memory; // bytes of dictionary
};

struct decompress_pool;
struct decompress;

struct decompress_pool *decompress_pool_new(struct slab *slab, const struct decompress_limits *limits);
void decompress_pool_free(struct decompress_pool *pool);

// Gives decoded bytes; false: no more are wanted.
typedef bool decompress_sink(void *context, struct span data);

// Layers in the order the bytes pass them. NULL: no memory.
struct decompress *decompress_new(struct decompress_pool *pool, const enum decompress_kind *kinds, unsigned count);
void decompress_feed(struct decompress *decompress, struct span data, decompress_sink *sink, void *context);
// The body ended: what is still held back to be sure of it comes out.
void decompress_end(struct decompress *decompress, decompress_sink *sink, void *context);
void decompress_free(struct decompress *decompress);
// enum decompress_trouble bits so far.
unsigned decompress_trouble(const struct decompress *decompress);
