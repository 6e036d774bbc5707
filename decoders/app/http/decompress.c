// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/http/decompress.h"
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include "decoders/base/bytes.h"

#define OUT_BYTES   8192u
#define SNIFF_BYTES 10u    // a gzip header without optional fields
#define HEAD_BYTES  1024u  // input held back while it is unsure what it is
#define TRIED_BYTES 16384u // output held back with it
#define BETWEEN_RATIO \
	64u // of bytes between layers to those that came in and out: an inner layer may swallow all that is made
#define POOL_MAX        16u
#define GZIP_HEADER_MAX 65536u // name, comment and extra field of a gzip header
#define GZIP_TRAILER    8u

enum layer_state {
	LAYER_SNIFF,  // the first bytes tell what it is
	LAYER_HEADER, // gzip: optional header fields
	LAYER_TRY,    // inflating, output held back: it may turn out to be plain bytes
	LAYER_RUN,
	LAYER_TRAILER, // gzip: checksum and length, then perhaps another member
	LAYER_PLAIN,   // passes bytes as they are
	LAYER_DONE,    // whatever follows is nobody's
};

enum gzip_flag { GZIP_CRC = 2, GZIP_EXTRA = 4, GZIP_NAME = 8, GZIP_COMMENT = 16 };

struct layer {
	struct layer *next_free;
	uint8_t kind, state;
	bool has_zlib, has_lzma;
	bool gzip, zlib; // what the first bytes said
	uint8_t gzip_flags;
	uint8_t header_step;
	uint32_t header_left, header_bytes;
	uint32_t trailer_left;
	z_stream z;
	lzma_stream lzma;
	struct bytes head;  // input while unsure
	struct bytes tried; // its output
};

struct decompress_pool {
	struct slab *slab;
	struct decompress_limits limits;
	struct layer *free;
	unsigned free_count;
};

struct decompress {
	struct decompress_pool *pool;
	unsigned count, trouble;
	uint64_t in_bytes, out_bytes, between_bytes;
	bool stopped;
	decompress_sink *sink;
	void *context;
	struct layer *layers[DECOMPRESS_LAYERS_MAX];
};

// zlib's memory from the slab, which wants to be told sizes back.
#define PREFIX_BYTES 16u
static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size)
{
	size_t bytes = (size_t)items * size + PREFIX_BYTES;
	uint8_t *block = slab_alloc_raw(opaque, bytes);
	if (!block)
		return Z_NULL;
	memcpy(block, &bytes, sizeof bytes);
	return block + PREFIX_BYTES;
}

static void zlib_free(voidpf opaque, voidpf address)
{
	uint8_t *block = (uint8_t *)address - PREFIX_BYTES;
	size_t bytes;
	memcpy(&bytes, block, sizeof bytes);
	slab_free(opaque, block, bytes);
}

struct decompress_pool *decompress_pool_new(struct slab *slab, const struct decompress_limits *limits)
{
	struct decompress_pool *pool = calloc(1, sizeof *pool);
	if (!pool)
		return NULL;
	pool->slab = slab;
	pool->limits = *limits;
	return pool;
}

static void layer_destroy(struct decompress_pool *pool, struct layer *layer)
{
	if (layer->has_zlib)
		inflateEnd(&layer->z);
	if (layer->has_lzma)
		lzma_end(&layer->lzma);
	bytes_fini(pool->slab, &layer->head);
	bytes_fini(pool->slab, &layer->tried);
	slab_free(pool->slab, layer, sizeof *layer);
}

void decompress_pool_free(struct decompress_pool *pool)
{
	if (!pool)
		return;
	while (pool->free) {
		struct layer *layer = pool->free;
		pool->free = layer->next_free;
		layer_destroy(pool, layer);
	}
	free(pool);
}

static struct layer *layer_take(struct decompress_pool *pool, enum decompress_kind kind)
{
	struct layer *layer = pool->free;
	if (layer) {
		pool->free = layer->next_free;
		pool->free_count--;
	} else if (!(layer = slab_alloc(pool->slab, sizeof *layer))) {
		return NULL;
	}
	layer->kind = (uint8_t)kind;
	layer->state = LAYER_SNIFF;
	layer->gzip = false;
	layer->head.len = layer->tried.len = 0;
	return layer;
}

static void layer_give(struct decompress_pool *pool, struct layer *layer)
{
	if (layer->has_lzma) {
		lzma_end(&layer->lzma);
		layer->has_lzma = false;
	}
	if (pool->free_count == POOL_MAX) {
		layer_destroy(pool, layer);
		return;
	}
	layer->next_free = pool->free;
	pool->free = layer;
	pool->free_count++;
}

