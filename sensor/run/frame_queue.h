// SPDX-License-Identifier: GPL-3.0-or-later
// Frame queue: frames on their way from the reader of a capture file to one worker, in batches.
//
// Life cycle   frame_queue_new -> reader: frame_queue_add ... frame_queue_flush ... frame_queue_close; worker: frame_queue_take -> works on the batch
//              -> frame_queue_give_back ... -> frame_queue_free
// Memory       a fixed number of batches, which circulate; a batch grows to what its frames need (bounded by FRAME_BATCH_FRAMES frames of the
//              largest size libpcap gives)
// Threads      one reader, one worker; a lock is taken once a batch, never a frame
#pragma once
#include "sensor/capture/capture.h"

#define FRAME_BATCH_FRAMES 64

struct frame_batch {
	struct frame_batch *next;
	uint32_t count;
	struct capture_frame frames[FRAME_BATCH_FRAMES]; // bytes point into data once the batch is taken
	size_t offsets[FRAME_BATCH_FRAMES];
	uint8_t *data;
	size_t used, capacity;
	uint64_t tick_ns, tick_number; // packet time and number reached by the reader
	bool restart;                  // after this batch comes a file that begins earlier than it ends
	char source[512];              // file the frames are from
};

struct frame_queue;

struct frame_queue *frame_queue_new(unsigned batches);
void frame_queue_free(struct frame_queue *queue);

// Reader. Copies the frame into the open batch; false: no memory (the frame is lost; the caller counts it). There is always room for
// FRAME_BATCH_FRAMES frames between two flushes.
bool frame_queue_add(struct frame_queue *queue, const struct capture_frame *frame);
// Sends the open batch, empty or not, with the time reached. Waits while the worker is behind.
void frame_queue_flush(
	struct frame_queue *queue, uint64_t tick_ns, uint64_t tick_number, const char *source, bool restart);
void frame_queue_close(struct frame_queue *queue);

// Worker. Waits for the next batch; NULL when the reader has closed and all is taken.
struct frame_batch *frame_queue_take(struct frame_queue *queue);
void frame_queue_give_back(struct frame_queue *queue, struct frame_batch *batch);
