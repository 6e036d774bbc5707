// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tds/tds.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/carried_tls.h"
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define PRELOGIN \
	"1201001a0000010000000b00060100110001ff0f0007d0000000"
#define PRE_NONE \
	"0401001a0000010000000b00060100110001ff0f0007d0000002"
#define PRE_ON \
	"0401001a0000010000000b00060100110001ff0f0007d0000001"
#define PRE_OFF \
	"0401001a0000010000000b00060100110001ff0f0007d0000000"
#define LOGIN \
	"1001008c000001008400000000000000000000000000000000000000000000000000000000000000000000005e0004006600" \
	"02006a0002006e000300740003007a0000007a0003008000000080000200000000000000840000005e0000005e0000000000" \
	"000048004f005300540073006100780078006100700070007300720076006c006900620064006200"
#define FAILED \
	"0401003200000100aa1a0018480000010e06006600610069006c0065006400000000000000fd020000000000000000000000"
#define ACCEPTED \
	"0401002800000100ad1000017400000403530051004c0000000000fd000000000000000000000000"
#define BATCH \
	"0101003e000001001600000012000000020000000000000000000100000065007800650063002000780070005f0063006d00" \
	"64007300680065006c006c00"
#define BATCH_A \
	"01000028000001001600000012000000020000000000000000000100000065007800650063002000"
#define BATCH_B \
	"0101001e00000100780070005f0063006d0064007300680065006c006c00"
#define CALL \
	"030100400000010016000000120000000200000000000000000001000000ffff0a0000000000e7401f000000000010007300" \
	"65006c0065006300740020003100"
#define NAMED \
	"0301002800000100160000001200000002000000000000000000010000000300730070005f000000"
#define RECORD \
	"1201001200000100160301000568656c6c6f"
#define BARE \
	"170303000568656c6c6f"
#define DONE \
	"0401001500000100fd000000000000000000000000"
#define PREPARED \
	"030100610000010016000000120000000200000000000000000001000000ffff0d0000000001260404000000000000e7401f0904d000340c0040007000200069006e0074000000e7401f0904d000341000730065006c0065006300740020003200"
#define SHELL \
	"0301005000000100160000001200000002000000000000000000010000000b00780070005f0063006d0064007300680065006c006c0000000000e7401f0904d000340c00770068006f0061006d006900"
#define CHUNKED \
	"030100520000010016000000120000000200000000000000000001000000ffff0a0000000000e7ffff0904d00034060000000000000006000000610062006300000000000000e7401f0904d0003402007800"
// clang-format on

static void open_drive(struct app_drive *t, const char *prelogin_answer)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &tds_parser, PROTO_TCP, 40000, 1433);
	app_drive_hex(t, TO_SERVER, PRELOGIN);
	app_drive_hex(t, TO_CLIENT, prelogin_answer);
}

static void test_login(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PRE_NONE);
	assert_true(fact_says(&t, 0, TDS_VERSION, "15.0.2000"));
	assert_true(fact_says(&t, 0, TDS_SERVER_VERSION, "15.0.2000"));
	assert_true(fact_says(&t, 0, TDS_ENCRYPTION, "not_supported"));
	assert_true(app_tx_done(&tds_parser, app_drive_tx(&t, 0)));
	app_drive_hex(&t, TO_SERVER, LOGIN);
	assert_true(fact_says(&t, 1, TDS_HOST, "HOST"));
	assert_true(fact_says(&t, 1, TDS_USER, "sa"));
	assert_true(fact_says(&t, 1, TDS_APPLICATION, "app"));
	assert_true(fact_says(&t, 1, TDS_DATABASE, "db"));
	app_drive_hex(&t, TO_CLIENT, FAILED);
	assert_true(fact_counts(&t, 1, TDS_ERROR_CODE, 18456));
	assert_true(fact_says(&t, 1, TDS_ERROR, "failed"));
	assert_true(fact_counts(&t, 1, TDS_SUCCESS, 0));
	app_drive_hex(&t, TO_SERVER, LOGIN);
	app_drive_hex(&t, TO_CLIENT, ACCEPTED);
	assert_true(fact_says(&t, 2, TDS_PRODUCT, "SQL"));
	assert_true(fact_counts(&t, 2, TDS_SUCCESS, 1));
	app_drive_close(&t);
}

