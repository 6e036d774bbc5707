// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ssdp/ssdp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

static void test_messages(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &ssdp_parser, PROTO_UDP, 40000, 1900);
	app_drive_text(&t, TO_SERVER,
		"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nst:ssdp:all\r\n\r\n");
	assert_true(fact_says(&t, 0, SSDP_METHOD, "M-SEARCH"));
	assert_true(fact_says(&t, 0, SSDP_TARGET, "ssdp:all"));
	assert_true(fact_says(&t, 0, SSDP_HOST, "239.255.255.250:1900"));
	app_drive_text(&t, TO_CLIENT,
		"HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.1/d.xml\r\nSERVER: box\r\nUSN: uuid:1\r\nSERVER: "
		"two\r\n\r\n");
	assert_true(fact_counts(&t, 1, SSDP_STATUS, 200));
	assert_true(fact_silent(&t, 1, SSDP_METHOD));
	assert_true(fact_says(&t, 1, SSDP_LOCATION, "http://192.0.2.1/d.xml"));
	assert_true(fact_says(&t, 1, SSDP_SERVER, "box"));
	assert_true(app_tx_done(&ssdp_parser, app_drive_tx(&t, 1)));
	app_drive_close(&t);
}

static void test_hostile_messages(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &ssdp_parser, PROTO_UDP, 40000, 1900);
	app_drive_text(&t, TO_CLIENT, "HTTP/1.1 2x0 OK\r\n\r\n");
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	app_drive_text(&t, TO_SERVER, "NOTIFY");
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "malformed_data"));
	char many[4096] = "NOTIFY * HTTP/1.1\r\n";
	for (unsigned i = 0; i <= SSDP_HEADERS_MAX; i++)
		strcat(many, "X: y\r\n");
	app_drive_text(&t, TO_SERVER, many);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 2), "message_too_long"));
	assert_int_equal(fact_counter_of(&t, TALLY_MALFORMED), 2);
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &ssdp_parser, PROTO_UDP, 40000, 1900);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "NOTIFY * HTTP/1.1\r\n", 19, false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, "HTTP/1.1 200 OK\r\n", 17, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, "HTTP/1.1 200 OK\r\n", 17, true), APP_PROBE_YES);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_hostile_messages),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