// Ready to inflate raw deflate.
static bool start_inflate(struct decompress_pool *pool, struct layer *layer)
{
	if (layer->has_zlib)
		return inflateReset2(&layer->z, -MAX_WBITS) == Z_OK;
	layer->z = (z_stream) { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = pool->slab };
	layer->has_zlib = inflateInit2(&layer->z, -MAX_WBITS) == Z_OK;
	return layer->has_zlib;
}

static bool start_lzma(struct decompress *d, struct layer *layer)
{
	layer->lzma = (lzma_stream)LZMA_STREAM_INIT;
	layer->has_lzma = lzma_alone_decoder(&layer->lzma, d->pool->limits.lzma_memory) == LZMA_OK;
	return layer->has_lzma;
}

static void layer_feed(struct decompress *d, unsigned at, struct span data);

static void emit(struct decompress *d, unsigned at, struct span data)
{
	if (d->stopped || data.len == 0)
		return;
	if (at + 1 < d->count) {
		d->between_bytes += data.len;
		if (d->between_bytes > d->pool->limits.bomb_bytes &&
			d->between_bytes / BETWEEN_RATIO > d->in_bytes + d->out_bytes) {
			d->trouble |= DECOMPRESS_BOMB;
			d->stopped = true;
			return;
		}
		layer_feed(d, at + 1, data);
		if (d->layers[at + 1]->state == LAYER_DONE)
			d->stopped = true;
		return;
	}
	d->out_bytes += data.len;
	if (d->out_bytes > d->pool->limits.bomb_bytes && d->out_bytes / DECOMPRESS_BOMB_RATIO > d->in_bytes) {
		d->trouble |= DECOMPRESS_BOMB;
		d->stopped = true;
		return;
	}
	if (!d->sink(d->context, data))
		d->stopped = true;
}

static void pass_plain(struct decompress *d, unsigned at)
{
	struct layer *layer = d->layers[at];
	d->trouble |= DECOMPRESS_BROKEN;
	layer->state = LAYER_PLAIN;
	layer->tried.len = 0;
	emit(d, at, bytes_span(&layer->head));
	layer->head.len = 0;
}

static void accept(struct decompress *d, unsigned at)
{
	struct layer *layer = d->layers[at];
	layer->state = LAYER_RUN;
	emit(d, at, bytes_span(&layer->tried));
	layer->head.len = layer->tried.len = 0;
}

static void output(struct decompress *d, unsigned at, struct span data)
{
	struct layer *layer = d->layers[at];
	if (layer->state == LAYER_TRY) {
		if (layer->tried.len + data.len <= TRIED_BYTES &&
			bytes_reserve(d->pool->slab, &layer->tried, layer->tried.len + data.len)) {
			bytes_append(d->pool->slab, &layer->tried, data, TRIED_BYTES);
			return;
		}
		accept(d, at); // so much came out that it is no chance
	}
	emit(d, at, data);
}

static struct span run_inflate(struct decompress *d, unsigned at, struct span input);

// The stream broke. What was sure is out, the rest passes as it is; what was only tried is tried once more, or passes whole.
static struct span inflate_broke(struct decompress *d, unsigned at, struct span got, struct span rest)
{
	struct layer *layer = d->layers[at];
	if (layer->state == LAYER_RUN) {
		emit(d, at, got);
		pass_plain(d, at);
		return rest;
	}
	layer->tried.len = 0;
	if (layer->zlib) {
		layer->zlib = false; // the first two bytes only looked like zlib's
		if (start_inflate(d->pool, layer))
			return run_inflate(d, at, bytes_span(&layer->head));
	}
	pass_plain(d, at);
	return (struct span) { 0 };
}

// Inflates input; gives what was not used. Sets the layer's state when the stream ends or breaks. While it is only tried, input is the
// end of head.
static struct span run_inflate(struct decompress *d, unsigned at, struct span input)
{
	struct layer *layer = d->layers[at];
	uint8_t out[OUT_BYTES];
	layer->z.next_in = (uint8_t *)(uintptr_t)input.data;
	layer->z.avail_in = input.len;
	while (!d->stopped) {
		layer->z.next_out = out;
		layer->z.avail_out = OUT_BYTES;
		int result = inflate(&layer->z, Z_NO_FLUSH);
		struct span rest = { layer->z.next_in, layer->z.avail_in };
		struct span got = span_of(out, OUT_BYTES - layer->z.avail_out);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			return inflate_broke(d, at, got, rest);
		output(d, at, got);
		if (result == Z_STREAM_END) {
			if (layer->state == LAYER_TRY)
				accept(d, at);
			layer->state = layer->gzip ? LAYER_TRAILER : LAYER_DONE;
			layer->trailer_left = GZIP_TRAILER;
			return layer->gzip ? rest : (struct span) { 0 };
		}
		if (layer->z.avail_in == 0 && layer->z.avail_out)
			break;
	}
	return (struct span) { 0 };
}

