// SPDX-License-Identifier: GPL-3.0-or-later
// Application layer: finds out which protocol a flow speaks and drives its parser. What no parser claims, nDPI names.
//
// Life cycle   app_layer_new -> app_layer_feed per stretch of data, app_layer_tx_clean per packet, app_layer_close per flow ->
//              app_layer_free
// Detection    by content, in both directions, on any port; ports only order the questions. Undecided bytes are not consumed:
//              the stream shows them again. Gives up after APP_DETECT_BYTES a direction
// Memory       worker's slab; live transactions a flow are bounded by app_config.max_tx, what all of them hold together by
//              app_config.flow_memory_bytes. Over it the flow's parser gets no more, and the caller tells and closes (APP_OVER_MEMORY)
// Threads      one a worker
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/base/option.h"

#define APP_DETECT_BYTES 4096

// Flow-level events (app-layer-event:applayer_...): bits of app_flow.events.
enum app_layer_event {
	APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS,
	APPLAYER_WRONG_DIRECTION_FIRST_DATA,
	APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION,
	APPLAYER_PROTO_DETECTION_SKIPPED,
	APPLAYER_NO_TLS_AFTER_STARTTLS,
	APPLAYER_UNEXPECTED_PROTOCOL,
	APPLAYER_MEMORY_OVER_BUDGET,
	APPLAYER_EVENTS_END,
};
extern const char *const
	app_layer_event_names[APPLAYER_EVENTS_END + 1]; // "applayer_mismatch_protocol_both_directions", ...; NULL ends

struct app_config {
	struct option_map protocols; // app-layer.protocols.*: "tls.ja4-fingerprints" -> "yes"
	bool ndpi_enabled;           // app-layer.ndpi.enabled
	uint64_t ndpi_packets;       // of a flow given to nDPI at most
	uint64_t ndpi_flows;         // looked at by nDPI at once; others stay unnamed
	uint64_t max_tx;             // live transactions a flow
	uint64_t max_tx_hard;
	uint64_t flow_memory_bytes; // of the slab that the parser and the transactions of a flow may hold; 0: no bound
	bool hash_md5, hash_sha1, hash_sha256, magic; // app-layer.files.*: what fileinfo carries
	uint64_t file_window_bytes;                   // newest body bytes a file keeps for inspection
	// Set by the pipeline after rules are loaded: "auto" settings follow what rules need
	bool rules_use_ja3, rules_use_ja4;
	uint64_t frame_protos; // a bit a protocol (enum app_proto) whose frames rules or events ask for
};
extern const struct option app_options[];

// Value of app-layer.protocols.PROTO.KEY, NULL when not set (the last one wins).
const char *app_setting(const struct app_config *config, const char *proto, const char *key);
bool app_setting_bool(const struct app_config *config, const char *proto, const char *key, bool preset);
// Bytes ("100 KiB", "40kb", "0").
uint64_t app_setting_size(const struct app_config *config, const char *proto, const char *key, uint64_t preset);
// Is "PROTO.KEY" (what follows app-layer.protocols.) a setting some protocol takes? Config refuses others.
bool app_setting_known(const char *key);
// Are bytes of proto looked for (app-layer.protocols.PROTO.enabled: yes, no, detection-only)?
bool app_proto_enabled(const struct app_config *config, enum app_proto proto);

extern const struct app_parser *const app_parsers[]; // the one list; NULL ends
const struct app_parser *app_parser_of(enum app_proto proto);

struct app_layer;

// config is borrowed for life. NULL with the reason logged.
struct app_layer *app_layer_new(const struct app_config *config, struct slab *slab);
void app_layer_free(struct app_layer *layer);

struct app_feed {
	enum direction direction;
	struct span data;
	uint64_t offset;
	uint32_t gap_bytes;
	bool end;
	bool datagram;
	uint64_t now_ns;
};

