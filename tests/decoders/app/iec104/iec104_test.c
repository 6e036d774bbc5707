// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/iec104/iec104.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define START_ACT "680407000000"
#define START_CON "68040b000000"
#define TEST_ACT  "680443000000"
#define ACK       "680401000400"
#define SELECT    "680e 00000000 2d01 0601 0d91 1a2700 81"       // single command 10010, select on
#define REFUSE    "680e 00000200 2d01 4701 0d91 1a2700 81"       // its confirmation, negative
#define POINTS    "6810 02000200 0183 1400 0d91 1a2700 000100"   // sequence of three
#define FLOAT     "6819 04000200 2401 0300 1429 cbb202 cdcc2c3e 00 e8030a0b1c0517"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &iec104_parser, PROTO_TCP, 40000, 2404);
}

static void test_session(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, START_ACT TEST_ACT SELECT ACK);
	app_drive_hex(&t, TO_CLIENT, START_CON REFUSE POINTS FLOAT);
	assert_true(fact_says(&t, 0, IEC104_FUNCTION, "STARTDT_act"));
	assert_true(fact_says(&t, 1, IEC104_TYPE, "C_SC_NA_1"));
	assert_true(fact_says(&t, 1, IEC104_CAUSE, "activation"));
	assert_true(fact_counts(&t, 1, IEC104_ORIGINATOR, 1));
	assert_true(fact_counts(&t, 1, IEC104_COMMON_ADDRESS, 37133));
	assert_true(fact_counts(&t, 1, IEC104_OBJECT, 10010));
	assert_true(fact_says(&t, 1, IEC104_VALUE, "on"));
	assert_true(fact_counts(&t, 1, IEC104_SELECT, 1));
	assert_true(fact_silent(&t, 1, IEC104_NEGATIVE));
	assert_true(fact_says(&t, 2, IEC104_FUNCTION, "STARTDT_con"));
	assert_true(fact_counts(&t, 3, IEC104_NEGATIVE, 1));
	assert_true(fact_counts(&t, 4, IEC104_OBJECT_COUNT, 3));
	assert_true(fact_says_nth(&t, 4, IEC104_VALUE, 1, "on"));
	assert_true(fact_find(fact_tx_in(app_drive_tx(&t, 4)), IEC104_OBJECT, 2)->number == 10012);
	assert_true(fact_says(&t, 5, IEC104_VALUE, "0.16875"));
	assert_null(fact_find(fact_tx_in(app_drive_tx(&t, 5)), IEC104_VALUE, 1)); // time tags are none
	assert_null(app_drive_tx(&t, 6));
	for (unsigned i = 0; i < 6; i++)
		assert_true(app_tx_done(&iec104_parser, app_drive_tx(&t, i)));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_values(void **state)
{
	(void)state;
	static const struct {
		const char *hex, *value;
	} asdus[] = {
		{ "680e 00000000 0301 0300 0100 010000 02", "on" },
		{ "680f 00000000 0501 0300 0100 010000 7f00", "-1" },
		{ "6812 00000000 0701 0300 0100 010000 7856341200", "0x12345678" },
		{ "6810 00000000 0901 0300 0100 010000 00c000", "-0.5" },
		{ "6810 00000000 0b01 0300 0100 010000 feff00", "-2" },
		{ "6812 00000000 0d01 0300 0100 010000 0000807f00", "inf" },
		{ "6812 00000000 0d01 0300 0100 010000 000080ff00", "-inf" },
		{ "6812 00000000 0d01 0300 0100 010000 0000c07f00", "nan" },
		{ "6812 00000000 0f01 0300 0100 010000 ffffffff00", "-1" },
		{ "680e 00000000 2e01 0600 0100 010000 01", "off" },
		{ "680e 00000000 2e01 0600 0100 010000 03", "not_permitted" },
		{ "680e 00000000 2f01 0600 0100 010000 02", "higher" },
		{ "6812 00000000 3201 0600 0100 010000 0000c03f80", "1.5" },
		{ "6814 00000000 6701 0600 0100 000000 c8320a081d0808", "2008-08-29T08:10:13.000" },
	};
	for (unsigned i = 0; i < sizeof(asdus) / sizeof(asdus[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, asdus[i].hex));
		assert_true(fact_says(&t, 0, IEC104_VALUE, asdus[i].value));
		assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
		app_drive_close(&t);
	}
}

// All types take the bytes the standard gives them.
static void test_types_have_sizes(void **state)
{
	(void)state;
	static const struct {
		uint8_t type, bytes;
	} sizes[] = { { 2, 4 }, { 4, 4 }, { 6, 5 }, { 8, 8 }, { 10, 6 }, { 12, 6 }, { 14, 8 }, { 16, 8 }, { 17, 6 },
		{ 18, 7 }, { 19, 7 }, { 20, 5 }, { 21, 2 }, { 30, 8 }, { 32, 9 }, { 33, 12 }, { 34, 10 }, { 36, 12 },
		{ 37, 12 }, { 38, 10 }, { 39, 11 }, { 40, 11 }, { 48, 3 }, { 51, 4 }, { 58, 8 }, { 61, 10 }, { 63, 12 },
		{ 64, 11 }, { 70, 1 }, { 102, 0 }, { 103, 7 }, { 104, 2 }, { 105, 1 }, { 106, 2 }, { 107, 9 },
		{ 110, 3 }, { 112, 5 }, { 113, 1 }, { 120, 6 }, { 121, 7 }, { 122, 4 }, { 123, 5 }, { 124, 4 },
		{ 126, 13 }, { 127, 16 } };
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(iec104_object_bytes(iec104_type_of(sizes[i].type)), sizes[i].bytes);
	assert_null(iec104_type_of(0));
	assert_null(iec104_type_of(128));
	assert_string_equal(iec104_cause_name(36), "interrogated_by_group");
	assert_string_equal(iec104_cause_name(41), "counter_request_by_group");
	assert_null(iec104_cause_name(63));
	assert_null(iec104_cause_name(0));
}

