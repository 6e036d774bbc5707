// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/redis/redis.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &redis_parser, PROTO_TCP, 40000, 6379);
}

static void test_commands_and_answers(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_text(&t, TO_SERVER, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nv\r\n");
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], 0);
	app_drive_text(&t, TO_SERVER, "ww\r\nPING\r\n");
	assert_true(fact_says(&t, 0, REDIS_COMMAND, "SET"));
	assert_true(fact_says_nth(&t, 0, REDIS_ARGUMENTS, 0, "k"));
	assert_true(fact_says_nth(&t, 0, REDIS_ARGUMENTS, 1, "v\r\nww"));
	assert_true(fact_says(&t, 1, REDIS_COMMAND, "PING"));
	app_drive_text(&t, TO_CLIENT, "+OK\r\n-ERR no\r\n");
	assert_true(fact_says(&t, 0, REDIS_RESPONSE, "OK"));
	assert_true(fact_counts(&t, 0, REDIS_SUCCESS, 1));
	assert_true(fact_says(&t, 1, REDIS_RESPONSE, "ERR no"));
	assert_true(fact_counts(&t, 1, REDIS_SUCCESS, 0));
	assert_true(app_tx_done(&redis_parser, app_drive_tx(&t, 1)));
	app_drive_close(&t);
}

static void test_answers_are_passed_over_whole(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_text(&t, TO_SERVER, "KEYS *\r\nGET a\r\nPING\r\n");
	app_drive_text(&t, TO_CLIENT, "*2\r\n*2\r\n:1\r\n$-1\r\n$3\r\n-x\n\r\n$4\r\n+y");
	assert_true(app_tx_done(&redis_parser, app_drive_tx(&t, 1)));
	assert_true(fact_silent(&t, 1, REDIS_RESPONSE));
	app_drive_text(&t, TO_CLIENT, "\r\n\r\n+PONG\r\n");
	assert_true(fact_says(&t, 2, REDIS_RESPONSE, "PONG"));
	app_drive_close(&t);
}

static void test_passwords_are_not_kept(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_text(&t, TO_SERVER, "*2\r\n$4\r\nauth\r\n$2\r\npw\r\n");
	assert_true(fact_silent(&t, 0, REDIS_ARGUMENTS));
	assert_true(fact_silent(&t, 0, REDIS_USER));
	app_drive_text(&t, TO_SERVER, "*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$2\r\npw\r\nAUTH joe pw\r\n");
	assert_true(fact_says(&t, 1, REDIS_USER, "bob"));
	assert_true(fact_says(&t, 2, REDIS_USER, "joe"));
	assert_true(fact_silent(&t, 2, REDIS_ARGUMENTS));
	app_drive_text(&t, TO_SERVER, "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$2\r\npw\r\n");
	assert_true(fact_says(&t, 3, REDIS_USER, "ann"));
	assert_false(fact_says_nth(&t, 3, REDIS_ARGUMENTS, 2, "pw"));
	assert_false(fact_says_nth(&t, 3, REDIS_ARGUMENTS, 3, "pw"));
	app_drive_close(&t);
}

static void test_hostile_peers(void **state)
{
	(void)state;
	static const char *const bad[] = { "*x\r\n", "*99999999999999\r\n", "*1\r\n$99999999999\r\n", "*1\r\n?\r\n" };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		app_drive_text(&t, TO_SERVER, bad[i]);
		assert_int_equal(t.result, APP_ERROR);
		app_drive_close(&t);
	}
	struct app_drive t;
	open_drive(&t); // a string of 100 MB, lost but for its beginning
	static char many[REDIS_BULK_MAX];
	app_drive_text(&t, TO_SERVER, "*2\r\n$3\r\nSET\r\n$100000000\r\n");
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	app_drive_gap(&t, TO_SERVER, 100000000 + 2 - sizeof(many));
	app_drive_text(&t, TO_SERVER, "PING\r\n");
	assert_true(fact_says(&t, 1, REDIS_COMMAND, "PING"));
	assert_int_equal(fact_counter_of(&t, TALLY_TRUNCATED), 1);
	app_drive_gap(&t, TO_SERVER, 1);
	app_drive_text(&t, TO_SERVER, "PING\r\n");
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
}

// The transaction of a command that was answered too early may be gone when the command goes on.
static void test_answers_may_come_before_the_command_ends(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_text(&t, TO_SERVER, "*3\r\n$3\r\nSET\r\n");
	app_drive_text(&t, TO_CLIENT, "-ERR early\r\n");
	assert_true(fact_says(&t, 0, REDIS_RESPONSE, "ERR early"));
	app_drive_clean(&t);
	assert_null(app_drive_tx(&t, 0));
	app_drive_text(&t, TO_SERVER, "$1\r\nk\r\n$1\r\nv\r\nPING\r\n");
	assert_true(fact_says(&t, 0, REDIS_COMMAND, "PING"));
	app_drive_text(&t, TO_CLIENT, "+PONG\r\n");
	assert_true(fact_says(&t, 0, REDIS_RESPONSE, "PONG"));
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "*1\r\n$4", 6, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "*1", 2, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "PING\r\n", 6, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "PING\r\n", 6, true), APP_PROBE_YES);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_and_answers),
		cmocka_unit_test(test_answers_are_passed_over_whole),
		cmocka_unit_test(test_passwords_are_not_kept),
		cmocka_unit_test(test_hostile_peers),
		cmocka_unit_test(test_answers_may_come_before_the_command_ends),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
