// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/xmpp/xmpp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/tally.h"
#include "tests/support/decoders/carried_tls.h"

#define STREAM                                                                                                      \
	"<?xml version='1.0'?><stream:stream to='example.com' xmlns='jabber:client' xmlns:stream='http://etherx.ja" \
	"bber.org/streams' version='1.0'>"
#define FEATURES \
	"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\n"
#define PROCEED  "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>"

static void begin(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &xmpp_parser, PROTO_TCP, 40000, 5222);
	app_drive_text(t, TO_SERVER, STREAM);
	app_drive_text(t, TO_CLIENT, STREAM FEATURES);
}

static void feed_in_steps(struct app_drive *t, enum direction direction, const void *data, uint32_t len, uint32_t step)
{
	const uint8_t *bytes = data;
	for (uint32_t at = 0; at < len && t->result == APP_OK; at += step)
		app_drive_feed(t, direction, bytes + at, len - at < step ? len - at : step);
}

static void test_handshake_behind_starttls_is_read(void **state)
{
	static const uint32_t steps[] = { 1, 3, 64, 1460 };
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct app_drive t;
		uint8_t bytes[TRANSCRIPT_BYTES_MAX];
		begin(&t);
		feed_in_steps(&t, TO_SERVER, STARTTLS, sizeof(STARTTLS) - 1, steps[i]);
		feed_in_steps(&t, TO_CLIENT, PROCEED, sizeof(PROCEED) - 1, steps[i]);
		assert_null(app_drive_tx(&t, 0));
		for (const struct transcript_part *part = session_tls12; part->hex; part++)
			feed_in_steps(&t, part->direction, bytes, transcript_bytes(part, bytes), steps[i]);
		assert_int_equal(t.result, APP_STOP_BOTH);
		assert_carried_tls12(app_drive_tx(&t, 0));
		assert_true(app_tx_done(&xmpp_parser, app_drive_tx(&t, 0)));
		assert_null(app_drive_tx(&t, 1));
		app_drive_close(&t);
	}
}

static void test_what_nobody_granted_is_no_handshake(void **state)
{
	struct app_drive t;
	uint8_t bytes[TRANSCRIPT_BYTES_MAX];
	(void)state;
	begin(&t);
	app_drive_text(&t, TO_CLIENT, PROCEED); // nobody asked
	app_drive_feed(&t, TO_SERVER, bytes, transcript_bytes(&session_tls12[0], bytes));
	assert_null(app_drive_tx(&t, 0));
	assert_int_equal(t.result, APP_OK);
	app_drive_close(&t);
	begin(&t);
	app_drive_text(&t, TO_SERVER, STARTTLS);
	app_drive_text(&t, TO_CLIENT, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
	app_drive_feed(&t, TO_SERVER, bytes, transcript_bytes(&session_tls12[0], bytes));
	assert_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
	begin(&t);
	app_drive_text(&t, TO_SERVER, STARTTLS);
	app_drive_text(&t, TO_CLIENT, PROCEED);
	app_drive_hex(&t, TO_SERVER, "16 4141 0001 00"); // no record
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_int_equal(app_parser_counters(t.parser, t.shared)[TALLY_MALFORMED], 1);
	app_drive_close(&t);
}

static void test_talk_in_the_clear_is_left(void **state)
{
	struct app_drive t;
	(void)state;
	begin(&t);
	for (unsigned i = 0; i < XMPP_CLEAR_MAX / 16 && t.result == APP_OK; i++)
		app_drive_text(&t, TO_SERVER, "<message>hi there</message>\n");
	assert_int_equal(t.result, APP_STOP_BOTH);
	app_drive_close(&t);
	begin(&t); // a tag without an end
	for (unsigned i = 0; i < XMPP_CLEAR_MAX / 8 && t.result == APP_OK; i++)
		app_drive_text(&t, TO_CLIENT, "<<<<<<<<<<<<<<<<");
	assert_int_equal(t.result, APP_STOP_BOTH);
	app_drive_close(&t);
}

static void test_gaps(void **state)
{
	struct app_drive t;
	uint8_t bytes[TRANSCRIPT_BYTES_MAX];
	(void)state;
	begin(&t);
	app_drive_gap(&t, TO_CLIENT, 100);
	app_drive_text(&t, TO_SERVER, STARTTLS);
	app_drive_text(&t, TO_CLIENT, "x'>" PROCEED);
	app_drive_feed(&t, TO_SERVER, bytes, transcript_bytes(&session_tls12[0], bytes));
	assert_carried_client(app_drive_tx(&t, 0));
	assert_false(app_tx_done(&xmpp_parser, app_drive_tx(&t, 0)));
	app_drive_gap(&t, TO_CLIENT, 100);
	app_drive_hex(&t, TO_CLIENT, "16");
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_true(app_tx_done(&xmpp_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake_behind_starttls_is_read),
		cmocka_unit_test(test_what_nobody_granted_is_no_handshake),
		cmocka_unit_test(test_talk_in_the_clear_is_left),
		cmocka_unit_test(test_gaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
