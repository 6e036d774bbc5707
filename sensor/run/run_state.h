// SPDX-License-Identifier: GPL-3.0-or-later
// State of a run, shared by its files. Private to the folder.
#pragma once
#include <pthread.h>
#include "sensor/capture/capture.h"
#include "sensor/feeds/feed_updater.h"
#include "sensor/manage/control.h"
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/reload.h"
#include "sensor/reload/rules_load.h"
#include "sensor/run/collector.h"
#include "sensor/run/frame_queue.h"
#include "sensor/run/sensor_run.h"

#define WORKERS_MAX 256
#define TICK_FRAMES FRAME_BATCH_FRAMES // frames between ticks: the same for any number of workers

struct worker {
	pthread_t thread;
	bool started;
	struct pipeline *pipeline;
	struct frame_queue *queue; // capture files with several workers
	struct capture *capture;   // live
	bool failed;
};

struct run {
	const struct run_options *options;
	const struct sensor_config *config;
	struct rules rules;
	struct worker workers[WORKERS_MAX];
	struct pipeline *pipelines[WORKERS_MAX];
	unsigned count;
	struct collector *collector;
	struct file_store *file_store; // NULL: none is wanted
	struct site_memory *site;      // NULL: no domain is told as new
	struct record_ring *file_rings[WORKERS_MAX];
	struct address_set *home;        // HOME_NET at start, the run's own
	struct reload *reload;           // has the rules once it is there
	struct control *control;         // NULL: no socket
	struct feed_updater *updater;    // NULL: reads captures
	struct packet_decoder *spreader; // tells the reader which worker a frame is for
	struct packet_batch judged;      // what it decodes to judge checksums
	uint8_t checksums;               // enum frame_checksums: of all frames of a file
	unsigned failed_files;
	struct capture_counts counts; // of captures that are closed
	uint64_t lost_frames;
	bool ran; // every worker ran and closed its ring
	double read_s;
};

// Reads all frames of the files and has the workers work on them; ends when they have (run_files.c).
enum run_result run_files(struct run *run);
// Captures until a signal comes, a thread a worker (run_live.c).
enum run_result run_live(struct run *run);
// What live captures counted so far, and those that are closed. context: the run.
void run_live_counts(void *context, struct capture_counts *counts);
void run_live_close(struct run *run);
