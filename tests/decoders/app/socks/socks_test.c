// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/socks/socks.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &socks_parser, PROTO_TCP, 40000, 1080);
}

static void test_version_5_with_password_becomes_what_is_inside(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "05 02 00 02");
	app_drive_hex(&t, TO_CLIENT, "05 02");
	app_drive_hex(&t, TO_SERVER, "01 03 626f62 02 7077");
	app_drive_hex(&t, TO_CLIENT, "01 00");
	app_drive_hex(&t, TO_SERVER, "05 01 00 03 04 686f7374 01bb");
	assert_false(app_tx_done(&socks_parser, app_drive_tx(&t, 0)));
	app_drive_hex(&t, TO_CLIENT, "05 00 00 01 0a000001 1f90");
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_UNKNOWN);
	assert_true(fact_counts(&t, 0, SOCKS_VERSION, 5));
	assert_true(fact_says(&t, 0, SOCKS_METHOD, "password"));
	assert_true(fact_says(&t, 0, SOCKS_USER, "bob"));
	assert_true(fact_says(&t, 0, SOCKS_COMMAND, "connect"));
	assert_true(fact_says(&t, 0, SOCKS_HOST, "host"));
	assert_true(fact_counts(&t, 0, SOCKS_PORT, 443));
	assert_true(fact_says(&t, 0, SOCKS_STATUS, "succeeded"));
	assert_true(app_tx_done(&socks_parser, app_drive_tx(&t, 0)));
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_refusals_end_parsing(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "05 01 00");
	app_drive_hex(&t, TO_CLIENT, "05 00");
	app_drive_hex(&t, TO_SERVER, "05 01 00 04 20010db8000000000000000000000001 0050");
	app_drive_hex(&t, TO_CLIENT, "05 05 00 01 00000000 0000");
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_true(fact_says(&t, 0, SOCKS_STATUS, "connection_refused"));
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "05 01 02 01 01 61 01 62");
	app_drive_hex(&t, TO_CLIENT, "05 02 01 01");
	assert_true(fact_says(&t, 0, SOCKS_STATUS, "authentication_failed"));
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "05 01 00");
	app_drive_hex(&t, TO_CLIENT, "05 ff");
	assert_true(fact_says(&t, 0, SOCKS_METHOD, "no_acceptable"));
	app_drive_close(&t);
}

static void test_version_4(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "04 01 0050 00000001 6a6f6500 77");
	assert_null(app_drive_tx(&t, 0));
	app_drive_hex(&t, TO_SERVER, "7700");
	app_drive_hex(&t, TO_CLIENT, "00 5a 0050 0a000001");
	assert_int_equal(t.result, APP_SWITCH);
	assert_true(fact_says(&t, 0, SOCKS_USER, "joe"));
	assert_true(fact_says(&t, 0, SOCKS_HOST, "ww"));
	assert_true(fact_says(&t, 0, SOCKS_STATUS, "succeeded"));
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "04 01 0050 0a000001 00");
	app_drive_hex(&t, TO_CLIENT, "00 5b 0050 0a000001");
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_true(fact_says(&t, 0, SOCKS_STATUS, "rejected"));
	app_drive_close(&t);
}

static void test_hostile_clients(void **state)
{
	(void)state;
	struct app_drive t;
	char user[400];
	open_drive(&t);
	memset(user, 'a', sizeof(user));
	app_drive_hex(&t, TO_SERVER, "04 01 0050 0a000001");
	assert_false(app_drive_feed(&t, TO_SERVER, user, sizeof(user)) && t.result == APP_OK);
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "05 01 00 05 01 00 01 0a000001 0050 ffff");
	assert_true(app_drive_has_event(&t, NULL, "unexpected_message"));
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "05 01 00 05 01 00 09 00");
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
	open_drive(&t);
	app_drive_gap(&t, TO_SERVER, 5);
	app_drive_hex(&t, TO_SERVER, "05 01 00");
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\5\1\0", 3, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\5\1\0\1", 4, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\5\2\0", 3, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\4\1\0\120\12\0\0\1\0", 9, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\4\1\0\0\12\0\0\1\0", 9, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "GET ", 4, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_5_with_password_becomes_what_is_inside),
		cmocka_unit_test(test_refusals_end_parsing),
		cmocka_unit_test(test_version_4),
		cmocka_unit_test(test_hostile_clients),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
