// SPDX-License-Identifier: GPL-3.0-or-later
// The frame queue hands every frame over once, in order, with its own bytes, and its ticks and sources with it.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "sensor/run/frame_queue.h"

#define FRAMES 10000

struct seen {
	struct frame_queue *queue;
	uint64_t frames, wrong, ticks;
	uint64_t last_tick;
};

static void *worker(void *argument)
{
	struct seen *seen = argument;
	for (struct frame_batch *batch; (batch = frame_queue_take(seen->queue));) {
		for (uint32_t i = 0; i < batch->count; i++) {
			const struct capture_frame *frame = &batch->frames[i];
			uint8_t want = (uint8_t)(frame->number * 7);
			seen->wrong += frame->number != ++seen->frames || frame->bytes.len != frame->number % 300;
			for (uint32_t n = 0; n < frame->bytes.len; n++)
				seen->wrong += frame->bytes.data[n] != want;
		}
		seen->wrong += strcmp(batch->source, "a.pcap") != 0;
		seen->ticks++;
		seen->last_tick = batch->tick_number;
		frame_queue_give_back(seen->queue, batch);
	}
	return NULL;
}

static void test_frames_arrive_once_and_in_order(void **state)
{
	(void)state;
	struct seen seen = { .queue = frame_queue_new(4) };
	assert_non_null(seen.queue);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, worker, &seen), 0);
	uint8_t bytes[300];
	for (uint64_t number = 1; number <= FRAMES; number++) {
		memset(bytes, (uint8_t)(number * 7), sizeof(bytes));
		struct capture_frame frame = {
			.bytes = span_of(bytes, number % 300), .number = number, .ts_ns = number
		};
		assert_true(frame_queue_add(seen.queue, &frame));
		if (number % FRAME_BATCH_FRAMES == 0)
			frame_queue_flush(seen.queue, number, number, "a.pcap", false);
	}
	frame_queue_flush(seen.queue, FRAMES, FRAMES, "a.pcap", false);
	frame_queue_close(seen.queue);
	pthread_join(thread, NULL);
	assert_int_equal(seen.frames, FRAMES);
	assert_int_equal(seen.wrong, 0);
	assert_int_equal(seen.ticks, FRAMES / FRAME_BATCH_FRAMES + 1);
	assert_int_equal(seen.last_tick, FRAMES);
	frame_queue_free(seen.queue);
}

static void test_a_full_batch_refuses_another_frame(void **state)
{
	(void)state;
	struct frame_queue *queue = frame_queue_new(2);
	struct capture_frame frame = { .bytes = span_text("x"), .number = 1 };
	for (int i = 0; i < FRAME_BATCH_FRAMES; i++)
		assert_true(frame_queue_add(queue, &frame));
	assert_false(frame_queue_add(queue, &frame));
	frame_queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_arrive_once_and_in_order),
		cmocka_unit_test(test_a_full_batch_refuses_another_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
