// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mysql/mysql.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define GREETING \
	"3a0000000a382e302e310007000000414141414141414100ffff210200080015000000000000000000004242424242424242" \
	"42424242426e617469766500"
#define LOGIN \
	"330000010882080000000001210000000000000000000000000000000000000000000000626f620002787973686f70006e61" \
	"7469766500"
#define SSL \
	"20000001008a000000000001210000000000000000000000000000000000000000000000"
#define OK \
	"0700000200000002000000"
#define ERROR \
	"16000002ff15042332383030304163636573732064656e696564"
#define QUERY \
	"090000000373656c6563742031"
#define ROWS \
	"0100000101010000027801000003fe"
#define QUIT \
	"0100000001"
#define QERR \
	"0c000001ff2804233432303030626164"
#define UPDATE \
	"03000001000500"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &mysql_parser, PROTO_TCP, 40000, 3306);
}

static void log_in(struct app_drive *t)
{
	open_drive(t);
	app_drive_hex(t, TO_CLIENT, GREETING);
	app_drive_hex(t, TO_SERVER, LOGIN);
	app_drive_hex(t, TO_CLIENT, OK);
}

static void test_login(void **state)
{
	(void)state;
	struct app_drive t;
	log_in(&t);
	assert_true(fact_says(&t, 0, MYSQL_VERSION, "8.0.1"));
	assert_true(fact_counts(&t, 0, MYSQL_CONNECTION_ID, 7));
	assert_true(fact_says(&t, 0, MYSQL_USER, "bob"));
	assert_true(fact_says(&t, 0, MYSQL_DATABASE, "shop"));
	assert_true(fact_says_nth(&t, 0, MYSQL_PLUGIN, 1, "native"));
	assert_true(fact_counts(&t, 0, MYSQL_SUCCESS, 1));
	assert_true(app_tx_done(&mysql_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_CLIENT, GREETING);
	app_drive_hex(&t, TO_SERVER, LOGIN);
	app_drive_hex(&t, TO_CLIENT, ERROR);
	assert_true(fact_counts(&t, 0, MYSQL_SUCCESS, 0));
	assert_true(fact_counts(&t, 0, MYSQL_ERROR_CODE, 1045));
	assert_true(fact_says(&t, 0, MYSQL_SQL_STATE, "28000"));
	assert_true(fact_says(&t, 0, MYSQL_ERROR, "Access denied"));
	app_drive_close(&t);
}

static void test_ssl_changes_the_flow(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_CLIENT, GREETING);
	app_drive_hex(&t, TO_SERVER, SSL);
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	assert_true(fact_counts(&t, 0, MYSQL_SSL, 1));
	app_drive_close(&t);
}

static void test_commands(void **state)
{
	(void)state;
	struct app_drive t;
	log_in(&t);
	app_drive_hex(&t, TO_SERVER, QUERY);
	assert_true(fact_says(&t, 1, MYSQL_COMMAND, "query"));
	assert_true(fact_says(&t, 1, MYSQL_ARGUMENT, "select 1"));
	assert_false(app_tx_done(&mysql_parser, app_drive_tx(&t, 1)));
	app_drive_hex(&t, TO_CLIENT, ROWS);
	assert_true(app_tx_done(&mysql_parser, app_drive_tx(&t, 1)));
	app_drive_hex(&t, TO_SERVER, QUERY);
	app_drive_hex(&t, TO_CLIENT, QERR);
	assert_true(fact_counts(&t, 2, MYSQL_ERROR_CODE, 1064));
	app_drive_hex(&t, TO_SERVER, QUERY);
	app_drive_hex(&t, TO_CLIENT, UPDATE);
	assert_true(fact_counts(&t, 3, MYSQL_ROWS, 5));
	app_drive_hex(&t, TO_SERVER, QUIT);
	assert_true(app_tx_done(&mysql_parser, app_drive_tx(&t, 4)));
	app_drive_close(&t);
}

static void test_hostile_peers(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t); // an old protocol
	app_drive_hex(&t, TO_CLIENT, "02000000 09 00");
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 1);
	app_drive_close(&t);
	open_drive(&t); // a login cut short
	app_drive_hex(&t, TO_CLIENT, GREETING);
	app_drive_hex(&t, TO_SERVER, "05000001 0002000000");
	assert_int_equal(t.result, APP_ERROR);
	assert_true(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
	log_in(&t); // a command nobody knows, and one of 16 MB that comes with a gap
	app_drive_hex(&t, TO_SERVER, "01000000 ee");
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "unexpected_message"));
	static char many[MYSQL_PACKET_MAX] = "\xff\xff\xff\0\3";
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	assert_true(fact_says(&t, 2, MYSQL_COMMAND, "query"));
	app_drive_gap(&t, TO_SERVER, 0xffffff + 4 - sizeof(many));
	app_drive_hex(&t, TO_SERVER, QUERY);
	assert_true(fact_says(&t, 3, MYSQL_ARGUMENT, "select 1"));
	for (unsigned i = 0; i < 2 * FACT_OPEN_MAX; i++)
		app_drive_hex(&t, TO_SERVER, QUERY);
	assert_true(app_drive_has_event(&t, NULL, "too_many_transactions"));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_ssl_changes_the_flow),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_hostile_peers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
