// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/modbus/modbus.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &modbus_parser, PROTO_TCP, 40000, 502);
}

static void test_read_and_its_answer(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "0001 0000 0006 01 03 0010 0002"));
	const struct modbus_tx *tx = modbus_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->messages[TO_SERVER].access, MODBUS_READS | MODBUS_OF_HOLDING);
	assert_int_equal(tx->messages[TO_SERVER].read_address, 16);
	assert_false(app_tx_done(&modbus_parser, &tx->tx));
	assert_true(app_drive_hex(&t, TO_CLIENT, "0001 0000 0007 01 03 04 00010002"));
	assert_true(app_tx_done(&modbus_parser, &tx->tx));
	assert_int_equal(tx->messages[TO_CLIENT].errors, 0);
	assert_false(app_drive_has_event(&t, NULL, "value_mismatch"));
	app_drive_close(&t);
}

static void test_written_values_are_found_by_address(void **state)
{
	(void)state;
	struct app_drive t;
	uint16_t value;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "0001 0000 000b 01 10 0005 0002 04 00070008"));
	const struct modbus_message *m = &modbus_tx_of(app_drive_tx(&t, 0))->messages[TO_SERVER];
	assert_true(modbus_written_value(m, 6, &value));
	assert_int_equal(value, 8);
	assert_false(modbus_written_value(m, 7, &value));
	assert_false(modbus_written_value(m, 4, &value));
	assert_true(app_drive_hex(&t, TO_SERVER, "0002 0000 0009 01 0f 0000 000a 02 0102"));
	m = &modbus_tx_of(app_drive_tx(&t, 1))->messages[TO_SERVER];
	assert_true(modbus_written_value(m, 0, &value) && value == 1);
	assert_true(modbus_written_value(m, 1, &value) && value == 0);
	assert_true(modbus_written_value(m, 9, &value) && value == 1);
	app_drive_close(&t);
}

static void test_what_is_wrong_is_told(void **state)
{
	(void)state;
	static const struct {
		enum direction direction;
		const char *hex, *event;
	} cases[] = {
		{ TO_SERVER, "0001 0000 0006 01 03 0010 0000", "invalid_value" },
		{ TO_SERVER, "0001 0000 0004 01 03 0010", "invalid_length" },
		{ TO_SERVER, "0001 0001 0006 01 03 0010 0001", "invalid_protocol_id" },
		{ TO_SERVER, "0001 0000 0002 01 00", "invalid_function_code" },
		{ TO_SERVER, "0001 0000 0006 01 05 0010 1234", "invalid_value" },
		{ TO_CLIENT, "0001 0000 0003 01 83 0c", "invalid_exception_code" },
		{ TO_CLIENT, "0001 0000 0005 01 03 02 0001", "unsolicited_response" },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, cases[i].direction, cases[i].hex));
		assert_true(app_drive_has_event(&t, NULL, cases[i].event));
		app_drive_close(&t);
	}
}

static void test_answer_that_does_not_fit(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "0001 0000 0006 01 03 0010 0002"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "0001 0000 0005 01 03 02 0001"));
	assert_true(app_drive_has_event(&t, NULL, "value_mismatch"));
	app_drive_close(&t);
}

static void test_impossible_length_ends_it(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_false(app_drive_hex(&t, TO_SERVER, "0001 0000 ffff 01 03 0010 0002"));
	assert_true(app_drive_has_event(&t, NULL, "invalid_length"));
	app_drive_close(&t);
}

static void test_flood_and_bounds(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	for (unsigned i = 0; i < 2000; i++) {
		assert_true(app_drive_hex(&t, TO_SERVER, "0001 0000 0006 01 03 0010 0002"));
		if (i == MODBUS_FLOOD)
			assert_true(app_drive_has_event(&t, NULL, "flooded"));
		app_drive_clean(&t);
	}
	app_drive_close(&t);
}

static void test_after_a_gap_a_header_is_waited_for(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_gap(&t, TO_SERVER, 10);
	assert_true(app_drive_text(&t, TO_SERVER, "something that was lost"));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_hex(&t, TO_SERVER, "0001 0000 0006 01 03 0010 0002"));
	assert_non_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_its_answer),
		cmocka_unit_test(test_written_values_are_found_by_address),
		cmocka_unit_test(test_what_is_wrong_is_told),
		cmocka_unit_test(test_answer_that_does_not_fit),
		cmocka_unit_test(test_impossible_length_ends_it),
		cmocka_unit_test(test_flood_and_bounds),
		cmocka_unit_test(test_after_a_gap_a_header_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
