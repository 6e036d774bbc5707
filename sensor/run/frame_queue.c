// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/frame_queue.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct frame_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct frame_batch *first, *last; // sent, oldest first
	struct frame_batch *spare;
	struct frame_batch *open; // reader's
	bool closed;
};

struct frame_queue *frame_queue_new(unsigned batches)
{
	struct frame_queue *queue = calloc(1, sizeof(*queue));
	if (!queue)
		return NULL;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, NULL);
	pthread_cond_init(&queue->emptied, NULL);
	for (unsigned i = 0; i < batches; i++) {
		struct frame_batch *batch = calloc(1, sizeof(*batch));
		if (!batch) {
			frame_queue_free(queue);
			return NULL;
		}
		batch->next = queue->spare;
		queue->spare = batch;
	}
	queue->open = queue->spare;
	queue->spare = queue->spare->next;
	return queue;
}

static void free_list(struct frame_batch *batch)
{
	while (batch) {
		struct frame_batch *next = batch->next;
		free(batch->data);
		free(batch);
		batch = next;
	}
}

void frame_queue_free(struct frame_queue *queue)
{
	if (!queue)
		return;
	free_list(queue->first);
	free_list(queue->spare);
	if (queue->open)
		queue->open->next = NULL;
	free_list(queue->open);
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->filled);
	pthread_cond_destroy(&queue->emptied);
	free(queue);
}

bool frame_queue_add(struct frame_queue *queue, const struct capture_frame *frame)
{
	struct frame_batch *batch = queue->open;
	if (batch->count == FRAME_BATCH_FRAMES)
		return false;
	if (batch->capacity - batch->used < frame->bytes.len) {
		size_t capacity = 2 * (batch->used + frame->bytes.len) + 65536;
		uint8_t *data = realloc(batch->data, capacity);
		if (!data)
			return false;
		batch->data = data;
		batch->capacity = capacity;
	}
	if (frame->bytes.len)
		memcpy(batch->data + batch->used, frame->bytes.data, frame->bytes.len);
	batch->frames[batch->count] = *frame;
	batch->offsets[batch->count++] = batch->used;
	batch->used += frame->bytes.len;
	return true;
}

void frame_queue_flush(
	struct frame_queue *queue, uint64_t tick_ns, uint64_t tick_number, const char *source, bool restart)
{
	struct frame_batch *batch = queue->open;
	batch->tick_ns = tick_ns;
	batch->tick_number = tick_number;
	batch->restart = restart;
	snprintf(batch->source, sizeof(batch->source), "%s", source ? source : "");
	for (uint32_t i = 0; i < batch->count; i++)
		batch->frames[i].bytes.data = batch->data + batch->offsets[i];
	batch->next = NULL;
	pthread_mutex_lock(&queue->lock);
	if (queue->last)
		queue->last->next = batch;
	else
		queue->first = batch;
	queue->last = batch;
	pthread_cond_signal(&queue->filled);
	while (!queue->spare)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	queue->open = queue->spare;
	queue->spare = queue->spare->next;
	pthread_mutex_unlock(&queue->lock);
	queue->open->count = 0;
	queue->open->used = 0;
	queue->open->next = NULL;
}

void frame_queue_close(struct frame_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

struct frame_batch *frame_queue_take(struct frame_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	while (!queue->first && !queue->closed)
		pthread_cond_wait(&queue->filled, &queue->lock);
	struct frame_batch *batch = queue->first;
	if (batch) {
		queue->first = batch->next;
		if (!queue->first)
			queue->last = NULL;
		batch->next = NULL;
	}
	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void frame_queue_give_back(struct frame_queue *queue, struct frame_batch *batch)
{
	pthread_mutex_lock(&queue->lock);
	batch->next = queue->spare;
	queue->spare = batch;
	pthread_cond_signal(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
}
