// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/http2/http2.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/files/file.h"
#include "tests/support/decoders/app_drive.h"

#define PREFACE  "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
#define SETTINGS "000006 04 00 00000000 0003 00000064"
// :method GET, :path /, :scheme http, :authority a.b
#define GET_BLOCK "82 84 86 41 03 612e62"
#define GET       "000008 01 05 00000001" GET_BLOCK

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &http2_parser, PROTO_TCP, 40000, 80);
}

static void greet(struct app_drive *t)
{
	open_drive(t);
	assert_true(app_drive_hex(t, TO_SERVER, PREFACE SETTINGS));
	assert_true(app_drive_hex(t, TO_CLIENT, SETTINGS));
	app_drive_clean(t);
	assert_null(app_drive_tx(t, 0));
}

static bool header_is(const struct app_tx *tx, enum direction direction, const char *name, const char *value)
{
	struct span found;
	return http2_header_find(http2_tx_of(tx), direction, name, &found) && span_is(found, value);
}

static void test_settings_are_told_alone(void **state)
{
	(void)state;
	struct app_drive t;
	struct http2_setting setting;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, PREFACE SETTINGS));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_true(http2_setting_at(http2_tx_of(tx), TO_SERVER, 0, &setting));
	assert_int_equal(setting.id, 3);
	assert_int_equal(setting.value, 100);
	assert_false(http2_setting_at(http2_tx_of(tx), TO_SERVER, 1, &setting));
	assert_true(app_tx_done(&http2_parser, tx));
	app_drive_close(&t);
}

static void test_stream_is_a_transaction_with_its_body_as_file(void **state)
{
	(void)state;
	struct app_drive t;
	struct span host;
	greet(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "000008 01 05 0000"));
	assert_null(app_drive_tx(&t, 0)); // not whole yet
	assert_true(app_drive_hex(&t, TO_SERVER, "0001" GET_BLOCK));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_true(header_is(tx, TO_SERVER, ":method", "GET"));
	assert_true(header_is(tx, TO_SERVER, ":PATH", "/"));
	assert_true(http2_host(http2_tx_of(tx), &host));
	assert_true(span_is(host, "a.b"));
	assert_int_equal(tx->progress[TO_SERVER], HTTP2_CLOSED);
	assert_int_equal(tx->progress[TO_CLIENT], HTTP2_IDLE);
	assert_true(app_drive_hex(&t, TO_CLIENT, "000001 01 04 00000001 88"));
	assert_true(header_is(tx, TO_CLIENT, ":status", "200"));
	// DATA with padding, in pieces
	assert_true(app_drive_hex(&t, TO_CLIENT, "000006 00 09 00000001 02 6162"));
	assert_non_null(tx->files);
	assert_int_equal(tx->files->size, 2);
	assert_int_equal(tx->files->state, FILE_OPEN);
	assert_true(app_drive_hex(&t, TO_CLIENT, "63 0000"));
	assert_int_equal(tx->files->size, 3);
	assert_int_equal(tx->files->state, FILE_CLOSED);
	assert_true(app_tx_done(&http2_parser, tx));
	assert_int_equal(tx->events, 0);
	app_drive_close(&t);
}

static void test_block_over_continuations(void **state)
{
	(void)state;
	struct app_drive t;
	greet(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "000003 01 01 00000001 828486"));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_int_equal(tx->progress[TO_SERVER], HTTP2_STARTED);
	assert_true(app_drive_hex(&t, TO_SERVER, "000003 09 00 00000001 410361 000002 09 04 00000001 2e62"));
	assert_true(header_is(tx, TO_SERVER, ":authority", "a.b"));
	assert_int_equal(tx->progress[TO_SERVER], HTTP2_CLOSED);
	assert_int_equal(tx->events, 0);
	// One that continues nothing
	assert_true(app_drive_hex(&t, TO_SERVER, "000001 09 04 00000003 82"));
	assert_true(app_drive_has_event(&t, NULL, "extra_header_data"));
	app_drive_close(&t);
}

