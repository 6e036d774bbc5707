// SPDX-License-Identifier: GPL-3.0-or-later
// Carried TLS: a handshake inside the messages of another protocol, which keeps its name (RDP, TDS, XMPP): read by the TLS parser's own code, and kept on that
// protocol's transaction (app_tx.tls), where lists of indicators and heuristics find it. Protocols that end where TLS begins change the flow instead
// (APP_SWITCH to APP_TLS).
//
// Life cycle   tls_carrier_new (the parser's worker_new) -> tls_carried_read, with each record's bytes -> tls_carried_free (its tx_free)
// Memory       worker's slab: one tls_tx a transaction, with the bounds of tls.h
// Threads      worker of its flow
#pragma once
#include "decoders/app/tally.h"
#include "decoders/app/tls/tls.h"

// What such a parser shares in a worker: its tally, and TLS's tables.
struct tls_carrier {
	uint64_t counters[TALLY_KINDS]; // of tally.h
	struct tls_shared *tls;
};

void *tls_carrier_new(const struct app_config *config, const struct app_worker *worker);
void tls_carrier_free(void *shared);

// Reads the records in data, the next bytes of the handshake in input's direction. Gives how many bytes it took: what is left is the beginning of a record, to be
// shown again with more. What is no record, and no memory, end it (tls_carried_is_over). input's own data is not looked at.
uint32_t tls_carried_read(const struct app_input *input, struct app_tx *tx, struct span data);
// Bytes are lost, or no more come: nothing more is read.
void tls_carried_end(struct app_tx *tx);
// There is nothing more to learn from it.
bool tls_carried_is_over(const struct app_tx *tx);
void tls_carried_free(struct slab *slab, struct app_tx *tx);
