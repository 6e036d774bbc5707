// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mqtt/mqtt.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

#define CONNECT_311 "10 0e 0004 4d515454 04 02 003c 0002 7031"
#define CONNACK     "20 02 00 00"

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &mqtt_parser, PROTO_TCP, 40000, 1883);
}

static void introduce(struct app_drive *t)
{
	open_drive(t);
	assert_true(app_drive_hex(t, TO_SERVER, CONNECT_311));
	assert_true(app_drive_hex(t, TO_CLIENT, CONNACK));
	app_drive_clean(t);
	assert_null(app_drive_tx(t, 0));
}

static void test_session_is_one_transaction_an_exchange(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, CONNECT_311));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_non_null(tx);
	assert_false(app_tx_done(&mqtt_parser, tx));
	struct mqtt_message m;
	assert_true(mqtt_kept_read(mqtt_tx_of(tx)->first, &m));
	assert_true(span_is(m.protocol, "MQTT"));
	assert_true(span_is(m.client_id, "p1"));
	assert_int_equal(m.version, 4);
	assert_int_equal(m.connect_flags, MQTT_CLEAN_SESSION);
	assert_true(app_drive_hex(&t, TO_CLIENT, CONNACK));
	assert_true(app_tx_done(&mqtt_parser, tx));
	assert_int_equal(mqtt_tx_of(tx)->count, 2);
	// A message in two pieces
	assert_true(app_drive_hex(&t, TO_SERVER, "32 0a 0003 61"));
	assert_null(app_drive_tx(&t, 1));
	assert_true(app_drive_hex(&t, TO_SERVER, "2f62 0001 68692e"));
	tx = app_drive_tx(&t, 1);
	assert_true(mqtt_kept_read(mqtt_tx_of(tx)->first, &m));
	assert_true(span_is(m.topic, "a/b"));
	assert_true(span_is(m.message, "hi."));
	assert_int_equal(m.id, 1);
	assert_false(app_tx_done(&mqtt_parser, tx));
	assert_true(app_drive_hex(&t, TO_CLIENT, "40 02 0001"));
	assert_true(app_tx_done(&mqtt_parser, tx));
	assert_int_equal(tx->events, 0);
	app_drive_close(&t);
}

static void test_events(void **state)
{
	(void)state;
	static const struct {
		enum direction direction;
		const char *hex, *event;
	} rows[] = {
		{ TO_CLIENT, CONNACK, "missing_connect" },
		{ TO_SERVER, CONNECT_311, "double_connect" },
		{ TO_CLIENT, "40 02 0007", "missing_publish" },
		{ TO_CLIENT, "90 03 0007 00", "missing_subscribe" },
		{ TO_CLIENT, "b0 02 0007", "missing_unsubscribe" },
		{ TO_SERVER, "36 05 0001 61 0001", "invalid_qos_level" },
		{ TO_SERVER, "00 00", "unassigned_msg_type" },
		{ TO_SERVER, "30 02 0009", "malformed_traffic" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct app_drive t;
		introduce(&t);
		assert_true(app_drive_hex(&t, rows[i].direction, rows[i].hex));
		struct app_tx *tx = app_drive_tx(&t, 0);
		assert_non_null(tx);
		assert_true(app_drive_has_event(&t, tx, rows[i].event));
		assert_true(app_tx_done(&mqtt_parser, tx));
		app_drive_close(&t);
	}
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "c0 00"));
	assert_true(app_drive_has_event(&t, NULL, "unintroduced_message"));
	app_drive_close(&t);
}

