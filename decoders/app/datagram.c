// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/datagram.h"
#include "decoders/app/tally.h"
#include "decoders/base/slab.h"

struct app_tx *datagram_keep(struct app_input *input, struct span bytes)
{
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct datagram_tx) + bytes.len, input->now_ns,
		(uint8_t)(1u << input->direction));
	if (!tx) {
		tally(input, TALLY_OVER_BUDGET);
		return NULL;
	}
	struct datagram_tx *mine = (struct datagram_tx *)(void *)tx;
	mine->len = bytes.len;
	if (mine->len)
		memcpy(mine->bytes, bytes.data, mine->len);
	tx->progress[TO_SERVER] = tx->progress[TO_CLIENT] = 1;
	app_tx_changed(input->flow, tx, input->direction);
	return tx;
}

struct app_tx *datagram_take(struct app_input *input)
{
	return datagram_keep(input, input->data);
}

void datagram_free(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct datagram_tx *mine = (struct datagram_tx *)(void *)tx;
	slab_free(slab, mine, sizeof(*mine) + mine->len);
}
