// SPDX-License-Identifier: GPL-3.0-or-later
// Base64: letters of both alphabets, where a run ends, and room that is too small.
#include "decoders/base/base64.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void each_byte_is_a_letter_or_none(void **state)
{
	(void)state;
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned none = 0;
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(base64_letter((uint8_t)letters[i]), i);
	for (unsigned c = 0; c < 256; c++)
		none += base64_letter((uint8_t)c) < 0;
	assert_int_equal(none, 192);
	assert_int_equal(base64_letter('-'), -1);
	assert_int_equal(base64_letter_any('-'), 62);
	assert_int_equal(base64_letter_any('_'), 63);
	assert_int_equal(base64_letter_any('='), -1);
}

static void a_run_ends_at_what_is_no_letter(void **state)
{
	(void)state;
	uint8_t out[16];
	uint32_t read;
	assert_int_equal(base64_run(span_text("Zm9vYmE="), base64_letter, out, sizeof(out), &read), 5);
	assert_memory_equal(out, "fooba", 5);
	assert_int_equal(read, 7);
	assert_int_equal(base64_run(span_text("__-_!!"), base64_letter_any, out, sizeof(out), &read), 3);
	assert_memory_equal(out, "\xff\xff\xbf", 3);
	assert_int_equal(read, 4);
	assert_int_equal(base64_run(span_text("__"), base64_letter, out, sizeof(out), &read), 0);
	assert_int_equal(base64_run(span_of(NULL, 0), base64_letter, out, sizeof(out), &read), 0);
}

static void no_more_than_there_is_room_for(void **state)
{
	(void)state;
	uint8_t out[5] = { [4] = 0x55 };
	uint32_t read;
	assert_int_equal(base64_run(span_text("Zm9vYmFyYmF6"), base64_letter, out, 4, &read), 4);
	assert_memory_equal(out, "foob\x55", 5);
	assert_int_equal(read, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_is_a_letter_or_none),
		cmocka_unit_test(a_run_ends_at_what_is_no_letter),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
