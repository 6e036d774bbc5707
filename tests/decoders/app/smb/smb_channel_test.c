// SPDX-License-Identifier: GPL-3.0-or-later
// A file of one session over two connections is one file, whatever order and pieces it comes in, and whichever connection ends first.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/smb/smb_internal.h"
#include "tests/support/decoders/smb_drive.h"
#include "tests/support/decoders/smb_pair.h"

static const struct smb_channels *channels_of(const struct pair *p)
{
	return &((const struct smb_worker *)p->a.shared)->channels;
}

static unsigned files_of(const struct app_drive *t)
{
	unsigned count = 0;
	for (const struct app_tx *tx = t->flow.app.tx_first; tx; tx = tx->next)
		count += smb_tx_of(tx)->kind == SMB_FILE;
	return count;
}

static const struct file *file_of(const struct app_drive *t)
{
	for (const struct app_tx *tx = t->flow.app.tx_first; tx; tx = tx->next)
		if (smb_tx_of(tx)->kind == SMB_FILE)
			return tx->files;
	return NULL;
}

static void test_writes_over_two_connections_make_one_file(void **state)
{
	(void)state;
	// The first connection is in the middle of a write, at every place, while the second brings what follows and what is further behind
	for (uint32_t cut = 0; cut <= 124; cut += 4) {
		struct pair p;
		struct wire w = { 0 }, v = { 0 };
		open_pair(&p);
		smb2_write(&w, 3, 5, FILE_ID, 0, "abc", 3);
		say(&p.a, TO_SERVER, &w);
		smb2_write(&w, 4, 5, FILE_ID, 3, "defghi", 6);
		assert_true(app_drive_feed(&p.a, TO_SERVER, w.data, cut < w.len ? cut : w.len));
		smb2_write(&v, 1, 5, FILE_ID, 12, "mno", 3);
		smb2_write(&v, 2, 5, FILE_ID, 9, "jkl", 3);
		for (uint32_t at = 0; at < v.len; at += 5)
			assert_true(app_drive_feed(&p.b, TO_SERVER, v.data + at, v.len - at < 5 ? v.len - at : 5));
		if (cut < w.len)
			assert_true(app_drive_feed(&p.a, TO_SERVER, w.data + cut, w.len - cut));
		v.len = 0;
		smb2_close(&v, 3, 5, FILE_ID);
		say(&p.b, TO_SERVER, &v);
		const struct file *file = file_of(&p.a);
		assert_int_equal(files_of(&p.b), 0);
		assert_int_equal(file->state, FILE_CLOSED);
		assert_true(span_is(bytes_span(&file->window), "abcdefghijklmno"));
		close_pair(&p);
	}
}

static void test_a_file_another_connection_opened_has_its_name(void **state)
{
	(void)state;
	struct pair p;
	struct wire w = { 0 };
	open_pair(&p);
	smb2_read(&w, 1, 5, FILE_ID, 0, 3);
	say(&p.b, TO_SERVER, &w);
	smb2_read_done(&w, 1, 5, "abc", 3);
	say(&p.b, TO_CLIENT, &w);
	const struct smb_tx *tx = smb_tx_of(p.b.flow.app.tx_last);
	assert_true(span_is(bytes_span(&tx->name), "a.txt"));
	assert_true(span_is(bytes_span(&tx->share), "\\\\dc1\\share"));
	// The opener's reads go there, too
	smb2_read(&w, 3, 5, FILE_ID, 3, 3);
	say(&p.a, TO_SERVER, &w);
	smb2_read_done(&w, 3, 5, "def", 3);
	say(&p.a, TO_CLIENT, &w);
	assert_int_equal(files_of(&p.a), 0);
	smb2_close(&w, 4, 5, FILE_ID);
	say(&p.a, TO_SERVER, &w);
	assert_int_equal(file_of(&p.b)->state, FILE_CLOSED);
	assert_true(span_is(bytes_span(&file_of(&p.b)->window), "abcdef"));
	close_pair(&p);
}

static void test_a_connection_that_ends_leaves_nothing_behind(void **state)
{
	(void)state;
	struct pair p;
	struct wire w = { 0 };
	open_pair(&p);
	smb2_write(&w, 3, 5, FILE_ID, 0, "abc", 3);
	say(&p.a, TO_SERVER, &w);
	smb2_write(&w, 1, 5, FILE_ID, 3, "defghi", 6);
	assert_true(app_drive_feed(&p.b, TO_SERVER, w.data, w.len - 3)); // in the middle
	for (struct app_tx *tx = p.a.flow.app.tx_first; tx; tx = tx->next)
		tx->progress[0] = tx->progress[1] = 1;
	app_drive_clean(&p.a); // its carrier goes
	assert_true(app_drive_feed(&p.b, TO_SERVER, w.data + w.len - 3, 3));
	app_state_close(&smb_parser, &p.a.flow, p.a.slab, p.a.shared);
	w.len = 0;
	smb2_write(&w, 2, 5, FILE_ID, 9, "jkl", 3);
	say(&p.b, TO_SERVER, &w);
	assert_int_equal(files_of(&p.b), 1); // a file of its own
	end_flow(&p.b);
	assert_int_equal(channels_of(&p)->live, 0);
	close_pair(&p);
}

