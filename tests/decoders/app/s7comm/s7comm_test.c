// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/s7comm/s7comm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define CONNECT  "03000016 11e00000000700 c1020100 c2020143 c0010a"
#define CONFIRM  "03000016 11d00007000300 c0010a c1020100 c2020143"
#define SETUP    "03000019 02f080 3201 0000 0002 0008 0000 f000 0001 0001 01e0"
#define SETUP_OK "0300001b 02f080 3203 0000 0002 0008 0000 0000 f000 0001 0001 00f0"
#define READ     "0300001f 02f080 3201 0000 0005 000e 0000 0401 120a1002 0004 0001 84 000050"
#define READ_OK  "0300001d 02f080 3203 0000 0005 0002 0008 0000 0401 ff040020 01020304"
#define WRITE    "03000025 02f080 3201 0000 0006 000e 0006 0501 120a1002 0002 0000 83 000051 00040010abcd"
#define REFUSED  "03000016 02f080 3203 0000 0006 0002 0001 0000 0501 05"
#define STOP     "03000021 02f080 3201 0000 0007 0010 0000 290000000000 09505f50524f4752414d"
#define STOP_NO  "03000013 02f080 3202 0000 0007 0000 0000 8404"
#define START    "03000027 02f080 3201 0000 0008 0016 0000 28000000000000fd 00024320 09505f50524f4752414d"
#define FETCH    "03000023 02f080 3201 0000 0100 0012 0000 1b00000000000000 095f3041303030303150"
#define FETCHED  "03000018 02f080 3203 0000 0100 0002 0003 0000 1b00 0000fb"
#define SZL      "03000021 02f080 3207 0000 0300 0008 0008 0001120411440100 ff09000400110001"
#define SZL_OK   "03000025 02f080 3207 0000 0300 000c 0008 000112081284010000000000 ff09000400110001"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &s7comm_parser, PROTO_TCP, 40000, 102);
}

static void test_session(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, CONNECT);
	app_drive_hex(&t, TO_CLIENT, CONFIRM);
	assert_true(fact_says_nth(&t, 0, S7COMM_PDU, 1, "connection_confirm"));
	assert_true(fact_counts(&t, 0, S7COMM_RACK, 2));
	assert_true(fact_counts(&t, 0, S7COMM_SLOT, 3));
	app_drive_hex(&t, TO_SERVER, SETUP);
	app_drive_hex(&t, TO_CLIENT, SETUP_OK);
	assert_true(fact_says(&t, 1, S7COMM_FUNCTION, "setup_communication"));
	app_drive_hex(&t, TO_SERVER, READ WRITE STOP); // answers in another order
	app_drive_hex(&t, TO_CLIENT, STOP_NO REFUSED READ_OK);
	assert_true(fact_says(&t, 2, S7COMM_ITEM, "DB1.DBX10.0 BYTE 4"));
	assert_true(fact_says(&t, 2, S7COMM_RETURN, "success"));
	assert_true(fact_silent(&t, 2, S7COMM_VALUE));
	assert_true(fact_says(&t, 3, S7COMM_FUNCTION, "write_var"));
	assert_true(fact_says(&t, 3, S7COMM_ITEM, "M10.1 BYTE 2"));
	assert_true(fact_says(&t, 3, S7COMM_VALUE, "abcd"));
	assert_true(fact_says(&t, 3, S7COMM_RETURN, "invalid_address"));
	assert_true(fact_says(&t, 4, S7COMM_FUNCTION, "plc_stop"));
	assert_true(fact_says(&t, 4, S7COMM_ERROR_CLASS, "service_processing"));
	assert_true(fact_counts(&t, 4, S7COMM_ERROR_CODE, 4));
	for (unsigned i = 0; i < 5; i++)
		assert_true(app_tx_done(&s7comm_parser, app_drive_tx(&t, i)));
	app_drive_hex(&t, TO_SERVER, START);
	assert_true(fact_says(&t, 5, S7COMM_SERVICE, "P_PROGRAM"));
	assert_true(fact_says(&t, 5, S7COMM_SUBFUNCTION, "start"));
	assert_true(fact_says(&t, 5, S7COMM_ARGUMENT, "C "));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_controller_asks(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, SZL);
	app_drive_hex(&t, TO_CLIENT, FETCH);
	app_drive_hex(&t, TO_SERVER, FETCHED);
	app_drive_hex(&t, TO_CLIENT, SZL_OK);
	assert_true(fact_says(&t, 0, S7COMM_SUBFUNCTION, "read_szl"));
	assert_true(fact_says(&t, 0, S7COMM_SZL_ID, "0x0011"));
	assert_true(fact_says(&t, 0, S7COMM_RETURN, "success"));
	assert_false(fact_tx_in(app_drive_tx(&t, 0))->reversed);
	assert_true(fact_says(&t, 1, S7COMM_FUNCTION, "download_block"));
	assert_true(fact_says(&t, 1, S7COMM_BLOCK_TYPE, "DB"));
	assert_true(fact_says(&t, 1, S7COMM_BLOCK_NUMBER, "00001"));
	assert_true(fact_says(&t, 1, S7COMM_FILESYSTEM, "passive"));
	assert_true(fact_says(&t, 1, S7COMM_ERROR_CLASS, "no_error"));
	assert_true(fact_tx_in(app_drive_tx(&t, 1))->reversed);
	// An answer does not answer what its own side asked
	app_drive_hex(&t, TO_CLIENT, FETCH FETCHED);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 3), "unexpected_message"));
	app_drive_close(&t);
}

