// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sip/sip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

#define INVITE                                                                                   \
	"INVITE sip:b@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nf: A <sip:a@example.org>\r\n" \
	"Via: SIP/2.0/TCP g;\r\n x=1\r\nContent-Type: application/sdp\r\nContent-Length: 54\r\n\r\n"
#define DESCRIPTION "v=0\r\ns=call\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\na=x\r\nm=video\r\n"

static void open_drive(struct app_drive *t, uint8_t proto)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &sip_parser, proto, 5060, 5060);
}

static void assert_header(const struct sip_message *m, const char *name, char brief, unsigned index, const char *want)
{
	struct span value;
	assert_true(sip_header(m, name, brief, index, &value));
	assert_true(span_is(value, want));
}

static void check_invite(const struct sip_message *m)
{
	assert_false(m->response);
	assert_true(span_is(m->method, "INVITE"));
	assert_true(span_is(m->uri, "sip:b@example.org"));
	assert_true(span_is(m->version, "SIP/2.0"));
	assert_true(span_is(m->line, "INVITE sip:b@example.org SIP/2.0"));
	assert_header(m, "from", 'f', 0, "A <sip:a@example.org>");
	assert_header(m, "via", 'v', 0, "SIP/2.0/UDP h");
	assert_header(m, "via", 'v', 1, "SIP/2.0/TCP g;\r\n x=1");
	struct span value;
	assert_false(sip_header(m, "via", 'v', 2, &value));
	assert_true(sdp_session_line(m->sdp, 's', 0, &value));
	assert_true(span_is(value, "call"));
	assert_false(sdp_session_line(m->sdp, 'a', 0, &value));
	assert_true(sdp_media_line(m->sdp, 'm', 1, &value));
	assert_true(span_is(value, "video"));
	assert_true(sdp_media_line(m->sdp, 'a', 0, &value));
	assert_true(span_is(value, "x"));
}

static void test_datagram(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_UDP);
	assert_true(app_drive_text(&t, TO_SERVER, INVITE DESCRIPTION));
	check_invite(sip_message_of(app_drive_tx(&t, 0)));
	assert_true(app_drive_text(&t, TO_CLIENT, "SIP/2.0 180 Ringing\r\nTo: b\r\n\r\n"));
	const struct sip_message *m = sip_message_of(app_drive_tx(&t, 1));
	assert_true(m->response);
	assert_true(span_is(m->code, "180"));
	assert_true(span_is(m->reason, "Ringing"));
	// An answer that comes from the client is none
	assert_true(app_drive_text(&t, TO_SERVER, "SIP/2.0 200 OK\r\n\r\n"));
	assert_null(app_drive_tx(&t, 2));
	assert_true(app_drive_has_event(&t, NULL, "invalid_data"));
	app_drive_close(&t);
}

// Bytes one by one, two messages, an empty line between
static void test_stream_in_pieces(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	static const char text[] = INVITE DESCRIPTION "\r\n\r\n" INVITE DESCRIPTION;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		assert_true(app_drive_feed(&t, TO_SERVER, text + i, 1));
	check_invite(sip_message_of(app_drive_tx(&t, 0)));
	check_invite(sip_message_of(app_drive_tx(&t, 1)));
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

static void test_body_too_long_is_cut_and_passed_over(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_text(&t, TO_SERVER, "MESSAGE sip:b SIP/2.0\r\nContent-Length: 140000\r\n\r\n"));
	static char body[70000];
	memset(body, 'x', sizeof(body));
	assert_true(app_drive_feed(&t, TO_SERVER, body, sizeof(body)));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_feed(&t, TO_SERVER, body, sizeof(body)));
	struct app_tx *tx = app_drive_tx(&t, 0);
	assert_int_equal(sip_message_of(tx)->body.len, SIP_BODY_MAX);
	assert_true(app_drive_has_event(&t, tx, "too_long"));
	assert_true(app_drive_text(&t, TO_SERVER, "ACK sip:b SIP/2.0\r\n\r\n"));
	assert_true(span_is(sip_message_of(app_drive_tx(&t, 1))->method, "ACK"));
	app_drive_close(&t);
}

static void test_head_without_end(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_text(&t, TO_SERVER, "INVITE sip:b SIP/2.0\r\n"));
	bool going = true;
	for (unsigned i = 0; going && i < 10000; i++)
		going = app_drive_text(&t, TO_SERVER, "a: bcdefgh\r\n");
	assert_false(going);
	assert_int_equal(t.result, APP_STOP);
	assert_true(app_drive_has_event(&t, NULL, "too_long"));
	app_drive_close(&t);
}

static void test_gap_ends_at_the_next_message(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_text(&t, TO_SERVER, "INVITE sip:b SIP/2.0\r\nVia"));
	app_drive_gap(&t, TO_SERVER, 100);
	assert_true(app_drive_text(&t, TO_SERVER, "ent-Length: 0\r\n\r\n"));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_text(&t, TO_SERVER, "ACK sip:b SIP/2.0\r\n\r\n"));
	assert_non_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_datagram),
		cmocka_unit_test(test_stream_in_pieces),
		cmocka_unit_test(test_body_too_long_is_cut_and_passed_over),
		cmocka_unit_test(test_head_without_end),
		cmocka_unit_test(test_gap_ends_at_the_next_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
