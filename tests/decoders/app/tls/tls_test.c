// SPDX-License-Identifier: GPL-3.0-or-later
// TLS sessions fed in pieces of every size give the same names, certificates and fingerprints; broken ones give their events.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/tls_session.h"

static void assert_bytes(const struct bytes *bytes, const char *text)
{
	assert_int_equal(bytes->len, strlen(text));
	assert_memory_equal(bytes->data, text, bytes->len);
}

static void assert_string_at(const struct tls_strings *list, unsigned index, const char *text)
{
	uint32_t at = 0;
	struct span item = { 0 };
	for (unsigned i = 0; i <= index; i++)
		assert_true(tls_strings_next(list, &at, &item));
	assert_true(span_is(item, text));
}

static bool has_event(const struct session *s, enum tls_event event)
{
	return tx_of(s)->tx.events >> event & 1;
}

#define JA3_TEXT                                                                                                      \
	"771,4866-4867-4865-49196-49200-49195-49199-52393-52392-49188-49192-49187-49191-159-158-107-103-255,0-11-10-" \
	"35-16-22-23-13-43-45-51-21,"                                                                                 \
	"29-23-30-25-24-256-257-258-259-260,0-1-2"

static void assert_client_hello(const struct tls_tx *tls)
{
	const struct tls_side *client = &tls->side[TO_SERVER];
	assert_bytes(&client->sni, "unit.example.com");
	assert_int_equal(client->alpn.count, 2);
	assert_string_at(&client->alpn, 0, "h2");
	assert_string_at(&client->alpn, 1, "http/1.1");
	assert_int_equal(client->version, TLS_V12);
	assert_int_equal(client->best_version, TLS_V13);
	assert_bytes(&client->ja3, JA3_TEXT);
	assert_string_equal(client->ja3_hash, "304734bb1c086c3453b387400cf83f11");
	assert_string_equal(client->ja4, "t13d1812h2_85036bcba153_d41ae481755e");
}

static void certificates_of_both_sides_are_read(void **state)
{
	(void)state;
	static const uint32_t steps[] = { 1, 2, 3, 5, 7, 100, 1460, BYTES_MAX };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct session s;
		session_start(&s);
		feed_transcript(&s, session_tls12, steps[i]);
		assert_int_equal(s.last, APP_STOP_BOTH);
		assert_true(s.flow.app.flags & APP_ENCRYPTED);
		const struct tls_tx *tls = tx_of(&s);
		const struct tls_side *server = &tls->side[TO_CLIENT];
		assert_client_hello(tls);
		assert_int_equal(tls->tx.events, 0);
		assert_int_equal(tls->tx.progress[TO_SERVER], TLS_CLIENT_HANDSHAKE_DONE);
		assert_int_equal(tls->tx.progress[TO_CLIENT], TLS_SERVER_HANDSHAKE_DONE);
		assert_int_equal(server->version, TLS_V12);
		assert_string_at(&server->alpn, 0, "h2");
		assert_string_equal(server->ja3_hash, "e195432758194ce2d482396b82e0d48e");
		assert_bytes(&server->ja3, "771,49196,65281-11-35-16-23");
		assert_true(server->certificate.seen);
		assert_bytes(&server->certificate.subject, "C=SE, O=Example Test AB, OU=Lab, CN=unit.example.com");
		assert_bytes(&server->certificate.issuer, "C=SE, O=Example Test AB, OU=Lab, CN=unit.example.com");
		assert_bytes(&server->certificate.serial, "00:F0:0B:A4");
		assert_string_equal(
			server->certificate.fingerprint, "eb:13:6e:b2:1d:5a:e1:76:7e:f8:55:fa:9d:9c:25:ff:61:ec:48:e6");
		assert_int_equal(server->certificate.not_before_s, 1795296247);
		assert_int_equal(server->certificate.not_after_s, 2110656247);
		assert_int_equal(server->certificate.names.count, 4);
		assert_string_at(&server->certificate.names, 1, "*.unit.example.org");
		assert_string_at(&server->certificate.names, 2, "192.0.2.7");
		assert_string_at(&server->certificate.names, 3, "2001:db8::7");
		assert_int_equal(server->chain_len, 1);
		const struct tls_certificate *client = &tls->side[TO_SERVER].certificate;
		assert_true(tls->client_cert_wanted && client->seen);
		assert_bytes(&client->subject, "CN=client.example.com");
		assert_bytes(&client->serial, "32");
		assert_string_equal(client->fingerprint, "6b:ec:d8:b4:a1:7e:f6:1e:c6:ba:cb:5d:bf:ae:9c:e7:d8:40:f3:ae");
		assert_true(tls_tx_is_telling(tls) && !tls_tx_is_resumed(tls));
		session_end(&s);
	}
}

