// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smb/smb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/smb_drive.h"

#define FILE_ID 7

// A share with an open file, all told and cleaned away.
static void open_file(struct app_drive *t, const char *share, uint8_t type)
{
	struct wire w = { 0 };
	smb_drive_open(t);
	smb2_tree_connect(&w, 1, share);
	smb2_create(&w, 2, 5, "dir\\a.txt");
	say(t, TO_SERVER, &w);
	smb2_tree_connected(&w, 1, 5, type);
	smb2_created(&w, 2, 5, FILE_ID);
	say(t, TO_CLIENT, &w);
	app_drive_clean(t);
	assert_null(app_drive_tx(t, 0));
}

static void test_share_and_file_are_named_by_request_and_answer(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	smb2_tree_connect(&w, 1, "\\\\dc1\\IPC$");
	smb2_create(&w, 2, 5, "dir\\a.txt");
	say(&t, TO_SERVER, &w);
	assert_false(app_tx_done(&smb_parser, app_drive_tx(&t, 0)));
	smb2_tree_connected(&w, 1, 5, 2);
	smb2_created(&w, 2, 5, FILE_ID);
	say(&t, TO_CLIENT, &w);
	const struct smb_tx *tree = smb_tx_at(&t, 0), *file = smb_tx_at(&t, 1);
	assert_int_equal(tree->kind, SMB_TREE_CONNECT);
	assert_true(tree->connect.is_pipe);
	assert_int_equal(tree->tree, 5);
	assert_true(span_is(bytes_span(&tree->name), "\\\\dc1\\IPC$"));
	assert_int_equal(file->kind, SMB_CREATE);
	assert_true(span_is(bytes_span(&file->name), "dir\\a.txt"));
	assert_int_equal(file->create.disposition, 5);
	assert_true(file->create.delete_on_close);
	assert_int_equal(file->create.created, 7);
	assert_int_equal(file->create.size, 99);
	assert_int_equal(file->fuid[0], FILE_ID);
	assert_true(file->has_status && file->status == 0);
	app_drive_close(&t);
}

static const struct file *file_of(const struct app_drive *t, unsigned n)
{
	assert_int_equal(smb_tx_at(t, n)->kind, SMB_FILE);
	return smb_tx_at(t, n)->tx.files;
}

static void test_writes_in_any_order_make_one_file(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	smb2_write(&w, 3, 5, FILE_ID, 0, "abc", 3);
	smb2_write(&w, 4, 5, FILE_ID, 6, "ghi", 3);
	smb2_write(&w, 5, 5, FILE_ID, 9, "jkl", 3);
	smb2_write(&w, 6, 5, FILE_ID, 3, "def", 3);
	smb2_close(&w, 7, 5, FILE_ID);
	say(&t, TO_SERVER, &w);
	const struct file *file = file_of(&t, 0);
	assert_int_equal(file->state, FILE_CLOSED);
	assert_int_equal(file->size, 12);
	assert_true(span_is(bytes_span(&file->window), "abcdefghijkl"));
	assert_true(span_is(bytes_span(&file->name), "dir\\a.txt"));
	assert_true(span_is(bytes_span(&smb_tx_at(&t, 0)->share), "\\\\dc1\\share"));
	assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 0)));
	assert_int_equal(smb_tx_at(&t, 0)->tx.events, 0);
	app_drive_close(&t);
}

static void test_who_wrote_first_wins_and_overlap_is_told(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	smb2_write(&w, 3, 5, FILE_ID, 0, "abcd", 4);
	smb2_write(&w, 4, 5, FILE_ID, 2, "XXef", 4);
	smb2_write(&w, 5, 5, FILE_ID, 0, "ZZZZ", 4);
	smb2_close(&w, 6, 5, FILE_ID);
	say(&t, TO_SERVER, &w);
	assert_true(span_is(bytes_span(&file_of(&t, 0)->window), "abcdef"));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "file_overlap"));
	app_drive_close(&t);
}

