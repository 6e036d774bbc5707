// SPDX-License-Identifier: GPL-3.0-or-later
// The application layer's own struct, shared by the files of decoders/app that drive parsers; nobody else includes it.
#pragma once
#include "decoders/app/app_layer.h"
#include "decoders/app/expect.h"
#include "decoders/app/identify/detector.h"
#include "decoders/app/identify/namer.h"
#include "decoders/base/slab.h"

// Bytes of one direction held back while the other has said nothing: then detection is given up.
#define APP_HOLD_BYTES 100000

struct app_layer {
	const struct app_config *config;
	struct slab *slab;
	struct app_worker parts; // what parsers share
	struct app_detector *detector;
	struct app_namer *namer; // NULL when nDPI is off
	void *shared[APP_PROTOS_END];
	uint64_t counters[APP_COUNTERS_END];
	struct app_proto_counts protos[2][APP_PROTOS_END]; // [1]: not over TCP
};

static inline uint32_t app_flag(enum app_flow_flag to_server, enum direction direction)
{
	return (uint32_t)to_server << direction; // every pair of flags lies side by side
}

// The slab's use changed from before while flow's parser was at work: that is the flow's.
static inline void app_charge(struct app_layer *layer, struct flow *flow, size_t before)
{
	size_t now = slab_used_bytes(layer->slab);
	uint64_t *held = &flow->app.held_bytes;
	if (now >= before)
		*held += now - before;
	else
		*held = *held > before - now ? *held - (before - now) : 0;
}

enum app_decision {
	APP_DECIDED, // direction's data may go to the parser
	APP_HOLD,    // not now: more bytes, or the other direction first (fed->retry)
	APP_SWAP,    // fed->swapped
	APP_NONE,    // given up: the flow has no protocol of ours
};

// Finds out what feed's direction speaks (app_decide.c).
enum app_decision app_decide(
	struct app_layer *layer, struct flow *flow, const struct app_feed *feed, struct app_fed *fed);
// The flow speaks parser's protocol from now on. False: no memory for its state.
bool app_claim(struct app_layer *layer, struct flow *flow, const struct app_parser *parser);
void app_event(struct flow *flow, enum app_layer_event event);
