// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/rdp/rdp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "decoders/app/tally.h"
#include "tests/support/decoders/carried_tls.h"

#define REQUEST "030000231ee00000000000436f6f6b69653a206d737473686173683d616c6963650d0a"
#define CONFIRM "0300000b06d00000123400"
// Settings of a client named PC1, and channels rdpdr and cliprdr
#define CONNECT                                                                            \
	"0300013102f0807f658201250401010401010101ff30030201003003020100300302010004820109" \
	"000500147c00018100000800100001c0004475636180f201c0d200040008000004000301ca03aa09" \
	"040000280a0000500043003100000000000000000000000000000000000000000000000000000004" \
	"000000000000000c0000000000000000000000000000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000000000000000000000000000001ca010000" \
	"000000100007000100350035003200370034002d004f0045004d0000000000000000000000000000" \
	"00000000000000000000000000000000000000000000000000000000000000000003c02000020000" \
	"00726470647200000000000000636c69707264720000000000"

static void open_drive(struct app_drive *t)
{
	t->config = (struct app_config) { 0 };
	app_drive_open(t, &rdp_parser, PROTO_TCP, 40000, 3389);
}

static struct rdp_message nth(const struct app_drive *t, unsigned n)
{
	struct rdp_message m;
	assert_non_null(app_drive_tx(t, n));
	assert_true(rdp_message_read(datagram_span(app_drive_tx(t, n)), &m));
	return m;
}

static void test_connection_tells_user_client_and_channels(void **state)
{
	(void)state;
	struct app_drive t;
	struct rdp_core core;
	struct span name;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, REQUEST));
	assert_true(app_drive_hex(&t, TO_CLIENT, CONFIRM));
	assert_true(app_drive_hex(&t, TO_SERVER, CONNECT));
	struct rdp_message m = nth(&t, 0);
	assert_int_equal(m.kind, RDP_INITIAL_REQUEST);
	assert_true(span_is(m.cookie, "alice"));
	assert_int_equal(nth(&t, 1).kind, RDP_INITIAL_RESPONSE);
	m = nth(&t, 2);
	assert_int_equal(m.kind, RDP_CONNECT_REQUEST);
	assert_true(rdp_core_read(m.core, &core));
	assert_int_equal(core.width, 1024);
	assert_int_equal(core.build, 2600);
	assert_int_equal(core.client_name.data[0], 'P');
	assert_int_equal(core.high_color, 16);
	assert_int_equal(core.capabilities, 1);
	assert_true(rdp_channel(m.channels, 1, &name) && span_is(name, "cliprdr"));
	assert_false(rdp_channel(m.channels, 2, &name));
	// What follows is passed over
	assert_true(app_drive_hex(&t, TO_SERVER, "4400"));
	assert_null(app_drive_tx(&t, 3));
	app_drive_close(&t);
}

static void negotiate(struct app_drive *t)
{
	open_drive(t);
	assert_true(app_drive_hex(t, TO_SERVER, REQUEST));
	assert_true(app_drive_hex(t, TO_CLIENT, CONFIRM));
}

// The handshake is read as far as it tells something, in pieces of any size; it is one transaction, the server's.
static void test_tls_is_read_to_its_certificates(void **state)
{
	static const uint32_t steps[] = { 1, 2, 3, 5, 7, 100, 1460 };
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct app_drive t;
		uint8_t bytes[TRANSCRIPT_BYTES_MAX];
		negotiate(&t);
		for (const struct transcript_part *part = session_tls12; part->hex; part++) {
			uint32_t len = transcript_bytes(part, bytes);
			for (uint32_t at = 0; at < len && t.result == APP_OK; at += steps[i])
				app_drive_feed(
					&t, part->direction, bytes + at, len - at < steps[i] ? len - at : steps[i]);
			if (part == session_tls12) {
				assert_carried_client(app_drive_tx(&t, 2));
				assert_false(app_tx_done(&rdp_parser, app_drive_tx(&t, 2)));
			}
		}
		assert_int_equal(t.result, APP_STOP_BOTH);
		assert_int_equal(nth(&t, 2).kind, RDP_TLS_HANDSHAKE);
		assert_carried_tls12(app_drive_tx(&t, 2));
		assert_int_equal(app_drive_tx(&t, 2)->direction_mask, 1 << TO_CLIENT);
		assert_true(app_tx_done(&rdp_parser, app_drive_tx(&t, 2)));
		assert_null(app_drive_tx(&t, 3));
		assert_false(t.flow.app.flags & APP_ENCRYPTED); // of RDP rules may still look at what there is
		app_drive_close(&t);
	}
}

static void test_tls_that_hides_its_certificates_or_breaks(void **state)
{
	(void)state;
	struct app_drive t;
	uint8_t bytes[TRANSCRIPT_BYTES_MAX];
	negotiate(&t);
	for (const struct transcript_part *part = session_tls13; part->hex && t.result == APP_OK; part++)
		app_drive_feed(&t, part->direction, bytes, transcript_bytes(part, bytes));
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_carried_client(app_drive_tx(&t, 2));
	assert_int_equal(app_drive_tx(&t, 2)->tls->side[TO_CLIENT].best_version, TLS_V13);
	app_drive_close(&t);

	negotiate(&t); // no record
	app_drive_hex(&t, TO_CLIENT, "16 4141 0001 00");
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_int_equal(app_parser_counters(t.parser, t.shared)[TALLY_MALFORMED], 1);
	assert_true(app_tx_done(&rdp_parser, app_drive_tx(&t, 2)));
	app_drive_close(&t);

	negotiate(&t); // bytes are lost
	app_drive_feed(&t, TO_SERVER, bytes, transcript_bytes(&session_tls12[0], bytes));
	app_drive_gap(&t, TO_CLIENT, 10);
	app_drive_hex(&t, TO_CLIENT, "16030300");
	assert_int_equal(t.result, APP_STOP_BOTH);
	assert_carried_client(app_drive_tx(&t, 2));
	assert_true(app_tx_done(&rdp_parser, app_drive_tx(&t, 2)));
	app_drive_close(&t);
}

static void test_every_cut_of_the_settings_is_refused(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, CONNECT));
	struct span whole = datagram_span(app_drive_tx(&t, 0));
	struct rdp_message m;
	for (uint32_t len = 9; len < whole.len; len++)
		assert_false(rdp_message_read(span_slice(whole, 0, len), &m));
	assert_true(rdp_message_read(whole, &m));
	struct rdp_core core;
	for (uint32_t len = 0; len < 128; len++)
		assert_false(rdp_core_read(span_slice(m.core, 0, len), &core));
	assert_true(rdp_core_read(span_slice(m.core, 0, 128), &core));
	assert_false(core.has_high_color);
	struct span name;
	assert_false(rdp_channel(span_of("\xff\xff\xff\xff", 4), 0, &name));
	app_drive_close(&t);
}

static void test_malformed_and_gaps(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "0300 0007 02 50 00")); // no kind of message
	assert_null(app_drive_tx(&t, 0));
	assert_false(app_drive_hex(&t, TO_SERVER, "0300 0005 02"));
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
	open_drive(&t);
	app_drive_gap(&t, TO_SERVER, 10);
	assert_true(app_drive_hex(&t, TO_SERVER, REQUEST));
	assert_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connection_tells_user_client_and_channels),
		cmocka_unit_test(test_tls_is_read_to_its_certificates),
		cmocka_unit_test(test_tls_that_hides_its_certificates_or_breaks),
		cmocka_unit_test(test_every_cut_of_the_settings_is_refused),
		cmocka_unit_test(test_malformed_and_gaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
