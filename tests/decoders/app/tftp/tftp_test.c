// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tftp/tftp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

static void test_requests_are_told_and_nothing_else(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct tftp_request r;
	app_drive_open(&t, &tftp_parser, PROTO_UDP, 40000, 69);
	assert_true(app_drive_feed(&t, TO_SERVER, "\0\1a.bin\0OCTET\0", 14));
	assert_true(tftp_request_read(datagram_span(app_drive_tx(&t, 0)), &r));
	assert_int_equal(r.opcode, TFTP_READ);
	assert_true(span_is(r.file, "a.bin"));
	assert_true(span_is(r.mode, "OCTET"));
	static const struct {
		const char *bytes;
		size_t len;
	} none[] = { { "\0\1a.bin\0octet", 13 }, { "\0\1a.bin\0other\0", 14 }, { "\0\1", 2 }, { "\0\3\0\1data", 8 },
		{ "\0\1abcdef", 8 }, { "", 0 } };
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_true(app_drive_feed(&t, TO_SERVER, none[i].bytes, none[i].len));
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_are_told_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
