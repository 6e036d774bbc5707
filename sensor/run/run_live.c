// SPDX-License-Identifier: GPL-3.0-or-later
// Capturing live: a thread and a capture handle a worker.
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/process/signals.h"
#include "sensor/process/wall_clock.h"
#include "sensor/run/run_state.h"

static void *live_worker(void *argument)
{
	struct worker *worker = argument;
	struct capture_frame frame = { 0 };
	uint64_t frames = 0, now_ns = wall_ns(), published_ns = now_ns;
	pipeline_set_source(worker->pipeline, capture_source(worker->capture), NULL);
	while (!signals_stop_asked()) {
		enum capture_result result = capture_next(worker->capture, &frame);
		if (result == CAPTURE_FRAME) {
			frame.number = 0;
			pipeline_frame(worker->pipeline, &frame);
			now_ns = frame.ts_ns;
			if (++frames % TICK_FRAMES != 0)
				continue;
		} else if (result == CAPTURE_IDLE) {
			now_ns = wall_ns();
		} else {
			worker->failed = result == CAPTURE_ERROR;
			break;
		}
		pipeline_tick(worker->pipeline, now_ns, 0);
		if (now_ns - published_ns >= NS_PER_S) {
			pipeline_publish(worker->pipeline);
			published_ns = now_ns;
		}
	}
	pipeline_finish(worker->pipeline);
	return NULL;
}

void run_live_counts(void *context, struct capture_counts *counts)
{
	struct run *run = context;
	*counts = run->counts;
	for (unsigned i = 0; i < run->count; i++) {
		struct capture_counts one;
		if (!run->workers[i].capture)
			continue;
		capture_counts(run->workers[i].capture, &one);
		counts->received += one.received;
		counts->kernel_drops += one.kernel_drops;
		counts->interface_drops += one.interface_drops;
	}
}

enum run_result run_live(struct run *run)
{
	unsigned interfaces = 0;
	while (run->options->interfaces[interfaces])
		interfaces++;
	unsigned each = run->count / interfaces;
	for (unsigned i = 0; i < run->count; i++) {
		run->workers[i].capture =
			capture_open_live(&run->config->capture, run->options->interfaces[i / each], i % each, each);
		if (!run->workers[i].capture)
			return RUN_FAULT;
	}
	log_notice("capturing on %u interface%s with %u worker%s", interfaces, interfaces == 1 ? "" : "s", run->count,
		run->count == 1 ? "" : "s");
	bool failed = false;
	run->ran = true;
	for (unsigned i = 0; i < run->count; i++) {
		struct worker *worker = &run->workers[i];
		worker->started = pthread_create(&worker->thread, NULL, live_worker, worker) == 0;
		failed |= !worker->started;
	}
	for (unsigned i = 0; i < run->count; i++) {
		if (!run->workers[i].started)
			continue;
		pthread_join(run->workers[i].thread, NULL);
		run->workers[i].started = false;
		failed |= run->workers[i].failed;
	}
	return failed ? RUN_FAULT : RUN_OK;
}

void run_live_close(struct run *run)
{
	struct capture_counts all;
	run_live_counts(run, &all);
	run->counts = all;
	for (unsigned i = 0; i < run->count; i++) {
		capture_close(run->workers[i].capture);
		run->workers[i].capture = NULL;
	}
}
