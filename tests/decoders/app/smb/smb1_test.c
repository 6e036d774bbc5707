// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smb/smb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/smb_drive.h"

#define NT_STATUS 0x4000
#define UNICODE   0x8000
#define FID       0x4001

static uint32_t smb1_open(
	struct wire *w, uint8_t command, uint16_t message, bool answer, uint32_t status, uint16_t flags2)
{
	uint32_t start = netbios_open(w);
	put(w, "\xffSMB", 4);
	put_le(w, command, 1);
	put_le(w, status, 4);
	put_le(w, answer ? 0x80 : 0, 1);
	put_le(w, flags2, 2);
	put_zeros(w, 12);
	put_le(w, 5, 2);  // tree
	put_le(w, 77, 2); // process
	put_le(w, 3, 2);  // user
	put_le(w, message, 2);
	return start;
}

static void put_andx(struct wire *w, uint8_t next, uint16_t offset)
{
	put_le(w, next, 2);
	put_le(w, offset, 2);
}

static void create(struct wire *w, uint16_t message, const char *name)
{
	uint32_t start = smb1_open(w, 0xa2, message, false, 0, NT_STATUS);
	put_le(w, 24, 1);
	put_andx(w, 0xff, 0);
	put_zeros(w, 1);
	put_le(w, strlen(name), 2);
	put_zeros(w, 28);
	put_le(w, 2, 4);
	put_zeros(w, 9);
	put_le(w, strlen(name), 2);
	put(w, name, strlen(name));
	netbios_close(w, start);
}

static void created(struct wire *w, uint16_t message)
{
	uint32_t start = smb1_open(w, 0xa2, message, true, 0, NT_STATUS);
	put_le(w, 34, 1);
	put_andx(w, 0xff, 0);
	put_zeros(w, 1);
	put_le(w, FID, 2);
	put_zeros(w, 61);
	put_zeros(w, 2);
	netbios_close(w, start);
}

static void put_write(struct wire *w, uint16_t message, uint32_t offset, uint16_t data_at, const char *data)
{
	uint32_t start = smb1_open(w, 0x2f, message, false, 0, NT_STATUS);
	put_le(w, 14, 1);
	put_andx(w, 0xff, 0);
	put_le(w, FID, 2);
	put_le(w, offset, 4);
	put_zeros(w, 10);
	put_le(w, strlen(data), 2);
	put_le(w, data_at, 2);
	put_zeros(w, 4);
	put_le(w, strlen(data) + 1, 2);
	put_zeros(w, 1);
	put(w, data, strlen(data));
	netbios_close(w, start);
}

static void close_file(struct wire *w, uint16_t message, bool answer)
{
	uint32_t start = smb1_open(w, 4, message, answer, 0, NT_STATUS);
	put_le(w, answer ? 0 : 3, 1);
	if (!answer) {
		put_le(w, FID, 2);
		put_zeros(w, 4);
	}
	put_zeros(w, 2);
	netbios_close(w, start);
}

static void test_dialect_is_chosen_by_number(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	uint32_t start = smb1_open(&w, 0x72, 0, false, 0, NT_STATUS);
	put_zeros(&w, 1);
	put_le(&w, 17, 2);
	put(&w, "\2LANMAN\0\2NT LM 1", 17);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_at(&t, 0)->negotiate.dialect_count, 2);
	start = smb1_open(&w, 0x72, 0, true, 0, NT_STATUS);
	put_le(&w, 17, 1);
	put_le(&w, 1, 2);
	put_zeros(&w, 17);
	put_le(&w, 0x80000000, 4);
	put_zeros(&w, 11);
	put_le(&w, 16, 2);
	put_file_id(&w, 8);
	netbios_close(&w, start);
	say(&t, TO_CLIENT, &w);
	assert_true(span_is(smb_agreed_of(&t.flow).dialect1, "NT LM 1"));
	assert_true(smb_tx_at(&t, 0)->negotiate.has_server_guid);
	assert_int_equal(smb_tx_at(&t, 0)->negotiate.server_guid[3], 8);
	app_drive_close(&t);
}

static void test_file_is_written_and_closed(void **state)
{
	(void)state;
	for (uint32_t step = 5; step < 200; step += 31) {
		struct app_drive t;
		struct wire w = { 0 };
		smb_drive_open(&t);
		create(&w, 1, "a.txt");
		say(&t, TO_SERVER, &w);
		created(&w, 1);
		say(&t, TO_CLIENT, &w);
		put_write(&w, 2, 5, 64, "world");
		put_write(&w, 3, 0, 64, "hello");
		for (uint32_t at = 0; at < w.len; at += step)
			assert_true(app_drive_feed(&t, TO_SERVER, w.data + at, w.len - at < step ? w.len - at : step));
		w.len = 0;
		close_file(&w, 4, false);
		say(&t, TO_SERVER, &w);
		close_file(&w, 4, true);
		say(&t, TO_CLIENT, &w);
		const struct smb_tx *file = smb_tx_at(&t, 1);
		assert_int_equal(file->kind, SMB_FILE);
		assert_true(span_is(bytes_span(&file->tx.files->window), "helloworld"));
		assert_true(span_is(bytes_span(&file->name), "a.txt"));
		assert_int_equal(file->fuid_len, 6);
		char text[37];
		smb_guid_text(file->fuid, file->fuid_len, text);
		assert_string_equal(text, "4001");
		assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 1)));
		app_drive_close(&t);
	}
}