static void test_any_cut_of_the_stream_gives_the_same_file(void **state)
{
	(void)state;
	for (uint32_t step = 1; step < 150; step += 7) {
		struct app_drive t;
		struct wire w = { 0 };
		open_file(&t, "\\\\dc1\\share", 1);
		smb2_read(&w, 3, 5, FILE_ID, 0, 10);
		smb2_read(&w, 4, 5, FILE_ID, 10, 10);
		say(&t, TO_SERVER, &w);
		// Answered the other way round
		smb2_read_done(&w, 4, 5, "klmnopqrst", 10);
		smb2_read_done(&w, 3, 5, "abcdefghij", 10);
		for (uint32_t at = 0; at < w.len; at += step)
			assert_true(app_drive_feed(&t, TO_CLIENT, w.data + at, w.len - at < step ? w.len - at : step));
		w.len = 0;
		smb2_close(&w, 5, 5, FILE_ID);
		say(&t, TO_SERVER, &w);
		const struct file *file = file_of(&t, 0);
		assert_true(span_is(bytes_span(&file->window), "abcdefghijklmnopqrst"));
		assert_int_equal(file->direction, TO_CLIENT);
		assert_int_equal(file->state, FILE_CLOSED);
		app_drive_close(&t);
	}
}

static void test_gap_in_file_data_is_a_hole_of_the_file(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	smb2_write(&w, 3, 5, FILE_ID, 0, "abcdefghijklmnopqrstuvwxyz", 26);
	assert_true(app_drive_feed(&t, TO_SERVER, w.data, w.len - 20));
	app_drive_gap(&t, TO_SERVER, 10);
	assert_true(app_drive_feed(&t, TO_SERVER, w.data + w.len - 10, 10));
	w.len = 0;
	smb2_close(&w, 4, 5, FILE_ID);
	say(&t, TO_SERVER, &w);
	const struct file *file = file_of(&t, 0);
	assert_true(file->has_gaps);
	assert_int_equal(file->state, FILE_TRUNCATED);
	assert_int_equal(file->size, 26);
	assert_int_equal(smb_tx_at(&t, 1)->command, 6);
	app_drive_close(&t);
}

