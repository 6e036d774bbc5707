// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tls/tls_carried.h"
#include <stdlib.h>
#include "decoders/app/tls/tls_internal.h"

void *tls_carrier_new(const struct app_config *config, const struct app_worker *worker)
{
	(void)worker;
	struct tls_carrier *carrier = calloc(1, sizeof(*carrier));
	if (carrier && !(carrier->tls = tls_shared_new(config))) {
		free(carrier);
		return NULL;
	}
	return carrier;
}

void tls_carrier_free(void *shared)
{
	struct tls_carrier *carrier = shared;
	if (carrier)
		tls_shared_free(carrier->tls);
	free(carrier);
}

static uint64_t left_out(const struct tls_shared *tls)
{
	return tls->counters[TLS_COUNT_OVER_BUDGET] + tls->counters[TLS_COUNT_ALLOC];
}

uint32_t tls_carried_read(const struct app_input *input, struct app_tx *tx, struct span data)
{
	const struct tls_carrier *carrier = input->shared;
	struct app_input inner = *input;
	if (!tx->tls && !(tx->tls = slab_alloc(input->slab, sizeof(struct tls_tx)))) {
		tally(input, TALLY_OVER_BUDGET);
		return data.len;
	}
	inner.data = data;
	struct tls_reader r = { .input = &inner,
		.shared = carrier->tls,
		.tls = tx->tls,
		.side = &tx->tls->side[input->direction],
		.direction = input->direction,
		.carried = true };
	uint64_t before = left_out(r.shared);
	enum tls_step step = TLS_STEP_NEXT;
	while (data.len && step == TLS_STEP_NEXT && !tls_carried_is_over(tx))
		step = tls_read_record(&r, &data);
	if (left_out(r.shared) != before)
		tally(input, TALLY_OVER_BUDGET);
	if (step == TLS_STEP_ERROR) {
		tally(input, TALLY_MALFORMED);
		tls_carried_end(tx);
	}
	return inner.data.len - data.len;
}

void tls_carried_end(struct app_tx *tx)
{
	if (tx->tls)
		tx->tls->encrypted = true;
}

bool tls_carried_is_over(const struct app_tx *tx)
{
	return !tx->tls || tls_server_is_told(tx->tls);
}

void tls_carried_free(struct slab *slab, struct app_tx *tx)
{
	if (!tx->tls)
		return;
	tls_side_fini(slab, &tx->tls->side[TO_SERVER]);
	tls_side_fini(slab, &tx->tls->side[TO_CLIENT]);
	slab_free(slab, tx->tls, sizeof(*tx->tls));
	tx->tls = NULL;
}
