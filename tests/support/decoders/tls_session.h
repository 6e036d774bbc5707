// SPDX-License-Identifier: GPL-3.0-or-later
// A flow that speaks TLS, fed as the stream would: what the parser did not consume is shown again with what follows. For tests that
// included cmocka.h.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/tls/tls.h"
#include "tests/support/decoders/tls_transcripts.h"

#define BYTES_MAX 32768
#define T0_NS     (UINT64_C(1700000000) * 1000000000)

struct session {
	struct slab *slab;
	struct flow flow;
	void *shared;
	struct app_config config;
	uint8_t pending[2][BYTES_MAX];
	uint32_t pending_len[2];
	uint64_t offset[2];
	enum app_result last;
};

static inline void session_start_with(struct session *s, struct option_map settings)
{
	memset(s, 0, sizeof(*s));
	s->config.protocols = settings;
	s->config.max_tx = s->config.max_tx_hard = 16;
	s->slab = slab_new(8 << 20);
	s->shared = tls_parser.worker_new(&s->config, NULL);
	s->flow.app.proto = APP_TLS;
	s->flow.app.tx_max = 16;
	s->flow.app.parser = &tls_parser;
	assert_true(app_state_open(&tls_parser, &s->flow, s->slab, s->shared));
}

static inline void session_start(struct session *s)
{
	session_start_with(s, (struct option_map) { 0 });
}

static inline void session_end(struct session *s)
{
	if (s->flow.app.tx_first)
		tls_parser.tx_free(&s->flow, s->flow.app.tx_first, s->slab, s->shared);
	app_state_close(&tls_parser, &s->flow, s->slab, s->shared);
	assert_int_equal(slab_used_bytes(s->slab), 0);
	tls_parser.worker_free(s->shared);
	slab_destroy(s->slab);
}

static inline void feed(struct session *s, enum direction d, const uint8_t *data, uint32_t len, uint32_t gap, bool end)
{
	if (len)
		memcpy(s->pending[d] + s->pending_len[d], data, len);
	s->pending_len[d] += len;
	// What the stream would show has no bytes behind it, so that reading past it is seen
	uint8_t *exact = malloc(s->pending_len[d] ? s->pending_len[d] : 1);
	memcpy(exact, s->pending[d], s->pending_len[d]);
	struct app_input input = { .direction = d,
		.data = { exact, s->pending_len[d] },
		.gap_bytes = gap,
		.end = end,
		.now_ns = T0_NS,
		.flow = &s->flow,
		.slab = s->slab,
		.shared = s->shared,
		.consumed = s->pending_len[d],
		.offset = s->offset[d] };
	s->last = tls_parser.parse(&input);
	free(exact);
	assert_true(input.consumed <= s->pending_len[d]);
	s->offset[d] += input.consumed;
	s->pending_len[d] -= input.consumed;
	memmove(s->pending[d], s->pending[d] + input.consumed, s->pending_len[d]);
}

static inline uint32_t from_hex(const char *hex, uint8_t *out)
{
	uint32_t len = 0;
	for (; hex[0] && hex[1]; hex += 2) {
		unsigned byte;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[len++] = (uint8_t)byte;
	}
	return len;
}

static inline void feed_hex(struct session *s, enum direction d, const char *hex)
{
	uint8_t bytes[BYTES_MAX];
	feed(s, d, bytes, from_hex(hex, bytes), 0, false);
}

// Feeds a transcript in pieces of step bytes until the parser wants no more.
static inline void feed_transcript(struct session *s, const struct transcript_part *part, uint32_t step)
{
	uint8_t bytes[BYTES_MAX];
	s->last = APP_OK;
	for (; part->hex && s->last == APP_OK; part++) {
		uint32_t len = from_hex(part->hex, bytes);
		for (uint32_t at = 0; at < len && s->last == APP_OK; at += step)
			feed(s, part->direction, bytes + at, len - at < step ? len - at : step, 0, false);
	}
}

static inline const struct tls_tx *tx_of(const struct session *s)
{
	return (const struct tls_tx *)s->flow.app.tx_first;
}
