// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tftp/tftp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "decoders/app/expect.h"
#include "decoders/app/files/file.h"
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
	} none[] = { { "\0\1a.bin\0octet", 13 }, { "\0\1a.bin\0other\0", 14 }, { "\0\1", 2 }, { "\0\3\0\2data", 8 },
		{ "\0\1abcdef", 8 }, { "", 0 } };
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_true(app_drive_feed(&t, TO_SERVER, none[i].bytes, none[i].len));
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void block(struct app_drive *t, enum direction direction, uint16_t number, size_t len)
{
	uint8_t bytes[2048] = { 0, TFTP_DATA, (uint8_t)(number >> 8), (uint8_t)number };
	memset(bytes + 4, 'x', len);
	assert_true(app_drive_feed(t, direction, bytes, len + 4));
}

// The flow of the transfer: the server's, to the port the client asked from.
static void test_the_file_of_an_announced_transfer_is_whole(void **state)
{
	(void)state;
	static struct app_drive asking, t;
	asking = (struct app_drive) { 0 };
	app_drive_open(&asking, &tftp_parser, PROTO_UDP, 40000, 69);
	assert_true(app_drive_feed(&asking, TO_SERVER, "\0\1a.bin\0octet\0", 14));
	struct app_expectation announced;
	struct flow_key key = { .proto = PROTO_UDP, .sport = 3000, .dport = 40000 };
	assert_true(app_expect_take(asking.parts.expect, &key, asking.now_ns, &announced));
	assert_int_equal(announced.app, APP_TFTP);
	for (int sized = 0; sized < 2; sized++) {
		size_t size = sized ? 1024 : 512;
		t = (struct app_drive) { 0 };
		app_drive_open(&t, &tftp_parser, PROTO_UDP, 3000, 40000);
		t.parts.announced = &announced;
		tftp_parser.close(&t.flow, t.slab, t.shared);
		assert_true(tftp_parser.open(&t.flow, t.slab, t.shared));
		t.parts.announced = NULL;
		if (sized)
			assert_true(app_drive_feed(&t, TO_SERVER,
				"\0\6blksize\0"
				"1024",
				15));
		block(&t, TO_SERVER, 1, size);
		assert_true(app_drive_feed(&t, TO_CLIENT, "\0\4\0\1", 4));
		block(&t, TO_SERVER, 1, size); // again
		block(&t, TO_SERVER, 2, size);
		const struct file *file = app_drive_tx(&t, 0)->files;
		assert_true(span_is(bytes_span(&file->name), "a.bin"));
		assert_int_equal(file->state, FILE_OPEN);
		assert_false(app_tx_done(&tftp_parser, app_drive_tx(&t, 0)));
		block(&t, TO_SERVER, 3, 0);
		assert_int_equal(file->state, FILE_CLOSED);
		assert_int_equal(file->size, 2 * size);
		assert_true(app_tx_done(&tftp_parser, app_drive_tx(&t, 0)));
		block(&t, TO_SERVER, 1, 10); // nobody asked
		assert_null(app_drive_tx(&t, 1));
		app_drive_close(&t);
	}
	app_drive_close(&asking);
}

static void test_transfers_in_the_asking_flow(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &tftp_parser, PROTO_UDP, 40000, 69);
	assert_true(app_drive_feed(&t, TO_SERVER, "\0\2b.bin\0octet\0", 14));
	block(&t, TO_SERVER, 1, 512);
	block(&t, TO_SERVER, 3, 100); // the second is lost
	const struct file *file = app_drive_tx(&t, 1)->files;
	assert_int_equal(file->state, FILE_TRUNCATED);
	assert_true(file->has_gaps);
	assert_true(app_drive_feed(&t, TO_SERVER, "\0\1c.bin\0octet\0", 14));
	block(&t, TO_CLIENT, 1, 512);
	assert_true(app_drive_feed(&t, TO_CLIENT, "\0\5\0\1x", 6)); // an error
	assert_int_equal(app_drive_tx(&t, 3)->files->state, FILE_TRUNCATED);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_are_told_and_nothing_else),
		cmocka_unit_test(test_the_file_of_an_announced_transfer_is_whole),
		cmocka_unit_test(test_transfers_in_the_asking_flow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
