// SPDX-License-Identifier: GPL-3.0-or-later
// Reload of one pipeline: takes the engine worker it was offered, between two packets.
#include "sensor/pipeline/pipeline_state.h"

struct engine_worker *pipeline_engine_worker(const struct pipeline *pipeline, const struct engine *engine)
{
	return engine_worker_new(engine, pipeline->slab, pipeline->streams); // keeps both, touches neither
}

void pipeline_offer_rules(struct pipeline *pipeline, struct pipeline_offer *offer)
{
	atomic_store_explicit(&pipeline->offer, offer, memory_order_release);
}

bool pipeline_finished(const struct pipeline *pipeline)
{
	return atomic_load_explicit(&pipeline->finished, memory_order_acquire);
}

static void put_mark(struct pipeline *pipeline)
{
	struct record *mark = record_ring_reserve(pipeline->ring);
	if (!mark)
		return; // full: again at the next tick
	mark->type = RECORD_MARK;
	mark->order = pipeline->order;
	record_ring_commit(pipeline->ring, mark, 0);
	pipeline->mark_due = false;
}

void pipeline_take_rules(struct pipeline *pipeline)
{
	if (pipeline->mark_due)
		put_mark(pipeline);
	if (!atomic_load_explicit(&pipeline->offer, memory_order_relaxed) || pipeline->mark_due)
		return;
	struct pipeline_offer *offer = atomic_exchange_explicit(&pipeline->offer, NULL, memory_order_acquire);
	pipeline->findings.count = 0; // of rules and indicators that go
	if (offer->worker) {
		struct engine_worker *old = pipeline->engine;
		pipeline->engine = offer->worker;
		engine_worker_take_over(pipeline->engine, old);
		pipeline->app_config.frame_protos = pipeline->config->eve.frame ? UINT64_MAX : offer->frame_protos;
		pipeline->home = offer->home;
		if (pipeline->heuristics)
			heuristics_worker_set_home(pipeline->heuristics, offer->home);
		eve_writer_set_engine(pipeline->eve, pipeline->engine, offer->home);
		offer->worker = old;
	}
	if (pipeline->reputation && offer->reputation)
		reputation_worker_set(pipeline->reputation, offer->reputation);
	pipeline->mark_due = true;
	put_mark(pipeline);
	atomic_store_explicit(&offer->taken, true, memory_order_release);
}
