// SPDX-License-Identifier: GPL-3.0-or-later
// Application parser: the contract every protocol under decoders/app/ implements, and what all transactions share.
//
// A parser is a const table. Its state hangs on the flow (app_flow.state); its transactions are structs whose first member is
// struct app_tx, in a list on the flow, oldest first. The driver (app_layer.h) calls it; rules (signatures/field) and events
// (export/eve) read its transactions through its own header. Everything is in the worker's slab.
// Threads      state belongs to the worker of its flow; the table is const
#pragma once
#include "decoders/flow/app_frame.h"

struct file;
struct tls_tx;

// One request and its answer, or one message: what a rule matches as a whole and an event tells.
struct app_tx {
	struct app_tx *next;
	uint64_t id; // counts from 0 in a flow
	uint64_t first_ns, last_ns;
	uint64_t events;        // app-layer events: bits by the parser's event_names
	uint64_t events_logged; // those that anomaly events were written for
	uint8_t progress[2]; // by direction; the protocol's own scale, rising; parser->complete[direction] means done
	uint8_t direction_mask; // bit 0 to server, bit 1 to client: the directions this transaction has (DNS: one each)
	bool logged;            // its event was written
	bool inspected[2];      // inspection is done with this direction
	uint8_t named; // directions whose names were looked up (signatures/reputation/named.c): bits as in direction_mask, the others its own
	uint8_t guessed;     // alerts that were put on it for want of a better one
	uint8_t store_files; // directions whose files a rule wants stored: bits as in direction_mask
	uint32_t updated[2]; // bumped by the parser when something inspectable changed in a direction
	void *inspect;       // signatures/engine's state for it, freed by the engine before the transaction goes
	struct file *files;  // carried files, oldest first; see files/file.h
	struct tls_tx *tls;  // the handshake of TLS that it is or carries (tls/tls.h, tls/tls_carried.h); NULL none
};

enum app_probe {
	APP_PROBE_NO,       // not this protocol
	APP_PROBE_MORE,     // cannot tell yet
	APP_PROBE_YES,      // this protocol, and data goes in the direction given
	APP_PROBE_REVERSED, // this protocol, but its sender is the other role than direction says
};

enum app_result {
	APP_OK,        // consumed; what was not is to be shown again with more
	APP_ERROR,     // broken beyond use: no more data to it, either direction
	APP_STOP,      // no more data of this direction
	APP_STOP_BOTH, // e.g. encrypted from here on
	APP_SWITCH,    // the flow changes protocol after what was consumed (input->switch_to; APP_UNKNOWN: detect anew)
};

struct app_input {
	enum direction direction;
	struct span data;   // starts where the parser stopped consuming
	uint32_t gap_bytes; // bytes lost just before data
	bool end;           // no data follows in this direction
	bool datagram;      // data is one whole datagram
	uint64_t now_ns;
	uint64_t offset; // of data in the direction's stream (0 for datagrams)
	struct flow *flow;
	struct slab *slab;
	void *shared; // what the parser's worker_new gave; NULL if it has none
	// Answered by the parser
	uint32_t consumed;   // of data; preset to all of it
	uint8_t switch_to;   // with APP_SWITCH
	bool switch_certain; // with APP_SWITCH: an event if something else follows
};

struct app_port {
	uint8_t proto;     // PROTO_TCP or PROTO_UDP
	uint16_t from, to; // the server's port
};

struct app_config;
struct app_expect;
struct app_expectation;
struct file_tools;

// What the parsers of one worker share; lives as long as they do.
struct app_worker {
	struct slab *slab;
	struct file_tools *files;                // hashes and types of carried files
	struct app_expect *expect;               // flows that others announce
	const struct app_expectation *announced; // what was, while the parser of an announced flow is opened; else NULL
};

// False: no memory, or a library that cannot be set up (logged).
bool app_worker_init(struct app_worker *worker, const struct app_config *config, struct slab *slab);
void app_worker_fini(struct app_worker *worker);