static void tls13_is_told_without_certificate(void **state)
{
	(void)state;
	for (uint32_t step = 1; step < 2000; step += 37) {
		struct session s;
		session_start(&s);
		feed_transcript(&s, session_tls13, step);
		const struct tls_tx *tls = tx_of(&s);
		const struct tls_side *server = &tls->side[TO_CLIENT];
		assert_client_hello(tls);
		assert_int_equal(server->version, TLS_V13);
		assert_string_equal(server->ja3_hash, "15af977ce25de452b96affa2addb1036");
		assert_false(server->certificate.seen);
		assert_true(tls_tx_is_telling(tls) && !tls_tx_is_resumed(tls));
		assert_int_equal(tls->tx.events, 0);
		assert_int_equal(tls->tx.progress[TO_CLIENT], TLS_SERVER_HANDSHAKE_DONE);
		session_end(&s);
	}
}

static void session_of_data_alone_tells_nothing(void **state)
{
	(void)state;
	struct session s;
	session_start(&s);
	feed_hex(&s, TO_CLIENT, "1703030003001122");
	assert_int_equal(tls_tx_version(tx_of(&s)), 0);
	assert_false(tls_tx_is_telling(tx_of(&s)));
	session_end(&s);
}

static void hello_split_over_records_is_put_together(void **state)
{
	(void)state;
	uint8_t bytes[BYTES_MAX], split[BYTES_MAX];
	uint32_t len = from_hex(session_tls13[0].hex, bytes), out = 0;
	// Every handshake byte in a record of its own: headers are split too
	for (uint32_t i = 5; i < len; i++) {
		static const uint8_t header[] = { 22, 3, 1, 0, 1 };
		memcpy(split + out, header, 5);
		split[out + 5] = bytes[i];
		out += 6;
	}
	struct session s;
	session_start(&s);
	feed(&s, TO_SERVER, split, out, 0, false);
	assert_client_hello(tx_of(&s));
	assert_int_equal(tx_of(&s)->tx.events, 0);
	session_end(&s);
}

static void fingerprints_can_be_turned_off(void **state)
{
	(void)state;
	struct option_pair pairs[] = { { "tls.ja3-fingerprints", "no" }, { "tls.ja4-fingerprints", "no" } };
	struct session s;
	session_start_with(&s, (struct option_map) { pairs, 2 });
	feed_transcript(&s, session_tls13, 5000);
	assert_int_equal(tx_of(&s)->side[TO_SERVER].ja3.len, 0);
	assert_int_equal(tx_of(&s)->side[TO_SERVER].ja3_hash[0], 0);
	assert_int_equal(tx_of(&s)->side[TO_SERVER].ja4[0], 0);
	session_end(&s);
}

static void records_that_are_none_stop_the_parser(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		enum tls_event event;
	} cases[] = {
		{ "1605010005", TLS_INVALID_RECORD_VERSION },
		{ "4803010005", TLS_INVALID_RECORD_TYPE },
		{ "1603010000", TLS_INVALID_TLS_HEADER },
		{ "160301ffff", TLS_INVALID_TLS_HEADER },
		{ "1603010004840000ff", TLS_INVALID_HANDSHAKE_MESSAGE },
		{ "160301000a010000060303aabbccdd", TLS_HANDSHAKE_INVALID_LENGTH },
		{ "80050700020000", TLS_INVALID_SSLV2_HEADER },
		{ "80050100070000", TLS_INVALID_SSLV2_HEADER },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct session s;
		session_start(&s);
		feed_hex(&s, TO_SERVER, cases[i].hex);
		if (i == 6)
			feed_hex(&s, TO_SERVER, "80050900000000");
		assert_int_equal(s.last, APP_ERROR);
		assert_true(has_event(&s, cases[i].event));
		assert_true(has_event(&s, TLS_INVALID_SSL_RECORD));
		session_end(&s);
	}
}

static void heartbleed_is_seen(void **state)
{
	(void)state;
	struct session s;
	session_start(&s);
	feed_hex(&s, TO_SERVER, "1803020003014000");
	assert_true(has_event(&s, TLS_OVERFLOW_HEARTBEAT_MESSAGE));
	assert_int_equal(s.last, APP_ERROR);
	session_end(&s);

	session_start(&s);
	feed_hex(&s, TO_SERVER,
		"140302000101"
		"180302001300112233445566778899aabbccddeeff001122");
	assert_int_equal(s.last, APP_OK);
	feed_hex(&s, TO_CLIENT,
		"140302000101"
		"180302001400112233445566778899aabbccddeeff0011223344");
	assert_true(has_event(&s, TLS_DATALEAK_HEARTBEAT_MISMATCH));
	session_end(&s);

	session_start(&s);
	feed_hex(&s, TO_SERVER,
		"1803020013"
		"010000"
		"00112233445566778899aabbccddeeff");
	assert_int_equal(tx_of(&s)->tx.events, 0);
	feed_hex(&s, TO_SERVER,
		"1803020013"
		"010000"
		"00112233445566778899aabbccddeeff");
	assert_true(has_event(&s, TLS_HEARTBEAT_MESSAGE));
	session_end(&s);
}