static void test_other_hosts_and_sessions_are_other_files(void **state)
{
	(void)state;
	struct pair p;
	struct wire w = { 0 };
	open_pair(&p);
	smb2_write(&w, 3, 5, FILE_ID, 0, "abc", 3);
	say(&p.a, TO_SERVER, &w);
	p.b.flow.key.src.bytes[15] = 9;
	smb2_write(&w, 1, 5, FILE_ID, 3, "def", 3);
	say(&p.b, TO_SERVER, &w);
	assert_int_equal(files_of(&p.b), 1);
	assert_true(span_is(bytes_span(&file_of(&p.a)->window), "abc"));
	close_pair(&p);
}

static void test_a_full_table_lets_the_oldest_go(void **state)
{
	(void)state;
	static struct smb_channels channels;
	struct flow flow = { 0 };
	channels = (struct smb_channels) { 0 };
	assert_true(smb_channels_init(&channels));
	uint8_t fuid[16] = { 0 };
	for (unsigned i = 0; i < 10 * SMB_CHANNEL_FILES; i++) {
		memcpy(fuid, &i, sizeof i);
		smb_channel_add(&channels, &flow, 1, fuid)->opener = &flow;
		assert_non_null(smb_channel_find(&channels, &flow, 1, fuid));
	}
	assert_true(channels.live <= SMB_CHANNEL_FILES);
	assert_int_equal(channels.live + channels.replaced, 10 * SMB_CHANNEL_FILES);
	smb_channels_drop_flow(&channels, &flow);
	assert_int_equal(channels.live, 0);
}

// What comes too early waits in a share of the worker's memory: one peer must not take it all, and it is given back.
static void test_early_data_has_a_bound_for_the_worker(void **state)
{
	(void)state;
	struct pair p;
	struct wire w = { 0 };
	open_pair(&p);
	struct smb_worker *worker = p.a.shared;
	assert_int_equal(worker->waiting_max, slab_budget_bytes(p.a.slab) / 8);
	worker->waiting_max = 4;
	smb2_write(&w, 3, 5, FILE_ID, 10, "abc", 3);
	smb2_write(&w, 4, 5, FILE_ID + 1, 10, "abc", 3);
	say(&p.a, TO_SERVER, &w);
	assert_true(app_drive_has_event(&p.a, NULL, "write_queue_size_exceeded"));
	assert_int_equal(worker->waiting_bytes, 3);
	smb2_close(&w, 5, 5, FILE_ID);
	say(&p.a, TO_SERVER, &w);
	assert_int_equal(worker->waiting_bytes, 0);
	smb2_write(&w, 6, 5, FILE_ID + 1, 20, "abcd", 4);
	say(&p.a, TO_SERVER, &w);
	assert_int_equal(worker->waiting_bytes, 4);
	close_pair(&p); // frees the worker with it
}

// Pieces of writes that overlap what is there and lose their ends wait too, and are as many as may wait.
static void test_cut_overlaps_are_bounded(void **state)
{
	(void)state;
	struct pair p;
	struct wire w = { 0 };
	static const uint8_t data[200];
	open_pair(&p);
	struct smb_worker *worker = p.a.shared;
	worker->queue_count[TO_SERVER] = 8;
	smb2_write(&w, 3, 5, FILE_ID, 0, data, 2);
	say(&p.a, TO_SERVER, &w);
	for (unsigned i = 0; i < 100; i++) {
		smb2_write(&w, 4 + i, 5, FILE_ID, 1, data, sizeof(data));
		assert_true(app_drive_feed(&p.a, TO_SERVER, w.data, w.len - 100));
		app_drive_gap(&p.a, TO_SERVER, 100);
		w.len = 0;
	}
	assert_true(app_drive_has_event(&p.a, NULL, "write_queue_cnt_exceeded"));
	assert_true(worker->waiting_bytes <= 8 * sizeof(data));
	close_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_over_two_connections_make_one_file),
		cmocka_unit_test(test_a_file_another_connection_opened_has_its_name),
		cmocka_unit_test(test_a_connection_that_ends_leaves_nothing_behind),
		cmocka_unit_test(test_other_hosts_and_sessions_are_other_files),
		cmocka_unit_test(test_a_full_table_lets_the_oldest_go),
		cmocka_unit_test(test_early_data_has_a_bound_for_the_worker),
		cmocka_unit_test(test_cut_overlaps_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