static void test_gap_over_messages_ends_at_the_next_one(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	smb2_create(&w, 3, 5, "lost");
	assert_true(app_drive_feed(&t, TO_SERVER, w.data, 50));
	w.len = 0;
	app_drive_gap(&t, TO_SERVER, 5000);
	put(&w, "SMBrubbish\xfeSMB", 14); // no message
	smb2_create(&w, 4, 5, "found");
	say(&t, TO_SERVER, &w);
	assert_true(span_is(bytes_span(&smb_tx_at(&t, 0)->name), "found"));
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_compound_inherits_session_tree_and_file(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	const uint64_t same = UINT64_MAX;
	struct smb2_command create = { 5, 10, .tree = 5, .session = SMB2_SESSION, .next = 128 },
			    read = { 8, 11, .tree = UINT32_MAX, .session = same, .related = true, .next = 120 },
			    close = { 6, 12, .tree = UINT32_MAX, .session = same, .related = true };
	uint32_t start = netbios_open(&w);
	put_smb2(&w, &create);
	put_le(&w, 57, 2);
	put_zeros(&w, 42);
	put_le(&w, 120, 2);
	put_le(&w, 2, 2);
	put_zeros(&w, 8);
	put_wide(&w, "c");
	put_zeros(&w, 6);
	put_smb2(&w, &read);
	put_le(&w, 49, 4);
	put_le(&w, 3, 4);
	put_zeros(&w, 8);
	put_file_id(&w, 0xff);
	put_zeros(&w, 24);
	put_smb2(&w, &close);
	put_le(&w, 24, 8);
	put_file_id(&w, 0xff);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	create.answer = read.answer = close.answer = true;
	create.next = 152;
	read.next = 88;
	start = netbios_open(&w);
	put_smb2(&w, &create);
	put_le(&w, 89, 2);
	put_zeros(&w, 62);
	put_file_id(&w, 3);
	put_zeros(&w, 8);
	put_smb2(&w, &read);
	put_le(&w, 17, 2);
	put_le(&w, 80, 2);
	put_le(&w, 3, 4);
	put_zeros(&w, 8);
	put(&w, "xyz", 3);
	put_zeros(&w, 5);
	put_smb2(&w, &close);
	put_le(&w, 60, 2);
	put_zeros(&w, 58);
	netbios_close(&w, start);
	say(&t, TO_CLIENT, &w);
	const struct smb_tx *created = smb_tx_at(&t, 0), *closed = smb_tx_at(&t, 1);
	assert_int_equal(created->kind, SMB_CREATE);
	assert_int_equal(closed->session, SMB2_SESSION);
	assert_int_equal(closed->tree, 5);
	const struct file *file = file_of(&t, 2);
	assert_true(span_is(bytes_span(&file->window), "xyz"));
	assert_true(span_is(bytes_span(&file->name), "c"));
	assert_int_equal(file->state, FILE_CLOSED);
	app_drive_close(&t);
}

static void test_pending_answer_is_not_the_answer(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	uint32_t start = smb2_open(&w, 15, 20, 5, false);
	put_zeros(&w, 32);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	start = netbios_open(&w);
	struct smb2_command c = { 15, 20, .answer = true, .async = true, .status = 0x103, .session = SMB2_SESSION };
	put_smb2(&w, &c);
	put_zeros(&w, 9);
	netbios_close(&w, start);
	say(&t, TO_CLIENT, &w);
	assert_false(smb_tx_at(&t, 0)->response_done);
	c.status = 0;
	start = netbios_open(&w);
	put_smb2(&w, &c);
	put_zeros(&w, 9);
	netbios_close(&w, start);
	say(&t, TO_CLIENT, &w);
	assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 0)));
	assert_int_equal(smb_tx_at(&t, 0)->tree, 5);
	app_drive_close(&t);
}

static void test_what_a_hostile_peer_writes_is_told_and_survived(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_file(&t, "\\\\dc1\\share", 1);
	uint32_t start = smb2_open(&w, 3, 30, 0, false); // a path outside of the message
	put_le(&w, 9, 4);
	put_le(&w, 0xfff0, 2);
	put_le(&w, 0xffff, 2);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_int_equal(smb_tx_at(&t, 0)->name.len, 0);
	start = netbios_open(&w); // the next command of a compound lies outside
	put_smb2(&w, &(struct smb2_command) { 13, 31, .next = 0x7fffffff, .session = SMB2_SESSION });
	put_le(&w, 4, 4);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_at(&t, 1)->command, 13);
	smb2_tree_connected(&w, 1, 5, 1); // an answer from the client
	say(&t, TO_SERVER, &w);
	assert_true(app_drive_has_event(&t, NULL, "response_to_server"));
	smb2_close(&w, 33, 5, 1);
	say(&t, TO_CLIENT, &w);
	assert_true(app_drive_has_event(&t, NULL, "request_to_client"));
	put(&w, "\0\0\0\0", 4); // nothing in it
	put(&w, "\x85\0\0\0", 4);
	start = netbios_open(&w); // shorter than a header
	put(&w, "\xfeSMB1234", 8);
	netbios_close(&w, start);
	start = netbios_open(&w); // no SMB
	put(&w, "GET / HTTP/1.1\r\n", 16);
	netbios_close(&w, start);
	smb2_close(&w, 34, 5, 2);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_at(&t, 2)->message, 34);
	app_drive_close(&t);
}

