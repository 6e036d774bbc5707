// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/trial.h"
#include <stdlib.h>
#include "decoders/base/log.h"

#define TICK_FRAMES 64 // as in a run

void trial_config(struct sensor_config *config)
{
	struct eve_config *eve = &config->eve;
	eve->alert = true;
	eve->anomaly = eve->arp = eve->drop = eve->fileinfo = eve->flow = eve->netflow = eve->stats = eve->app = false;
	config->evidence.packets_enabled = false;
	config->file_store.enabled = false;
}

static void count_alerts(struct trial *trial, struct record_ring *ring)
{
	for (const struct record *record; (record = record_ring_peek(ring)); record_ring_release(ring)) {
		const struct rule *rule = record->type == RECORD_ALERT ? record->rule : NULL;
		if (!rule || rule->index >= trial->rules->set->count ||
			trial->rules->set->rules[rule->index] != rule) // detectors have rules of their own
			continue;
		if (trial->alerts[rule->index]++ == 0)
			trial->first[rule->index] = pipeline_frame_of(record->order);
	}
}

static bool read_all(struct trial *trial, struct pipeline *pipeline, struct capture *capture)
{
	struct capture_frame frame = { 0 };
	struct record_ring *ring = pipeline_ring(pipeline);
	enum capture_result result;
	uint64_t now_ns = 0;
	pipeline_set_source(pipeline, NULL, trial->capture);
	while ((result = capture_next(capture, &frame)) == CAPTURE_FRAME) {
		pipeline_frame(pipeline, &frame);
		now_ns = frame.ts_ns;
		trial->packets++;
		if (frame.number % TICK_FRAMES == 0)
			pipeline_tick(pipeline, now_ns, frame.number);
		count_alerts(trial, ring);
	}
	pipeline_tick(pipeline, now_ns, UINT64_MAX);
	pipeline_finish(pipeline);
	count_alerts(trial, ring);
	return capture_failed(capture) == 0;
}

bool trial_run(struct trial *trial)
{
	size_t rules = trial->rules->set->count;
	struct pipeline_options options = {
		.config = trial->config,
		.engine = trial->rules->engine,
		.home = trial->rules->home,
		.needs = trial->rules->needs,
		.workers = 1,
	};
	trial->packets = 0;
	trial->alerts = calloc(rules + 1, sizeof(*trial->alerts));
	trial->first = calloc(rules + 1, sizeof(*trial->first));
	struct pipeline *pipeline = trial->alerts && trial->first ? pipeline_new(&options) : NULL;
	struct capture *capture = pipeline ? capture_open_files(&trial->config->capture, trial->capture) : NULL;
	bool good = false;
	if (capture) {
		pipeline_trace(pipeline, trial->trace);
		good = read_all(trial, pipeline, capture);
		capture_close(capture);
	}
	pipeline_free(pipeline);
	return good;
}

void trial_fini(struct trial *trial)
{
	free(trial->alerts);
	free(trial->first);
	trial->alerts = trial->first = NULL;
}