// What functions say, and what is wrong with those that are broken.
static void test_functions(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		uint8_t fact;
		const char *says; // NULL: malformed
	} jobs[] = {
		{ "03000023 02f080 3201 0000 0001 0012 0000 1d00000000000000 095f3041303030303141", S7COMM_FILESYSTEM,
			"active" },
		{ "03000031 02f080 3201 0000 0001 0020 0000 1a00010000000000 095f3041303030303150 "
		  "0d31303030353030303030343030",
			S7COMM_BLOCK_LENGTH, "000500" },
		{ "03000019 02f080 3201 0000 0001 0008 0000 1e00000000000007", S7COMM_FUNCTION, "upload" },
		{ "03000019 02f080 3201 0000 0001 0008 0000 1f00000000000007", S7COMM_FUNCTION, "end_upload" },
		{ "0300002b 02f080 3201 0000 0001 001a 0000 28000000000000fd 000a 0100 3041303030303150 055f44454c45",
			S7COMM_SUBFUNCTION, "delete_block" },
		{ "03000012 02f080 3201 0000 0001 0001 0000 99", S7COMM_FUNCTION, "0x99" },
		{ "0300001f 02f080 3201 0000 0001 000e 0000 0401 120a101c 0001 0000 1c 000005", S7COMM_ITEM,
			"C5 COUNTER 1" },
		{ "0300001f 02f080 3201 0000 0001 000e 0000 0401 120a1077 0001 0002 77 000009", S7COMM_ITEM,
			"0x771.1 0x77 1" },
		{ "0300001d 02f080 3201 0000 0001 000c 0000 0401 1207b001 04 0003 0010 00", S7COMM_ITEM,
			"DB3.DBX16.0 BYTE 4" },
		{ "03000017 02f080 3201 0000 0001 0006 0000 0401 1202b2ff", S7COMM_ITEM, "syntax 0xb2" },
		{ "0300001e 02f080 3201 0000 0001 000e 0000 0401 120a1002 0004 0001 84 0000", 0,
			NULL },                                                    // parameters over
		{ "03000015 02f080 3201 0000 0001 0004 0000 0402 120a", 0, NULL }, // item cut
		{ "03000011 02f080 3201 0000 0001 0000 0000", 0, NULL },           // no function
		{ "03000013 02f080 3201 0000 0001 0002 0000 1d00", 0, NULL },
		{ "03000013 02f080 3201 0000 0001 0002 0000 2800", 0, NULL },
		{ "03000013 02f080 3201 0000 0001 0002 0000 2900", 0, NULL },
		{ "03000013 02f080 3201 0000 0001 0002 0000 f000", 0, NULL },
		{ "03000011 02f080 3204 0000 0001 0000 0000", 0, NULL }, // no such kind
		{ "03000011 02f080 3301 0000 0001 0000 0000", 0, NULL }, // nor protocol
		{ "03000017 02f080 3207 0000 0001 0006 0000 000112041144", 0, NULL },
		{ "03000019 02f080 3207 0000 0001 0008 0000 00011209114401ff", 0, NULL }, // head over
		{ "03000023 02f080 3201 0000 0006 000e 0004 0501 120a1002 0002 0000 83 000051 00040010", 0, NULL },
	};
	for (unsigned i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, jobs[i].hex));
		assert_non_null(app_drive_tx(&t, 0));
		assert_int_equal(app_drive_has_event(&t, NULL, "malformed_data"), !jobs[i].says);
		if (jobs[i].says)
			assert_true(fact_says(&t, 0, jobs[i].fact, jobs[i].says));
		app_drive_close(&t);
	}
}

