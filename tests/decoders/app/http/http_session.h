// SPDX-License-Identifier: GPL-3.0-or-later
// A flow of HTTP for tests: bytes go to the parser in pieces of a chosen size, unconsumed ones are shown again.
//
// Life cycle   session_open -> session_send / session_gap / session_end ... -> session_close
// Memory       slab of its own
// Threads      one test
#pragma once
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/http/http.h"

#define SESSION_HELD_MAX (256u << 10)

struct session {
	struct slab *slab;
	struct app_config config;
	struct app_worker parts;
	struct option_pair pairs[8];
	void *shared;
	struct flow flow;
	enum app_result result[2];
	uint8_t switch_to;
	uint32_t piece; // bytes shown at a time; 0: all at once
	uint8_t held[2][SESSION_HELD_MAX];
	uint32_t held_len[2];
};

static inline void session_open(struct session *s, uint32_t piece)
{
	s->slab = slab_new(64u << 20);
	s->config.protocols.pairs = s->pairs;
	s->config.hash_md5 = s->config.hash_sha1 = s->config.hash_sha256 = true;
	s->config.file_window_bytes = 256u << 10;
	if (!app_worker_init(&s->parts, &s->config, s->slab))
		abort();
	s->shared = http_parser.worker_new(&s->config, &s->parts);
	s->piece = piece;
	s->flow.key.proto = PROTO_TCP;
	s->flow.app.parser = &http_parser;
	s->flow.app.proto = APP_HTTP1;
	s->flow.app.tx_max = 1024;
	if (!s->shared || !app_state_open(&http_parser, &s->flow, s->slab, s->shared))
		abort();
}

static inline void session_feed(struct session *s, enum direction direction, struct span data, uint32_t gap, bool end)
{
	struct app_input input = {
		.direction = direction,
		.data = data,
		.gap_bytes = gap,
		.end = end,
		.now_ns = 1,
		.flow = &s->flow,
		.slab = s->slab,
		.shared = s->shared,
		.consumed = data.len,
	};
	if (s->result[direction] != APP_OK)
		return;
	s->result[direction] = http_parser.parse(&input);
	if (s->result[direction] == APP_SWITCH)
		s->switch_to = input.switch_to;
	memmove(s->held[direction], s->held[direction] + input.consumed, s->held_len[direction] - input.consumed);
	s->held_len[direction] -= input.consumed;
}

static inline void session_send(struct session *s, enum direction direction, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	while (len) {
		size_t piece = s->piece && s->piece < len ? s->piece : len;
		if (s->held_len[direction] + piece > SESSION_HELD_MAX)
			abort();
		memcpy(s->held[direction] + s->held_len[direction], at, piece);
		s->held_len[direction] += (uint32_t)piece;
		session_feed(s, direction, (struct span) { s->held[direction], s->held_len[direction] }, 0, false);
		at += piece;
		len -= piece;
	}
}

static inline void session_text(struct session *s, enum direction direction, const char *text)
{
	session_send(s, direction, text, strlen(text));
}

static inline void session_gap(struct session *s, enum direction direction, uint32_t bytes)
{
	session_feed(s, direction, (struct span) { 0 }, bytes, false);
}

static inline void session_end(struct session *s, enum direction direction)
{
	session_feed(s, direction, (struct span) { s->held[direction], s->held_len[direction] }, 0, true);
}

static inline const struct http_tx *session_tx(const struct session *s, unsigned index)
{
	const struct app_tx *tx = s->flow.app.tx_first;
	while (tx && index--)
		tx = tx->next;
	return (const struct http_tx *)tx;
}

static inline bool session_event(const struct http_tx *tx, enum http_event event)
{
	return tx->base.events >> event & 1;
}

static inline void session_close(struct session *s)
{
	for (struct app_tx *tx = s->flow.app.tx_first, *next; tx; tx = next) {
		next = tx->next;
		http_parser.tx_free(&s->flow, tx, s->slab, s->shared);
	}
	app_state_close(&http_parser, &s->flow, s->slab, s->shared);
	http_parser.worker_free(s->shared);
	app_worker_fini(&s->parts);
	slab_destroy(s->slab);
	free(s);
}
