// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/radius/radius.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

#define AUTHENTICATOR "000102030405060708090a0b0c0d0e0f"

static void test_request_and_accept(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &radius_parser, PROTO_UDP, 40000, 1812);
	assert_true(app_drive_hex(
		&t, TO_SERVER, "01 07 0027" AUTHENTICATOR "01 05 626f62  04 06 0a000001  1f 04 6161  42 04 0161"));
	assert_true(fact_says(&t, 0, RADIUS_TYPE, "access_request"));
	assert_true(fact_counts(&t, 0, RADIUS_IDENTIFIER, 7));
	assert_true(fact_says(&t, 0, RADIUS_USERNAME, "bob"));
	assert_true(fact_says(&t, 0, RADIUS_MAC, "aa"));
	assert_true(fact_says(&t, 0, RADIUS_TUNNEL_CLIENT, "a"));
	assert_true(fact_silent(&t, 0, RADIUS_RESULT));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "02 07 001a" AUTHENTICATOR "08 06 0a000002"));
	assert_true(fact_says(&t, 1, RADIUS_RESULT, "success"));
	app_drive_close(&t);
}

static void test_hostile_lengths(void **state)
{
	(void)state;
	static const char *const bad[] = { "01 07 0016" AUTHENTICATOR "01 01", "01 07 0016" AUTHENTICATOR "01 00",
		"01 07 0016" AUTHENTICATOR "01 09", "01 07 0400" AUTHENTICATOR, "01 07 0005" AUTHENTICATOR,
		"ff 07 0014" AUTHENTICATOR, "01 07 0015" AUTHENTICATOR "01" };
	struct app_drive t = { 0 };
	app_drive_open(&t, &radius_parser, PROTO_UDP, 40000, 1812);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(app_drive_hex(&t, TO_SERVER, bad[i]));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, i), "malformed_data"));
	}
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_and_accept),
		cmocka_unit_test(test_hostile_lengths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
