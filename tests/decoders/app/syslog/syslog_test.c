// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/syslog/syslog.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

static void test_bsd_message(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &syslog_parser, PROTO_UDP, 40000, 514);
	app_drive_text(&t, TO_SERVER, "<34>Oct 11 22:14:15 mymachine su[71]: 'su root' failed\n");
	assert_true(fact_counts(&t, 0, SYSLOG_PRIORITY, 34));
	assert_true(fact_says(&t, 0, SYSLOG_FACILITY, "AUTH"));
	assert_true(fact_says(&t, 0, SYSLOG_SEVERITY, "CRIT"));
	assert_true(fact_says(&t, 0, SYSLOG_HOSTNAME, "mymachine"));
	assert_true(fact_says(&t, 0, SYSLOG_PROGRAM, "su"));
	assert_true(fact_says(&t, 0, SYSLOG_PROCESS_ID, "71"));
	assert_true(fact_says(&t, 0, SYSLOG_MESSAGE, "'su root' failed"));
	app_drive_text(&t, TO_SERVER, "<191>just words");
	assert_true(fact_says(&t, 1, SYSLOG_MESSAGE, "just words"));
	assert_true(fact_says(&t, 1, SYSLOG_FACILITY, "LOCAL7"));
	static const char *const bad[] = { "<192>x", "<>x", "<12", "<1234>x", "x" };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		app_drive_text(&t, TO_SERVER, bad[i]);
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, 2 + i), "malformed_data"));
	}
	app_drive_close(&t);
}

static void test_message_of_version_1_counted_over_tcp(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &syslog_parser, PROTO_TCP, 40000, 601);
	app_drive_text(&t, TO_SERVER, "45 <165>1 2003-10-11T22:14:15Z host app - ID");
	assert_null(app_drive_tx(&t, 0));
	app_drive_text(&t, TO_SERVER, "7 hi<13>a\n<14>b\n");
	assert_true(fact_counts(&t, 0, SYSLOG_VERSION, 1));
	assert_true(fact_says(&t, 0, SYSLOG_TIMESTAMP, "2003-10-11T22:14:15Z"));
	assert_true(fact_says(&t, 0, SYSLOG_HOSTNAME, "host"));
	assert_true(fact_silent(&t, 0, SYSLOG_PROCESS_ID));
	assert_true(fact_says(&t, 0, SYSLOG_MESSAGE_ID, "ID7"));
	assert_true(fact_says(&t, 0, SYSLOG_MESSAGE, "hi"));
	assert_true(fact_says(&t, 1, SYSLOG_MESSAGE, "a"));
	assert_true(fact_says(&t, 2, SYSLOG_MESSAGE, "b"));
	app_drive_close(&t);
}

static void test_too_long_and_gaps(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &syslog_parser, PROTO_TCP, 40000, 601);
	app_drive_text(&t, TO_SERVER, "70000 <13>");
	app_drive_gap(&t, TO_SERVER, 69995);
	app_drive_text(&t, TO_SERVER, "z<13>a\n");
	assert_int_equal(fact_counter_of(&t, TALLY_TRUNCATED), 1);
	assert_true(fact_says(&t, 0, SYSLOG_MESSAGE, "a"));
	app_drive_gap(&t, TO_SERVER, 10);
	app_drive_text(&t, TO_SERVER, "rest of one\n<13>b\n");
	assert_true(fact_says(&t, 1, SYSLOG_MESSAGE, "b"));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bsd_message),
		cmocka_unit_test(test_message_of_version_1_counted_over_tcp),
		cmocka_unit_test(test_too_long_and_gaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
