// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/http2/http2.h"
#include <stdlib.h>
#include "decoders/app/http/decompress.h"
#include "decoders/app/http2/http2_internal.h"

#define PREFACE        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" // RFC 9113 3.4
#define PREFACE_BYTES  24u
#define STREAMS_PRESET 4096
#define TABLE_PRESET   65536
#define BLOCK_PRESET   102400
#define BOMB_BYTES     (1u << 20)
#define FLAG_PADDED    0x8
#define FLAG_END       0x1

static uint32_t setting(const struct app_config *config, const char *key, uint64_t preset, uint64_t most)
{
	uint64_t value = app_setting_size(config, "http2", key, preset);
	return (uint32_t)(value == 0 || value > most ? most : value);
}

static void worker_free(void *shared)
{
	struct http2_worker *worker = shared;
	if (worker)
		decompress_pool_free(worker->pool);
	free(worker);
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	const struct decompress_limits limits = { .bomb_bytes = BOMB_BYTES, .lzma_memory = 0 };
	struct http2_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->slab = parts->slab;
	worker->files = parts->files;
	worker->max_streams = setting(config, "max-streams", STREAMS_PRESET, UINT32_MAX);
	worker->max_table_bytes = setting(config, "max-table-size", TABLE_PRESET, SLAB_MAX_BLOCK);
	worker->max_block_bytes = setting(config, "max-reassembly-size", BLOCK_PRESET, SLAB_MAX_BLOCK);
	worker->pool = decompress_pool_new(parts->slab, &limits);
	if (worker->pool)
		return worker;
	worker_free(worker);
	return NULL;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)slab;
	return http2_inflaters_new(flow->app.state, shared);
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	struct http2_state *state = flow->app.state;
	(void)shared;
	http2_inflaters_free(state);
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		bytes_fini(slab, &state->sides[d].block);
}

static void free_tx(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	struct http2_tx *tx = (struct http2_tx *)(void *)base;
	http2_tx_unlink(flow->app.state, tx);
	http2_headers_free(flow->app.state, slab, tx);
	http2_body_free(shared, slab, tx);
	slab_free(slab, tx, sizeof(*tx));
}

static bool read_head(struct span data, struct http2_head *head)
{
	struct cursor c = cursor_on(data);
	head->length = cursor_be24(&c);
	head->type = cursor_u8(&c);
	head->flags = cursor_u8(&c);
	head->stream = cursor_be32(&c) & 0x7fffffff;
	return cursor_ok(&c);
}

// What is here of a DATA frame. Gives how many bytes were read.
static uint32_t feed_data(struct app_input *input, struct span data)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	struct span part = span_slice(data, 0, side->data_left);
	struct http2_tx *tx = http2_stream_find(http2_state_of(input), side->data_stream);
	side->data_left -= part.len;
	if (!tx)
		return part.len;
	http2_body_data(input, tx, part);
	if (!side->data_left && side->data_ends)
		http2_end_stream(input, tx);
	return part.len;
}

// The head of a DATA frame, and its padding's length. False: more bytes are needed.
static bool start_data(struct app_input *input, const struct http2_head *head, struct span data, uint32_t *used)
{
	struct http2_state *state = http2_state_of(input);
	struct http2_direction *side = &state->sides[input->direction];
	struct http2_worker *worker = input->shared;
	bool padded = head->flags & FLAG_PADDED && head->length;
	if (data.len < HTTP2_HEADER_BYTES + padded)
		return false;
	uint32_t padding = padded ? data.data[HTTP2_HEADER_BYTES] : 0, body = head->length - padded;
	bool broken = padding > body || head->stream == 0;
	struct http2_tx *tx = head->stream ? http2_stream_find(state, head->stream) : http2_global_tx(input);
	*used = HTTP2_HEADER_BYTES + padded;
	side->skip = broken ? body : padding;
	side->data_left = broken ? 0 : body - padding;
	side->data_stream = head->stream;
	side->data_ends = head->flags & FLAG_END;
	if (!tx && head->stream)
		tx = http2_stream_take(input, head->stream);
	if (!tx)
		return true;
	struct http2_side *told = &tx->sides[input->direction];
	if (!told->saw_data || !head->stream)
		http2_remember(input, tx, &(struct http2_frame) { .type = HTTP2_FRAME_DATA });
	if (broken) {
		worker->counters[HTTP2_COUNT_MALFORMED]++;
		http2_event(input, tx, head->stream ? HTTP2_EVENT_INVALID_FRAME_DATA : HTTP2_EVENT_DATA_STREAM_ZERO);
	}
	http2_progress_to(input, tx, input->direction, HTTP2_DATA);
	if (!broken && !side->data_left && side->data_ends)
		http2_end_stream(input, tx);
	return true;
}

static void long_frame(struct app_input *input, const struct http2_head *head)
{
	struct http2_worker *worker = input->shared;
	struct http2_tx *tx = http2_stream_find(http2_state_of(input), head->stream);
	worker->counters[HTTP2_COUNT_TRUNCATED]++;
	if (!tx)
		tx = (struct http2_tx *)(void *)input->flow->app.tx_last;
	if (tx)
		http2_event(input, tx, HTTP2_EVENT_LONG_FRAME_DATA);
}

enum { FRAME_HEADER, FRAME_PDU_DATA, FRAME_PDU };
static const char *const frame_names[] = {
	[FRAME_HEADER] = "hdr", [FRAME_PDU_DATA] = "data", [FRAME_PDU] = "pdu", NULL
};

