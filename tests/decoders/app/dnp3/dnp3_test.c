// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dnp3/dnp3.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

// A bit at a time, to check the parser's table by.
static uint16_t check_of(const uint8_t *bytes, size_t len)
{
	uint16_t check = 0;
	for (size_t i = 0; i < len; i++) {
		check ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			check = (uint16_t)(check & 1 ? check >> 1 ^ 0xa6bc : check >> 1);
	}
	return (uint16_t)~check;
}

static size_t put_checked(uint8_t *out, const uint8_t *bytes, size_t len)
{
	memcpy(out, bytes, len);
	uint16_t check = check_of(bytes, len);
	out[len] = (uint8_t)check;
	out[len + 1] = (uint8_t)(check >> 8);
	return len + 2;
}

// A link frame from station 1 to 10 (or back) with user data.
static size_t frame(uint8_t *out, uint8_t control, const uint8_t *data, size_t len)
{
	const uint8_t head[8] = { 0x05, 0x64, (uint8_t)(5 + len), control, 10, 0, 1, 0 };
	size_t at = put_checked(out, head, sizeof(head));
	for (size_t done = 0; done < len; done += 16)
		at += put_checked(out + at, data + done, len - done < 16 ? len - done : 16);
	return at;
}

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &dnp3_parser, PROTO_TCP, 40000, 20000);
}

static bool feed(struct app_drive *t, enum direction direction, const void *data, size_t len)
{
	uint8_t bytes[400];
	return app_drive_feed(t, direction, bytes, frame(bytes, direction == TO_SERVER ? 0xc4 : 0x44, data, len));
}

static const uint8_t read_classes[] = { 0xc0, 0xc3, 0x01, 60, 2, 6, 60, 3, 6 };

