// SPDX-License-Identifier: GPL-3.0-or-later
// Forwarded: which of the addresses a proxy names is taken, and what is no address.
#include "export/eve/forwarded.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/http/http.h"
#include "tests/support/decoders/app_drive.h"

static const char *forwarded(const char *header, int deployment)
{
	static char text[ADDRESS_TEXT_SIZE];
	struct eve_forwarded config = { true, FORWARDED_EXTRA_DATA, deployment, (char *)"X-Forwarded-For" };
	struct app_drive t = { 0 };
	struct address address;
	char request[512];
	app_drive_open(&t, &http_parser, PROTO_TCP, 40000, 80);
	snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", header);
	app_drive_text(&t, TO_SERVER, request);
	bool found = eve_forwarded_of(&config, &t.flow, t.flow.app.tx_first, &address);
	config.enabled = false;
	assert_false(eve_forwarded_of(&config, &t.flow, t.flow.app.tx_first, &address));
	if (found)
		address_format(&address, true, text);
	app_drive_close(&t);
	return found ? text : "";
}

static void the_proxys_side_says_which_address(void **state)
{
	static const char *const list = "X-Forwarded-For: 192.0.2.1, 198.51.100.2 ,2001:db8::3\r\n";
	(void)state;
	assert_string_equal(forwarded(list, FORWARDED_REVERSE), "2001:db8::3");
	assert_string_equal(forwarded(list, FORWARDED_FORWARD), "192.0.2.1");
	assert_string_equal(forwarded("x-forwarded-for: 192.0.2.9\r\n", FORWARDED_REVERSE), "192.0.2.9");
}

static void what_is_no_address_is_not_told(void **state)
{
	static const char *const bad[] = { "", "X-Forwarded-For: \r\n", "X-Forwarded-For: unknown\r\n",
		"X-Forwarded-For: 192.0.2.1,\r\n", "X-Forwarded-For: 192.0.2.256\r\n",
		"X-Forwarded-For: 1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd\r\n" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(forwarded(bad[i], FORWARDED_REVERSE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_proxys_side_says_which_address),
		cmocka_unit_test(what_is_no_address_is_not_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
