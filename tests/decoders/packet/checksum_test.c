// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/checksum.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

// RFC 1071 word by word.
static uint16_t plain_sum(const uint8_t *at, uint32_t len)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < len; i++) {
		sum += i & 1 ? at[i] : (uint32_t)at[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

static void all_lengths_agree_with_the_plain_sum(void **state)
{
	(void)state;
	static uint8_t bytes[70000];
	uint32_t random = 1;
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		random = random * 1103515245 + 12345;
		bytes[i] = (uint8_t)(random >> 16);
	}
	for (uint32_t len = 0; len < 200; len++) {
		for (uint32_t offset = 0; offset < 4; offset++) {
			uint16_t got = checksum_fold(checksum_sum(span_of(bytes + offset, len)));
			assert_int_equal(__builtin_bswap16(got), plain_sum(bytes + offset, len));
		}
	}
	assert_int_equal(__builtin_bswap16(checksum_fold(checksum_sum(span_of(bytes, sizeof(bytes))))),
		plain_sum(bytes, sizeof(bytes)));
}

static void the_largest_sums_do_not_overflow(void **state)
{
	(void)state;
	size_t len = 1u << 20;
	uint8_t *bytes = malloc(len);
	assert_non_null(bytes);
	memset(bytes, 0xff, len);
	assert_int_equal(checksum_fold(checksum_sum(span_of(bytes, len))), 0xffff);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_lengths_agree_with_the_plain_sum),
		cmocka_unit_test(the_largest_sums_do_not_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