static void test_hostile_answers(void **state)
{
	(void)state;
	static const char *const answers[] = {
		"03000019 02f080 3203 0000 0005 0002 0004 0000 0401 ff040020", // value cut
		"03000014 02f080 3203 0000 0005 0001 0000 0000 04",            // no count
		"03000015 02f080 3203 0000 0005 0002 0000 0000 05ff",          // fewer codes than told
		"03000014 02f080 3203 0000 0005 0001 0000 0000 1d",            // no session
		"03000014 02f080 3203 0000 0005 0001 0000 0000 f0",
	};
	for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		app_drive_hex(&t, TO_SERVER, READ);
		assert_true(app_drive_hex(&t, TO_CLIENT, answers[i]));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
		app_drive_close(&t);
	}
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_CLIENT, READ_OK); // nobody asked
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "unexpected_message"));
	app_drive_hex(&t, TO_CLIENT, "0300001b 06800007000300 99 000000000000000000000000000000");
	assert_true(fact_says(&t, 1, S7COMM_PDU, "disconnect_request"));
	app_drive_hex(&t, TO_CLIENT, "03000007 021000"); // expedited: not there in class 0
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 1);
	app_drive_hex(&t, TO_CLIENT, "03000009 04e0 0000 00"); // request cut
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 2), "malformed_data"));
	app_drive_close(&t);
}

// Bytes that are no message are told, where nothing waits too, and do not hide what follows.
static void test_garbage_is_told_and_passed(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "16030100050000000000"));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_true(app_drive_hex(&t, TO_SERVER, "ff"));
	assert_int_equal(fact_counter_of(&t, TALLY_MALFORMED), 1); // once a direction
	app_drive_hex(&t, TO_SERVER, STOP);
	assert_true(fact_says(&t, 1, S7COMM_FUNCTION, "plc_stop"));
	app_drive_close(&t);
}

static void test_parts_and_gaps(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "0300000b 02f000 32010000");
	app_drive_hex(&t, TO_SERVER, "0300001b 02f080 0005 000e 0000 0401 120a1002 0004 0001 84 000050");
	assert_true(fact_says(&t, 0, S7COMM_ITEM, "DB1.DBX10.0 BYTE 4"));
	// Parts without end are not kept for ever, and what follows is read
	static uint8_t part[8007] = { 3, 0, 8007 >> 8, 8007 & 255, 2, 0xf0, 0 };
	for (unsigned i = 0; i < 20; i++)
		assert_true(app_drive_feed(&t, TO_SERVER, part, sizeof(part)));
	app_drive_hex(&t, TO_SERVER, "03000007 02f080" READ);
	assert_int_equal(fact_counter_of(&t, TALLY_OVER_BUDGET), 1);
	assert_true(fact_says(&t, 1, S7COMM_ITEM, "DB1.DBX10.0 BYTE 4"));
	app_drive_hex(&t, TO_SERVER, "0300000b 02f000 32010000");
	app_drive_gap(&t, TO_SERVER, 100);
	assert_true(app_drive_hex(&t, TO_SERVER, "ffff0000"));
	assert_true(app_drive_hex(&t, TO_SERVER, WRITE));
	assert_true(fact_says(&t, 2, S7COMM_VALUE, "abcd"));
	assert_true(app_drive_hex(&t, TO_SERVER, "ffff0000")); // was it the start of a message at all?
	assert_true(app_drive_hex(&t, TO_SERVER, WRITE));
	assert_true(fact_says(&t, 3, S7COMM_VALUE, "abcd"));
	app_drive_close(&t);
}

