// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/cursor.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void integers_come_in_their_order(void **state)
{
	(void)state;
	struct cursor c = cursor_on(span_of(bytes, sizeof(bytes)));
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_be16(&c), 0x0203);
	assert_int_equal(cursor_be24(&c), 0x040506);
	assert_int_equal(cursor_le16(&c), 0x0807);
	assert_int_equal(cursor_be64(&c), 0x090a0b0c0d0e0f10);
	assert_int_equal(cursor_left(&c), 0);
	assert_true(cursor_ok(&c));
	c = cursor_on(span_of(bytes, sizeof(bytes)));
	assert_int_equal(cursor_le32(&c), 0x04030201);
	assert_int_equal(cursor_le64(&c), 0x0c0b0a0908070605);
	assert_int_equal(cursor_offset(&c), 12);
}

static void the_error_sticks(void **state)
{
	(void)state;
	struct cursor c = cursor_on(span_of(bytes, 3));
	assert_int_equal(cursor_be32(&c), 0);
	assert_false(cursor_ok(&c));
	assert_int_equal(cursor_u8(&c), 0); // although three bytes were there
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_rest(&c).len, 0);
	assert_int_equal(cursor_be64(&c), 0);
	c = cursor_on((struct span) { NULL, 0 });
	assert_int_equal(cursor_u8(&c), 0);
	assert_false(cursor_ok(&c));
}

static void spans_are_views(void **state)
{
	(void)state;
	struct cursor c = cursor_on(span_of(bytes, sizeof(bytes)));
	cursor_skip(&c, 2);
	struct span s = cursor_span(&c, 3);
	assert_ptr_equal(s.data, bytes + 2);
	assert_int_equal(s.len, 3);
	assert_int_equal(cursor_rest(&c).len, 11);
	assert_true(cursor_ok(&c));
	assert_int_equal(cursor_span(&c, UINT32_MAX).len, 0);
	assert_false(cursor_ok(&c));
}

static void slices_never_leave_the_whole(void **state)
{
	(void)state;
	struct span whole = span_of(bytes, 4);
	assert_int_equal(span_slice(whole, 1, 2).len, 2);
	assert_int_equal(span_slice(whole, 3, UINT32_MAX).len, 1);
	assert_int_equal(span_slice(whole, 4, 1).len, 0);
	assert_int_equal(span_slice(whole, UINT32_MAX, UINT32_MAX).len, 0);
	assert_null(span_slice((struct span) { NULL, 0 }, 7, 7).data);
	assert_int_equal(span_find(whole, 3, 0), 2);
	assert_int_equal(span_find(whole, 1, 1), 4);
	assert_true(span_is(span_trim(span_text(" \tab c ")), "ab c"));
	assert_true(span_starts_nocase(span_text("Content-Length"), "content-"));
	assert_false(span_starts(span_text("ab"), "abc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_come_in_their_order),
		cmocka_unit_test(the_error_sticks),
		cmocka_unit_test(spans_are_views),
		cmocka_unit_test(slices_never_leave_the_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
