// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smtp/smtp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/mail_drive.h"

static void open_drive(void)
{
	t.config.hash_md5 = true;
	mail_drive_open(&smtp_parser, 25);
}

static int fresh(void **state)
{
	(void)state;
	t = (struct app_drive) { 0 };
	open_drive();
	return 0;
}

static const struct smtp_tx *mail(unsigned n)
{
	return smtp_tx_of(app_drive_tx(&t, n));
}

static void greet(const char *extensions)
{
	server("220 mx ESMTP\r\n");
	client("EHLO here\r\n");
	server(extensions);
}

static void envelope(void)
{
	client("MAIL FROM:<a@b> SIZE=1\r\n");
	server("250 ok\r\n");
	client("RCPT TO:<c@d>\r\n");
	server("250 ok\r\n");
	client("DATA\r\n");
	server("354 go\r\n");
}

static void mails_are_transactions(void **state)
{
	(void)state;
	greet("250-mx\r\n250 SIZE 5\r\n");
	envelope();
	client("Subject: one\r\n\r\nhello\r\n..dot\r\n");
	assert_false(mail(0)->done);
	client(".\r\n");
	assert_true(mail(0)->done);
	server("250 queued\r\n");
	envelope();
	client("Subject: two\r\n\r\nhello\r\n.\r\n");
	server("250 queued\r\n");
	client("QUIT\r\n");
	server("221 bye\r\n");
	assert_null(app_drive_tx(&t, 2));
	assert_true(span_is(smtp_helo(&t.flow), "here"));
	assert_true(span_is(bytes_span(&mail(0)->mail_from), "<a@b>"));
	assert_int_equal(mail(1)->recipients, 1);
	assert_memory_equal(mail(1)->first->bytes, "<c@d>", 5);
	struct span subject;
	assert_true(mime_header_at(mail(1)->mail, MIME_SUBJECT, 0, &subject));
	assert_true(span_is(subject, "two"));
	assert_int_equal(mail(0)->tx.events | mail(1)->tx.events, 0);
	// Words of leaving after the mail was freed make none either
	app_drive_clean(&t);
	client("RSET\r\n");
	server("250 ok\r\n");
	assert_null(app_drive_tx(&t, 0));
}

static void reset_ends_a_mail(void **state)
{
	(void)state;
	greet("250 mx\r\n");
	client("MAIL FROM:<a@b>\r\nMAIL FROM:<again@b>\r\n");
	assert_true(app_drive_has_event(&t, NULL, "duplicate_fields"));
	server("250 ok\r\n250 ok\r\n");
	client("RSET\r\n");
	assert_true(mail(0)->done);
	assert_null(mail(0)->mail);
	server("250 ok\r\n");
	client("MAIL FROM:<b@b>\r\n");
	assert_true(span_is(bytes_span(&mail(1)->mail_from), "<b@b>"));
}