static void test_queries(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PRE_NONE);
	app_drive_hex(&t, TO_SERVER, BATCH);
	assert_true(fact_says(&t, 1, TDS_QUERY, "exec xp_cmdshell"));
	app_drive_hex(&t, TO_CLIENT, DONE);
	assert_true(app_tx_done(&tds_parser, app_drive_tx(&t, 1)));
	app_drive_hex(&t, TO_SERVER, BATCH_A);
	assert_null(app_drive_tx(&t, 2));
	app_drive_hex(&t, TO_SERVER, BATCH_B);
	assert_true(fact_says(&t, 2, TDS_QUERY, "exec xp_cmdshell"));
	app_drive_hex(&t, TO_SERVER, CALL);
	assert_true(fact_says(&t, 3, TDS_PROCEDURE, "sp_executesql"));
	assert_true(fact_says(&t, 3, TDS_QUERY, "select 1"));
	app_drive_hex(&t, TO_SERVER, NAMED);
	assert_true(fact_says(&t, 4, TDS_PROCEDURE, "sp_"));
	app_drive_close(&t);
}

static void test_tls_inside(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PRE_ON); // all is hidden
	app_drive_hex(&t, TO_SERVER, RECORD);
	assert_true(fact_counts(&t, 0, TDS_TLS, 1));
	assert_true(app_tx_done(&tds_parser, app_drive_tx(&t, 0))); // it is none
	assert_true(fact_says(&t, 0, TDS_ENCRYPTION, "on"));
	app_drive_hex(&t, TO_CLIENT, RECORD);
	app_drive_hex(&t, TO_SERVER, BARE);
	assert_int_equal(t.result, APP_STOP_BOTH);
	app_drive_close(&t);
	open_drive(&t, PRE_OFF); // the login is
	app_drive_hex(&t, TO_SERVER, RECORD);
	app_drive_hex(&t, TO_CLIENT, RECORD);
	app_drive_hex(&t, TO_SERVER, BARE);
	assert_int_equal(t.result, APP_OK);
	app_drive_hex(&t, TO_CLIENT, ACCEPTED);
	app_drive_hex(&t, TO_SERVER, BATCH);
	assert_true(fact_says(&t, 1, TDS_QUERY, "exec xp_cmdshell"));
	app_drive_close(&t);
}

// len bytes of a handshake in packets of step bytes each.
static void feed_wrapped(
	struct app_drive *t, enum direction direction, const uint8_t *bytes, uint32_t len, uint32_t step)
{
	uint8_t packet[8 + TRANSCRIPT_BYTES_MAX];
	for (uint32_t at = 0, part; at < len; at += part) {
		part = len - at < step ? len - at : step;
		uint32_t whole = 8 + part;
		memcpy(packet,
			(const uint8_t[]) {
				TDS_PRELOGIN, at + part == len, (uint8_t)(whole >> 8), (uint8_t)whole, 0, 0, 0, 0 },
			8);
		memcpy(packet + 8, bytes + at, part);
		app_drive_feed(t, direction, packet, whole);
	}
}

// Records may end anywhere in packets, and more than one be in one.
static void test_handshake_inside_is_read(void **state)
{
	static const uint32_t steps[] = { 5, 7, 100, 512, 4000 };
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct app_drive t;
		uint8_t bytes[TRANSCRIPT_BYTES_MAX];
		open_drive(&t, PRE_OFF);
		for (const struct transcript_part *part = session_tls12; part < session_tls12 + 4; part++) {
			feed_wrapped(&t, part->direction, bytes, transcript_bytes(part, bytes), steps[i]);
			if (part == session_tls12) {
				assert_carried_client(app_drive_tx(&t, 0));
				assert_false(app_tx_done(&tds_parser, app_drive_tx(&t, 0)));
			}
		}
		assert_carried_tls12(app_drive_tx(&t, 0));
		assert_true(fact_counts(&t, 0, TDS_TLS, 1));
		assert_true(app_tx_done(&tds_parser, app_drive_tx(&t, 0)));
		app_drive_hex(&t, TO_SERVER, BARE);
		assert_int_equal(t.result, APP_OK);
		app_drive_hex(&t, TO_SERVER, BATCH);
		assert_true(fact_says(&t, 1, TDS_QUERY, "exec xp_cmdshell"));
		app_drive_close(&t);
	}
}

