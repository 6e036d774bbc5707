// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/imap/imap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/mail_drive.h"

#define MAIL "Subject: x\r\nContent-Disposition: attachment; filename=f.txt\r\n\r\na1 OK no\r\n"

static int fresh(void **state)
{
	(void)state;
	t = (struct app_drive) { 0 };
	mail_drive_open(&imap_parser, 143);
	return 0;
}

static const struct imap_tx *nth(unsigned n)
{
	return imap_tx_of(app_drive_tx(&t, n));
}

static void commands_and_tags(void **state)
{
	(void)state;
	server("* OK hello\r\n");
	client("a1 login \"me\" secret\r\na2 uid search all\r\na3 noop\r\n");
	assert_true(span_is(span_of(nth(0)->user, nth(0)->user_len), "me"));
	assert_true(span_is(span_of(nth(0)->name, nth(0)->name_len), "LOGIN"));
	assert_true(span_is(span_of(nth(1)->name, nth(1)->name_len), "SEARCH"));
	server("a1 OK\r\n* SEARCH 1\r\na3 NO never\r\n");
	assert_true(nth(0)->done && nth(0)->ok);
	assert_true(nth(2)->done && !nth(2)->ok);
	assert_false(nth(1)->done);
	server("a9 OK stray\r\na2 OK\r\n");
	assert_true(nth(1)->done);
	assert_null(app_drive_tx(&t, 3));
}

static void mails_fetched_and_stored(void **state)
{
	(void)state;
	char line[64];
	client("a1 FETCH 1:2 BODY[]\r\n");
	snprintf(line, sizeof(line), "* 1 FETCH (UID 5 BODY[] {%zu}\r\n", sizeof(MAIL) - 1);
	for (unsigned i = 0; i < 2; i++) {
		server(line);
		server(MAIL ")\r\n");
	}
	server("* 3 FETCH (BODY[TEXT] {8}\r\na1 OK\r\n\r\n)\r\n");
	assert_false(nth(0)->done);
	server("a1 OK\r\n");
	assert_true(nth(0)->done);
	assert_int_equal(nth(0)->mails, 2);
	const struct file *file = nth(0)->tx.files;
	assert_true(file && file->next && !file->next->next);
	assert_int_equal(file->direction, TO_CLIENT);
	assert_int_equal(file->state, FILE_CLOSED);
	assert_true(span_starts(bytes_span(&file->window), "a1 OK no"));
	snprintf(line, sizeof(line), "a2 APPEND \"Sent\" (\\Seen) {%zu}\r\n", sizeof(MAIL) - 1);
	client(line);
	server("+ go\r\n");
	client(MAIL);
	client("\r\na3 NOOP\r\n");
	server("a2 OK\r\na3 OK\r\n");
	assert_int_equal(nth(1)->mails, 1);
	assert_int_equal(nth(1)->tx.files->direction, TO_SERVER);
	assert_true(nth(2)->done);
}

static void lines_without_tags(void **state)
{
	(void)state;
	client("a1 AUTHENTICATE PLAIN\r\n");
	server("+ \r\n");
	client("AHgAeQ== x\r\n");
	server("a1 NO\r\n");
	client("a2 IDLE\r\n");
	server("+ idling\r\n");
	client("DONE\r\n");
	server("a2 OK\r\n");
	client("a3 LOGIN {2}\r\n");
	server("+ go\r\n");
	client("me {2}\r\npw\r\n");
	server("a3 OK\r\n");
	assert_true(nth(2)->done);
	assert_null(app_drive_tx(&t, 3));
}

static void starttls(void **state)
{
	(void)state;
	client(". STARTTLS\r\n");
	server(". BAD\r\n");
	client(". STARTTLS\r\n");
	assert_false(app_drive_text(&t, TO_CLIENT, ". OK\r\n"));
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
}

static void lies_and_gaps(void **state)
{
	(void)state;
	static char line[5000];
	memset(line, 'A', sizeof(line));
	client("alone\r\n{5}\r\na1 X {}\r\na2 X {99999999999999999999}\r\n\r\n");
	client("a1 NOOP\r\n");
	assert_true(app_drive_feed(&t, TO_CLIENT, line, sizeof(line)));
	assert_true(app_drive_has_event(&t, NULL, "line_too_long"));
	server("\r\n");
	client("b FETCH 1 RFC822\r\n");
	server("* 1 FETCH (RFC822 {1000}\r\nContent-Disposition: x; filename=f\r\n\r\nabc\r\n");
	app_drive_gap(&t, TO_CLIENT, 10);
	server("more\r\n");
	app_drive_gap(&t, TO_CLIENT, 2000);
	server("x\r\nb OK\r\n");
	struct app_tx *tx = app_drive_tx(&t, 0);
	while (tx && !tx->files)
		tx = tx->next;
	assert_non_null(tx);
	assert_true(imap_tx_of(tx)->done);
	assert_int_equal(tx->files->state, FILE_TRUNCATED);
}

static void bounds(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		client("a NOOP\r\n"), app_drive_clean(&t);
	assert_true(t.flow.app.tx_live <= IMAP_OPEN_MAX);
	client("b FETCH 1 BODY[]\r\n");
	for (int i = 0; i < IMAP_OPEN_MAX; i++)
		server("a OK\r\n");
	for (int i = 0; i < IMAP_MAILS_MAX + 5; i++)
		server("* 1 FETCH (BODY[] {3}\r\nx\r\n)\r\n");
	unsigned n = 0;
	while (nth(n)->name[0] != 'F')
		n++;
	assert_int_equal(nth(n)->mails, IMAP_MAILS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(commands_and_tags, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(mails_fetched_and_stored, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(lines_without_tags, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(starttls, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(lies_and_gaps, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(bounds, fresh, mail_drive_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
