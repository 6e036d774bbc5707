// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds the TLS parser: the input is a list of pieces, each a byte (bit 0 direction, bit 1 gap, bit 2 end) and a 16-bit length before it.
#include "decoders/app/app_layer.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/cursor.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WINDOW_MAX 65536

static struct app_config config = { .frame_protos = UINT64_MAX, .max_tx = 16, .max_tx_hard = 16 };
static struct slab *slab;
static void *shared;

// What a direction's stream shows: what was not consumed, and the next piece.
static bool feed(struct flow *flow, struct bytes *window, enum direction d, struct span piece, uint32_t gap, bool end)
{
	if (gap)
		window->len = 0;
	(void)bytes_append(slab, window, piece, WINDOW_MAX);
	uint8_t *exact = malloc(window->len ? window->len : 1);
	if (window->len)
		memcpy(exact, window->data, window->len);
	struct app_input input = { .direction = d,
		.data = { exact, window->len },
		.gap_bytes = gap,
		.end = end,
		.now_ns = 1,
		.flow = flow,
		.slab = slab,
		.shared = shared,
		.consumed = window->len };
	enum app_result result = tls_parser.parse(&input);
	free(exact);
	if (input.consumed > window->len)
		abort();
	bytes_drop_front(window, input.consumed);
	return result == APP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!slab) {
		slab = slab_new(16 << 20);
		shared = tls_parser.worker_new(&config, NULL);
	}
	struct flow flow = { .app = { .proto = APP_TLS, .tx_max = 16, .parser = &tls_parser } };
	struct bytes windows[2] = { 0 };
	if (!tls_parser.open(&flow, slab, shared))
		return 0;
	struct cursor c = cursor_on(span_of(data, size));
	bool more = true;
	while (more && cursor_left(&c)) {
		uint8_t how = cursor_u8(&c);
		uint16_t len = cursor_be16(&c);
		struct span piece = cursor_span(&c, len < cursor_left(&c) ? len : cursor_left(&c));
		(void)tls_parser.probe(how & 1, piece, &flow);
		more = feed(&flow, &windows[how & 1], how & 1, piece, how & 2 ? len : 0, how & 4);
	}
	if (flow.app.tx_first)
		tls_parser.tx_free(&flow, flow.app.tx_first, slab, shared);
	tls_parser.close(&flow, slab, shared);
	bytes_fini(slab, &windows[0]);
	bytes_fini(slab, &windows[1]);
	if (slab_used_bytes(slab))
		abort();
	return 0;
}
