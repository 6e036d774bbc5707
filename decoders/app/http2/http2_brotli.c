// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/http2/http2_brotli.h"
#include <brotli/decode.h>
#include <stdlib.h>
#include <string.h>

#define OUT_BYTES  8192u
#define BOMB_BYTES (1u << 20) // output above which the ratio is looked at

struct http2_brotli {
	struct slab *slab;
	uint64_t *window_bytes; // of the worker's large windows
	BrotliDecoderState *decoder;
	uint64_t in_bytes, out_bytes;
	unsigned trouble;
	bool done;
};

// libbrotli frees without saying a size: it is put in front.
struct block {
	size_t size, pad;
};

static void *take(void *opaque, size_t size)
{
	struct http2_brotli *brotli = opaque;
	struct block *block = NULL;
	size += sizeof(*block);
	if (size <= SLAB_MAX_BLOCK) {
		block = slab_alloc_raw(brotli->slab, size);
	} else if (size <= HTTP2_BROTLI_WINDOWS - *brotli->window_bytes) {
		block = malloc(size);
		*brotli->window_bytes += block ? size : 0;
	}
	if (!block)
		return NULL;
	block->size = size;
	return block + 1;
}

static void give_back(void *opaque, void *memory)
{
	struct http2_brotli *brotli = opaque;
	if (!memory)
		return;
	struct block *block = (struct block *)memory - 1;
	if (block->size <= SLAB_MAX_BLOCK) {
		slab_free(brotli->slab, block, block->size);
		return;
	}
	*brotli->window_bytes -= block->size;
	free(block);
}

struct http2_brotli *http2_brotli_new(struct slab *slab, uint64_t *window_bytes)
{
	struct http2_brotli *brotli = slab_alloc(slab, sizeof(*brotli));
	if (!brotli)
		return NULL;
	brotli->slab = slab;
	brotli->window_bytes = window_bytes;
	brotli->decoder = BrotliDecoderCreateInstance(take, give_back, brotli);
	if (brotli->decoder)
		return brotli;
	slab_free(slab, brotli, sizeof(*brotli));
	return NULL;
}

unsigned http2_brotli_feed(struct http2_brotli *brotli, struct span data, decompress_sink *sink, void *context)
{
	uint8_t out[OUT_BYTES];
	size_t left = data.len;
	const uint8_t *at = data.data;
	BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	brotli->in_bytes += data.len;
	while (!brotli->trouble && !brotli->done && result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		size_t room = sizeof(out);
		uint8_t *to = out;
		result = BrotliDecoderDecompressStream(brotli->decoder, &left, &at, &room, &to, NULL);
		brotli->out_bytes += sizeof(out) - room;
		if (room < sizeof(out) && !sink(context, span_of(out, sizeof(out) - room)))
			brotli->done = true;
		if (result == BROTLI_DECODER_RESULT_ERROR)
			brotli->trouble |= DECOMPRESS_BROKEN;
		if (result == BROTLI_DECODER_RESULT_SUCCESS)
			brotli->done = true;
		if (brotli->out_bytes > BOMB_BYTES && brotli->out_bytes / DECOMPRESS_BOMB_RATIO > brotli->in_bytes)
			brotli->trouble |= DECOMPRESS_BOMB;
	}
	return brotli->trouble;
}

void http2_brotli_free(struct http2_brotli *brotli)
{
	if (!brotli)
		return;
	BrotliDecoderDestroyInstance(brotli->decoder);
	slab_free(brotli->slab, brotli, sizeof(*brotli));
}