static void old_hello_of_sslv2_is_read(void **state)
{
	(void)state;
	struct session s;
	session_start(&s);
	feed_hex(&s, TO_SERVER,
		"8014"
		"01"
		"0301"
		"0003"
		"0000"
		"0008"
		"010080"
		"0011223344556677");
	feed_hex(&s, TO_SERVER, "140301000101");
	assert_int_equal(s.last, APP_OK);
	assert_int_equal(tx_of(&s)->side[TO_SERVER].version, TLS_V10);
	assert_int_equal(tx_of(&s)->tx.progress[TO_SERVER], TLS_CLIENT_HELLO_DONE);
	assert_int_equal(tx_of(&s)->tx.events, 0);
	session_end(&s);
}

static void huge_messages_are_skipped_within_bounds(void **state)
{
	(void)state;
	struct session s;
	session_start(&s);
	static uint8_t record[5 + 16384] = { 22, 3, 3, 0x40, 0, 11, 0xff, 0xff, 0xff };
	uint32_t left = 4 + 0xffffff;
	for (bool first = true; left; first = false) {
		uint32_t part = left < 16384 ? left : 16384;
		if (!first)
			memset(record + 5, 0, 4);
		record[3] = (uint8_t)(part >> 8);
		record[4] = (uint8_t)part;
		for (uint32_t at = 0; at < 5 + part; at += 4096)
			feed(&s, TO_CLIENT, record + at, 5 + part - at < 4096 ? 5 + part - at : 4096, 0, false);
		assert_true(slab_used_bytes(s.slab) < 2 * TLS_MESSAGE_MAX);
		left -= part;
	}
	assert_int_equal(s.last, APP_OK);
	assert_int_equal(tx_of(&s)->tx.events, 0);
	feed_hex(&s, TO_CLIENT, "16030300040e000000");
	assert_int_equal(tx_of(&s)->tx.progress[TO_CLIENT], TLS_SERVER_HELLO_DONE);
	session_end(&s);
}

static void gaps_are_bridged_where_the_next_record_is_known(void **state)
{
	(void)state;
	struct session s;
	session_start(&s);
	feed_hex(&s, TO_CLIENT,
		"1703030040"
		"0011");
	feed(&s, TO_CLIENT, (const uint8_t *)"abcd", 4, 58, false);
	assert_int_equal(s.last, APP_OK);
	feed_hex(&s, TO_CLIENT,
		"1503030002"
		"0100");
	assert_int_equal(s.last, APP_OK);
	feed(&s, TO_CLIENT, NULL, 0, 1, false);
	assert_int_equal(s.last, APP_STOP);
	feed_hex(&s, TO_SERVER, session_tls13[0].hex);
	assert_client_hello(tx_of(&s));
	session_end(&s);

	// A record right after the gap is where reading goes on
	session_start(&s);
	uint8_t bytes[BYTES_MAX];
	feed_hex(&s, TO_SERVER, "16030100640b");
	s.pending_len[TO_SERVER] = 0;
	uint32_t len = from_hex(session_tls13[0].hex, bytes);
	feed(&s, TO_SERVER, bytes, len, 100, false);
	assert_int_equal(s.last, APP_OK);
	assert_client_hello(tx_of(&s));
	session_end(&s);
}

static void sessions_are_told_apart_from_other_bytes(void **state)
{
	(void)state;
	static const struct {
		enum direction direction;
		const char *hex;
		enum app_probe answer;
	} cases[] = {
		{ TO_SERVER, "", APP_PROBE_MORE },
		{ TO_SERVER, "16", APP_PROBE_MORE },
		{ TO_SERVER, "1603", APP_PROBE_MORE },
		{ TO_SERVER, "160301020001", APP_PROBE_YES },
		{ TO_CLIENT, "160303004a02", APP_PROBE_YES },
		{ TO_CLIENT, "15030300020228", APP_PROBE_YES },
		{ TO_SERVER, "160303004a02", APP_PROBE_REVERSED },
		{ TO_CLIENT, "160301020001", APP_PROBE_REVERSED },
		{ TO_SERVER, "1604010200", APP_PROBE_NO },
		{ TO_SERVER, "1603090200", APP_PROBE_NO },
		{ TO_SERVER, "474554", APP_PROBE_NO },
		{ TO_SERVER, "802e010002", APP_PROBE_YES },
		{ TO_SERVER, "802e020002", APP_PROBE_NO },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[64];
		uint32_t len = from_hex(cases[i].hex, bytes);
		assert_int_equal(tls_parser.probe(cases[i].direction, span_of(bytes, len), NULL), cases[i].answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_both_sides_are_read),
		cmocka_unit_test(tls13_is_told_without_certificate),
		cmocka_unit_test(session_of_data_alone_tells_nothing),
		cmocka_unit_test(hello_split_over_records_is_put_together),
		cmocka_unit_test(fingerprints_can_be_turned_off),
		cmocka_unit_test(records_that_are_none_stop_the_parser),
		cmocka_unit_test(heartbleed_is_seen),
		cmocka_unit_test(old_hello_of_sslv2_is_read),
		cmocka_unit_test(huge_messages_are_skipped_within_bounds),
		cmocka_unit_test(gaps_are_bridged_where_the_next_record_is_known),
		cmocka_unit_test(sessions_are_told_apart_from_other_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
