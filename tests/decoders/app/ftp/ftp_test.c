// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ftp/ftp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "decoders/app/expect.h"
#include "decoders/app/files/file.h"
#include "tests/support/decoders/app_drive.h"

static struct address at(const char *text)
{
	struct address address;
	assert_true(address_parse(text, &address));
	return address;
}

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &ftp_parser, PROTO_TCP, 40000, 21);
	t->flow.key.src = at("10.0.0.1");
	t->flow.key.dst = at("10.0.0.2");
	t->flow.id = 77;
}

static bool announced(struct app_drive *t, const char *from, const char *to, uint16_t port, struct app_expectation *out)
{
	struct flow_key key = { .src = at(from), .dst = at(to), .sport = 20, .dport = port, .proto = PROTO_TCP };
	return app_expect_take(t->parts.expect, &key, t->now_ns, out);
}

static void test_commands_and_replies(void **state)
{
	(void)state;
	struct app_drive t;
	struct span code, text;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_CLIENT, "220-Welcome\r\n220 (here)\r\n"));
	const struct ftp_tx *tx = ftp_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->replies, 2);
	assert_true(tx->done);
	assert_int_equal(tx->name.len, 0);
	assert_true(app_drive_text(&t, TO_SERVER, "user anon"));
	assert_null(app_drive_tx(&t, 1));
	assert_true(app_drive_text(&t, TO_SERVER, "ymous\r\nPASS x\r\n"));
	tx = ftp_tx_of(app_drive_tx(&t, 1));
	assert_true(span_is(tx->name, "user"));
	assert_true(span_is(tx->argument, "anonymous"));
	assert_true(app_drive_text(&t, TO_CLIENT, "331 Password?\r\n230 In.\r\n"));
	assert_true(tx->done);
	ftp_reply_parts(tx->first, &code, &text);
	assert_true(span_is(code, "331"));
	assert_true(span_is(text, "Password?"));
	// A preliminary reply does not end it
	assert_true(app_drive_text(&t, TO_SERVER, "NLST\r\n"));
	assert_true(app_drive_text(&t, TO_CLIENT, "150 Here\r\n"));
	tx = ftp_tx_of(app_drive_tx(&t, 3));
	assert_false(tx->done);
	assert_true(app_drive_text(&t, TO_CLIENT, "226 Sent\r\n"));
	assert_true(tx->done);
	assert_int_equal(tx->tx.events, 0);
	app_drive_close(&t);
}

static void test_data_connections_are_announced(void **state)
{
	(void)state;
	struct app_drive t;
	struct app_expectation found;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "PORT 10,0,0,1,1,2\r\n"));
	assert_true(app_drive_text(&t, TO_CLIENT, "200 ok\r\n"));
	assert_true(app_drive_text(&t, TO_SERVER, "RETR a b.txt\r\n"));
	assert_int_equal(ftp_tx_of(app_drive_tx(&t, 0))->dynamic_port, 258);
	assert_false(ftp_tx_of(app_drive_tx(&t, 0))->bounce);
	assert_true(announced(&t, "10.0.0.2", "10.0.0.1", 258, &found));
	assert_int_equal(found.parent_id, 77);
	struct ftp_note note;
	memcpy(&note, found.note, sizeof(note));
	assert_memory_equal(note.command, "RETR", 4);
	assert_memory_equal(note.name, "a b.txt", 7);
	assert_false(announced(&t, "10.0.0.2", "10.0.0.1", 258, &found)); // once
	assert_true(app_drive_text(&t, TO_CLIENT, "226 ok\r\n"));
	assert_true(app_drive_text(&t, TO_SERVER, "PASV\r\n"));
	assert_true(app_drive_text(&t, TO_CLIENT, "227 Entering (10,0,0,2,4,1).\r\n"));
	assert_true(app_drive_text(&t, TO_SERVER, "STOR f\r\n"));
	assert_false(announced(&t, "10.0.0.9", "10.0.0.2", 1025, &found)); // another host
	assert_true(announced(&t, "10.0.0.1", "10.0.0.2", 1025, &found));
	assert_true(app_drive_text(&t, TO_CLIENT, "226 ok\r\n"));
	assert_true(app_drive_text(&t, TO_SERVER, "EPSV\r\n"));
	assert_true(app_drive_text(&t, TO_CLIENT, "229 Extended (|||6446|)\r\n"));
	assert_int_equal(ftp_tx_of(app_drive_tx(&t, 4))->dynamic_port, 6446);
	app_drive_clean(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "EPRT |1|10.0.0.7|80|\r\n"));
	assert_true(ftp_tx_of(app_drive_tx(&t, 0))->bounce);
	app_drive_close(&t);
}

