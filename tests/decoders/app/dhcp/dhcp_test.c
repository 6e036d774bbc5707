// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dhcp/dhcp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

static uint32_t build(uint8_t data[300], const void *options, uint32_t len)
{
	memset(data, 0, 300);
	data[0] = 2;
	data[2] = 6;
	memcpy(data + 4, "\0\0\0\x2a", 4);
	memcpy(data + 16, "\x0a\0\0\5", 4);
	memcpy(data + 28, "\1\2\3\4\5\6", 6);
	memcpy(data + 236, "\x63\x82\x53\x63", 4);
	memcpy(data + 240, options, len);
	return 240 + len;
}

static void feed(struct app_drive *t, const void *options, uint32_t len)
{
	uint8_t data[300];
	assert_true(app_drive_feed(t, TO_CLIENT, data, build(data, options, len)));
}

static void test_message_and_options(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct dhcp_message m;
	app_drive_open(&t, &dhcp_parser, PROTO_UDP, 68, 67);
	feed(&t, "\x35\1\5\0\0\x33\4\0\0\x0e\x10\xff", 12);
	assert_true(dhcp_message_read(datagram_span(app_drive_tx(&t, 0)), &m));
	assert_int_equal(m.operation, 2);
	assert_int_equal(m.id, 42);
	assert_int_equal(m.hardware.len, 6);
	assert_int_equal(m.assigned.data[3], 5);
	uint32_t seconds;
	assert_true(dhcp_seconds(&m, DHCP_LEASE_TIME, &seconds));
	assert_int_equal(seconds, 3600);
	assert_false(dhcp_seconds(&m, DHCP_RENEWAL_TIME, &seconds));
	assert_int_equal(app_drive_tx(&t, 0)->events, 0);
	app_drive_close(&t);
}

static void test_hostile_options(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &dhcp_parser, PROTO_UDP, 68, 67);
	feed(&t, "\x35\1", 2);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "truncated_options"));
	feed(&t, "\x35\1\1", 3); // no end
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "truncated_options"));
	feed(&t, "\x33\2\0\0\xff", 5);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 2), "malformed_options"));
	feed(&t, "\x3d\0\xff", 3);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 3), "malformed_options"));
	assert_true(app_drive_text(&t, TO_CLIENT, "short"));
	assert_null(app_drive_tx(&t, 4));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_and_options),
		cmocka_unit_test(test_hostile_options),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