static void test_many_jobs(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	for (unsigned i = 0; i < 3 * FACT_OPEN_MAX; i++)
		assert_true(app_drive_hex(&t, TO_SERVER, READ));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "too_many_transactions"));
	assert_true(((struct fact_flow *)t.flow.app.state)->open <= FACT_OPEN_MAX);
	app_drive_close(&t);
}

static void test_plus(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "0300000f 02f080 720100ca31000004");
	assert_int_equal(t.result, APP_STOP);
	assert_true(fact_counts(&t, 0, S7COMM_PLUS, 1));
	app_drive_hex(&t, TO_CLIENT, "0300000f 02f080 720100ca32000004");
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static enum app_probe ask(enum direction direction, bool hinted, const char *hex)
{
	uint8_t bytes[256];
	size_t len = 0;
	for (; *hex; hex++)
		if (*hex != ' ') {
			unsigned value = 0;
			(void)sscanf(hex++, "%2x", &value);
			bytes[len++] = (uint8_t)value;
		}
	struct app_drive t;
	open_drive(&t);
	t.flow.app.proto = APP_UNKNOWN;
	enum app_probe answer = app_drive_probe(&t, direction, bytes, len, hinted);
	app_drive_close(&t);
	return answer;
}

static void test_first_bytes_decide(void **state)
{
	(void)state;
	assert_int_equal(ask(TO_SERVER, true, CONNECT), APP_PROBE_YES);
	assert_int_equal(ask(TO_SERVER, false, CONNECT), APP_PROBE_MORE);
	assert_int_equal(ask(TO_SERVER, false, CONNECT SETUP), APP_PROBE_YES);
	assert_int_equal(ask(TO_CLIENT, false, CONNECT SETUP), APP_PROBE_REVERSED);
	assert_int_equal(ask(TO_CLIENT, false, CONFIRM SETUP_OK), APP_PROBE_YES);
	assert_int_equal(ask(TO_CLIENT, true, CONFIRM), APP_PROBE_MORE);
	assert_int_equal(ask(TO_SERVER, false, SZL), APP_PROBE_YES);
	assert_int_equal(ask(TO_SERVER, true, "03000012"), APP_PROBE_MORE);
	assert_int_equal(ask(TO_SERVER, true, "03"), APP_PROBE_MORE);
	// MMS: its place is no controller's, and its data is ISO's session layer
	assert_int_equal(ask(TO_SERVER, true, "03000016 11e00000077800 c1020001 c2020001 c0010d"), APP_PROBE_MORE);
	assert_int_equal(ask(TO_SERVER, true,
				 "03000016 11e00000077800 c1020001 c2020001 c0010d 0300000f 02f080 0d9e0506130100 01"),
		APP_PROBE_NO);
	assert_int_equal(ask(TO_SERVER, true, "160301000500"), APP_PROBE_NO);
	assert_int_equal(ask(TO_SERVER, true, "0300000902f08032ff"), APP_PROBE_NO);
	assert_int_equal(ask(TO_SERVER, true, "03000004 0000000000"), APP_PROBE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_controller_asks),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_hostile_answers),
		cmocka_unit_test(test_garbage_is_told_and_passed),
		cmocka_unit_test(test_parts_and_gaps),
		cmocka_unit_test(test_many_jobs),
		cmocka_unit_test(test_plus),
		cmocka_unit_test(test_first_bytes_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
