// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/rfb/rfb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

static void open_drive(struct app_drive *t, const char *version)
{
	t->config = (struct app_config) { 0 };
	app_drive_open(t, &rfb_parser, PROTO_TCP, 40000, 5900);
	assert_true(app_drive_text(t, TO_CLIENT, "RFB 003.008\n"));
	assert_true(app_drive_text(t, TO_SERVER, version));
}

static const struct rfb_tx *only(const struct app_drive *t)
{
	assert_non_null(app_drive_tx(t, 0));
	assert_null(app_drive_tx(t, 1));
	return rfb_tx_of(app_drive_tx(t, 0));
}

#define SCREEN "0400 0300 20 18 00 01 00ff 00ff 00ff 10 08 00 000000"

static void test_vnc_authentication_to_the_screen(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, "RFB 003.008\n");
	assert_true(app_drive_hex(&t, TO_CLIENT, "02 01 02"));
	assert_true(app_drive_hex(&t, TO_SERVER, "02"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "000102030405060708090a0b0c0d0e0f"));
	assert_true(app_drive_hex(&t, TO_SERVER, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "00000000"));
	assert_true(app_drive_hex(&t, TO_SERVER, "01"));
	assert_true(app_drive_hex(&t, TO_CLIENT, SCREEN));
	assert_true(app_drive_hex(&t, TO_CLIENT, "00000004 6465"));
	const struct rfb_tx *tx = only(&t);
	assert_false(app_tx_done(&rfb_parser, &tx->tx));
	assert_true(app_drive_hex(&t, TO_CLIENT, "736b 00aabbcc"));
	assert_true(app_tx_done(&rfb_parser, &tx->tx));
	assert_int_equal(tx->security, RFB_VNC);
	assert_int_equal(tx->challenge[15], 15);
	assert_int_equal(tx->response[0], 0xf0);
	assert_true(tx->has_result && tx->result == 0 && tx->shared);
	assert_int_equal(tx->width, 1024);
	assert_int_equal(tx->pixels.bits, 32);
	assert_true(span_is(span_of(tx->name.bytes, tx->name.len), "desk"));
	// Pixels are passed over, a gap in them does no harm
	app_drive_gap(&t, TO_CLIENT, 1000);
	assert_true(app_drive_hex(&t, TO_CLIENT, "ffff"));
	app_drive_close(&t);
}

static void test_version_3_3_lets_the_server_decide(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, "RFB 003.003\n");
	assert_true(app_drive_hex(&t, TO_CLIENT, "00000001"));
	assert_true(app_drive_hex(&t, TO_SERVER, "00"));
	assert_true(only(&t)->has_shared);
	assert_false(only(&t)->has_result);
	app_drive_close(&t);
}

static void test_refusals(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, "RFB 003.008\n"); // no security types, and why
	assert_true(app_drive_hex(&t, TO_CLIENT, "00 00000003 6e6f21"));
	assert_true(app_tx_done(&rfb_parser, &only(&t)->tx));
	assert_int_equal(only(&t)->reason.len, 3);
	app_drive_close(&t);

	open_drive(&t, "RFB 003.008\n"); // wrong password
	assert_true(app_drive_hex(&t, TO_CLIENT, "01 01"));
	assert_true(app_drive_hex(&t, TO_SERVER, "01"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "00000001 00000000"));
	assert_int_equal(only(&t)->result, 1);
	assert_true(app_tx_done(&rfb_parser, &only(&t)->tx));
	app_drive_close(&t);
}

static void test_hostile(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, "RFB xyz.abc\n");
	assert_true(app_drive_has_event(&t, NULL, "malformed_message"));
	app_drive_close(&t);

	open_drive(&t, "RFB 003.008\n");
	assert_true(app_drive_hex(&t, TO_CLIENT, "01 13"));
	assert_true(app_drive_hex(&t, TO_SERVER, "13"));
	assert_true(app_drive_has_event(&t, NULL, "unimplemented_security_type"));
	app_drive_close(&t);

	open_drive(&t, "RFB 003.008\n");
	assert_true(app_drive_hex(&t, TO_CLIENT, "01 01"));
	assert_true(app_drive_hex(&t, TO_SERVER, "01"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "00000007"));
	assert_true(app_drive_has_event(&t, NULL, "unknown_security_result"));
	app_drive_close(&t);

	open_drive(&t, "RFB 003.007\n"); // a name of 4 GB
	assert_true(app_drive_hex(&t, TO_CLIENT, "01 01"));
	assert_true(app_drive_hex(&t, TO_SERVER, "01 01"));
	assert_true(app_drive_hex(&t, TO_CLIENT, SCREEN "ffffffff"));
	static uint8_t much[1000];
	assert_true(app_drive_feed(&t, TO_CLIENT, much, sizeof(much)));
	assert_true(app_drive_has_event(&t, NULL, "too_long_string"));
	assert_int_equal(only(&t)->name.len, RFB_TEXT_MAX);
	app_drive_close(&t);

	open_drive(&t, "RFB 003.008\n"); // who speaks without end when it is not their turn
	static uint8_t more[100000];
	assert_false(app_drive_feed(&t, TO_SERVER, more, sizeof(more)));
	assert_true(app_drive_has_event(&t, NULL, "confused_state"));
	app_drive_close(&t);

	open_drive(&t, "RFB 003.008\n");
	app_drive_gap(&t, TO_CLIENT, 3);
	assert_false(app_drive_hex(&t, TO_CLIENT, "01"));
	assert_true(app_tx_done(&rfb_parser, &only(&t)->tx));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vnc_authentication_to_the_screen),
		cmocka_unit_test(test_version_3_3_lets_the_server_decide),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
