// SPDX-License-Identifier: GPL-3.0-or-later
// TLS parser, inside: what its record layer, its messages and its stores share.
#pragma once
#include "decoders/app/tls/fingerprint.h"
#include "decoders/app/tls/tls.h"

// X(constant, name)
#define TLS_COUNTERS(X)                                                                        \
	X(TLS_COUNT_OVER_BUDGET, "over_budget") /* parts left out because of a bound */        \
	X(TLS_COUNT_ALLOC, "alloc")             /* parts left out because the slab was full */ \
	X(TLS_COUNT_GAP, "gap")                 /* lost bytes outside of encrypted records */
#define TLS_COUNTER_CONSTANT(constant, name) constant,
enum tls_counter { TLS_COUNTERS(TLS_COUNTER_CONSTANT) TLS_COUNTERS_END };

// A worker's.
struct tls_shared {
	struct fingerprints *fingerprints;
	bool ja3, ja4;
	bool stop_encrypted;      // encryption-handling is not "full"
	uint32_t certificate_max; // bytes of a chain kept for tls.certs and events
	uint64_t counters[TLS_COUNTERS_END];
	char name[TLS_NAME_MAX]; // scratch
};

// A flow's.
struct tls_state {
	struct tls_tx *tls; // NULL before the first bytes, and after the transaction was freed
	bool started;
	bool ended[2];
};

// One call of the parser.
struct tls_reader {
	struct app_input *input;
	struct tls_shared *shared;
	struct tls_tx *tls;
	struct tls_side *side; // of the sender
	bool carried;          // inside another protocol's transaction, whose flow and frames are its own
	enum direction direction;
};

enum tls_step {
	TLS_STEP_NEXT,  // go on with what is left
	TLS_STEP_WAIT,  // more bytes are needed
	TLS_STEP_ERROR, // broken; its event is set
};

static inline void tls_event(struct tls_reader *r, enum tls_event event)
{
	app_tx_event(r->input->flow, &r->tls->tx, event);
}

// Progress only rises.
static inline void tls_progress(struct tls_reader *r, enum direction direction, uint8_t progress)
{
	if (r->tls->tx.progress[direction] < progress)
		r->tls->tx.progress[direction] = progress;
	app_tx_changed(r->input->flow, &r->tls->tx, direction);
}

static inline void tls_handshake_done(struct tls_reader *r)
{
	tls_progress(r, TO_SERVER, TLS_CLIENT_HANDSHAKE_DONE);
	tls_progress(r, TO_CLIENT, TLS_SERVER_HANDSHAKE_DONE);
}

// tls.c: what the parsers of a worker share. NULL: the crypto library lacks what is needed (logged), or no memory.
struct tls_shared *tls_shared_new(const struct app_config *config);
void tls_shared_free(struct tls_shared *shared);
// tls_record.c: one record, or a part of one, from the front of left.
enum tls_step tls_read_record(struct tls_reader *r, struct span *left);
// tls_sslv2.c: the same for a record of SSLv2.
enum tls_step tls_read_sslv2(struct tls_reader *r, struct span *left);
bool tls_is_sslv2(const struct tls_reader *r, struct span left);
// tls_handshake.c: body of a handshake record: whole messages, and parts of one.
enum tls_step tls_read_handshake(struct tls_reader *r, struct span body);
// tls_heartbeat.c
enum tls_step tls_read_heartbeat(struct tls_reader *r, struct span body);

// tls_store.c: keep what a message said.
void tls_store_hello(struct tls_reader *r, const struct tls_hello *hello);
void tls_store_certificates(struct tls_reader *r, struct span body);
// Frees what only inspection and the session's own event read, once both are done: a long encrypted flow then costs little.
void tls_trim(struct slab *slab, struct tls_tx *tls);
void tls_side_fini(struct slab *slab, struct tls_side *side);

// Record layer (tls_record.c): names of the frames it tells of.
extern const char *const tls_frame_names[];