static void test_announcement_ends_with_time(void **state)
{
	(void)state;
	struct app_drive t;
	struct app_expectation found;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "PASV\r\n"));
	assert_true(app_drive_text(&t, TO_CLIENT, "227 (10,0,0,2,4,1)\r\n"));
	assert_true(app_drive_text(&t, TO_SERVER, "RETR f\r\n"));
	t.now_ns += APP_EXPECT_NS + 1;
	assert_false(announced(&t, "10.0.0.1", "10.0.0.2", 1025, &found));
	app_drive_close(&t);
}

static void test_lies(void **state)
{
	(void)state;
	static const char *const bad[] = { "PORT 1,2,3\r\n", "PORT 1,2,3,4,256,1\r\n", "PORT 1,2,3,4,0,0\r\n",
		"PORT\r\n", "EPRT |1|x|1|\r\n", "EPRT |1|1.2.3.4|70000|\r\n", "EPRT |||\r\n" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_text(&t, TO_SERVER, bad[i]));
		assert_true(app_drive_text(&t, TO_CLIENT, "200 ok\r\n"));
		assert_int_equal(ftp_tx_of(app_drive_tx(&t, 0))->tx.events, 0);
		assert_true(app_drive_text(&t, TO_SERVER, "RETR x\r\n"));
		app_drive_close(&t);
	}
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "RETR x\r\n"));
	assert_true(app_drive_has_event(&t, NULL, "file_before_port"));
	app_drive_close(&t);
}

static void test_long_lines_are_cut_and_passed_over(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static char line[5000];
	memset(line, 'A', sizeof(line));
	memcpy(line, "RETR ", 5);
	assert_true(app_drive_feed(&t, TO_SERVER, line, sizeof(line)));
	const struct ftp_tx *tx = ftp_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->argument.len, FTP_LINE_MAX - 5);
	assert_true(tx->line_truncated);
	assert_true(app_drive_has_event(&t, &tx->tx, "request_command_too_long"));
	assert_true(app_drive_text(&t, TO_SERVER, "AAAA\r\nQUIT\r\n"));
	assert_true(span_is(ftp_tx_of(app_drive_tx(&t, 1))->name, "QUIT"));
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

static void test_tls_follows_auth(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "AUTH TLS\r\n"));
	assert_false(app_drive_text(&t, TO_CLIENT, "234 go\r\n"));
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	app_drive_close(&t);
}

static void test_commands_without_answers_are_bounded(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	for (unsigned i = 0; i < 3000; i++) {
		assert_true(app_drive_text(&t, TO_SERVER, "NOOP\r\n"));
		app_drive_clean(&t);
	}
	assert_in_range(t.flow.app.tx_live, 100, 256);
	for (unsigned i = 0; i < 3000; i++)
		assert_true(app_drive_text(&t, TO_CLIENT, "100-\r\n"));
	assert_int_equal(ftp_tx_of(app_drive_tx(&t, 0))->replies, FTP_REPLIES_MAX);
	app_drive_close(&t);
}

static void test_data_is_one_file(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	t.config.file_window_bytes = 4096;
	app_drive_open(&t, &ftp_data_parser, PROTO_TCP, 20, 258);
	assert_true(app_drive_text(&t, TO_SERVER, "hello "));
	assert_true(app_drive_text(&t, TO_SERVER, "world"));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_non_null(tx->files);
	assert_false(app_tx_done(&ftp_data_parser, tx));
	app_drive_end(&t, TO_SERVER);
	assert_true(app_tx_done(&ftp_data_parser, tx));
	assert_int_equal(tx->files->size, 11);
	assert_int_equal(tx->files->state, FILE_CLOSED);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_and_replies),
		cmocka_unit_test(test_data_connections_are_announced),
		cmocka_unit_test(test_announcement_ends_with_time),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_long_lines_are_cut_and_passed_over),
		cmocka_unit_test(test_tls_follows_auth),
		cmocka_unit_test(test_commands_without_answers_are_bounded),
		cmocka_unit_test(test_data_is_one_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
