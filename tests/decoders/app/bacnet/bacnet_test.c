// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/bacnet/bacnet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define READ       "810a0011 0104 0005 01 0c 0c023fffff 194b"
#define READ_OK    "810a0017 0100 30 01 0c 0c0200007b 194b 3e c40200007b 3f"
#define WRITE      "810a001a 0104 0005 02 0f 0c00400001 1955 3e 4442c80000 3f 4908"
#define WRITE_NO   "810a000d 0100 50 02 0f 9102 9128"
#define WHO_IS     "810b0008 0100 10 08"
#define WHO_RANGE  "810b0010 0120ffff00ff 10 08 0901 1910"
#define I_AM       "810b0015 0100 10 00 c40200007b 2205c4 9100 220104"
#define FORWARDED  "8104000e c0a80001bac0 0100 10 08"
#define REINIT     "810a0013 0104 0005 03 14 0901 1d 05 0073656372"
#define SILENCE    "810a000e 0104 0005 04 11 0905 1901"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &bacnet_parser, PROTO_UDP, 47808, 47808);
}

static void test_read_and_write(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, READ);
	app_drive_hex(&t, TO_SERVER, WRITE);
	app_drive_hex(&t, TO_CLIENT, WRITE_NO);
	app_drive_hex(&t, TO_CLIENT, READ_OK);
	assert_true(fact_counts(&t, 0, BACNET_INVOKE, 1));
	assert_true(fact_says(&t, 0, BACNET_LINK, "original-unicast-npdu"));
	assert_true(fact_says(&t, 0, BACNET_SERVICE, "read-property"));
	assert_true(fact_says(&t, 0, BACNET_OBJECT, "device,4194303"));
	assert_true(fact_says(&t, 0, BACNET_OBJECT_TYPE, "device"));
	assert_true(fact_counts(&t, 0, BACNET_INSTANCE, 4194303));
	assert_true(fact_says(&t, 0, BACNET_PROPERTY, "object-identifier"));
	assert_true(fact_says(&t, 0, BACNET_VALUE, "device,123"));
	assert_true(fact_says(&t, 0, BACNET_RESULT, "success"));
	assert_null(fact_find(fact_tx_in(app_drive_tx(&t, 0)), BACNET_OBJECT, 1));
	assert_true(fact_says(&t, 1, BACNET_SERVICE, "write-property"));
	assert_true(fact_says(&t, 1, BACNET_OBJECT, "analog-output,1"));
	assert_true(fact_says(&t, 1, BACNET_VALUE, "100"));
	assert_true(fact_counts(&t, 1, BACNET_PRIORITY, 8));
	assert_true(fact_says(&t, 1, BACNET_RESULT, "error"));
	assert_true(fact_says(&t, 1, BACNET_ERROR_CLASS, "property"));
	assert_true(fact_says(&t, 1, BACNET_RESULT_CODE, "write-access-denied"));
	assert_true(app_tx_done(&bacnet_parser, app_drive_tx(&t, 0)));
	assert_true(app_tx_done(&bacnet_parser, app_drive_tx(&t, 1)));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_discovery(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, WHO_IS);
	app_drive_hex(&t, TO_SERVER, WHO_RANGE);
	app_drive_hex(&t, TO_CLIENT, I_AM);
	app_drive_hex(&t, TO_SERVER, FORWARDED);
	assert_true(fact_says(&t, 0, BACNET_SERVICE, "who-is"));
	assert_true(fact_says(&t, 0, BACNET_RANGE, "All"));
	assert_true(fact_says(&t, 1, BACNET_RANGE, "1-16"));
	assert_true(fact_counts(&t, 1, BACNET_DESTINATION_NETWORK, 65535));
	assert_true(fact_says(&t, 2, BACNET_SERVICE, "i-am"));
	assert_true(fact_counts(&t, 2, BACNET_INSTANCE, 123));
	assert_true(fact_counts(&t, 2, BACNET_VENDOR, 260));
	const struct fact *from = fact_find(fact_tx_in(app_drive_tx(&t, 3)), BACNET_FORWARDED, 0);
	assert_non_null(from);
	assert_memory_equal(from->bytes, "\xc0\xa8\x00\x01", 4);
	for (unsigned i = 0; i < 4; i++)
		assert_true(app_tx_done(&bacnet_parser, app_drive_tx(&t, i)));
	app_drive_close(&t);
}

