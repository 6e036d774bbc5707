// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/2 parser, inside: what its sources share. Nothing outside decoders/app/http2 includes it.
//
// Life cycle   http2_worker with the worker; http2_state with its flow
// Memory       http2_state and all below from the slab
// Threads      those of the worker
#pragma once
#include <nghttp2/nghttp2.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/http2/http2.h"

#define HTTP2_BUCKETS      64u
#define HTTP2_HEADER_BYTES 9u // of a frame, before what it carries

#define HTTP2_COUNTERS(X)                         \
	X(HTTP2_COUNT_TRUNCATED, "truncated")     \
	X(HTTP2_COUNT_MALFORMED, "malformed")     \
	X(HTTP2_COUNT_UNSUPPORTED, "unsupported") \
	X(HTTP2_COUNT_OVER_BUDGET, "over_budget")
#define HTTP2_COUNTER_CONSTANT(constant, name) constant,
enum http2_counter { HTTP2_COUNTERS(HTTP2_COUNTER_CONSTANT) HTTP2_COUNTERS_END };

struct decompress_pool;
struct file_tools;

struct http2_worker {
	struct slab *slab;
	struct file_tools *files;
	struct decompress_pool *pool;
	uint32_t max_streams, max_table_bytes, max_block_bytes;
	uint64_t counters[HTTP2_COUNTERS_END];
	uint64_t brotli_bytes; // of large windows
	struct dns_record records[DNS_RECORDS_MAX];
};

struct http2_head {
	uint32_t length;
	uint8_t type, flags;
	uint32_t stream;
};

struct http2_direction {
	bool greeted; // the client's preface was read
	bool lost;    // a gap: heads cannot be found any more
	bool hpack_broken;
	nghttp2_hd_inflater *inflater;
	struct bytes block; // header block over several frames
	uint32_t block_stream;
	bool block_open, block_over, block_ends;
	uint32_t skip;      // bytes of a frame to be passed over
	uint32_t data_left; // of a DATA frame, padding not counted
	uint32_t data_stream;
	bool data_ends; // END_STREAM when it is read
	uint32_t last_stream;
};

struct http2_state {
	nghttp2_mem memory; // libnghttp2 takes from the slab
	struct http2_direction sides[2];
	uint32_t open;
	uint32_t kept_bytes; // headers of all live transactions
	uint32_t file_track;
	struct http2_tx *buckets[HTTP2_BUCKETS];
};

struct http2_kept_header {
	uint32_t at, name_len, value_len;
	bool is_update;
	uint64_t update;
};

static inline struct http2_state *http2_state_of(const struct app_input *input)
{
	return input->flow->app.state;
}

static inline void http2_event(const struct app_input *input, struct http2_tx *tx, enum http2_event event)
{
	app_tx_event(input->flow, &tx->tx, event);
}

// Transactions (http2_tx.c). NULL: no room.
struct http2_tx *http2_stream_find(struct http2_state *state, uint32_t stream);
struct http2_tx *http2_stream_take(struct app_input *input, uint32_t stream);
struct http2_tx *http2_global_tx(struct app_input *input);
void http2_progress_to(const struct app_input *input, struct http2_tx *tx, enum direction direction, uint8_t progress);
void http2_tx_unlink(struct http2_state *state, struct http2_tx *tx);
void http2_remember(const struct app_input *input, struct http2_tx *tx, const struct http2_frame *frame);
void http2_keep_setting(const struct app_input *input, struct http2_tx *tx, struct http2_setting setting);

// Header blocks (http2_header.c).
bool http2_inflaters_new(struct http2_state *state, const struct http2_worker *worker);
void http2_inflaters_free(struct http2_state *state);
void http2_headers_free(struct http2_state *state, struct slab *slab, struct http2_tx *tx);
bool http2_header_keep(const struct app_input *input, struct http2_tx *tx, const struct http2_header *header);
void http2_block_read(const struct app_input *input, struct http2_tx *tx, struct span block);

// Bodies (http2_body.c).
void http2_body_start(const struct app_input *input, struct http2_tx *tx); // its headers are there
void http2_body_data(const struct app_input *input, struct http2_tx *tx, struct span data);
void http2_body_gap(struct http2_tx *tx, enum direction direction, uint32_t bytes);
void http2_body_end(const struct app_input *input, struct http2_tx *tx, enum direction direction, bool whole);
void http2_body_free(struct http2_worker *worker, struct slab *slab, struct http2_tx *tx);

// After an upgrade (http2_upgrade.c): the request of HTTP/1 becomes stream 1's.
void http2_take_upgrade(struct app_input *input);

// Frames (http2_frame.c). One whole frame but DATA, or as much as is read of it.
void http2_frame_take(struct app_input *input, const struct http2_head *head, struct span payload);
void http2_end_stream(const struct app_input *input, struct http2_tx *tx);