static struct span run_lzma(struct decompress *d, unsigned at, struct span input)
{
	struct layer *layer = d->layers[at];
	uint8_t out[OUT_BYTES];
	layer->lzma.next_in = input.data;
	layer->lzma.avail_in = input.len;
	while (!d->stopped) {
		layer->lzma.next_out = out;
		layer->lzma.avail_out = OUT_BYTES;
		lzma_ret result = lzma_code(&layer->lzma, LZMA_RUN);
		emit(d, at, span_of(out, OUT_BYTES - layer->lzma.avail_out));
		if (result == LZMA_MEMLIMIT_ERROR)
			d->trouble |= DECOMPRESS_LZMA_LIMIT;
		if (result == LZMA_STREAM_END || result == LZMA_MEMLIMIT_ERROR) {
			layer->state = LAYER_DONE;
			break;
		}
		if (result != LZMA_OK && result != LZMA_BUF_ERROR) {
			pass_plain(d, at);
			return (struct span) { layer->lzma.next_in, (uint32_t)layer->lzma.avail_in };
		}
		if (layer->lzma.avail_in == 0 && layer->lzma.avail_out)
			break;
	}
	return (struct span) { 0 };
}

static bool is_gzip(struct span head)
{
	return head.len >= SNIFF_BYTES && head.data[0] == 0x1f && head.data[1] == 0x8b;
}

static bool is_zlib(struct span head)
{
	return head.len >= 2 && (head.data[0] & 0x0f) == 8 && head.data[0] >> 4 <= 7 &&
	       (head.data[0] << 8 | head.data[1]) % 31 == 0;
}

// Decides by the first bytes; gives how many of them are a header to be skipped.
static uint32_t sniff(struct decompress *d, struct layer *layer, struct span first)
{
	layer->zlib = layer->gzip = false;
	if (!(layer->kind == DECOMPRESS_LZMA ? start_lzma(d, layer) : start_inflate(d->pool, layer))) {
		layer->state = LAYER_PLAIN;
		return 0;
	}
	if (layer->kind == DECOMPRESS_LZMA) {
		layer->state = LAYER_RUN;
		return 0;
	}
	if (is_gzip(first)) {
		layer->gzip = true;
		layer->gzip_flags = first.data[3];
		layer->header_step = 0;
		layer->header_left = layer->header_bytes = 0;
		layer->state = LAYER_HEADER;
		return SNIFF_BYTES;
	}
	layer->state = LAYER_TRY;
	layer->zlib = is_zlib(first);
	return layer->zlib ? 2 : 0;
}

// Optional fields of a gzip header (RFC 1952 2.3.1), a byte at a time. Gives what is left behind them.
static struct span skip_gzip_header(struct layer *layer, struct span data)
{
	static const uint8_t steps[] = { GZIP_EXTRA, GZIP_EXTRA, GZIP_EXTRA, GZIP_NAME, GZIP_COMMENT, GZIP_CRC,
		GZIP_CRC };
	uint32_t at = 0;
	while (layer->header_step < sizeof steps) {
		bool extra_body = layer->header_step == 2;
		if (!(layer->gzip_flags & steps[layer->header_step]) || (extra_body && layer->header_left == 0)) {
			layer->header_step++;
			continue;
		}
		if (at == data.len)
			return (struct span) { 0 };
		uint8_t c = data.data[at++];
		if (++layer->header_bytes > GZIP_HEADER_MAX) {
			layer->state = LAYER_DONE;
			return (struct span) { 0 };
		}
		if (layer->header_step == 0)
			layer->header_left = c;
		else if (layer->header_step == 1)
			layer->header_left |= (uint32_t)c << 8;
		else if (extra_body && --layer->header_left)
			continue;
		else if ((layer->header_step == 3 || layer->header_step == 4) && c)
			continue;
		layer->header_step++;
	}
	layer->state = LAYER_RUN;
	return span_from(data, at);
}

