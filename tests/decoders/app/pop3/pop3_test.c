// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/pop3/pop3.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/mail_drive.h"

static int fresh(void **state)
{
	(void)state;
	t = (struct app_drive) { 0 };
	mail_drive_open(&pop3_parser, 110);
	return 0;
}

static const struct pop3_tx *nth(unsigned n)
{
	return pop3_tx_of(app_drive_tx(&t, n));
}

static void commands_and_responses(void **state)
{
	(void)state;
	struct span word;
	server("+OK hello\r\n");
	assert_false(nth(0)->asked);
	assert_true(nth(0)->done && nth(0)->success);
	assert_true(span_is(bytes_span(&nth(0)->header), "hello"));
	client("user me\r\nPASS a  b\r\n"); // pipelined
	server("+OK\r\n-ERR no\r\n");
	assert_true(span_is(pop3_command(nth(1)), "user"));
	assert_true(pop3_argument(nth(2), 1, &word));
	assert_true(span_is(word, "b"));
	assert_false(pop3_argument(nth(2), 2, &word));
	assert_true(nth(1)->success);
	assert_true(nth(2)->done && !nth(2)->success);
	client("LIST\r\n");
	server("+OK 2\r\n1 10\r\n..2 20\r\n");
	assert_false(nth(3)->done);
	server(".\r\n");
	assert_true(nth(3)->done);
	assert_true(span_is(bytes_span(&nth(3)->data), "1 10\n.2 20\n"));
	client("LIST 1\r\n");
	server("+OK 1 10\r\n");
	assert_true(nth(4)->done);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(nth(i)->tx.events, 0);
}

static void sasl(void **state)
{
	(void)state;
	server("+OK\r\n");
	client("AUTH PLAIN\r\n");
	server("+ \r\n");
	client("LIST of secrets\r\n");
	assert_true(span_is(pop3_command(nth(2)), "<SASL DATA>"));
	server("+OK in\r\n");
	assert_true(nth(2)->done);
	client("STAT\r\n");
	assert_true(span_is(pop3_command(nth(3)), "STAT"));
}

static void mails_carry_files(void **state)
{
	(void)state;
	server("+OK\r\n");
	client("RETR 1\r\n");
	server("+OK\r\nSubject: x\r\nContent-Disposition: attachment; filename=f.txt\r\n\r\n+OK no\r\n..dot");
	server("ted\r\n.\r\n+OK stray\r\n");
	assert_true(nth(1)->done);
	assert_non_null(nth(1)->tx.files);
	assert_int_equal(nth(1)->tx.files->state, FILE_CLOSED);
	assert_int_equal(nth(1)->tx.files->direction, TO_CLIENT);
	assert_true(span_is(bytes_span(&nth(1)->tx.files->window), "+OK no\r\n.dotted"));
	assert_int_equal(nth(1)->data.len, 0);
}

static void stls(void **state)
{
	(void)state;
	client("STLS\r\n");
	server("-ERR no\r\n");
	client("STLS\r\n");
	assert_false(app_drive_text(&t, TO_CLIENT, "+OK go\r\n\x16\x03\x01"));
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	assert_int_equal(t.sides[TO_CLIENT].len, 3);
}

static void lies(void **state)
{
	(void)state;
	char line[5000];
	memset(line, 'A', sizeof(line));
	client("FROB\r\n");
	assert_true(app_drive_has_event(&t, NULL, "unknown_command"));
	client("TOP 1\r\n");
	assert_true(app_drive_has_event(&t, NULL, "incorrect_argument_count"));
	assert_true(app_drive_feed(&t, TO_SERVER, line, sizeof(line)));
	assert_true(app_drive_has_event(&t, NULL, "request_too_long"));
	client("rest\r\nNOOP\r\n");
	assert_true(span_is(pop3_command(nth(3)), "NOOP"));
	server("what\r\n\r\n-ERR\r\n-ERR\r\n-ERR\r\n+OK ");
	assert_true(app_drive_feed(&t, TO_CLIENT, line, sizeof(line)));
	assert_true(app_drive_has_event(&t, NULL, "response_too_long"));
	assert_true(nth(3)->done);
}

static void gaps(void **state)
{
	(void)state;
	server("+OK\r\n");
	client("CAPA\r\nRETR 1\r\nNOOP\r\n");
	server("+OK\r\nTOP\r\n");
	app_drive_gap(&t, TO_CLIENT, 20); // with the dot
	server("x\r\n+OK\r\nSubject: x\r\n\r\nbody\r\n.\r\n+OK noop\r\n");
	assert_true(nth(1)->done);
	assert_true(nth(2)->done && nth(3)->done);
	app_drive_gap(&t, TO_SERVER, 5);
	client("x\r\nQUIT\r\n");
	assert_true(span_is(pop3_command(nth(4)), "QUIT"));
}

static void bounds(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		client("NOOP\r\n");
		app_drive_clean(&t);
	}
	assert_true(t.flow.app.tx_live <= POP3_OPEN_MAX);
	client("CAPA\r\n");
	for (unsigned i = 0; i < POP3_OPEN_MAX; i++)
		server("+OK\r\n");
	client("UIDL\r\n");
	server("+OK\r\n");
	for (int i = 0; i < POP3_ROWS_MAX + 9; i++)
		server("1 x\r\n");
	server(".\r\n");
	assert_true(app_drive_has_event(&t, NULL, "response_too_long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(commands_and_responses, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(sasl, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(mails_carry_files, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(stls, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(lies, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(gaps, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(bounds, fresh, mail_drive_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
