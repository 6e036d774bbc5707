// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/record/record.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static void records_come_out_in_order(void **state)
{
	(void)state;
	struct record_ring *ring = record_ring_new(0);
	assert_non_null(ring);
	assert_null(record_ring_peek(ring));
	for (uint64_t i = 1; i <= 3; i++) {
		struct record *record = record_ring_reserve(ring);
		assert_non_null(record);
		record->order = i;
		int len = snprintf(record->line, RECORD_LINE_MAX, "line %u\n", (unsigned)i);
		record_ring_commit(ring, record, (uint32_t)len);
	}
	record_ring_progress(ring, 3);
	record_ring_close(ring);
	assert_int_equal(record_ring_progressed(ring), 3);
	assert_false(record_ring_closed(ring));
	for (uint64_t i = 1; i <= 3; i++) {
		const struct record *record = record_ring_peek(ring);
		assert_non_null(record);
		assert_ptr_equal(record, record_ring_peek(ring));
		assert_int_equal(record->order, i);
		assert_int_equal(record->line_len, 7);
		assert_memory_equal(record->line, "line ", 5);
		record_ring_release(ring);
	}
	assert_null(record_ring_peek(ring));
	assert_true(record_ring_closed(ring));
	record_ring_free(ring);
}

static void a_full_ring_refuses_and_recovers(void **state)
{
	(void)state;
	struct record_ring *ring = record_ring_new(1);
	unsigned taken = 0;
	struct record *record;
	while ((record = record_ring_reserve(ring))) {
		memset(record->line, 'x', RECORD_LINE_MAX);
		record_ring_commit(ring, record, RECORD_LINE_MAX);
		assert_true(++taken < 100);
	}
	assert_true(taken >= 2);
	for (unsigned round = 0; round < 50; round++) {
		assert_non_null(record_ring_peek(ring));
		record_ring_release(ring);
		if ((record = record_ring_reserve(ring))) {
			record->line[RECORD_LINE_MAX - 1] = '\n';
			record_ring_commit(ring, record, RECORD_LINE_MAX);
		} else {
			taken--;
		}
	}
	while (record_ring_peek(ring)) {
		record_ring_release(ring);
		taken--;
	}
	assert_int_equal(taken, 0);
	record_ring_free(ring);
}

#define THREAD_RECORDS 20000u

static uint32_t length_of(uint64_t order)
{
	return (uint32_t)(order * 2654435761u % 3000) + 1;
}

static void *produce(void *argument)
{
	struct record_ring *ring = argument;
	for (uint64_t i = 1; i <= THREAD_RECORDS; i++) {
		struct record *record;
		while (!(record = record_ring_reserve(ring)))
			sched_yield();
		record->order = i;
		uint32_t len = length_of(i);
		memset(record->line, (int)('a' + i % 26), len);
		record_ring_commit(ring, record, len);
		record_ring_progress(ring, i);
	}
	record_ring_close(ring);
	return NULL;
}

static void two_threads_lose_nothing(void **state)
{
	(void)state;
	struct record_ring *ring = record_ring_new(0);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, produce, ring), 0);
	uint64_t next = 1;
	while (!record_ring_closed(ring)) {
		uint64_t progressed = record_ring_progressed(ring);
		const struct record *record = record_ring_peek(ring);
		if (!record) {
			assert_true(progressed < next);
			sched_yield();
			continue;
		}
		assert_int_equal(record->order, next);
		assert_int_equal(record->line_len, length_of(next));
		assert_int_equal(record->line[0], 'a' + next % 26);
		assert_int_equal(record->line[record->line_len - 1], 'a' + next % 26);
		record_ring_release(ring);
		next++;
	}
	assert_int_equal(next, THREAD_RECORDS + 1);
	pthread_join(thread, NULL);
	record_ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_in_order),
		cmocka_unit_test(a_full_ring_refuses_and_recovers),
		cmocka_unit_test(two_threads_lose_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
