// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/telnet/telnet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

static void test_units(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		uint32_t len, unit;
		bool command;
	} rows[] = {
		{ "\xff\xfd\x18\xff", 4, 3, true },
		{ "\xff\xfd", 2, 0, true },
		{ "\xff\xf1x", 3, 2, true },
		{ "\xff\xfa\x18\x01\xff\xf0x", 7, 6, true },
		{ "\xff\xfa\x18\xff\xff\xf0", 6, 0, true }, // a doubled IAC ends nothing
		{ "login\r\nx", 8, 7, false },
		{ "login: ", 7, 0, false },
		{ "abc\xff\xfb", 5, 3, false },
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool command;
		assert_int_equal(telnet_unit(span_of(rows[i].bytes, rows[i].len), &command), rows[i].unit);
		assert_int_equal(command, rows[i].command);
	}
}

static void test_what_never_ends_is_cut(void **state)
{
	(void)state;
	static uint8_t much[3 * TELNET_LINE_MAX + 5];
	struct app_drive t = { 0 };
	app_drive_open(&t, &telnet_parser, PROTO_TCP, 40000, 23);
	assert_true(app_drive_feed(&t, TO_SERVER, much, sizeof(much)));
	assert_int_equal(t.sides[TO_SERVER].len, 5);
	much[0] = 255;
	much[1] = 250;
	assert_true(app_drive_feed(&t, TO_CLIENT, much, sizeof(much)));
	assert_in_range(t.sides[TO_CLIENT].len, 0, TELNET_LINE_MAX);
	assert_true(app_drive_end(&t, TO_SERVER));
	assert_int_equal(t.sides[TO_SERVER].len, 0);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_what_never_ends_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