struct app_fed {
	uint32_t consumed; // of data; 0 while detection wants more
	bool stop[2];      // direction needs no more data
	bool swapped; // client and server are the other way round (app_flow is swapped already): the caller swaps flow and session, then
		// feeds again
	bool retry; // protocol just found or changed: feed the other direction, which was held back, and then what is left here
};

// Feeds one stretch of flow's data. Never fails: errors end in app_flow.flags and counters.
struct app_fed app_layer_feed(struct app_layer *layer, struct flow *flow, const struct app_feed *feed);

// The flow's parser gets no more data, as when it holds too much: the caller tells what there is, and closes.
void app_layer_give_up(struct flow *flow);

// Client and server swap in app_flow: for a caller that swapped flow and session for a reason of its own.
void app_layer_swap(struct flow *flow);

// nDPI looks at a packet of a flow no parser has claimed. True when no further packet is needed (named, or given up).
bool app_layer_name(struct app_layer *layer, struct flow *flow, const struct packet *packet);
// The flow ends: nDPI says what it makes of the packets it saw so far. Before its event is written.
void app_layer_name_end(struct app_layer *layer, struct flow *flow);
// What nDPI said of flow, in words that live as long as the layer. False when it named nothing.
struct app_ndpi_names {
	const char *proto;    // "TLS.Google": master and application, or the only one
	const char *category; // "Web"
};
bool app_layer_ndpi_names(const struct flow *flow, struct app_ndpi_names *out);
const char *app_layer_ndpi_risk(unsigned bit); // bit of app_flow.ndpi_risks; NULL: no such risk

typedef void app_tx_released(void *context, struct flow *flow, struct app_tx *tx);

// Frees transactions that are done, inspected in the directions they have, and logged; released is told of each before it goes.
void app_layer_tx_clean(struct app_layer *layer, struct flow *flow, app_tx_released *released, void *context);
// At a flow's end: frees parser state, remaining transactions, nDPI state.
void app_layer_close(struct app_layer *layer, struct flow *flow, app_tx_released *released, void *context);

#define APP_COUNTERS(X)                                                \
	X(APP_COUNT_DETECTED, "app_layer.detected")                    \
	X(APP_COUNT_FAILED, "app_layer.failed")                        \
	X(APP_COUNT_TX_BUDGET, "app_layer.tx_over_budget")             \
	X(APP_COUNT_MEMORY_BUDGET, "app_layer.memory_over_budget")     \
	X(APP_COUNT_PARSER_ERROR, "app_layer.error.parser")            \
	X(APP_COUNT_GAP, "app_layer.error.gap")                        \
	X(APP_COUNT_ALLOC, "app_layer.error.alloc")                    \
	X(APP_COUNT_FRAME_BUDGET, "app_layer.frames_over_budget")      \
	X(APP_COUNT_ANNOUNCED_EVICTED, "app_layer.announced_evicted")  \
	X(APP_COUNT_ANNOUNCED_SHARE, "app_layer.announced_over_share") \
	X(APP_COUNT_NDPI_NAMED, "app_layer.ndpi_named")                \
	X(APP_COUNT_NDPI_PACKETS, "app_layer.ndpi_packets")            \
	X(APP_COUNT_NDPI_BUDGET, "app_layer.ndpi_over_budget")
#define APP_COUNTER_CONSTANT(constant, name) constant,
enum app_counter { APP_COUNTERS(APP_COUNTER_CONSTANT) APP_COUNTERS_END };
extern const char *const app_counter_names[APP_COUNTERS_END];
const uint64_t *app_layer_counters(const struct app_layer *layer);
// By protocol; APP_PROTOS_END entries. tcp: of flows over TCP, else of all others.
struct app_proto_counts {
	uint64_t flows, txs;
	uint64_t errors; // data the parser could not go on with
};
const struct app_proto_counts *app_layer_proto_counts(const struct app_layer *layer, bool tcp);
// The worker's file tools.
struct file_tools *app_layer_files(struct app_layer *layer);
// What a parser's worker_new gave; NULL if none.
void *app_layer_shared(const struct app_layer *layer, enum app_proto proto);
