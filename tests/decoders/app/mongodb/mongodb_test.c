// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mongodb/mongodb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define HELLO \
	"920000000100000000000000d40700000000000061646d696e2e24636d640000000000010000006b0000001069734d617374" \
	"6572000100000003636c69656e740050000000036170706c69636174696f6e0014000000026e616d65000500000073686f70" \
	"0000036472697665720022000000026e616d650004000000647276000276657273696f6e00020000003100000000"
#define REPLY \
	"35000000020000000100000001000000000000000000000000000000000000000000000011000000016f6b00000000000000" \
	"f03f00"
#define FIND \
	"370000000100000000000000dd0700000000000000220000000266696e640006000000757365727300022464620004000000" \
	"63726d0000"
#define OK \
	"260000000100000001000000dd070000000000000011000000016f6b00000000000000f03f00"
#define SASL \
	"710000000100000000000000dd07000000000000005c000000107361736c53746172740001000000026d656368616e69736d" \
	"000e000000534352414d2d5348412d32353600057061796c6f6164000e000000006e2c2c6e3d626f622c723d78797a022464" \
	"62000600000061646d696e0000"
#define PLAIN \
	"620000000100000000000000dd07000000000000004d000000107361736c53746172740001000000026d656368616e69736d" \
	"0006000000504c41494e00057061796c6f6164000700000000006a6f6500707702246462000600000061646d696e0000"
#define FAILED \
	"530000000100000001000000dd07000000000000003e000000016f6b000000000000000000026572726d7367001700000041" \
	"757468656e7469636174696f6e206661696c65642e0010636f6465001200000000"
#define SILENT \
	"380000000100000000000000dd07000002000000002300000002696e7365727400050000006c6f6773000224646200040000" \
	"0063726d0000"
#define COMPRESSED \
	"190000000100000000000000dc070000000000000000000000"
#define INSERT \
	"2a0000000100000000000000d20700000000000063726d2e7573657273000c0000001061000100000000"
#define BROKEN \
	"240000000100000000000000dd0700000000000000280000000266696e6400a00f000078"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &mongodb_parser, PROTO_TCP, 40000, 27017);
}

static void test_commands(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, HELLO);
	assert_true(fact_says(&t, 0, MONGODB_COMMAND, "isMaster"));
	assert_true(fact_says(&t, 0, MONGODB_DATABASE, "admin"));
	assert_true(fact_says(&t, 0, MONGODB_APPLICATION, "shop"));
	assert_true(fact_says(&t, 0, MONGODB_DRIVER, "drv"));
	app_drive_hex(&t, TO_CLIENT, REPLY);
	assert_true(fact_counts(&t, 0, MONGODB_SUCCESS, 1));
	app_drive_hex(&t, TO_SERVER, FIND);
	assert_true(fact_says(&t, 1, MONGODB_COMMAND, "find"));
	assert_true(fact_says(&t, 1, MONGODB_COLLECTION, "users"));
	assert_true(fact_says(&t, 1, MONGODB_DATABASE, "crm"));
	assert_false(app_tx_done(&mongodb_parser, app_drive_tx(&t, 1)));
	app_drive_hex(&t, TO_CLIENT, OK);
	assert_true(app_tx_done(&mongodb_parser, app_drive_tx(&t, 1)));
	app_drive_hex(&t, TO_SERVER, SILENT); // needs no answer
	assert_true(app_tx_done(&mongodb_parser, app_drive_tx(&t, 2)));
	app_drive_hex(&t, TO_SERVER, INSERT);
	assert_true(fact_says(&t, 3, MONGODB_COMMAND, "insert"));
	app_drive_close(&t);
}

static void test_logins(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, SASL);
	assert_true(fact_says(&t, 0, MONGODB_MECHANISM, "SCRAM-SHA-256"));
	assert_true(fact_says(&t, 0, MONGODB_USER, "bob"));
	app_drive_hex(&t, TO_CLIENT, FAILED);
	assert_true(fact_counts(&t, 0, MONGODB_SUCCESS, 0));
	assert_true(fact_counts(&t, 0, MONGODB_ERROR_CODE, 18));
	assert_true(fact_says(&t, 0, MONGODB_ERROR, "Authentication failed."));
	app_drive_hex(&t, TO_SERVER, PLAIN);
	assert_true(fact_says(&t, 1, MONGODB_USER, "joe"));
	app_drive_close(&t);
}

static void test_hostile_peers(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, BROKEN);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	app_drive_hex(&t, TO_SERVER, COMPRESSED);
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 1);
	app_drive_hex(&t, TO_SERVER, "05000000 00000000 00000000 dd070000");
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
	open_drive(&t); // 40 MB that come with a gap
	static uint8_t many[MONGODB_MESSAGE_MAX] = { 0, 0x5a, 0x62, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7 };
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	app_drive_gap(&t, TO_SERVER, 0x2625a00 - sizeof(many));
	app_drive_hex(&t, TO_SERVER, FIND);
	assert_true(fact_says(&t, 1, MONGODB_COMMAND, "find"));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static const uint8_t head[] = { 40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0 };
	assert_int_equal(app_drive_probe(&t, TO_SERVER, head, 16, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, head, 10, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "GET / HTTP/1.1\r\n", 16, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_hostile_peers),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