static void test_hostile_frames_are_events(void **state)
{
	(void)state;
	static const struct {
		const char *bytes, *event;
	} cases[] = {
		{ "000001 00 00 00000000 61", "data_stream_zero" },
		{ "000002 00 08 00000001 ff61", "invalid_frame_data" }, // more padding than frame
		{ "000001 01 25 00000001 82", "invalid_frame_data" },   // no room for its priority
		{ "000001 01 05 00000001 ff", "invalid_header" },       // an integer that ends nowhere
		{ "000001 01 05 00000001 c0", "invalid_header" },       // index that the table has not
		{ "000005 08 00 00000000 0000000001", "invalid_frame_length" },
		{ "000005 04 00 00000000 0000000001", "invalid_frame_data" },
		{ "000006 01 05 00000001 3f ffffffff0f", "header_table_overflow" },
		{ "000010 01 05 00000001 82848641 03612e62 66 83 0f 2b 00", NULL },
		{ "00000a 01 05 00000001 82 84 86 41 05 7540612e62", "userinfo_in_uri" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct app_drive t;
		greet(&t);
		app_drive_hex(&t, TO_SERVER, cases[i].bytes);
		if (cases[i].event && !app_drive_has_event(&t, NULL, cases[i].event))
			fail_msg("%s: no %s", cases[i].bytes, cases[i].event);
		app_drive_close(&t);
	}
}

static void test_wrong_preface_ends_the_direction(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_false(app_drive_text(&t, TO_SERVER, "PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n"));
	assert_true(app_drive_has_event(&t, NULL, "invalid_client_magic"));
	app_drive_close(&t);
}

static void test_reset_closes_its_sender_only(void **state)
{
	(void)state;
	struct app_drive t;
	struct http2_frame frame;
	greet(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, GET "000004 03 00 00000001 00000008"));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_true(http2_frame_at(http2_tx_of(tx), TO_SERVER, 1, &frame));
	assert_int_equal(frame.value, 8);
	assert_false(app_tx_done(&http2_parser, tx));
	assert_true(app_drive_hex(&t, TO_CLIENT, "000001 01 05 00000001 88"));
	assert_true(header_is(tx, TO_CLIENT, ":status", "200"));
	assert_true(app_tx_done(&http2_parser, tx));
	app_drive_close(&t);
}

// A table entry of 4,000 bytes, then thousands of references to it: what is kept stays bounded.
static void test_hpack_bomb_is_bounded(void **state)
{
	(void)state;
	static uint8_t bytes[9 + 16000];
	struct app_drive t;
	greet(&t);
	uint32_t len = 16000;
	bytes[0] = 0, bytes[1] = (uint8_t)(len >> 8), bytes[2] = (uint8_t)len, bytes[3] = 1, bytes[4] = 5;
	bytes[8] = 1;
	uint8_t *at = bytes + 9;
	*at++ = 0x40; // literal, indexed, new name "x"
	*at++ = 1;
	*at++ = 'x';
	*at++ = 0x7f; // length 127 + 3841
	*at++ = 0x81;
	*at++ = 0x1e;
	memset(at, 'v', 3968);
	at += 3968;
	while (at < bytes + sizeof(bytes))
		*at++ = 0xbe; // the newest entry
	assert_true(app_drive_feed(&t, TO_SERVER, bytes, sizeof(bytes)));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_true(app_drive_has_event(&t, tx, "reassembly_limit_reached"));
	assert_true(http2_tx_of(tx)->sides[TO_SERVER].text.len <= HTTP2_HEADERS_BYTES);
	app_drive_close(&t);
}

