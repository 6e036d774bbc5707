// SPDX-License-Identifier: GPL-3.0-or-later
// Reading capture files: by one reader that spreads frames over the workers' threads, or, with one worker, in one thread.
#include <stdio.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/process/signals.h"
#include "sensor/process/wall_clock.h"
#include "sensor/run/checksum_sample.h"
#include "sensor/run/run_state.h"

#define QUEUE_BATCHES  64   // of a worker, in which the reader may be ahead
#define PUBLISH_TICKS  4096 // between publications of counters: a look at them every quarter of a million frames
#define PROGRESS_TICKS 1024

static void show_progress(const struct run *run, const struct capture *capture, uint64_t frames, double started_s)
{
	if (!run->options->progress)
		return;
	double share = capture_progress(capture), seconds = monotonic_s() - started_s;
	fprintf(stderr, "\r\033[K%5.1f %%  %.1f M packets  %.2f M/s  %s", share < 0 ? 0 : 100 * share,
		(double)frames / 1e6, seconds > 0 ? (double)frames / 1e6 / seconds : 0,
		capture_source(capture) ? capture_source(capture) : "");
	fflush(stderr);
}

// The next file of a folder goes on from the one before it, or it is another capture of an earlier time, in which no flow goes on.
static bool begins_earlier(const struct capture_frame *first, uint64_t now_ns)
{
	return first->ts_ns + NS_PER_S < now_ns;
}

static void *file_worker(void *argument)
{
	struct worker *worker = argument;
	char source[512] = "";
	uint64_t ticks = 0;
	for (struct frame_batch *batch; (batch = frame_queue_take(worker->queue));) {
		if (strcmp(source, batch->source) != 0) {
			snprintf(source, sizeof(source), "%s", batch->source);
			pipeline_set_source(worker->pipeline, NULL, source);
		}
		for (uint32_t i = 0; i < batch->count; i++)
			pipeline_frame(worker->pipeline, &batch->frames[i]);
		pipeline_tick(worker->pipeline, batch->tick_ns, batch->tick_number);
		if (batch->restart)
			pipeline_restart(worker->pipeline);
		frame_queue_give_back(worker->queue, batch);
		if (++ticks % PUBLISH_TICKS == 0)
			pipeline_publish(worker->pipeline);
	}
	pipeline_finish(worker->pipeline);
	return NULL;
}

static void flush_all(struct run *run, uint64_t now_ns, uint64_t number, const char *source, bool restart)
{
	for (unsigned i = 0; i < run->count; i++)
		frame_queue_flush(run->workers[i].queue, now_ns, number, source, restart);
}

// Whether workers verify a frame's checksums must not depend on their number: the reader decodes the first frames too, and judges for all.
static void judge_checksums(struct packet_decoder *spreader, struct packet_batch *batch, struct capture_frame *frame)
{
	frame->checksums = packet_decoder_verifies(spreader) ? FRAME_CHECKSUMS_VERIFY : FRAME_CHECKSUMS_SKIP;
	if (packet_decoder_judging(spreader))
		packet_decode(
			spreader, frame->bytes, frame->wire_len, frame->ts_ns, frame->number, frame->linktype, batch);
}

// Reads frames and spreads them over the workers' queues.
static void read_spread(struct run *run, struct capture *capture)
{
	struct capture_frame frame = { 0 };
	uint64_t now_ns = 0, frames = 0;
	double started = monotonic_s();
	char source[512] = "";
	while (!signals_stop_asked() && capture_next(capture, &frame) == CAPTURE_FRAME) {
		const char *path = capture_source(capture);
		if (path && strcmp(path, source) != 0) {
			if (source[0])
				flush_all(run, now_ns, frame.number - 1, source, begins_earlier(&frame, now_ns));
			snprintf(source, sizeof(source), "%s", path);
		}
		judge_checksums(run->spreader, &run->judged, &frame);
		uint64_t hash = packet_spread_hash(run->spreader, frame.bytes, frame.linktype);
		if (!frame_queue_add(run->workers[hash % run->count].queue, &frame))
			run->lost_frames++;
		now_ns = frame.ts_ns;
		frames++;
		if (frame.number % TICK_FRAMES == 0)
			flush_all(run, now_ns, frame.number, source, false);
		if (frames % ((uint64_t)TICK_FRAMES * PROGRESS_TICKS) == 0)
			show_progress(run, capture, frames, started);
	}
	flush_all(run, now_ns, UINT64_MAX, source, false);
	for (unsigned i = 0; i < run->count; i++)
		frame_queue_close(run->workers[i].queue);
}

// One worker: reading and working in one thread.
static void read_alone(struct run *run, struct capture *capture)
{
	struct pipeline *pipeline = run->pipelines[0];
	struct capture_frame frame = { .checksums = run->checksums };
	uint64_t frames = 0, now_ns = 0;
	double started = monotonic_s();
	char source[512] = "";
	while (!signals_stop_asked() && capture_next(capture, &frame) == CAPTURE_FRAME) {
		const char *path = capture_source(capture);
		if (path && strcmp(path, source) != 0) {
			if (source[0]) {
				pipeline_tick(pipeline, now_ns, frame.number - 1);
				if (begins_earlier(&frame, now_ns))
					pipeline_restart(pipeline);
			}
			snprintf(source, sizeof(source), "%s", path);
			pipeline_set_source(pipeline, NULL, source);
		}
		pipeline_frame(pipeline, &frame);
		now_ns = frame.ts_ns;
		frames++;
		if (frame.number % TICK_FRAMES != 0)
			continue;
		pipeline_tick(pipeline, now_ns, frame.number);
		if (frames % ((uint64_t)TICK_FRAMES * PUBLISH_TICKS) == 0)
			pipeline_publish(pipeline);
		if (frames % ((uint64_t)TICK_FRAMES * PROGRESS_TICKS) == 0)
			show_progress(run, capture, frames, started);
	}
	pipeline_tick(pipeline, now_ns, UINT64_MAX);
	pipeline_finish(pipeline);
}

enum run_result run_files(struct run *run)
{
	struct capture *capture = capture_open_files(&run->config->capture, run->options->read_path);
	if (!capture)
		return RUN_FAULT;
	bool threads = run->count > 1;
	if (checksum_sample_offloaded(run->config, run->options->read_path)) {
		run->checksums = FRAME_CHECKSUMS_SKIP;
		if (threads)
			packet_decoder_set_verify(run->spreader, false);
	}
	for (unsigned i = 0; threads && i < run->count; i++) {
		struct worker *worker = &run->workers[i];
		worker->queue = frame_queue_new(QUEUE_BATCHES);
		worker->started = worker->queue && pthread_create(&worker->thread, NULL, file_worker, worker) == 0;
		if (!worker->started) {
			log_error("a worker thread could not be started");
			capture_close(capture);
			return RUN_FAULT;
		}
	}
	run->ran = true;
	if (threads)
		read_spread(run, capture);
	else
		read_alone(run, capture);
	for (unsigned i = 0; i < run->count; i++) {
		if (run->workers[i].started)
			pthread_join(run->workers[i].thread, NULL);
		run->workers[i].started = false;
	}
	if (run->options->progress)
		fprintf(stderr, "\r\033[K");
	capture_counts(capture, &run->counts);
	run->counts.kernel_drops += run->lost_frames;
	run->failed_files = capture_failed(capture);
	capture_close(capture);
	// A file that cannot be read among others that can is told and counted; nothing read at all is a fault.
	return run->failed_files && !run->counts.received ? RUN_FAULT : RUN_OK;
}
