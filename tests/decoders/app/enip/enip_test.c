// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/enip/enip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

#define REST_OF_HEAD "01000000 00000000 6162636465666768 00000000 " // session, status, context, options

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &enip_parser, PROTO_TCP, 40000, 44818);
}

static void test_identity_answers_its_request(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "6300 0000 " REST_OF_HEAD));
	const struct enip_tx *tx = enip_tx_of(app_drive_tx(&t, 0));
	assert_false(app_tx_done(&enip_parser, &tx->tx));
	assert_true(app_drive_hex(&t, TO_CLIENT,
		"6300 2a00 " REST_OF_HEAD "0100 0c00 2400 0100 0002af12 0a000001 0000000000000000"
		"0100 0c00 3a00 0403 3000 8e4d5200 02 4142 03"));
	assert_true(app_tx_done(&enip_parser, &tx->tx));
	struct enip_identity identity;
	assert_true(enip_identity_read(&tx->pdus[TO_CLIENT], &identity));
	assert_int_equal(identity.device_type, 12);
	assert_int_equal(identity.revision[0], 4);
	assert_int_equal(identity.serial, 0x524d8e);
	assert_true(span_is(identity.product_name, "AB"));
	assert_int_equal(identity.state, 3);
	assert_null(app_drive_tx(&t, 1));
	app_drive_clean(&t);
	app_drive_close(&t);
}

static void test_multiple_service_packet(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	// Two items: a null address, and unconnected data with a Multiple Service Packet of two
	assert_true(app_drive_hex(&t, TO_SERVER,
		"6f00 2a00 " REST_OF_HEAD "00000000 0000 0200 0000 0000 b200 1a00 0a 02 2002 2401"
		"0200 0600 0e00 0e 03 2001 2401 3007 10 02 216b0001"));
	struct cip_message message, part;
	const struct enip_tx *tx = enip_tx_of(app_drive_tx(&t, 0));
	assert_true(enip_cip_read(&tx->pdus[TO_SERVER], &message));
	assert_int_equal(message.service, CIP_MULTIPLE_SERVICE);
	unsigned index = 0;
	assert_true(cip_part_next(&message, &index, &part));
	assert_int_equal(part.service, 0x0e);
	struct cip_segment segment;
	static const struct cip_segment wanted[] = { { CIP_CLASS, 0x20, 1 }, { CIP_INSTANCE, 0x24, 1 },
		{ CIP_ATTRIBUTE, 0x30, 7 } };
	uint32_t at = 0;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(cip_segment_next(part.path, &at, &segment));
		assert_int_equal(segment.kind, wanted[i].kind);
		assert_int_equal(segment.value, wanted[i].value);
	}
	assert_false(cip_segment_next(part.path, &at, &segment));
	assert_true(cip_part_next(&message, &index, &part));
	assert_int_equal(part.service, 0x10);
	assert_false(cip_part_next(&message, &index, &part));
	app_drive_close(&t);
}

static void test_offsets_that_do_not_rise_are_refused(void **state)
{
	(void)state;
	static const uint8_t bytes[] = { 0x0a, 0, 2, 0, 8, 0, 6, 0, 0x0e, 0, 0x0e, 0 };
	struct cip_message message, part;
	unsigned index = 0;
	assert_true(cip_message_read(span_of(bytes, sizeof(bytes)), &message));
	assert_false(cip_part_next(&message, &index, &part));
}

static void test_malformed_and_unknown(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_CLIENT, "6300 0200 " REST_OF_HEAD "0100"));
	assert_true(app_drive_has_event(&t, NULL, "invalid_pdu"));
	assert_false(app_drive_hex(&t, TO_SERVER, "aa55 0000 " REST_OF_HEAD));
	app_drive_close(&t);
}

static void test_unanswered_requests_give_way(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	for (unsigned i = 0; i < 2000; i++) {
		assert_true(app_drive_hex(&t, TO_SERVER, "6300 0000 " REST_OF_HEAD));
		if (app_drive_has_event(&t, NULL, "too_many_transactions"))
			break;
	}
	assert_true(app_drive_has_event(&t, NULL, "too_many_transactions"));
	app_drive_close(&t);
}

static void test_after_a_gap_a_header_is_waited_for(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_gap(&t, TO_SERVER, 10);
	assert_true(app_drive_text(&t, TO_SERVER, "the rest of something that was lost"));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_hex(&t, TO_SERVER, "6300 0000 " REST_OF_HEAD));
	assert_non_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static const uint8_t head[24] = { 0x65, 0, 4, 0 }, other[24] = { 0x66, 0x55 };
	assert_int_equal(app_drive_probe(&t, TO_SERVER, head, 24, true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, head, 23, true), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, other, 24, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_answers_its_request),
		cmocka_unit_test(test_multiple_service_packet),
		cmocka_unit_test(test_offsets_that_do_not_rise_are_refused),
		cmocka_unit_test(test_malformed_and_unknown),
		cmocka_unit_test(test_unanswered_requests_give_way),
		cmocka_unit_test(test_after_a_gap_a_header_is_waited_for),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