struct app_parser {
	enum app_proto proto;
	const char *name; // as in app-layer.protocols.NAME.enabled
	bool tcp, udp;
	const struct app_port *ports; // hints: asked first there and, with hint_only, only there; {0} ends
	bool hint_only;               // content alone cannot tell
	bool keeps_raw; // a finished transaction is no reason for raw rules to look at the stream before its chunk is full
	uint32_t probe_bytes; // longest prefix probe may want; after it MORE counts as NO
	enum app_probe (*probe)(enum direction direction, struct span data, const struct flow *flow);

	uint32_t state_bytes; // of app.state: taken from the slab, zeroed, before open, given back after close; 0: none
	bool (*open)(struct flow *flow, struct slab *slab, void *shared); // optional; false: no memory
	enum app_result (*parse)(struct app_input *input);
	void (*tx_free)(struct flow *flow, struct app_tx *tx, struct slab *slab,
		void *shared); // what hangs on tx, and tx itself
	void (*close)(struct flow *flow, struct slab *slab,
		void *shared); // optional: what hangs on app.state; its transactions were freed before
	void *(*worker_new)(const struct app_config *config,
		const struct app_worker *worker); // optional: tables, library handles, counters
	void (*worker_free)(void *shared);

	uint8_t complete[2];                  // progress that means done, by direction
	uint8_t log_progress[2];              // progress at which the event is written; both 0: when done
	const char *const *progress_names[2]; // by progress value, for rule hooks; NULL, or NULL-terminated
	const char *const *frame_names;   // frames it tells of (app_frame), without "proto."; NULL, or NULL-terminated
	const char *const *event_names;   // app-layer-event names without "proto."; NULL-terminated; at most 64
	const char *const *counter_names; // optional; NULL-terminated
	uint32_t counters_at;             // where in what worker_new gave they stand, a uint64_t each
};

// Its counters, in the order of counter_names; shared: what its worker_new gave. NULL: shared is, or there are none.
const uint64_t *app_parser_counters(const struct app_parser *parser, const void *shared);

// flow.app.state, made and unmade: all parsers' alike. False: no memory. Closing twice does nothing more.
bool app_state_open(const struct app_parser *parser, struct flow *flow, struct slab *slab, void *shared);
void app_state_close(const struct app_parser *parser, struct flow *flow, struct slab *slab, void *shared);

// Makes the next transaction of flow (size bytes, struct app_tx first, zeroed) and appends it. NULL: no memory, or too many live (then
// the parser gives APP_ERROR or drops the message; counted).
struct app_tx *app_tx_new(struct flow *flow, struct slab *slab, size_t size, uint64_t now_ns, uint8_t direction_mask);

static inline void app_tx_changed(struct flow *flow, struct app_tx *tx, enum direction direction)
{
	tx->updated[direction]++;
	flow->app.flags |= APP_NEW_TX_DATA;
}

// Names a frame of len bytes (FRAME_OPEN: app_frame_end says later) that begins at bytes after the start of input's data; type by the
// parser's frame_names. NULL: nobody asks for it.
static inline struct app_frame *app_frame(const struct app_input *input, uint8_t type, uint32_t at, uint64_t len)
{
	if (!(input->flow->app.flags & APP_FRAMES))
		return NULL;
	return app_frame_add(
		input->flow, input->slab, input->direction, type, input->offset + at, len, input->datagram);
}

static inline bool app_tx_done(const struct app_parser *parser, const struct app_tx *tx)
{
	return (!(tx->direction_mask & 1) || tx->progress[TO_SERVER] >= parser->complete[TO_SERVER]) &&
	       (!(tx->direction_mask & 2) || tx->progress[TO_CLIENT] >= parser->complete[TO_CLIENT]);
}

static inline void app_tx_event(struct flow *flow, struct app_tx *tx, unsigned event)
{
	tx->events |= UINT64_C(1) << event;
	flow->app.flags |= APP_EVENTS_NEW;
}