static void test_open_streams_are_bounded(void **state)
{
	(void)state;
	struct app_drive t;
	greet(&t);
	for (uint32_t stream = 1; stream < 6000; stream += 2) {
		uint8_t frame[] = { 0, 0, 3, 1, 4, 0, 0, (uint8_t)(stream >> 8), (uint8_t)stream, 0x82, 0x84, 0x86 };
		assert_true(app_drive_feed(&t, TO_SERVER, frame, sizeof(frame)));
		app_drive_clean(&t);
	}
	assert_true(t.flow.app.tx_live < t.flow.app.tx_max);
	app_drive_close(&t);
}

// Numbers picked so that all fall into one bucket.
static void test_streams_of_one_bucket(void **state)
{
	(void)state;
	struct app_drive t;
	greet(&t);
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t stream = i * 128 + 1;
		uint8_t frame[] = { 0, 0, 3, 1, 4, 0, (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream,
			0x82, 0x84, 0x86 };
		assert_true(app_drive_feed(&t, TO_SERVER, frame, sizeof(frame)));
		app_drive_clean(&t);
	}
	// The newest is still found
	assert_true(app_drive_hex(&t, TO_SERVER, "000001 00 01 0005db81 61"));
	assert_true(t.flow.app.tx_live < t.flow.app.tx_max);
	app_drive_close(&t);
}

// example.com A, as a GET (RFC 8484 4.1.1) and as the body of a POST.
#define QUESTION "0000 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001"

static void test_dns_inside(void **state)
{
	(void)state;
	struct app_drive t;
	greet(&t);
	// POST (83), content-type (0f 10) application/dns-message
	assert_true(app_drive_hex(&t, TO_SERVER,
		"00001d 01 04 00000001 83 84 86 0f 10 17 6170706c69636174696f6e2f646e732d6d657373616765"));
	assert_int_equal(t.flow.app.proto, APP_HTTP2);
	assert_true(app_drive_hex(&t, TO_SERVER, "00001d 00 01 00000001" QUESTION));
	const struct dns_message *m = http2_dns(http2_tx_of(app_drive_tx(&t, 0)), TO_SERVER);
	assert_non_null(m);
	assert_int_equal(m->counts[DNS_QUERIES], 1);
	assert_int_equal(t.flow.app.proto, APP_DOH2);
	app_drive_close(&t);
}

static void test_brotli_body(void **state)
{
	(void)state;
	struct app_drive t;
	greet(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, GET));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_true(app_drive_hex(&t, TO_CLIENT, "000006 01 04 00000001 88 0f0b 02 6272"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "000009 00 01 00000001 0b0280 68656c"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "6c6f03"));
	assert_int_equal(tx->files->size, 5);
	assert_int_equal(tx->events, 0);
	app_drive_clean(&t);
	// And one that is none
	assert_true(app_drive_hex(&t, TO_CLIENT, "000006 01 04 00000003 88 0f0b 02 6272"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "000004 00 01 00000003 ffffffff"));
	assert_true(app_drive_has_event(&t, NULL, "failed_decompression"));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t;
	static const uint8_t settings[] = { 0, 0, 6, 4, 0, 0, 0, 0, 0 };
	open_drive(&t);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24, false), APP_PROBE_YES);
	assert_int_equal(
		app_drive_probe(&t, TO_CLIENT, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24, false), APP_PROBE_REVERSED);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "PRI", 3, false), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "PRO", 3, false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, settings, sizeof(settings), false), APP_PROBE_YES);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_are_told_alone),
		cmocka_unit_test(test_stream_is_a_transaction_with_its_body_as_file),
		cmocka_unit_test(test_block_over_continuations),
		cmocka_unit_test(test_hostile_frames_are_events),
		cmocka_unit_test(test_wrong_preface_ends_the_direction),
		cmocka_unit_test(test_reset_closes_its_sender_only),
		cmocka_unit_test(test_hpack_bomb_is_bounded),
		cmocka_unit_test(test_open_streams_are_bounded),
		cmocka_unit_test(test_streams_of_one_bucket),
		cmocka_unit_test(test_dns_inside),
		cmocka_unit_test(test_brotli_body),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