static void test_version_5_properties(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	// receive_maximum 20, and a user property
	assert_true(app_drive_hex(
		&t, TO_SERVER, "10 1c 0004 4d515454 05 c2 003c 0a 210014 26 0001 6b 0001 76 0000 0001 75 0000"));
	struct mqtt_message m;
	assert_true(mqtt_kept_read(mqtt_tx_of(app_drive_tx(&t, 0))->first, &m));
	assert_true(span_is(m.username, "u"));
	struct mqtt_property p;
	uint32_t at = 0;
	assert_true(mqtt_property_next(m.properties, &at, &p));
	assert_string_equal(p.name, "receive_maximum");
	assert_int_equal(p.number, 20);
	assert_true(mqtt_property_next(m.properties, &at, &p));
	assert_string_equal(p.name, "user_property");
	assert_true(span_is(p.text, "k"));
	assert_true(span_is(p.value, "v"));
	assert_false(mqtt_property_next(m.properties, &at, &p));
	app_drive_close(&t);
}

static void test_long_message_is_passed_over(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct option_pair pair = { .key = (char *)(uintptr_t) "mqtt.max-msg-length",
		.value = (char *)(uintptr_t) "50" };
	t.config.protocols = (struct option_map) { .pairs = &pair, .count = 1 };
	app_drive_open(&t, &mqtt_parser, PROTO_TCP, 40000, 1883);
	assert_true(app_drive_hex(&t, TO_SERVER, CONNECT_311));
	assert_true(app_drive_hex(&t, TO_CLIENT, CONNACK));
	assert_true(app_drive_hex(&t, TO_SERVER, "30 64 0001 61"));
	const struct mqtt_kept *kept = mqtt_tx_of(app_drive_tx(&t, 1))->first;
	assert_true(kept->truncated);
	assert_int_equal(kept->skipped_bytes, 102);
	// A gap within what is passed over does no harm
	app_drive_gap(&t, TO_SERVER, 95);
	assert_true(app_drive_hex(&t, TO_SERVER, "aa aa c0 00"));
	assert_int_equal(mqtt_tx_of(app_drive_tx(&t, 2))->first->head.type, MQTT_PINGREQ);
	// Any other ends it
	app_drive_gap(&t, TO_SERVER, 1);
	assert_false(app_drive_hex(&t, TO_SERVER, "c0 00"));
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
}

static void test_length_of_five_bytes_is_an_error(void **state)
{
	(void)state;
	struct app_drive t;
	introduce(&t);
	assert_false(app_drive_hex(&t, TO_SERVER, "30 ff ff ff ff 01"));
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
}

// Publications nobody acknowledges, and acknowledgements without end of one of them
static void test_bounds(void **state)
{
	(void)state;
	struct app_drive t;
	introduce(&t);
	for (unsigned i = 1; i <= 1000; i++) {
		char hex[64];
		snprintf(hex, sizeof(hex), "32 05 0001 61 %04x", i);
		assert_true(app_drive_hex(&t, TO_SERVER, hex));
		app_drive_clean(&t);
	}
	assert_in_range(t.flow.app.tx_live, 200, 256);
	assert_true(t.flow.app.tx_count - t.flow.app.tx_live > 700);
	app_drive_close(&t);

	introduce(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "34 05 0001 61 0001"));
	for (unsigned i = 0; i < 500; i++)
		assert_true(app_drive_hex(&t, TO_CLIENT, "50 02 0001"));
	assert_int_equal(mqtt_tx_of(app_drive_tx(&t, 0))->count, MQTT_MESSAGES_MAX);
	assert_true(app_drive_has_event(&t, NULL, "too_many_messages"));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static const uint8_t connect[] = "\x10\x0e\0\4MQTT\4\2\0\x3c\0\2p1";
	assert_int_equal(app_drive_probe(&t, TO_SERVER, connect, 16, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, connect, 16, false), APP_PROBE_REVERSED);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, connect, 5, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\xc0\0", 2, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\xc0\0", 2, true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "GET / HTTP/1.1", 14, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session_is_one_transaction_an_exchange),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_version_5_properties),
		cmocka_unit_test(test_long_message_is_passed_over),
		cmocka_unit_test(test_length_of_five_bytes_is_an_error),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
