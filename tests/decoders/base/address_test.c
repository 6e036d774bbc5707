// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct address parsed(const char *text)
{
	struct address a;
	assert_true(address_parse(text, &a));
	return a;
}

static void text_goes_both_ways(void **state)
{
	static const struct {
		const char *text, *compressed, *full;
	} rows[] = {
		{ "0.0.0.0", "0.0.0.0", "0.0.0.0" },
		{ "10.20.30.255", "10.20.30.255", "10.20.30.255" },
		{ "2001:db8::1", "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001" },
		{ "::", "::", "0000:0000:0000:0000:0000:0000:0000:0000" },
		{ "FE80::ABCD", "fe80::abcd", "fe80:0000:0000:0000:0000:0000:0000:abcd" },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address a = parsed(rows[i].text);
		char text[ADDRESS_TEXT_SIZE];
		assert_int_equal(address_format(&a, true, text), strlen(rows[i].compressed));
		assert_string_equal(text, rows[i].compressed);
		assert_int_equal(address_format(&a, false, text), strlen(rows[i].full));
		assert_string_equal(text, rows[i].full);
	}
	struct address a;
	assert_false(address_parse("10.0.0", &a));
	assert_false(address_parse("10.0.0.256", &a));
	assert_false(address_parse("2001:db8::1::2", &a));
}

static void networks_hold_what_they_should(void **state)
{
	static const struct {
		const char *address, *network;
		unsigned bits;
		bool in;
	} rows[] = {
		{ "10.1.2.3", "10.0.0.0", 96 + 8, true },
		{ "11.1.2.3", "10.0.0.0", 96 + 8, false },
		{ "10.0.0.129", "10.0.0.128", 96 + 25, true },
		{ "10.0.0.127", "10.0.0.128", 96 + 25, false },
		{ "10.0.0.1", "10.0.0.1", 128, true },
		{ "1.2.3.4", "0.0.0.0", 96, true },
		{ "2001:db8::1", "0.0.0.0", 96, false },
		{ "2001:db8::1", "2001:db8::", 32, true },
		{ "2001:db9::1", "2001:db8::", 32, false },
		{ "2001:db9::1", "2001:db8::", 31, true },
		{ "1.2.3.4", "::", 0, true },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address a = parsed(rows[i].address), n = parsed(rows[i].network);
		assert_int_equal(address_in(&a, &n, rows[i].bits), rows[i].in);
	}
}

static void order_is_that_of_the_wire(void **state)
{
	(void)state;
	struct address a = parsed("10.0.0.1"), b = parsed("10.0.1.0");
	assert_true(address_compare(&a, &b) < 0);
	assert_true(address_equal(&a, &a));
	assert_false(address_equal(&a, &b));
	assert_true(address_is_v4(&a));
	struct address c = parsed("2001:db8::1");
	assert_false(address_is_v4(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_goes_both_ways),
		cmocka_unit_test(networks_hold_what_they_should),
		cmocka_unit_test(order_is_that_of_the_wire),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
