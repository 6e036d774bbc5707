// SPDX-License-Identifier: GPL-3.0-or-later
// Brotli (RFC 7932) of a body as it passes, bounded.
//
// Life cycle   http2_brotli_new -> http2_brotli_feed ... -> http2_brotli_free
// Memory       slab: libbrotli's state and its window, which grows with what comes out. Windows larger than a block of the slab are from malloc, as many
//              bytes as HTTP2_BROTLI_WINDOWS a worker; without room the body fails
// Threads      those of the slab
#pragma once
#include "decoders/app/http/decompress.h"

struct http2_brotli;

#define HTTP2_BROTLI_WINDOWS (32u << 20)

// window_bytes counts the worker's large windows; it outlives them. NULL: no memory.
struct http2_brotli *http2_brotli_new(struct slab *slab, uint64_t *window_bytes);
// Gives enum decompress_trouble bits; with any of them nothing more comes out.
unsigned http2_brotli_feed(struct http2_brotli *brotli, struct span data, decompress_sink *sink, void *context);
void http2_brotli_free(struct http2_brotli *brotli);
