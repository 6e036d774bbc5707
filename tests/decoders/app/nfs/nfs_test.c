// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/nfs/nfs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/files/file.h"
#include "tests/support/decoders/app_drive.h"

#define CALL(xid, version, procedure) \
	xid " 00000000 00000002 000186a3 " version " " procedure " 00000000 00000000 00000000 00000000 "
#define REPLY(xid) xid " 00000001 00000000 00000000 00000000 00000000 "
#define HANDLE     "00000008 6162636465666768 "
#define NAME       "00000003 61626300 "

static void open_udp(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &nfs_parser, PROTO_UDP, 40000, 2049);
}

static void open_tcp(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &nfs_parser, PROTO_TCP, 40000, 2049);
}

static void test_names_are_learned_and_read_files_have_them(void **state)
{
	(void)state;
	struct app_drive t;
	open_udp(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, CALL("00000001", "00000003", "00000003") HANDLE NAME));
	const struct nfs_tx *lookup = nfs_tx_of(app_drive_tx(&t, 0));
	assert_true(span_is(bytes_span(&lookup->name), "abc"));
	assert_true(app_drive_hex(&t, TO_CLIENT, REPLY("00000001") "00000000 00000004 31323334 00000000 00000000"));
	assert_true(app_tx_done(&nfs_parser, &lookup->tx));
	assert_true(app_drive_hex(
		&t, TO_SERVER, CALL("00000002", "00000003", "00000006") "00000004 31323334 0000000000000000 00001000"));
	assert_true(app_drive_hex(
		&t, TO_CLIENT, REPLY("00000002") "00000000 00000000 00000005 00000001 00000005 68656c6c6f000000"));
	const struct nfs_tx *read = nfs_tx_of(app_drive_tx(&t, 1));
	assert_true(read->is_file && read->last);
	assert_int_equal(read->file->state, FILE_CLOSED);
	assert_int_equal(read->file->size, 5);
	assert_true(span_is(bytes_span(&read->file->name), "abc"));
	app_drive_close(&t);
}

static void test_written_pieces_are_one_file_until_commit(void **state)
{
	(void)state;
	struct app_drive t;
	open_udp(&t);
#define WRITE_AT(xid, at) CALL(xid, "00000003", "00000007") HANDLE at " 00000004 00000000 00000004 64617461"
	assert_true(app_drive_hex(&t, TO_SERVER, WRITE_AT("00000001", "0000000000000000")));
	assert_true(app_drive_hex(&t, TO_SERVER, WRITE_AT("00000002", "0000000000000004")));
	assert_true(app_drive_hex(&t, TO_SERVER, WRITE_AT("00000002", "0000000000000004"))); // again
	const struct nfs_tx *tx = nfs_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->file->size, 8);
	assert_int_equal(tx->file->state, FILE_OPEN);
	assert_true(app_drive_hex(
		&t, TO_SERVER, CALL("00000003", "00000003", "00000015") HANDLE "0000000000000000 00000000"));
	assert_int_equal(tx->file->state, FILE_CLOSED);
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_long_write_is_passed_on_as_it_comes(void **state)
{
	(void)state;
	struct app_drive t;
	uint8_t bytes[8192] = { 0 };
	open_tcp(&t);
	// A record of 100 bytes of head and 99,000 of data
	assert_true(app_drive_hex(&t, TO_SERVER,
		"80018300 " CALL("00000001", "00000003", "00000007") HANDLE
		"0000000000000000 000182b8 00000002 000182b8"));
	uint32_t left = 0x18300 - 40 - 12 - 20;
	for (; left; left -= left < sizeof(bytes) ? left : (uint32_t)sizeof(bytes))
		assert_true(app_drive_feed(&t, TO_SERVER, bytes, left < sizeof(bytes) ? left : sizeof(bytes)));
	const struct nfs_tx *tx = nfs_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->file->size, 0x182b8);
	assert_true(app_drive_hex(&t, TO_SERVER, "80000028 " CALL("00000002", "00000003", "00000000")));
	assert_non_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

