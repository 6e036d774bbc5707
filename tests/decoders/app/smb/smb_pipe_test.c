// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smb/smb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/smb_drive.h"

#define PIPE_ID 9

static void open_pipe(struct app_drive *t, const char *name)
{
	struct wire w = { 0 };
	smb_drive_open(t);
	smb2_tree_connect(&w, 1, "\\\\dc1\\IPC$");
	smb2_create(&w, 2, 5, name);
	say(t, TO_SERVER, &w);
	smb2_tree_connected(&w, 1, 5, 2);
	smb2_created(&w, 2, 5, PIPE_ID);
	say(t, TO_CLIENT, &w);
	app_drive_clean(t);
}

static void write_rpc(struct app_drive *t, uint64_t message, const struct wire *rpc)
{
	struct wire w = { 0 };
	smb2_write(&w, message, 5, PIPE_ID, 0, rpc->data, rpc->len);
	say(t, TO_SERVER, &w);
}

static void read_rpc(struct app_drive *t, uint64_t message, const struct wire *rpc)
{
	struct wire w = { 0 };
	smb2_read(&w, message, 5, PIPE_ID, 0, 4096);
	say(t, TO_SERVER, &w);
	smb2_read_done(&w, message, 5, rpc->data, rpc->len);
	say(t, TO_CLIENT, &w);
}

static const struct smb_tx *rpc_at(const struct app_drive *t, unsigned n)
{
	const struct smb_tx *tx = smb_tx_of(app_drive_tx(t, n));
	assert_int_equal(tx->kind, SMB_RPC);
	return tx;
}

static void test_bind_then_call(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire rpc = { 0 }, w = { 0 };
	open_pipe(&t, "srvsvc");
	rpc_bind(&rpc, 1, 4);
	write_rpc(&t, 3, &rpc);
	rpc.len = 0;
	rpc_bound(&rpc, 1, 0);
	read_rpc(&t, 4, &rpc);
	const struct dcerpc_call *bind = &rpc_at(&t, 0)->call;
	char text[37];
	dcerpc_uuid_text(bind->offered[0].uuid, text);
	assert_string_equal(text, WIRE_UUID_TEXT);
	assert_true(bind->offered[0].acked);
	assert_int_equal(bind->response, DCERPC_BINDACK);
	assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 0)));
	rpc.len = 0;
	rpc_request(&rpc, 2, 3, 4, 15, "stub");
	smb2_ioctl(&w, 5, 5, PIPE_ID, false, &rpc);
	say(&t, TO_SERVER, &w);
	rpc.len = 0;
	rpc_response(&rpc, 2, 3, "answer");
	smb2_ioctl(&w, 5, 5, PIPE_ID, true, &rpc);
	say(&t, TO_CLIENT, &w);
	const struct smb_tx *tx = rpc_at(&t, 1);
	assert_int_equal(tx->command, 11);
	assert_int_equal(tx->call.opnum, 15);
	assert_true(tx->call.has_interface && tx->call.interface.acked);
	assert_memory_equal(tx->call.interface.uuid, bind->offered[0].uuid, 16);
	assert_true(span_is(bytes_span(&tx->call.stub[TO_SERVER]), "stub"));
	assert_true(span_is(bytes_span(&tx->call.stub[TO_CLIENT]), "answer"));
	assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 1)));
	app_drive_close(&t);
}

static void test_fragments_are_put_together_wherever_they_are_cut(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire rpc = { 0 }, part = { 0 };
	open_pipe(&t, "srvsvc");
	rpc_request(&rpc, 7, DCERPC_FIRST_FRAGMENT, 0, 1, "one");
	rpc_request(&rpc, 7, 0, 0, 1, "two");
	rpc_request(&rpc, 7, DCERPC_LAST_FRAGMENT, 0, 1, "three");
	put(&part, rpc.data, 40);
	write_rpc(&t, 3, &part);
	part.len = 0;
	put(&part, rpc.data + 40, rpc.len - 40);
	write_rpc(&t, 4, &part);
	const struct dcerpc_call *call = &rpc_at(&t, 0)->call;
	assert_int_equal(call->fragments[TO_SERVER], 3);
	assert_true(span_is(bytes_span(&call->stub[TO_SERVER]), "onetwothree"));
	assert_true(call->request_done);
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_answer_without_request_is_told(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire rpc = { 0 };
	open_pipe(&t, "srvsvc");
	rpc_response(&rpc, 7, 3, "late");
	read_rpc(&t, 3, &rpc);
	assert_false(rpc_at(&t, 0)->call.has_request);
	assert_true(app_tx_done(&smb_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);
}

static void test_pipe_without_dcerpc_gives_no_file(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 }, data = { 0 };
	open_pipe(&t, "PSEXESVC");
	smb2_write(&w, 3, 5, PIPE_ID, 0, "anything", 8);
	say(&t, TO_SERVER, &w);
	assert_null(app_drive_tx(&t, 0));
	put(&data, "other", 5);
	smb2_ioctl(&w, 4, 5, PIPE_ID, false, &data);
	say(&t, TO_SERVER, &w);
	assert_int_equal(smb_tx_of(app_drive_tx(&t, 0))->kind, SMB_IOCTL);
	assert_int_equal(smb_tx_of(app_drive_tx(&t, 0))->function, 0x11c017);
	app_drive_close(&t);
}

static void test_pipe_of_a_flow_joined_late_is_known_by_its_bytes(void **state)
{
	(void)state;
	struct app_drive t = { .config = { .max_tx = 256, .max_tx_hard = 256, .file_window_bytes = 4096 } };
	struct wire rpc = { 0 };
	app_drive_open(&t, &smb_parser, PROTO_TCP, 40000, 445);
	rpc_request(&rpc, 7, 3, 0, 1, "x");
	write_rpc(&t, 3, &rpc);
	assert_int_equal(rpc_at(&t, 0)->call.opnum, 1);
	assert_false(rpc_at(&t, 0)->call.has_interface);
	app_drive_close(&t);
}

static void test_broken_calls_are_told_and_survived(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire rpc = { 0 };
	open_pipe(&t, "srvsvc");
	uint32_t start = rpc_open(&rpc, DCERPC_REQUEST, 3, 1); // no body
	rpc_close(&rpc, start);
	start = rpc_open(&rpc, DCERPC_BIND, 3, 2); // says ten contexts, has none
	put_zeros(&rpc, 8);
	put_le(&rpc, 10, 4);
	rpc_close(&rpc, start);
	write_rpc(&t, 3, &rpc);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "malformed_data"));
	assert_int_equal(rpc_at(&t, 1)->call.offered_count, 0);
	rpc.len = 0;
	put(&rpc, "\5\0\0\3\x10\0\0\0\1\0", 10); // a fragment shorter than its header
	put_zeros(&rpc, 20);
	write_rpc(&t, 4, &rpc);
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bind_then_call),
		cmocka_unit_test(test_fragments_are_put_together_wherever_they_are_cut),
		cmocka_unit_test(test_answer_without_request_is_told),
		cmocka_unit_test(test_pipe_without_dcerpc_gives_no_file),
		cmocka_unit_test(test_pipe_of_a_flow_joined_late_is_known_by_its_bytes),
		cmocka_unit_test(test_broken_calls_are_told_and_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
