// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/websocket/websocket.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &websocket_parser, PROTO_TCP, 40000, 80);
}

static bool payload_is(struct app_drive *t, unsigned n, const char *text)
{
	const struct app_tx *tx = app_drive_tx(t, n);
	return tx && span_is((struct span) { websocket_tx_of(tx)->payload, websocket_tx_of(tx)->len }, text);
}

// RFC 6455 5.7
static void test_masked_text(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "8185 37fa213d 7f9f4d"));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_hex(&t, TO_SERVER, "5158"));
	const struct websocket_tx *ws = websocket_tx_of(app_drive_tx(&t, 0));
	assert_true(payload_is(&t, 0, "Hello"));
	assert_int_equal(ws->opcode, WEBSOCKET_TEXT);
	assert_int_equal(ws->flags, WEBSOCKET_FIN);
	assert_int_equal(ws->mask, 0x37fa213d);
	assert_true(app_tx_done(&websocket_parser, &ws->tx));
	app_drive_close(&t);
}

static void test_fragments_with_a_control_frame_between(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_CLIENT, "0103 48656c 8900 8002 6c6f"));
	assert_true(payload_is(&t, 0, "Hel"));
	assert_true(payload_is(&t, 1, ""));
	assert_int_equal(websocket_tx_of(app_drive_tx(&t, 1))->opcode, WEBSOCKET_PING);
	assert_true(payload_is(&t, 2, "Hello"));
	// The next message begins anew
	assert_true(app_drive_hex(&t, TO_CLIENT, "8101 78"));
	assert_true(payload_is(&t, 3, "x"));
	app_drive_close(&t);
}

// RFC 7692 7.2.3.1 and 7.2.3.2: the second message refers to the first.
static void test_compressed_messages_share_a_window(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_CLIENT, "c107 f248cdc9c90700"));
	assert_true(payload_is(&t, 0, "Hello"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "c105 f200110000"));
	assert_true(payload_is(&t, 1, "Hello"));
	// In fragments
	assert_true(app_drive_hex(&t, TO_SERVER, "4103 f248cd 8004 c9c90700"));
	assert_true(payload_is(&t, 3, "Hello"));
	// What is no deflate is told as it is
	assert_true(app_drive_hex(&t, TO_SERVER, "c103 ffffff"));
	assert_true(payload_is(&t, 4, "\xff\xff\xff"));
	app_drive_close(&t);
}

static void test_long_payload_is_cut(void **state)
{
	(void)state;
	struct app_drive t;
	static uint8_t chunk[4096];
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_CLIENT, "827f 0000000000020000"));
	for (unsigned left = 0x20000; left; left -= (unsigned)sizeof(chunk))
		assert_true(app_drive_feed(&t, TO_CLIENT, chunk, sizeof(chunk)));
	assert_int_equal(websocket_tx_of(app_drive_tx(&t, 0))->len, WEBSOCKET_PAYLOAD_PRESET);
	assert_true(app_drive_has_event(&t, NULL, "skip_end_of_payload"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "8101 78"));
	assert_true(payload_is(&t, 1, "x"));
	app_drive_close(&t);
}

static void test_message_is_bounded(void **state)
{
	(void)state;
	struct app_drive t;
	static uint8_t frame[4 + 60000] = { 0x02, 126, 60000 >> 8, 60000 & 0xff };
	open_drive(&t);
	assert_true(app_drive_feed(&t, TO_CLIENT, frame, sizeof(frame)));
	frame[0] = 0;
	assert_true(app_drive_feed(&t, TO_CLIENT, frame, sizeof(frame)));
	assert_true(app_drive_has_event(&t, NULL, "reassembly_limit_reached"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "8001 78"));
	assert_true(websocket_tx_of(app_drive_tx(&t, 2))->len <= WEBSOCKET_PAYLOAD_PRESET);
	app_drive_close(&t);
}

static void test_gap_ends_the_direction(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_gap(&t, TO_CLIENT, 10);
	assert_false(app_drive_hex(&t, TO_CLIENT, "8101 78"));
	assert_true(app_drive_hex(&t, TO_SERVER, "8101 78"));
	assert_true(payload_is(&t, 0, "x"));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masked_text),
		cmocka_unit_test(test_fragments_with_a_control_frame_between),
		cmocka_unit_test(test_compressed_messages_share_a_window),
		cmocka_unit_test(test_long_payload_is_cut),
		cmocka_unit_test(test_message_is_bounded),
		cmocka_unit_test(test_gap_ends_the_direction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
