// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1 parser, inside: what its sources share. Nothing outside decoders/app/http includes it, for it shows libhtp.
//
// Life cycle   http_worker with the worker; http_state with its flow
// Memory       http_state from the slab, libhtp's connection parser from malloc
// Threads      those of the worker
#pragma once
#include "decoders/app/app_layer.h"
#include "decoders/app/http/http.h"
#include <htp/htp.h>

#define HTTP_COUNTERS(X)                                \
	X(HTTP_COUNT_TX_REFUSED, "http.tx_refused")     \
	X(HTTP_COUNT_ERROR, "http.error")               \
	X(HTTP_COUNT_NO_MEMORY, "http.no_memory")       \
	X(HTTP_COUNT_BODY_LIMITED, "http.body_limited") \
	X(HTTP_COUNT_FILES, "http.files")               \
	X(HTTP_COUNT_FILES_REFUSED, "http.files_refused")
#define HTTP_COUNTER_CONSTANT(constant, name) constant,
enum http_counter { HTTP_COUNTERS(HTTP_COUNTER_CONSTANT) HTTP_COUNTERS_END };

struct decompress_pool;

struct http_worker {
	htp_cfg_t *cfg;
	struct decompress_pool *pool;
	struct file_tools *files;
	uint64_t body_limit[2]; // by direction; 0: none
	unsigned layer_limit;   // content codings of a body; 0: as many as there are
	bool lzma_enabled;
	bool double_decode_path, double_decode_query;
	uint64_t counters[HTTP_COUNTERS_END];
};

struct http_state {
	htp_connp_t *connp;
	struct http_worker *worker;
	struct flow *flow;
	struct slab *slab;
	uint64_t now_ns;
	uint32_t messages; // libhtp's log lines so far
	uint32_t file_track;
	uint64_t first_request;        // id of the first transaction with a request, and 1; 0 none yet
	uint64_t renewed;              // transactions the flow had when libhtp's connection was made
	int status[2];                 // libhtp's answer to the last data; 0 none yet
	const struct app_input *input; // being parsed; NULL between
	uint64_t early_events;         // found before there was a transaction to put them on
	bool closed[2];
	bool connected;    // CONNECT was accepted: the flow goes on in another protocol
	bool carries_rpc;  // the body that begins is DCE-RPC, to the flow's end
	bool refused;      // a transaction could not be made: the flow is given up
	bool last_request; // HTTP/0.9 (a line, no more): requests are over, what the client still sends is none
};

static inline struct span http_bstr(const bstr *text)
{
	return text ? span_of(bstr_ptr(text), bstr_len(text)) : (struct span) { 0 };
}

static inline struct http_state *http_state_of(const htp_tx_t *htp)
{
	return htp_connp_get_user_data(htp->connp);
}

// Configuration and its hooks (http_config.c, http_hooks.c).
struct http_worker *http_worker_new(const struct app_config *config, const struct app_worker *parts);
void http_worker_free(struct http_worker *worker);
void http_hooks_register(htp_cfg_t *cfg);

// Frames (http_frame.c): a message starts, or is complete, where libhtp reads now.
void http_frame_start(struct http_state *state, struct http_tx *tx, enum direction direction);
void http_frame_end(struct http_state *state, struct http_tx *tx, enum direction direction);
extern const char *const http_frame_names[];

// libhtp's log lines become events (http_log.c).
int http_log_event(htp_log_t *log);
void http_log_prune(struct http_state *state);
// Flags libhtp leaves on a transaction become events.
void http_flag_events(struct http_state *state, struct http_tx *tx);

// Normalised URI (http_uri.c).
void http_uri_normalise(struct http_state *state, struct http_tx *tx);

// Content codings (http_coding.c): bytes as transferred go in, decoded ones into the body.
void http_coding_start(struct http_state *state, struct http_tx *tx, enum direction direction);
void http_coding_data(struct http_state *state, struct http_tx *tx, enum direction direction, struct span data);
void http_coding_end(struct http_state *state, struct http_tx *tx, enum direction direction);
void http_coding_free(struct http_tx *tx, enum direction direction);

// Bodies (http_body.c). data NULL and len 0: the end.
void http_body_data(struct http_state *state, struct http_tx *tx, enum direction direction, struct span data);
void http_body_reset(struct http_tx *tx, enum direction direction); // what was taken for a body is none
void http_body_gap(struct http_state *state, struct http_tx *tx, enum direction direction, uint32_t bytes);
void http_body_end(struct http_state *state, struct http_tx *tx, enum direction direction, enum file_state file_state);
// Opens a file of tx; false: no memory.
bool http_file_open(struct http_state *state, struct http_tx *tx, enum direction direction, struct span name);
void http_file_close(
	struct http_state *state, struct http_tx *tx, enum direction direction, enum file_state file_state);

// Value of a parameter in a header value (http_name.c): "form-data; name=x; filename=\"a.txt\"". Quotes are taken off.
bool http_parameter(struct span header, const char *name, struct span *out);

// multipart/form-data (http_multipart.c). Gives false when content_type names no usable boundary.
bool http_multipart_start(struct http_state *state, struct http_tx *tx, struct span content_type);
void http_multipart_data(struct http_state *state, struct http_tx *tx, struct span data);
void http_multipart_end(struct http_state *state, struct http_tx *tx);
void http_multipart_free(struct slab *slab, struct http_tx *tx);

static inline void http_event(struct http_state *state, struct http_tx *tx, enum http_event event)
{
	app_tx_event(state->flow, &tx->base, event);
}

// What tx asked is left for the parser of HTTP/2 (http_upgrade.c).
void http_hand_over(struct http_state *state, const struct app_tx *tx);
