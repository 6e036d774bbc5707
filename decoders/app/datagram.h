// SPDX-License-Identifier: GPL-3.0-or-later
// Datagram transactions: for protocols whose every datagram is a message that stands alone. The transaction is a copy of the datagram, in its direction; rules
// and events read it again.
//
// Memory       worker's slab: one block a datagram, at most 64 KiB
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

struct datagram_tx {
	struct app_tx tx;
	uint32_t len;
	uint8_t bytes[];
};

// A done transaction with a copy of input's data. NULL: no room (counted by the parser's tally).
struct app_tx *datagram_take(struct app_input *input);
// The same with bytes of a stream that are a message of the kind.
struct app_tx *datagram_keep(struct app_input *input, struct span bytes);
void datagram_free(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared); // a parser's tx_free

static inline struct span datagram_span(const struct app_tx *tx)
{
	const struct datagram_tx *mine = (const struct datagram_tx *)(const void *)tx;
	return span_of(mine->bytes, mine->len);
}
