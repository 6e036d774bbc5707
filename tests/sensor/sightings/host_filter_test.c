// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "sensor/sightings/host_filter.h"

static struct address host_of(unsigned number)
{
	return address_v4((const uint8_t[4]) { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number });
}

static void all_that_were_added_are_there_and_few_others(void **state)
{
	(void)state;
	static const unsigned counts[] = { 0, 1, 2, 5, 20, 100, 400, 1333 };
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct host_filter filter;
		struct address host;
		unsigned wrong = 0;
		host_filter_clear(&filter);
		for (unsigned n = 0; n < counts[i]; n++) {
			host = host_of(n * 7);
			host_filter_add(&filter, &host);
		}
		struct span bytes = host_filter_fold(&filter);
		assert_true(bytes.len >= HOST_FILTER_BYTES_MIN && bytes.len <= HOST_FILTER_BYTES_MAX);
		assert_true(bytes.len == HOST_FILTER_BYTES_MIN || bytes.len <= 2 * counts[i]);
		for (unsigned n = 0; n < 10000; n++) {
			host = host_of(n);
			bool has = host_filter_may_have(bytes, &host);
			if (n % 7 == 0 && n / 7 < counts[i])
				assert_true(has);
			else
				wrong += has;
		}
		assert_true(wrong < 1300); // an eighth, if half of the bits are set
	}
}

static void its_bytes_are_the_same_for_good(void **state)
{
	(void)state;
	struct host_filter filter;
	const struct address v4 = host_of(258), v6 = address_v6((const uint8_t[16]) { 0x20, 1, 0xd, 0xb8, [15] = 1 });
	host_filter_clear(&filter);
	host_filter_add(&filter, &v4);
	host_filter_add(&filter, &v6);
	struct span bytes = host_filter_fold(&filter);
	assert_int_equal(bytes.len, 8);
	assert_memory_equal(bytes.data, ((const uint8_t[]) { 0x00, 0x64, 0x04, 0x00, 0x00, 0x30, 0x00, 0x00 }), 8);
}

static void bytes_that_are_no_filter_may_have_everything(void **state)
{
	(void)state;
	static const uint8_t none[2 * HOST_FILTER_BYTES_MAX];
	const struct address host = host_of(1);
	for (uint32_t len = 0; len <= sizeof(none); len++) {
		bool filter = len >= HOST_FILTER_BYTES_MIN && len <= HOST_FILTER_BYTES_MAX && (len & (len - 1)) == 0;
		assert_int_equal(host_filter_may_have(span_of(none, len), &host), !filter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_were_added_are_there_and_few_others),
		cmocka_unit_test(its_bytes_are_the_same_for_good),
		cmocka_unit_test(bytes_that_are_no_filter_may_have_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