// One frame at data's start. Bytes read; 0: more are needed.
static uint32_t take_frame(struct app_input *input, uint32_t at, struct span data)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	struct http2_head head;
	uint32_t used = 0;
	if (!read_head(data, &head))
		return 0;
	bool is_long = head.length > HTTP2_FRAME_BYTES;
	if (head.type == HTTP2_FRAME_DATA) {
		if (!start_data(input, &head, data, &used))
			return 0;
	} else {
		uint32_t read = is_long ? HTTP2_FRAME_BYTES : head.length;
		if (data.len - HTTP2_HEADER_BYTES < read)
			return 0;
		http2_frame_take(input, &head, span_slice(data, HTTP2_HEADER_BYTES, read));
		side->skip = head.length - read;
		used = HTTP2_HEADER_BYTES + read;
	}
	if (is_long)
		long_frame(input, &head);
	app_frame(input, FRAME_PDU, at, HTTP2_HEADER_BYTES + head.length);
	app_frame(input, FRAME_HEADER, at, HTTP2_HEADER_BYTES);
	app_frame(input, FRAME_PDU_DATA, at + HTTP2_HEADER_BYTES, head.length);
	return used;
}

// The client's preface. 0: more bytes are needed.
static uint32_t take_preface(struct app_input *input)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	struct http2_worker *worker = input->shared;
	uint32_t have = input->data.len < PREFACE_BYTES ? input->data.len : PREFACE_BYTES;
	bool same = have == 0 || memcmp(input->data.data, PREFACE, have) == 0;
	if (same && have < PREFACE_BYTES)
		return 0;
	side->greeted = true;
	if (same)
		return PREFACE_BYTES;
	worker->counters[HTTP2_COUNT_MALFORMED]++;
	struct http2_tx *tx = http2_global_tx(input);
	if (tx)
		http2_event(input, tx, HTTP2_EVENT_INVALID_CLIENT_MAGIC);
	side->lost = true;
	return input->data.len;
}

// A gap within a body harms that body only.
static bool pass_gap(struct app_input *input)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	uint32_t left = input->gap_bytes, part = left < side->data_left ? left : side->data_left;
	struct http2_tx *tx = part ? http2_stream_find(http2_state_of(input), side->data_stream) : NULL;
	side->data_left -= part;
	left -= part;
	if (tx) {
		http2_body_gap(tx, input->direction, part);
		if (!side->data_left && side->data_ends)
			http2_end_stream(input, tx);
	}
	part = left < side->skip ? left : side->skip;
	side->skip -= part;
	return left == part;
}

static void end_direction(struct app_input *input)
{
	for (struct app_tx *tx = input->flow->app.tx_first; tx; tx = tx->next) {
		struct http2_tx *http2 = (struct http2_tx *)(void *)tx;
		if (tx->progress[input->direction] >= HTTP2_CLOSED)
			continue;
		http2_body_end(input, http2, input->direction, false);
		http2_progress_to(input, http2, input->direction, HTTP2_CLOSED);
	}
}

static enum app_result parse(struct app_input *input)
{
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	struct http2_worker *worker = input->shared;
	uint32_t at = 0;
	if (input->flow->app.handover)
		http2_take_upgrade(input);
	if (input->gap_bytes && !pass_gap(input)) {
		worker->counters[HTTP2_COUNT_TRUNCATED]++;
		side->lost = true;
	}
	if (!side->lost && input->direction == TO_SERVER && !side->greeted) {
		at = take_preface(input);
		if (!at)
			input->consumed = 0;
		if (!at && !input->end)
			return APP_OK;
	}
	while (!side->lost && at < input->data.len) {
		struct span rest = span_from(input->data, at);
		uint32_t used = side->data_left ? feed_data(input, rest) : 0;
		if (!used && side->skip) {
			used = side->skip < rest.len ? side->skip : rest.len;
			side->skip -= used;
		} else if (!used) {
			used = take_frame(input, at, rest);
		}
		if (!used)
			break;
		at += used;
	}
	if (!side->lost)
		input->consumed = at;
	if (input->end)
		end_direction(input);
	return side->lost ? APP_STOP : APP_OK;
}

// The client's preface; a server's first frame is SETTINGS on stream 0.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	uint32_t have = data.len < PREFACE_BYTES ? data.len : PREFACE_BYTES;
	struct http2_head head;
	(void)flow;
	if (have && memcmp(data.data, PREFACE, have) == 0) {
		if (have < PREFACE_BYTES)
			return APP_PROBE_MORE;
		return direction == TO_SERVER ? APP_PROBE_YES : APP_PROBE_REVERSED;
	}
	if (direction == TO_SERVER)
		return APP_PROBE_NO;
	if (data.len && data.data[0])
		return APP_PROBE_NO;
	if (!read_head(data, &head))
		return data.len >= 4 && data.data[3] != HTTP2_FRAME_SETTINGS ? APP_PROBE_NO : APP_PROBE_MORE;
	bool fits = head.type == HTTP2_FRAME_SETTINGS && head.length <= HTTP2_FRAME_BYTES && !(head.flags & 0xfe) &&
		    head.stream == 0 && head.length % 6 == 0;
	return fits ? APP_PROBE_YES : APP_PROBE_NO;
}

#define NAME(constant, name) name,
static const char *const event_names[] = { HTTP2_EVENTS(NAME) NULL };
static const char *const counter_names[] = { HTTP2_COUNTERS(NAME) NULL };
static const char *const request_names[] = { "request_started", "request_headers", "request_data", "request_complete",
	NULL };
static const char *const response_names[] = { "response_started", "response_headers", "response_data",
	"response_complete", NULL };

const struct app_parser http2_parser = {
	.proto = APP_HTTP2,
	.name = "http2",
	.tcp = true,
	.probe_bytes = PREFACE_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct http2_state),
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = worker_free,
	.complete = { HTTP2_CLOSED, HTTP2_CLOSED },
	.progress_names = { request_names, response_names },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct http2_worker, counters),
};
