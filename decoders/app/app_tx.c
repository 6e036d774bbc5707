// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions of a flow: made by parsers, freed when they are done, inspected and logged.
#include "decoders/app/app_layer_state.h"
#include "decoders/app/handover.h"

struct app_tx *app_tx_new(struct flow *flow, struct slab *slab, size_t size, uint64_t now_ns, uint8_t direction_mask)
{
	struct app_flow *a = &flow->app;
	struct app_tx *tx = a->tx_live < a->tx_max ? slab_alloc(slab, size) : NULL;
	if (!tx) {
		a->flags |= APP_TX_OVER;
		return NULL;
	}
	tx->id = a->tx_count++;
	tx->first_ns = tx->last_ns = now_ns;
	tx->direction_mask = direction_mask;
	if (a->tx_last)
		a->tx_last->next = tx;
	else
		a->tx_first = tx;
	a->tx_last = tx;
	a->tx_live++;
	a->flags |= APP_NEW_TX_DATA;
	return tx;
}

static void free_tx(
	struct app_layer *layer, struct flow *flow, struct app_tx *tx, app_tx_released *released, void *context)
{
	if (released)
		released(context, flow, tx);
	flow->app.tx_live--;
	size_t before = slab_used_bytes(layer->slab);
	flow->app.parser->tx_free(flow, tx, layer->slab, layer->shared[flow->app.parser->proto]);
	app_charge(layer, flow, before);
}

static bool may_go(const struct flow *flow, const struct app_tx *tx, bool over)
{
	if (flow->app.flags & APP_CHANGING)
		return true;
	if (!app_tx_done(flow->app.parser, tx))
		return false;
	bool seen = (!(tx->direction_mask & 1) || tx->inspected[TO_SERVER]) &&
		    (!(tx->direction_mask & 2) || tx->inspected[TO_CLIENT]);
	return over || (seen && tx->logged);
}

void app_layer_tx_clean(struct app_layer *layer, struct flow *flow, app_tx_released *released, void *context)
{
	struct app_flow *a = &flow->app;
	if (!a->parser)
		return;
	struct app_tx *kept = NULL;
	for (struct app_tx *tx = a->tx_first, *next; tx; tx = next) {
		next = tx->next;
		if (!may_go(flow, tx, a->tx_live > layer->config->max_tx)) {
			kept = tx;
			continue;
		}
		if (kept)
			kept->next = next;
		else
			a->tx_first = next;
		if (a->tx_last == tx)
			a->tx_last = kept;
		free_tx(layer, flow, tx, released, context);
	}
}

void app_layer_close(struct app_layer *layer, struct flow *flow, app_tx_released *released, void *context)
{
	struct app_flow *a = &flow->app;
	if (layer->namer)
		app_namer_drop(layer->namer, flow);
	app_handover_free(flow, layer->slab);
	if (!a->parser)
		return;
	while (a->tx_first) {
		struct app_tx *tx = a->tx_first;
		a->tx_first = tx->next;
		free_tx(layer, flow, tx, released, context);
	}
	a->tx_last = NULL;
	app_frames_free(flow, layer->slab);
	app_state_close(a->parser, flow, layer->slab, layer->shared[a->parser->proto]);
	a->parser = NULL;
	a->held_bytes = 0;
}