static void test_handshake_inside_has_bounds(void **state)
{
	struct app_drive t;
	uint8_t bytes[TRANSCRIPT_BYTES_MAX];
	(void)state;
	open_drive(&t, PRE_OFF); // a record over what one may have
	app_drive_hex(&t, TO_SERVER, "1201001100000100 16030340004141 4142");
	assert_false(app_tx_done(&tds_parser, app_drive_tx(&t, 0)));
	memset(bytes, 0x41, sizeof(bytes));
	for (unsigned i = 0; i < 8; i++)
		feed_wrapped(&t, TO_SERVER, bytes, sizeof(bytes), 4000);
	assert_true(app_tx_done(&tds_parser, app_drive_tx(&t, 0)));
	assert_true(fact_counter_of(&t, TALLY_MALFORMED) + fact_counter_of(&t, TALLY_OVER_BUDGET) > 0);
	app_drive_close(&t);
	open_drive(&t, PRE_OFF); // no end: what is held goes with the flow, or with the transaction
	feed_wrapped(&t, TO_SERVER, bytes, 20, 20);
	feed_wrapped(&t, TO_SERVER, bytes, transcript_bytes(&session_tls12[0], bytes) - 9, 4000);
	app_drive_close(&t);
}

static void test_hostile_peers(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PRE_NONE); // a login cut short
	app_drive_hex(&t, TO_SERVER, "10 01 0010 0000 01 00 0000000000000000");
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "malformed_data"));
	app_drive_hex(&t, TO_SERVER, "77 01 0010 0000 01 00"); // no such packet
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
	open_drive(&t, PRE_NONE); // a message without an end
	static uint8_t part[4096] = { TDS_SQL_BATCH, 0, 0x10, 0 };
	for (unsigned i = 0; i < 100; i++)
		app_drive_feed(&t, TO_SERVER, part, sizeof(part));
	assert_true(fact_counter_of(&t, TALLY_TRUNCATED) > 0);
	assert_null(app_drive_tx(&t, 1));
	app_drive_gap(&t, TO_SERVER, 1);
	app_drive_hex(&t, TO_SERVER, BATCH);
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
	// One bad byte ends parsing: an event says so where no request waits, too
	t = (struct app_drive) { 0 };
	app_drive_open(&t, &tds_parser, PROTO_TCP, 40000, 1433);
	app_drive_hex(&t, TO_SERVER, "ff01000800000000");
	assert_int_equal(t.result, APP_ERROR);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_true(app_tx_done(&tds_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PRE_NONE);
	static const char prelogin[] = "\x12\1\0\x1a\0\0\1\0\0\0\x0b\0\6\1";
	assert_int_equal(app_drive_probe(&t, TO_SERVER, prelogin, 13, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, prelogin, 6, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "GET / HTTP/1.1", 14, true), APP_PROBE_NO);
	app_drive_close(&t);
}

static void test_parameters_of_calls(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PRE_NONE);
	app_drive_hex(&t, TO_SERVER, PREPARED);
	assert_true(fact_says(&t, 1, TDS_PROCEDURE, "sp_prepexec") && fact_says(&t, 1, TDS_QUERY, "select 2"));
	assert_true(fact_says(&t, 1, TDS_PARAMETERS, "@p int"));
	app_drive_hex(&t, TO_SERVER, SHELL);
	assert_true(fact_says(&t, 2, TDS_PROCEDURE, "xp_cmdshell") && fact_says(&t, 2, TDS_PARAMETERS, "whoami"));
	assert_true(fact_silent(&t, 2, TDS_QUERY));
	app_drive_hex(&t, TO_SERVER, CHUNKED);
	assert_true(fact_says(&t, 3, TDS_QUERY, "abc") && fact_says(&t, 3, TDS_PARAMETERS, "x"));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters_of_calls),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_tls_inside),
		cmocka_unit_test(test_handshake_inside_is_read),
		cmocka_unit_test(test_handshake_inside_has_bounds),
		cmocka_unit_test(test_hostile_peers),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