static void pipelined_mail_needs_no_354(void **state)
{
	(void)state;
	greet("250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
	client("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\nMAIL FROM:<not@this>\r\n.\r\nQUIT\r\n");
	server("250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n");
	assert_true(mail(0)->done);
	assert_null(app_drive_tx(&t, 1));
	assert_int_equal(mail(0)->tx.events, 0);
	// The next is in commands again
	client("MAIL FROM:<e@f>\r\n");
	assert_true(span_is(bytes_span(&mail(1)->mail_from), "<e@f>"));
}

static void rejected_data_is_no_mail(void **state)
{
	(void)state;
	greet("250-mx\r\n250 PIPELINING\r\n");
	client("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	server("553 no\r\n503 no\r\n503 no\r\n");
	assert_true(app_drive_has_event(&t, NULL, "data_command_rejected"));
	assert_null(mail(0)->mail);
	client("RSET\r\n");
	server("250 ok\r\n");
	assert_true(mail(0)->done);
}

static void mail_without_servers_word(void **state)
{
	(void)state;
	client("EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: early\r\n\r\nbody\r\n.\r\nQUIT\r\n");
	assert_true(app_drive_has_event(&t, NULL, "no_server_welcome_message"));
	assert_true(app_drive_has_event(&t, NULL, "invalid_pipelined_sequence"));
	assert_true(mail(0)->done);
	struct span subject;
	assert_true(mime_header_at(mail(0)->mail, MIME_SUBJECT, 0, &subject));
	assert_null(app_drive_tx(&t, 1));
}

static void chunks(void **state)
{
	(void)state;
	greet("250-mx\r\n250 CHUNKING\r\n");
	client("MAIL FROM:<a@b>\r\n");
	server("250 ok\r\n");
	client("BDAT 17\r\nSubject: x\r\n\r\nab");
	assert_false(app_drive_has_event(&t, NULL, "bdat_chunk_len_exceeded"));
	client("c");
	server("250 ok\r\n");
	client("BDAT 4 LAST\r\n.\r\n.");
	server("250 ok\r\n");
	assert_true(mail(0)->done);
	assert_int_equal(mail(0)->tx.events, 0);
	client("MAIL FROM:<a@b>\r\nBDAT 0 LAST\r\n");
	assert_true(mail(1)->done);
	client("MAIL FROM:<a@b>\r\nBDAT 3\r\nabcdef\r\n");
	assert_true(app_drive_has_event(&t, &app_drive_tx(&t, 2)[0], "bdat_chunk_len_exceeded"));
	client("BDAT many\r\n");
	assert_true(app_drive_has_event(&t, NULL, "invalid_bdat"));
	client("BDAT 99999999999999999999999 LAST\r\n");
}

static void starttls(void **state)
{
	(void)state;
	greet("250 STARTTLS\r\n");
	client("STARTTLS\r\n");
	server("454 no\r\n");
	assert_true(app_drive_has_event(&t, NULL, "tls_rejected"));
	client("STARTTLS\r\n");
	assert_false(app_drive_text(&t, TO_CLIENT, "220 go\r\n"));
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	assert_true(mail(0)->done);
}

static void replies_that_lie(void **state)
{
	(void)state;
	server("554 go away\r\n");
	assert_true(app_drive_has_event(&t, NULL, "invalid_reply"));
	server("250 what\r\n");
	assert_true(app_drive_has_event(&t, NULL, "unable_to_match_reply_with_request"));
	assert_false(mail(0)->commanded);
	static const char *const bad[] = { "\r\n", "2\r\n", "abc\r\n", "999 x\r\n", "2500 x\r\n" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		server(bad[i]);
}

static void long_lines(void **state)
{
	(void)state;
	char line[5000];
	memset(line, 'A', sizeof(line));
	server("220 mx\r\n");
	assert_true(app_drive_feed(&t, TO_SERVER, line, sizeof(line)));
	assert_true(app_drive_has_event(&t, NULL, "max_command_line_len_exceeded"));
	client("MAIL FROM:<no@no>\r\nMAIL FROM:<a@b>\r\n");
	assert_true(span_is(bytes_span(&mail(0)->mail_from), "<a@b>"));
	assert_true(app_drive_feed(&t, TO_CLIENT, line, sizeof(line)));
	assert_true(app_drive_has_event(&t, NULL, "max_reply_line_len_exceeded"));
	// Content may have lines of any length, and no dot in the middle of one ends it
	server("\r\n250 ok\r\n250 ok\r\n");
	client("DATA\r\n");
	server("354 go\r\n");
	client("Subject: x\r\n\r\n");
	assert_true(app_drive_feed(&t, TO_SERVER, line, sizeof(line)));
	client(".\r\n");
	assert_false(mail(0)->done);
	client(".\r\n");
	assert_true(mail(0)->done);
	assert_true(app_drive_has_event(&t, NULL, "mime_long_line"));
}

static void gaps(void **state)
{
	(void)state;
	greet("250 mx\r\n");
	envelope();
	client("Content-Disposition: attachment; filename=a.bin\r\n\r\nabc\r\n");
	app_drive_gap(&t, TO_SERVER, 100);
	client("rest\r\nmore\r\n.\r\n");
	assert_true(mail(0)->done);
	assert_non_null(mail(0)->tx.files);
	assert_true(mail(0)->tx.files->has_gaps);
	assert_int_equal(mail(0)->tx.files->state, FILE_TRUNCATED);
	app_drive_gap(&t, TO_CLIENT, 10);
	server("k\r\n250 ok\r\n");
	app_drive_gap(&t, TO_SERVER, 10);
	client("x\r\nMAIL FROM:<z@z>\r\n");
	assert_true(span_is(bytes_span(&mail(1)->mail_from), "<z@z>"));
	client("DATA\r\n");
	server("250 ok\r\n354 go\r\n");
	client("Subject: x\r\n\r\nQUIT\r\n");
	assert_false(mail(1)->done);
	app_drive_gap(&t, TO_SERVER, 10); // with the dot
	client("\r\nMAIL FROM:<y@y>\r\n");
	assert_true(mail(1)->done);
	assert_true(span_is(bytes_span(&mail(2)->mail_from), "<y@y>"));
}

static void bounds(void **state)
{
	(void)state;
	greet("250 mx\r\n");
	client("MAIL FROM:<a@b>\r\n");
	for (int i = 0; i < SMTP_RECIPIENTS_MAX + 10; i++)
		client("RCPT TO:<x@y>\r\n");
	assert_int_equal(mail(0)->recipients, SMTP_RECIPIENTS_MAX);
	const uint64_t *counters = app_parser_counters(&smtp_parser, t.shared);
	assert_true(counters[2] >= 10); // over_budget
	for (int i = 0; i < 300; i++)
		client("RSET\r\nMAIL FROM:<a@b>\r\n"), app_drive_clean(&t);
}

static void raw_mail(void **state)
{
	(void)state;
	app_drive_close(&t);
	t = (struct app_drive) { 0 };
	struct option_pair pair = { (char *)"smtp.raw-extraction", (char *)"yes" };
	t.config.protocols = (struct option_map) { .pairs = &pair, .count = 1 };
	open_drive();
	greet("250 mx\r\n");
	envelope();
	client("Subject: x\r\n\r\n..a\r\n.\r\n");
	assert_null(mail(0)->mail);
	assert_true(span_is(bytes_span(&mail(0)->tx.files->name), "rawmsg"));
	assert_int_equal(mail(0)->tx.files->size, strlen("Subject: x\r\n\r\n.a\r\n"));
	assert_int_equal(mail(0)->tx.files->state, FILE_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mails_are_transactions, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(reset_ends_a_mail, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(pipelined_mail_needs_no_354, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(rejected_data_is_no_mail, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(mail_without_servers_word, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(chunks, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(starttls, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(replies_that_lie, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(long_lines, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(gaps, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(bounds, fresh, mail_drive_close),
		cmocka_unit_test_setup_teardown(raw_mail, fresh, mail_drive_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