static void test_hostile_asdus(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"6805 00000000 2d",                         // head cut
		"680d 00000000 2d01 0600 0100 010000",      // no element
		"680f 00000000 2d01 0600 0100 010000 0101", // more than there should be
		"680e 00000000 01ff 0300 0100 010000 01",   // 127 told, one there
		"680e 00000000 0102 0300 0100 010000 01",   // two told
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, bad[i]));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
		app_drive_hex(&t, TO_SERVER, SELECT);
		assert_true(fact_says(&t, 1, IEC104_TYPE, "C_SC_NA_1"));
		app_drive_close(&t);
	}
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "680f 00000000 8801 0600 0100 010000 0101"); // private type
	assert_true(fact_says(&t, 0, IEC104_TYPE, "136"));
	assert_true(fact_counts(&t, 0, IEC104_OBJECT, 1));
	app_drive_hex(&t, TO_SERVER, "680a 00000000 7d01 0d00 0100"); // a file's segment, without object
	assert_true(fact_says(&t, 1, IEC104_TYPE, "F_SG_NA_1"));
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 2);
	// As many objects as fit: some are told
	uint8_t many[2 + 4 + 6 + 3 + 127] = { 0x68, 4 + 6 + 3 + 127, 0, 0, 0, 0, 1, 0xff, 3, 0, 1, 0 };
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	assert_true(fact_counts(&t, 2, IEC104_OBJECT_COUNT, 127));
	assert_non_null(fact_find(fact_tx_in(app_drive_tx(&t, 2)), IEC104_OBJECT, IEC104_TOLD - 1));
	assert_null(fact_find(fact_tx_in(app_drive_tx(&t, 2)), IEC104_OBJECT, IEC104_TOLD));
	assert_int_equal(fact_counter_of(&t, TALLY_TRUNCATED), 1);
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

// Bytes that begin no frame do not hide those that follow, as they do not from stations.
static void test_garbage_and_gaps(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "00 0168 02026800 1212 68fe 6804ff000000 6804010101" SELECT));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_true(fact_says(&t, 1, IEC104_TYPE, "C_SC_NA_1")); // told once
	app_drive_hex(&t, TO_SERVER, "680e 0000");
	app_drive_gap(&t, TO_SERVER, 3);
	app_drive_hex(&t, TO_SERVER, "0601 0d91 1a2700 81" SELECT);
	assert_true(fact_says(&t, 2, IEC104_TYPE, "C_SC_NA_1"));
	assert_false(app_drive_has_event(&t, app_drive_tx(&t, 2), "malformed_data"));
	assert_int_equal(fact_counter_of(&t, TALLY_MALFORMED), 1);
	static const uint8_t noise[4096] = { 0x68 };
	for (unsigned i = 0; i < 64; i++)
		assert_true(app_drive_feed(&t, TO_SERVER, noise, sizeof(noise)));
	assert_int_equal(fact_counter_of(&t, TALLY_MALFORMED), 2);
	for (const char *byte = "680407000000"; *byte; byte += 2)
		app_drive_hex(&t, TO_SERVER, (char[]) { byte[0], byte[1], 0 });
	assert_true(fact_says(&t, 4, IEC104_FUNCTION, "STARTDT_act"));
	app_drive_close(&t);
}

static enum app_probe ask(enum direction direction, bool hinted, const void *bytes, size_t len)
{
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
	static const uint8_t act[] = { 0x68, 4, 7, 0, 0, 0 }, con[] = { 0x68, 4, 0x0b, 0, 0, 0 },
			     test[] = { 0x68, 4, 0x43, 0, 0, 0 }, asdu[] = { 0x68, 14, 0, 0, 0, 0, 45 },
			     none[] = { 0x68, 4, 0, 0, 0, 0 }, text[] = "nobody";
	assert_int_equal(ask(TO_SERVER, false, act, 6), APP_PROBE_YES);
	assert_int_equal(ask(TO_CLIENT, false, act, 6), APP_PROBE_REVERSED);
	assert_int_equal(ask(TO_CLIENT, false, con, 6), APP_PROBE_YES);
	assert_int_equal(ask(TO_SERVER, true, con, 6), APP_PROBE_REVERSED);
	assert_int_equal(ask(TO_SERVER, false, test, 6), APP_PROBE_YES);
	assert_int_equal(ask(TO_SERVER, true, asdu, 7), APP_PROBE_YES);
	assert_int_equal(ask(TO_SERVER, false, asdu, 7), APP_PROBE_NO);
	assert_int_equal(ask(TO_SERVER, true, none, 6), APP_PROBE_NO);
	assert_int_equal(ask(TO_SERVER, true, text, 6), APP_PROBE_NO);
	assert_int_equal(ask(TO_SERVER, true, act, 1), APP_PROBE_MORE);
	assert_int_equal(ask(TO_SERVER, true, text, 1), APP_PROBE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_types_have_sizes),
		cmocka_unit_test(test_hostile_asdus),
		cmocka_unit_test(test_garbage_and_gaps),
		cmocka_unit_test(test_first_bytes_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