static void test_encrypted_messages_are_passed_over(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	uint32_t start = netbios_open(&w);
	put(&w, "\xfdSMB", 4);
	put_zeros(&w, 200);
	netbios_close(&w, start);
	smb2_create(&w, 2, 5, "plain");
	say(&t, TO_SERVER, &w);
	assert_true(span_is(bytes_span(&smb_tx_at(&t, 0)->name), "plain"));
	app_drive_close(&t);
}

static void test_queue_of_early_data_is_bounded(void **state)
{
	(void)state;
	struct app_drive t = { .config = { .max_tx = 256, .max_tx_hard = 256, .file_window_bytes = 4096 } };
	struct option_pair pairs[] = { { "smb.max-write-queue-cnt", "2" } };
	t.config.protocols = (struct option_map) { .pairs = pairs, .count = 1 };
	app_drive_open(&t, &smb_parser, PROTO_TCP, 40000, 445);
	struct wire w = { 0 };
	for (unsigned i = 0; i < 4; i++)
		smb2_write(&w, 3 + i, 5, FILE_ID, 100 + 10 * i, "abc", 3);
	say(&t, TO_SERVER, &w);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "write_queue_cnt_exceeded"));
	assert_int_equal(smb_tx_at(&t, 0)->file.waiting_count, 2);
	smb2_close(&w, 9, 5, FILE_ID);
	say(&t, TO_SERVER, &w);
	assert_int_equal(file_of(&t, 0)->size, 113);
	assert_int_equal(file_of(&t, 0)->state, FILE_TRUNCATED);
	app_drive_close(&t);
}

static void test_too_large_writes_are_left_out(void **state)
{
	(void)state;
	struct app_drive t = { .config = { .max_tx = 256, .max_tx_hard = 256, .file_window_bytes = 4096 } };
	struct option_pair pairs[] = { { "smb.max-write-size", "8" } };
	t.config.protocols = (struct option_map) { .pairs = pairs, .count = 1 };
	app_drive_open(&t, &smb_parser, PROTO_TCP, 40000, 445);
	struct wire w = { 0 };
	smb2_create(&w, 2, 5, "x");
	smb2_write(&w, 3, 5, FILE_ID, 0, "123456789", 9);
	say(&t, TO_SERVER, &w);
	assert_true(app_drive_has_event(&t, NULL, "write_request_too_large"));
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_transactions_without_answers_are_bounded(void **state)
{
	(void)state;
	struct app_drive t = { .config = { .max_tx = 8, .max_tx_hard = 8, .file_window_bytes = 4096 } };
	app_drive_open(&t, &smb_parser, PROTO_TCP, 40000, 445);
	t.flow.app.tx_max = 64;
	struct wire w = { 0 };
	for (unsigned i = 0; i < 30; i++)
		smb2_close(&w, i, 5, (uint8_t)i);
	say(&t, TO_SERVER, &w);
	unsigned open = 0;
	for (const struct app_tx *tx = app_drive_tx(&t, 0); tx; tx = tx->next)
		open += !app_tx_done(&smb_parser, tx);
	assert_int_equal(open, 8);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "too_many_transactions"));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share_and_file_are_named_by_request_and_answer),
		cmocka_unit_test(test_writes_in_any_order_make_one_file),
		cmocka_unit_test(test_who_wrote_first_wins_and_overlap_is_told),
		cmocka_unit_test(test_any_cut_of_the_stream_gives_the_same_file),
		cmocka_unit_test(test_gap_in_file_data_is_a_hole_of_the_file),
		cmocka_unit_test(test_gap_over_messages_ends_at_the_next_one),
		cmocka_unit_test(test_compound_inherits_session_tree_and_file),
		cmocka_unit_test(test_pending_answer_is_not_the_answer),
		cmocka_unit_test(test_what_a_hostile_peer_writes_is_told_and_survived),
		cmocka_unit_test(test_encrypted_messages_are_passed_over),
		cmocka_unit_test(test_queue_of_early_data_is_bounded),
		cmocka_unit_test(test_too_large_writes_are_left_out),
		cmocka_unit_test(test_transactions_without_answers_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