static void test_request_and_response_are_transactions(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(feed(&t, TO_SERVER, read_classes, sizeof(read_classes)));
	// g32v1, one point with a prefix of two bytes: index 7, flags 0x21, value -2
	static const uint8_t answer[] = { 0xc0, 0xe3, 0x81, 0x80, 0x01, 32, 1, 0x28, 1, 0, 7, 0, 0x21, 0xfe, 0xff, 0xff,
		0xff };
	assert_true(feed(&t, TO_CLIENT, answer, sizeof(answer)));
	const struct dnp3_tx *request = dnp3_tx_of(app_drive_tx(&t, 0)), *response = dnp3_tx_of(app_drive_tx(&t, 1));
	assert_true(request->complete && response->complete);
	assert_int_equal(request->function, 1);
	assert_int_equal(request->objects, 2);
	assert_int_equal(response->function, 129);
	assert_int_equal(response->indicators, 0x8001);
	struct dnp3_object object;
	struct dnp3_points points;
	struct dnp3_point point;
	struct dnp3_value value;
	uint32_t at = 0;
	assert_int_equal(dnp3_object_next(dnp3_objects(response), &at, &object), DNP3_OBJECT_OK);
	assert_int_equal(object.count, 1);
	dnp3_points_begin(&object, &points);
	assert_true(dnp3_points_next(&points, &point));
	assert_int_equal(point.index, 7);
	uint64_t bits = 0;
	for (unsigned i = 0; i < 8; i++) {
		assert_true(dnp3_value_next(&point, &value));
		bits |= value.number << i;
	}
	assert_int_equal(bits, 0x21);
	assert_true(dnp3_value_next(&point, &value));
	assert_true(span_is(value.name, "value") && value.kind == DNP3_SIGNED);
	assert_int_equal((int64_t)value.number, -2);
	assert_false(dnp3_value_next(&point, &value));
	assert_false(dnp3_points_next(&points, &point));
	app_drive_clean(&t);
	assert_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

static void test_segments_are_joined_in_order_only(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static const uint8_t first[] = { 0x45, 0xc3, 0x01, 60 }, wrong[] = { 0x07, 9, 9, 9 },
			     last[] = { 0x86, 2, 6, 60, 3, 6 };
	assert_true(feed(&t, TO_SERVER, first, sizeof(first)));
	assert_true(feed(&t, TO_SERVER, wrong, sizeof(wrong)));
	assert_false(dnp3_tx_of(app_drive_tx(&t, 0))->done);
	assert_true(feed(&t, TO_SERVER, last, sizeof(last)));
	assert_true(dnp3_tx_of(app_drive_tx(&t, 0))->complete);
	assert_int_equal(dnp3_tx_of(app_drive_tx(&t, 0))->objects, 2);
	app_drive_close(&t);
}

static void test_bytes_come_one_by_one(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	uint8_t bytes[64];
	size_t len = frame(bytes, 0xc4, read_classes, sizeof(read_classes));
	for (size_t i = 0; i < len; i++)
		assert_true(app_drive_feed(&t, TO_SERVER, bytes + i, 1));
	assert_true(dnp3_tx_of(app_drive_tx(&t, 0))->complete);
	app_drive_close(&t);
}

static void test_broken_frames_are_told(void **state)
{
	(void)state;
	struct app_drive t;
	uint8_t bytes[64];
	size_t len = frame(bytes, 0xc4, read_classes, sizeof(read_classes));
	open_drive(&t);
	bytes[12] ^= 1;
	assert_true(app_drive_feed(&t, TO_SERVER, bytes, len));
	assert_true(app_drive_has_event(&t, NULL, "bad_transport_crc"));
	app_drive_close(&t);
	open_drive(&t);
	bytes[8] ^= 1;
	assert_false(app_drive_feed(&t, TO_SERVER, bytes, len));
	assert_true(app_drive_has_event(&t, NULL, "bad_link_crc"));
	app_drive_close(&t);
	open_drive(&t);
	assert_true(feed(&t, TO_SERVER, read_classes, 2));
	assert_true(app_drive_has_event(&t, NULL, "len_too_small"));
	static const uint8_t unknown[] = { 0xc0, 0xc3, 0x02, 200, 1, 7, 1 };
	assert_true(feed(&t, TO_SERVER, unknown, sizeof(unknown)));
	assert_true(app_drive_has_event(&t, NULL, "unknown_object"));
	static const uint8_t many[] = { 0xc0, 0xc3, 0x02, 1, 2, 9, 0xff, 0xff, 0xff, 0xff };
	assert_true(feed(&t, TO_SERVER, many, sizeof(many)));
	assert_true(app_drive_has_event(&t, NULL, "too_many_points"));
	app_drive_close(&t);
}

static void test_endless_message_is_given_up(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	uint8_t segment[250] = { 0x40, 0xc0, 0x81, 0, 0 };
	for (unsigned i = 0; i < 64; i++) {
		segment[0] = (uint8_t)((i ? 0 : 0x40) | i);
		assert_true(feed(&t, TO_CLIENT, segment, sizeof(segment)));
	}
	assert_true(app_drive_has_event(&t, NULL, "too_long_reassembly"));
	assert_true(dnp3_tx_of(app_drive_tx(&t, 0))->len <= DNP3_MESSAGE_MAX);
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_unanswered_requests_flood(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	for (unsigned i = 0; i <= DNP3_FLOOD; i++) {
		assert_false(app_drive_has_event(&t, NULL, "flooded"));
		app_drive_clean(&t);
		assert_true(feed(&t, TO_SERVER, read_classes, sizeof(read_classes)));
	}
	assert_true(app_drive_has_event(&t, NULL, "flooded"));
	app_drive_close(&t);
}

static void test_after_a_gap_the_next_frame_is_found(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	uint8_t bytes[128] = "noise \x05\x64 more";
	size_t len = 14 + frame(bytes + 14, 0xc4, read_classes, sizeof(read_classes));
	app_drive_gap(&t, TO_SERVER, 100);
	assert_true(app_drive_feed(&t, TO_SERVER, bytes, len));
	assert_true(dnp3_tx_of(app_drive_tx(&t, 0))->complete);
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	uint8_t bytes[64];
	size_t len = frame(bytes, 0xc4, read_classes, sizeof(read_classes));
	assert_int_equal(app_drive_probe(&t, TO_SERVER, bytes, 2, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, bytes, len, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, bytes, len, false), APP_PROBE_REVERSED);
	bytes[9] ^= 1;
	assert_int_equal(app_drive_probe(&t, TO_SERVER, bytes, len, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, bytes, len, true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "GET /", 5, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_and_response_are_transactions),
		cmocka_unit_test(test_segments_are_joined_in_order_only),
		cmocka_unit_test(test_bytes_come_one_by_one),
		cmocka_unit_test(test_broken_frames_are_told),
		cmocka_unit_test(test_endless_message_is_given_up),
		cmocka_unit_test(test_unanswered_requests_flood),
		cmocka_unit_test(test_after_a_gap_the_next_frame_is_found),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