static void test_status_of_the_old_kind(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	close_file(&w, 1, false);
	say(&t, TO_SERVER, &w);
	uint32_t start = smb1_open(&w, 4, 1, true, 0x005b0002, 0);
	put_zeros(&w, 3);
	netbios_close(&w, start);
	say(&t, TO_CLIENT, &w);
	char text[24];
	assert_true(smb_tx_at(&t, 0)->dos_status);
	assert_string_equal(smb_dos_status_name(smb_tx_at(&t, 0)->status, text), "SRV_BADUID");
	assert_string_equal(smb_dos_status_name(0x50007, text), "UNKNOWN_05_0007");
	app_drive_close(&t);
}

static void test_chain_of_commands_goes_forward_only(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	// Logoff, behind it a second one that points at itself
	uint32_t start = smb1_open(&w, 0x74, 1, false, 0, NT_STATUS);
	put_le(&w, 2, 1);
	put_andx(&w, 0x74, 39);
	put_zeros(&w, 2);
	put_le(&w, 2, 1);
	put_andx(&w, 0x74, 39);
	put_zeros(&w, 2);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_non_null(app_drive_tx(&t, 1));
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

static void test_names_are_padded_and_renamed(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	uint32_t start = smb1_open(&w, 7, 1, false, 0, NT_STATUS | UNICODE);
	put_le(&w, 1, 1);
	put_zeros(&w, 2);
	put_le(&w, 14, 2);
	put_le(&w, 4, 1);
	put_wide(&w, "old");
	put_zeros(&w, 2);
	put_le(&w, 4, 1);
	put_zeros(&w, 1); // padding
	put_wide(&w, "n");
	put_zeros(&w, 2);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_at(&t, 0)->kind, SMB_RENAME);
	assert_true(span_is(bytes_span(&smb_tx_at(&t, 0)->name), "old"));
	assert_true(span_is(bytes_span(&smb_tx_at(&t, 0)->new_name), "n"));
	app_drive_close(&t);
}

static void test_call_in_a_transaction(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 }, rpc = { 0 };
	smb_drive_open(&t);
	rpc_request(&rpc, 3, 3, 0, 12, "stub");
	uint32_t start = smb1_open(&w, 0x25, 1, false, 0, NT_STATUS);
	put_le(&w, 16, 1);
	put_zeros(&w, 22);
	put_le(&w, rpc.len, 2);
	put_le(&w, 67, 2);
	put_le(&w, 2, 2);
	put_le(&w, 0x26, 2);
	put_le(&w, FID, 2);
	put_le(&w, rpc.len, 2);
	put(&w, rpc.data, rpc.len);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_at(&t, 0)->kind, SMB_RPC);
	assert_int_equal(smb_tx_at(&t, 0)->call.opnum, 12);
	rpc.len = 0;
	rpc_response(&rpc, 3, 3, "done");
	start = smb1_open(&w, 0x25, 1, true, 0, NT_STATUS);
	put_le(&w, 10, 1);
	put_zeros(&w, 12);
	put_le(&w, rpc.len, 2);
	put_le(&w, 55, 2);
	put_zeros(&w, 4);
	put_le(&w, rpc.len, 2);
	put(&w, rpc.data, rpc.len);
	netbios_close(&w, start);
	say(&t, TO_CLIENT, &w);
	assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 0)));
	assert_true(span_is(bytes_span(&smb_tx_at(&t, 0)->call.stub[TO_CLIENT]), "done"));
	app_drive_close(&t);
}

static void test_what_a_hostile_peer_writes_is_told_and_survived(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	smb_drive_open(&t);
	create(&w, 1, "a");
	put_write(&w, 2, 0, 60000, "data outside of the message");
	say(&t, TO_SERVER, &w);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	uint32_t start = smb1_open(&w, 0xa2, 3, false, 0, NT_STATUS); // more words than bytes
	put_le(&w, 255, 1);
	put_zeros(&w, 10);
	netbios_close(&w, start);
	start = smb1_open(&w, 0x75, 4, false, 0, NT_STATUS); // a password longer than all bytes
	put_le(&w, 4, 1);
	put_andx(&w, 0xff, 0);
	put_zeros(&w, 2);
	put_le(&w, 0xffff, 2);
	put_le(&w, 3, 2);
	put(&w, "abc", 3);
	netbios_close(&w, start);
	start = smb1_open(&w, 0x25, 5, false, 0, NT_STATUS); // parameters outside
	put_le(&w, 14, 1);
	for (int i = 0; i < 28; i++)
		put_le(&w, 0xff, 1);
	put_zeros(&w, 2);
	netbios_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_at(&t, 1)->kind, SMB_TREE_CONNECT);
	assert_int_equal(smb_tx_at(&t, 1)->name.len, 0);
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialect_is_chosen_by_number),
		cmocka_unit_test(test_file_is_written_and_closed),
		cmocka_unit_test(test_status_of_the_old_kind),
		cmocka_unit_test(test_chain_of_commands_goes_forward_only),
		cmocka_unit_test(test_names_are_padded_and_renamed),
		cmocka_unit_test(test_call_in_a_transaction),
		cmocka_unit_test(test_what_a_hostile_peer_writes_is_told_and_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