// What was collected is all that tells: decides, and inflates what is no header.
static void sniff_head(struct decompress *d, unsigned at)
{
	struct layer *layer = d->layers[at];
	struct span first = bytes_span(&layer->head);
	uint32_t skip = sniff(d, layer, first);
	if (layer->state == LAYER_PLAIN)
		pass_plain(d, at);
	else if (layer->state == LAYER_TRY)
		run_inflate(d, at, span_from(first, skip));
	else
		layer->head.len = 0;
}

static struct span feed_sniffing(struct decompress *d, unsigned at, struct span data)
{
	struct layer *layer = d->layers[at];
	if (layer->head.len || (data.len < SNIFF_BYTES && layer->kind != DECOMPRESS_LZMA)) {
		uint32_t took = bytes_append(d->pool->slab, &layer->head, data, SNIFF_BYTES);
		if (layer->head.len == SNIFF_BYTES)
			sniff_head(d, at);
		else if (took == 0)
			pass_plain(d, at); // no memory
		return span_from(data, took);
	}
	uint32_t skip = sniff(d, layer, data);
	if (layer->state == LAYER_TRY)
		bytes_append(d->pool->slab, &layer->head, span_slice(data, 0, skip), HEAD_BYTES);
	return span_from(data, skip);
}

static struct span feed_running(struct decompress *d, unsigned at, struct span data)
{
	struct layer *layer = d->layers[at];
	if (layer->kind == DECOMPRESS_LZMA)
		return run_lzma(d, at, data);
	if (layer->state == LAYER_TRY && bytes_append(d->pool->slab, &layer->head, data, HEAD_BYTES) < data.len)
		accept(d, at); // held together for so long, it is what it seems
	return run_inflate(d, at, data);
}

// Checksum and length are not looked at; another member may follow.
static struct span feed_trailer(struct layer *layer, struct span data)
{
	uint32_t skip = data.len < layer->trailer_left ? data.len : layer->trailer_left;
	layer->trailer_left -= skip;
	data = span_from(data, skip);
	if (data.len)
		layer->state = data.data[0] == 0x1f ? LAYER_SNIFF : LAYER_DONE;
	return data;
}

static void layer_feed(struct decompress *d, unsigned at, struct span data)
{
	struct layer *layer = d->layers[at];
	while (data.len && !d->stopped) {
		switch ((enum layer_state)layer->state) {
		case LAYER_SNIFF: data = feed_sniffing(d, at, data); break;
		case LAYER_HEADER: data = skip_gzip_header(layer, data); break;
		case LAYER_TRY:
		case LAYER_RUN: data = feed_running(d, at, data); break;
		case LAYER_TRAILER: data = feed_trailer(layer, data); break;
		case LAYER_PLAIN: emit(d, at, data); return;
		case LAYER_DONE: return;
		}
	}
}

struct decompress *decompress_new(struct decompress_pool *pool, const enum decompress_kind *kinds, unsigned count)
{
	struct decompress *d = slab_alloc(pool->slab, sizeof *d);
	if (!d)
		return NULL;
	d->pool = pool;
	for (unsigned i = 0; i < count && i < DECOMPRESS_LAYERS_MAX; i++) {
		d->layers[i] = layer_take(pool, kinds[i]);
		if (!d->layers[i]) {
			decompress_free(d);
			return NULL;
		}
		d->count++;
	}
	return d;
}

void decompress_feed(struct decompress *d, struct span data, decompress_sink *sink, void *context)
{
	d->sink = sink;
	d->context = context;
	d->in_bytes += data.len;
	layer_feed(d, 0, data);
}

// Nothing more comes: a trial that gave nothing was none.
static void end_trial(struct decompress *d, unsigned at)
{
	if (d->layers[at]->tried.len)
		accept(d, at);
	else
		pass_plain(d, at);
}

void decompress_end(struct decompress *d, decompress_sink *sink, void *context)
{
	d->sink = sink;
	d->context = context;
	for (unsigned i = 0; i < d->count && !d->stopped; i++) {
		if (d->layers[i]->state == LAYER_SNIFF && d->layers[i]->head.len)
			sniff_head(d, i);
		if (d->layers[i]->state == LAYER_TRY)
			end_trial(d, i);
	}
}

void decompress_free(struct decompress *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < d->count; i++)
		layer_give(d->pool, d->layers[i]);
	slab_free(d->pool->slab, d, sizeof *d);
}

unsigned decompress_trouble(const struct decompress *d)
{
	return d->trouble;
}
