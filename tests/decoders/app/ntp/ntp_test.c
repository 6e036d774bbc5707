// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ntp/ntp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

static void test_messages(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct ntp_message m;
	uint8_t data[48] = { 0x24, 2, [12] = 'G', 'P', 'S', 0 };
	app_drive_open(&t, &ntp_parser, PROTO_UDP, 40000, 123);
	assert_true(app_drive_feed(&t, TO_CLIENT, data, sizeof(data)));
	assert_true(ntp_message_read(datagram_span(app_drive_tx(&t, 0)), &m));
	assert_int_equal(m.version, 4);
	assert_int_equal(m.mode, 4);
	assert_int_equal(m.stratum, 2);
	assert_int_equal(m.reference.data[0], 'G');
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	assert_true(app_drive_feed(&t, TO_CLIENT, data, 47));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "malformed_data"));
	// Control messages are shorter and have no clock
	assert_true(ntp_message_read(span_of("\x16\2\0\1\0\0\0\0\0\0\0\0", 12), &m));
	assert_false(m.timed);
	assert_false(ntp_message_read(span_of("\x16\2\0\1", 4), &m));
	assert_false(ntp_message_read(span_of("\x3b", 1), &m));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