static void test_device_control(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_CLIENT, REINIT); // asked by the other side
	app_drive_hex(&t, TO_SERVER, SILENCE);
	assert_true(fact_tx_in(app_drive_tx(&t, 0))->reversed);
	assert_true(fact_says(&t, 0, BACNET_STATE, "warmstart"));
	assert_true(fact_counts(&t, 0, BACNET_PASSWORD, 1));
	assert_true(fact_says(&t, 1, BACNET_STATE, "disable"));
	assert_true(fact_counts(&t, 1, BACNET_DURATION, 5));
	assert_true(fact_silent(&t, 1, BACNET_PASSWORD));
	app_drive_hex(&t, TO_SERVER, "810a0009 0100 60 03 09");
	assert_true(fact_says(&t, 0, BACNET_RESULT, "reject"));
	assert_true(fact_says(&t, 0, BACNET_RESULT_CODE, "unrecognized-service"));
	app_drive_hex(&t, TO_CLIENT, "810a0009 0100 71 04 04");
	assert_true(fact_says(&t, 1, BACNET_RESULT_CODE, "segmentation-not-supported"));
	app_drive_close(&t);
}

static void test_services(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		uint8_t fact;
		const char *says;
	} messages[] = {
		// read-property-multiple of two properties, the second by index
		{ "810a0017 0104 0005 01 0e 0c00000005 1e 0955 094c 1900 1f", BACNET_PROPERTY, "present-value" },
		// write-property-multiple
		{ "810a0019 0104 0005 01 10 0c01000002 1e 0955 2e 9101 2f 3910 1f", BACNET_VALUE, "1" },
		// create-object by type has no object; delete-object
		{ "810a000f 0104 0005 01 0b c401000009", BACNET_OBJECT, "binary-output,9" },
		// subscribe-cov
		{ "810a0015 0104 0005 01 05 0912 1c00000003 2900 390a", BACNET_OBJECT, "analog-input,3" },
		// unconfirmed-cov-notification
		{ "810b0021 0100 10 02 0900 1c0200007b 2c00000003 3900 4e 0955 2e 4441200000 2f 4f", BACNET_VALUE,
			"10" },
		// who-has by name; i-have
		{ "810b000f 0100 10 07 3d 05 0070756d70", BACNET_OBJECT_NAME, "pump" },
		{ "810b0019 0100 10 01 c40200007b c400400001 75 05 0066616e31", BACNET_OBJECT_NAME, "fan1" },
		// time-synchronization
		{ "810b0012 0100 10 06 a47b010203 b40c1e0000", BACNET_VALUE, "2023-01-02" },
		// values of other kinds
		{ "810a0014 0104 0005 01 0f 0c00c00001 1955 3e 00 3f", BACNET_VALUE, "null" },
		{ "810a0014 0104 0005 01 0f 0c00c00001 1955 3e 11 3f", BACNET_VALUE, "true" },
		{ "810a0015 0104 0005 01 0f 0c00c00001 1955 3e 31fe 3f", BACNET_VALUE, "-2" },
		{ "810a0017 0104 0005 01 0f 0c00c00001 1955 3e 63010203 3f", BACNET_VALUE, "010203" },
		{ "810a001d 0104 0005 01 0f 0c00c00001 1955 3e 5508 3ff8000000000000 3f", BACNET_VALUE, "1.5" },
		{ "810a0019 0104 0005 01 0f 0cc0000001 1a0200 3e 44 7f800000 3f", BACNET_OBJECT, "768,1" },
		{ "810a0019 0104 0005 01 0f 0cc0000001 1a0200 3e 44 7f800000 3f", BACNET_PROPERTY, "512" },
		{ "810a000a 0104 0005 01 63", BACNET_SERVICE, "99" },
		// link control and routers
		{ "81000006 0030", BACNET_RESULT_CODE, "register-foreign-device-nak" },
		{ "81050006 003c", BACNET_LINK, "register-foreign-device" },
		{ "8108000a c0a80001bac0", BACNET_LINK, "delete-fdt-entry" },
		{ "810b0007 0180 00", BACNET_NETWORK_MESSAGE, "who-is-router-to-network" },
		{ "810b0010 0128 000101aa 0002 01bb 08 10", BACNET_LINK, NULL },
		{ "810b0011 0128 000101aa 000201bb 08 10 08", BACNET_SOURCE_ADDRESS, "bb" },
	};
	for (unsigned i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, messages[i].hex));
		if (messages[i].says)
			assert_true(fact_says(&t, 0, messages[i].fact, messages[i].says));
		if (messages[i].says)
			assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
		app_drive_close(&t);
	}
}