// RFC 5531 section 11: a record is as many fragments as its sender likes, of any length.
static void test_records_in_fragments_are_put_together(void **state)
{
	(void)state;
	struct app_drive t;
	uint8_t bytes[4096] = { 0 };
	open_tcp(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "00000014 00000001 00000000 00000002 000186a3 00000003"));
	assert_true(app_drive_hex(&t, TO_SERVER, "00000000 00000002 0000"));
	assert_true(app_drive_hex(&t, TO_SERVER, "8000001c 0003 00000000 00000000 00000000 00000000 "));
	assert_null(app_drive_tx(&t, 0)); // its name is to come
	assert_true(app_drive_hex(&t, TO_SERVER, "000000"));
	app_drive_close(&t);
	open_tcp(&t);
	assert_true(app_drive_hex(&t, TO_SERVER,
		"00000002 0000 00000000 8000003a 0001 00000000 00000002 000186a3 00000003 "
		"00000003 00000000 00000000 00000000 00000000 " HANDLE "00000003 61626300"));
	const struct nfs_tx *tx = nfs_tx_of(app_drive_tx(&t, 0));
	assert_non_null(tx);
	assert_true(span_is(bytes_span(&tx->name), "abc"));
	// A write of 99,000 bytes in fragments of 4096, the last one of 3,136; then a record of its own
	assert_true(app_drive_hex(&t, TO_SERVER,
		"00000048 " CALL("00000002", "00000003", "00000007") HANDLE
		"0000000000000000 000182b8 00000002 000182b8"));
	for (uint32_t left = 0x182b8; left;) {
		uint32_t len = left < sizeof(bytes) ? left : (uint32_t)sizeof(bytes);
		left -= len;
		const uint8_t mark[] = { left ? 0 : 0x80, 0, (uint8_t)(len >> 8), (uint8_t)len };
		assert_true(app_drive_feed(&t, TO_SERVER, mark, 4) && app_drive_feed(&t, TO_SERVER, bytes, len));
	}
	tx = nfs_tx_of(app_drive_tx(&t, 1));
	assert_non_null(tx);
	assert_int_equal(tx->file->size, 0x182b8);
	assert_true(app_drive_hex(&t, TO_SERVER, "80000028 " CALL("00000003", "00000003", "00000000")));
	assert_non_null(app_drive_tx(&t, 2));
	// A gap in one that is gathered passes it over, and no more
	assert_true(app_drive_hex(&t, TO_SERVER, "00000010 00000004"));
	app_drive_gap(&t, TO_SERVER, 12);
	assert_true(
		app_drive_hex(&t, TO_SERVER, "80000004 00000000 80000028 " CALL("00000005", "00000003", "00000000")));
	assert_non_null(app_drive_tx(&t, 3));
	assert_null(app_drive_tx(&t, 4));
	// Fragments without end
	assert_true(app_drive_hex(&t, TO_SERVER, "03ffffff"));
	app_drive_gap(&t, TO_SERVER, 0x3ffffff);
	assert_false(app_drive_hex(&t, TO_SERVER, "03ffffff 00"));
	assert_true(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_compound_with_rename(void **state)
{
	(void)state;
	struct app_drive t;
	open_udp(&t);
	assert_true(app_drive_hex(&t, TO_SERVER,
		CALL("00000001", "00000004", "00000001") "00000000 00000000 00000003 00000016 " HANDLE
							 "00000020 0000001d " NAME "00000001 7a000000"));
	const struct nfs_tx *tx = nfs_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->procedure, 29);
	assert_string_equal(nfs_procedure_name(4, tx->procedure), "RENAME");
	assert_true(span_is(bytes_span(&tx->to), "z"));
	assert_true(app_drive_hex(&t, TO_CLIENT, REPLY("00000001") "0000000d 00000000 00000001 00000016 0000000d"));
	assert_string_equal(nfs_status_name(4, tx->status), "ERR_ACCESS");
	assert_true(app_tx_done(&nfs_parser, &tx->tx));
	app_drive_close(&t);
}

static void test_malformed_calls_are_told(void **state)
{
	(void)state;
	struct app_drive t;
	open_udp(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, CALL("00000001", "00000003", "00000003") HANDLE "7fffffff 61"));
	assert_true(app_drive_has_event(&t, NULL, "malformed_data"));
	assert_true(app_drive_hex(&t, TO_SERVER, "00000001 00000007"));
	assert_true(app_drive_hex(&t, TO_CLIENT, REPLY("00000099") "00000000"));
	app_drive_close(&t);
}

static void test_calls_without_replies_give_way(void **state)
{
	(void)state;
	struct app_drive t;
	open_udp(&t);
	for (unsigned i = 0; i < 3000 && !app_drive_has_event(&t, NULL, "too_many_transactions"); i++)
		assert_true(app_drive_hex(&t, TO_SERVER, CALL("00000001", "00000003", "00000000")));
	assert_true(app_drive_has_event(&t, NULL, "too_many_transactions"));
	app_drive_close(&t);
}

static void test_gap_between_records(void **state)
{
	(void)state;
	struct app_drive t;
	open_tcp(&t);
	app_drive_gap(&t, TO_SERVER, 50);
	assert_true(app_drive_text(&t, TO_SERVER, "what is left of a call nobody saw"));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_hex(&t, TO_SERVER, "80000028 " CALL("00000002", "00000003", "00000000")));
	assert_non_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_learned_and_read_files_have_them),
		cmocka_unit_test(test_written_pieces_are_one_file_until_commit),
		cmocka_unit_test(test_long_write_is_passed_on_as_it_comes),
		cmocka_unit_test(test_records_in_fragments_are_put_together),
		cmocka_unit_test(test_compound_with_rename),
		cmocka_unit_test(test_malformed_calls_are_told),
		cmocka_unit_test(test_calls_without_replies_give_way),
		cmocka_unit_test(test_gap_between_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
