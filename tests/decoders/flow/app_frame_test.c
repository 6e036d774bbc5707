// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include "decoders/flow/app_frame.h"

static void nothing_is_kept_when_nobody_asks(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	struct flow flow = { 0 };
	assert_null(app_frame_add(&flow, slab, TO_SERVER, 0, 0, 10, false));
	assert_null(flow.app.frames);
	app_frames_clean(&flow);
	app_frames_hold(&flow, TO_SERVER, 0);
	slab_destroy(slab);
}

static void an_open_frame_is_ended_where_its_message_ends(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	struct flow flow = { .app.flags = APP_FRAMES };
	assert_non_null(app_frame_add(&flow, slab, TO_CLIENT, 3, 100, FRAME_OPEN, false));
	assert_null(app_frame_open(&flow, TO_CLIENT, 2));
	assert_null(app_frame_open(&flow, TO_SERVER, 3));
	app_frame_end(&flow, TO_CLIENT, 3, 160);
	assert_null(app_frame_open(&flow, TO_CLIENT, 3));
	const struct app_frame *frame = &flow.app.frames->lists[TO_CLIENT].items[0];
	assert_int_equal(frame->len, 60);
	assert_int_equal(frame->id, 1);
	app_frames_swap(&flow);
	assert_int_equal(flow.app.frames->lists[TO_SERVER].count, 1);
	app_frames_free(&flow, slab);
	assert_int_equal(slab_used_bytes(slab), 0);
	slab_destroy(slab);
}

static void the_stream_is_held_for_what_is_not_done(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	struct flow flow = { .app.flags = APP_FRAMES };
	app_frame_add(&flow, slab, TO_SERVER, 0, 500, 20, false);
	app_frame_add(&flow, slab, TO_SERVER, 0, 520, 1000000, false);
	app_frame_add(&flow, slab, TO_SERVER, 1, 0, 8, true); // a datagram's needs nothing of a stream
	struct app_frame *items = flow.app.frames->lists[TO_SERVER].items;
	assert_true(flow.app.frames->hold[TO_SERVER] == 500);
	assert_true(flow.app.frames->hold[TO_CLIENT] == UINT64_MAX);
	items[0].done = true;
	app_frames_hold(&flow, TO_SERVER, 100);
	assert_true(flow.app.frames->hold[TO_SERVER] == 520);
	items[1].inspected = 60000; // long: only the newest bytes
	app_frames_hold(&flow, TO_SERVER, 100);
	assert_true(flow.app.frames->hold[TO_SERVER] == 59900);
	items[1].done = items[2].done = true;
	app_frames_hold(&flow, TO_SERVER, 100);
	assert_true(flow.app.frames->hold[TO_SERVER] == UINT64_MAX);
	app_frames_clean(&flow);
	assert_int_equal(flow.app.frames->lists[TO_SERVER].count, 0);
	app_frames_free(&flow, slab);
	slab_destroy(slab);
}

static void too_many_are_left_out_and_counted(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	struct flow flow = { .app.flags = APP_FRAMES };
	for (unsigned i = 0; i < FRAMES_MAX; i++)
		assert_non_null(app_frame_add(&flow, slab, TO_SERVER, 0, i, 1, false));
	assert_null(app_frame_add(&flow, slab, TO_SERVER, 0, FRAMES_MAX, 1, false));
	assert_int_equal(flow.app.frames->lost, 1);
	app_frames_free(&flow, slab);
	assert_int_equal(slab_used_bytes(slab), 0);
	slab_destroy(slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_kept_when_nobody_asks),
		cmocka_unit_test(an_open_frame_is_ended_where_its_message_ends),
		cmocka_unit_test(the_stream_is_held_for_what_is_not_done),
		cmocka_unit_test(too_many_are_left_out_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
