// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a conversation: detection, every parser, protocol changes and transactions, as the pipeline drives them.
//
// Input: transport and port, then pieces: a byte with direction, gap and end bits, a length byte, the bytes.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "tests/support/decoders/work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STREAM_BYTES 65536

struct side {
	uint8_t bytes[STREAM_BYTES];
	uint32_t len, taken;
	uint64_t offset;
	uint32_t gap;
	bool end, stopped;
};

static struct side sides[2];
static struct slab *slab;
static struct app_layer *layer; // made once: libraries take long to start

static bool feed_side(struct flow *flow, int d)
{
	for (int i = 0; i < 64; i++) {
		struct side *s = &sides[d];
		struct app_feed feed = { .direction = (enum direction)d,
			.data = { s->bytes + s->taken, s->len - s->taken },
			.offset = s->offset,
			.gap_bytes = s->gap,
			.end = s->end,
			.now_ns = 1 };
		if (s->stopped || (!feed.data.len && !feed.end))
			return false;
		struct app_fed fed = app_layer_feed(layer, flow, &feed);
		if (fed.consumed > feed.data.len)
			abort();
		if (fed.swapped) {
			struct side keep = sides[0];
			sides[0] = sides[1];
			sides[1] = keep;
			return true;
		}
		s->gap = 0;
		s->taken += fed.consumed;
		s->offset += fed.consumed;
		sides[0].stopped |= fed.stop[0];
		sides[1].stopped |= fed.stop[1];
		if (fed.retry)
			return true;
		if (!fed.consumed)
			return false;
	}
	return false;
}

static void feed_stream(struct flow *flow)
{
	bool again = true;
	for (int rounds = 0; again && rounds < 16; rounds++) {
		again = feed_side(flow, TO_SERVER);
		again |= feed_side(flow, TO_CLIENT);
	}
}

static void feed_datagram(struct flow *flow, enum direction direction, struct span data)
{
	struct app_feed feed = { .direction = direction, .data = data, .datagram = true, .now_ns = 1 };
	struct app_fed fed = app_layer_feed(layer, flow, &feed);
	if (fed.swapped) {
		feed.direction = direction_other(direction);
		app_layer_feed(layer, flow, &feed);
	}
}

// Bytes of the slab that are still used afterwards.
static size_t run(const uint8_t *data, size_t size)
{
	static const uint16_t ports[] = { 80, 443, 53, 25, 21, 445, 3389, 9999, 5353, 88, 389, 5432, 502, 23, 110,
		2049 };
	static const struct app_config config = { .frame_protos = UINT64_MAX,
		.max_tx = 16,
		.max_tx_hard = 32,
		.file_window_bytes = 65536,
		.hash_md5 = true,
		.hash_sha1 = true,
		.hash_sha256 = true };
	memset(sides, 0, sizeof(sides));
	if (!slab) {
		slab = slab_new(64 << 20);
		layer = slab ? app_layer_new(&config, slab) : NULL;
	}
	if (!layer)
		abort();
	struct flow flow = { .key = { .proto = data[0] & 1 ? PROTO_UDP : PROTO_TCP,
				     .sport = 40000,
				     .dport = ports[data[0] >> 1 & 15] } };
	size_t at = 1;
	while (at + 2 <= size) {
		uint8_t how = data[at], d = how & 1;
		uint32_t len = data[at + 1] * (how & 8 ? 16u : 1u);
		at += 2;
		len = len > size - at ? (uint32_t)(size - at) : len;
		if (flow.key.proto == PROTO_UDP) {
			feed_datagram(&flow, (enum direction)d, span_of(data + at, len));
		} else {
			struct side *s = &sides[d];
			if (how & 2 && s->taken == s->len) {
				s->gap = 7;
				s->offset += 7;
			}
			memcpy(s->bytes + s->len, data + at, len);
			s->len += len;
			s->end |= (how & 0xf4) == 0xf4;
			feed_stream(&flow);
		}
		at += len;
		for (struct app_tx *tx = flow.app.tx_first; tx; tx = tx->next)
			tx->logged = tx->inspected[0] = tx->inspected[1] = true;
		app_layer_tx_clean(layer, &flow, NULL, NULL);
		if (flow.app.tx_live > config.max_tx_hard)
			abort();
	}
	app_layer_close(layer, &flow, NULL, NULL);
	return slab_used_bytes(slab);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static size_t used;
	if (size < 2 || size > 32768)
		return 0;
	work_begin();
	size_t after = run(data, size);
	work_check(size);
	// Pools may keep what was freed for the next flow, but then the same once more finds all it needs there
	if (after > used && run(data, size) > after)
		abort();
	used = after;
	return 0;
}
