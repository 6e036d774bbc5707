// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/bittorrent/dht.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

#define ID "20:abcdefghij0123456789"

static void test_query_response_error(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct dht_message m;
	struct dht_value value;
	app_drive_open(&t, &dht_parser, PROTO_UDP, 40000, 6881);
	assert_true(app_drive_text(&t, TO_SERVER, "d1:ad2:id" ID "4:porti6881ee1:q13:announce_peer1:t2:aa1:y1:qe"));
	assert_true(dht_message_read(datagram_span(app_drive_tx(&t, 0)), &m));
	assert_int_equal(m.type, 'q');
	assert_true(span_is(m.transaction, "aa"));
	assert_true(span_is(m.method, "announce_peer"));
	assert_true(dht_find(m.query, "port", &value));
	assert_int_equal(value.number, 6881);
	assert_true(app_drive_text(&t, TO_CLIENT, "d1:rd2:id" ID "6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"));
	assert_true(dht_message_read(datagram_span(app_drive_tx(&t, 1)), &m));
	assert_true(dht_find(m.response, "values", &value));
	uint32_t at = 0;
	struct dht_value one;
	assert_true(dht_next(value.bytes, &at, &one) && one.bytes.len == 6);
	assert_true(dht_next(value.bytes, &at, &one) && one.bytes.len == 6);
	assert_false(dht_next(value.bytes, &at, &one));
	assert_true(app_drive_text(&t, TO_CLIENT, "d1:eli201e5:Errore1:t2:aa1:y1:ee"));
	assert_true(dht_message_read(datagram_span(app_drive_tx(&t, 2)), &m));
	at = 0;
	assert_true(dht_next(m.error, &at, &one) && one.number == 201);
	assert_false(app_drive_has_event(&t, NULL, "malformed_packet"));
	app_drive_close(&t);
}

static void test_malformed(void **state)
{
	(void)state;
	static const char *const bad[] = { "d1:ad2:id" ID "e1:q4:ping1:y1:qe", // no transaction
		"d1:ad2:id3:abce1:q4:ping1:t1:a1:y1:qe", "d1:t1:a1:y1:xe", "d1:t1:a1:y1:r", "d1:rd2:id99:", "d1:ai-e",
		"d1:a999999999999999999999:x", "d-1:a", "dl", "x", "d1:ai1234567890123456789012e" };
	struct app_drive t = { 0 };
	app_drive_open(&t, &dht_parser, PROTO_UDP, 40000, 6881);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(app_drive_text(&t, TO_SERVER, bad[i]));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, i), "malformed_packet"));
	}
	app_drive_close(&t);
}

// Depth costs no stack
static void test_deep_nesting(void **state)
{
	(void)state;
	static uint8_t deep[60000];
	memset(deep, 'l', sizeof(deep) / 2);
	memset(deep + sizeof(deep) / 2, 'e', sizeof(deep) / 2);
	uint32_t at = 0;
	struct dht_value value;
	assert_true(dht_next(span_of(deep, sizeof(deep)), &at, &value));
	assert_int_equal(at, sizeof(deep));
	at = 0;
	assert_false(dht_next(span_of(deep, sizeof(deep) - 1), &at, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_response_error),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_deep_nesting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