static void test_multiple_answers(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "810a0017 0104 0005 01 0e 0c00000005 1e 0955 094c 1900 1f");
	app_drive_hex(&t, TO_CLIENT,
		"810a0023 0100 30 01 0e 0c00000005 1e 2955 4e 4441200000 4f 294c 3900 5e 9102 912a 5f 1f");
	assert_true(fact_says(&t, 0, BACNET_VALUE, "10"));
	assert_true(fact_says(&t, 0, BACNET_RESULT_CODE, "invalid-array-index"));
	assert_true(fact_counts(&t, 0, BACNET_INDEX, 0));
	// Nobody asked: what it is about is told from the answer
	app_drive_hex(&t, TO_CLIENT, READ_OK);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "unexpected_message"));
	assert_true(fact_says(&t, 1, BACNET_OBJECT, "device,123"));
	// Parts: the first is told, others are counted
	app_drive_hex(&t, TO_SERVER, "810a0012 0104 0c75 07 00 04 0f 0c00400001 19");
	assert_true(fact_says(&t, 2, BACNET_OBJECT, "analog-output,1"));
	app_drive_hex(&t, TO_SERVER, "810a000e 0104 0875 07 01 04 0f 3e 00");
	app_drive_hex(&t, TO_CLIENT, "810a000a 0100 40 07 00 04");
	app_drive_hex(&t, TO_CLIENT, "810a000c 0100 38 07 01 04 0f 00");
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 2);
	assert_null(app_drive_tx(&t, 3));
	// The number is used again: the answer is to the newer one
	app_drive_hex(&t, TO_SERVER, SILENCE);
	app_drive_hex(&t, TO_SERVER, SILENCE);
	app_drive_hex(&t, TO_CLIENT, "810a0009 0100 20 04 11");
	assert_true(fact_silent(&t, 3, BACNET_RESULT));
	assert_true(app_tx_done(&bacnet_parser, app_drive_tx(&t, 3)));
	assert_true(fact_says(&t, 4, BACNET_RESULT, "success"));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_hostile_datagrams(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"81",
		"810a00ff 0100",         // longer than the datagram
		"810a0003 0100",         // shorter than its head
		"820a0006 0100",         // IPv6's
		"810d0004",              // no such function
		"810a0006 0200",         // no such version
		"810a0006 0140",         // reserved bits
		"810a0006 0120",         // destination cut
		"810a0006 0100",         // no message
		"810a0007 0100 80",      // no such kind
		"810a0009 0104 0005 01", // no service
		"810a0007 0100 10",
		"810a0007 0100 30",
		"810a0008 0100 2001",
		"81000005 00",
		"81050005 00",
		"81080008 c0a80001",               // link control cut
		"810a000d 0104 0005 01 0c 0c023f", // values cut
		"810a000c 0104 0005 01 0c 1e 2f",  // brackets that do not fit
		"810a000b 0104 0005 01 0c 1f",
		"810a000b 0104 0005 01 0c 1e",
		"810a0013 0104 0005 01 0c 0e0e0e0e0e0e0e0e0e", // too deep
		"810a0010 0104 0005 01 0c 0dffffffffff",       // a length that goes on for ever
		"810a000b 0104 0005 01 0c 06",                 // an application tag that is neither
		"810a000b 0104 0005 01 0c 15",                 // a boolean that is none
		"8104000a c0a80001bac0",
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, bad[i]));
		assert_non_null(app_drive_tx(&t, 0));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
		app_drive_close(&t);
	}
}

static void test_bounds(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	uint8_t many[1400] = { 0x81, 0x0a, 1400 >> 8, 1400 & 255, 1, 4, 0, 5, 1, 0x0e };
	for (unsigned at = 10; at + 5 <= sizeof(many); at += 5)
		memcpy(many + at, "\x0c\x00\x00\x00\x01", 5);
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	assert_non_null(fact_find(fact_tx_in(app_drive_tx(&t, 0)), BACNET_OBJECT, BACNET_OBJECTS - 1));
	assert_null(fact_find(fact_tx_in(app_drive_tx(&t, 0)), BACNET_OBJECT, BACNET_OBJECTS));
	assert_true(fact_counter_of(&t, TALLY_TRUNCATED) > 0);
	for (unsigned i = 0; i < 256; i++) {
		char hex[64];
		snprintf(hex, sizeof(hex), "810a000f 0104 0005 %02x 11 0905 1901", i);
		assert_true(app_drive_hex(&t, TO_SERVER, hex));
	}
	assert_true(((struct fact_flow *)t.flow.app.state)->open <= FACT_OPEN_MAX);
	app_drive_close(&t);
}

static void test_first_bytes_decide(void **state)
{
	(void)state;
	static const uint8_t who_is[] = { 0x81, 0x0b, 0, 8, 1, 0, 0x10, 8 }, result[] = { 0x81, 0, 0, 6, 0, 0 },
			     text[] = "something";
	struct app_drive t;
	open_drive(&t);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, who_is, 8, true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, who_is, 8, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, result, 6, true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, result, 6, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, text, 9, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_write),
		cmocka_unit_test(test_discovery),
		cmocka_unit_test(test_device_control),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_multiple_answers),
		cmocka_unit_test(test_hostile_datagrams),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_first_bytes_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
