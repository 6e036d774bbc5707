// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/quic/quic.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include "decoders/app/quic/quic_internal.h"
#include "tests/support/decoders/app_drive.h"

static const uint8_t id[] = { 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08 };

// ClientHello: TLS 1.2, one cipher, server_name a.b, alpn h3.
static const uint8_t client_hello[] = { 1, 0, 0, 0x40, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
	5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 2, 0x13, 0x01, 1, 0, 0, 21, 0, 0, 0, 8, 0, 6, 0, 0, 3, 'a', '.', 'b',
	0, 16, 0, 5, 0, 3, 2, 'h', '3' };

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &quic_parser, PROTO_UDP, 40000, 443);
}

static void same(const uint8_t *bytes, const char *hex, size_t len)
{
	char text[65];
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	assert_string_equal(text, hex);
}

// RFC 9001 A.1, RFC 9369 A.1
static void test_keys(void **state)
{
	(void)state;
	struct quic_crypto *crypto = quic_crypto_new();
	struct quic_keys keys[2];
	assert_true(quic_initial_keys(crypto, QUIC_V1, span_of(id, sizeof(id)), keys));
	same(keys[TO_SERVER].key, "1f369613dd76d5467730efcbe3b1a22d", 16);
	same(keys[TO_SERVER].iv, "fa044b2f42a3fd3b46fb255c", 12);
	same(keys[TO_SERVER].hp, "9f50449e04a0e810283a1e9933adedd2", 16);
	same(keys[TO_CLIENT].key, "cf3a5331653c364c88f0f379b6067e37", 16);
	same(keys[TO_CLIENT].iv, "0ac1493ca1905853b0bba03e", 12);
	same(keys[TO_CLIENT].hp, "c206b8d9b9f0f37644430b490eeaa314", 16);
	assert_true(quic_initial_keys(crypto, QUIC_V2, span_of(id, sizeof(id)), keys));
	same(keys[TO_SERVER].key, "8b1a0bc121284290a29e0971b5cd045d", 16);
	same(keys[TO_SERVER].iv, "91f73e2351d8fa91660e909f", 12);
	same(keys[TO_SERVER].hp, "45b95e15235d6f45a6b19cbcb0294ba9", 16);
	quic_crypto_free(crypto);
}

// A sealed Initial packet of version 1 with frames, padded to the sender's least. Gives its length.
static size_t seal(uint8_t *out, enum direction direction, uint8_t number, const void *frames, size_t len)
{
	struct quic_crypto *crypto = quic_crypto_new();
	struct quic_keys keys[2];
	uint8_t plain[1200] = { 0 }, mask[16], nonce[12];
	const size_t payload = 1150, head = 18;
	const uint8_t header[] = { 0xc0, 0, 0, 0, 1, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08, 0, 0,
		0x40 | (payload + 17) >> 8, (payload + 17) & 0xff };
	int made = 0;
	assert_true(quic_initial_keys(crypto, QUIC_V1, span_of(id, sizeof(id)), keys));
	memcpy(plain, frames, len);
	memcpy(out, header, head);
	out[head] = number;
	memcpy(nonce, keys[direction].iv, 12);
	nonce[11] ^= number;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, keys[direction].key, nonce);
	EVP_EncryptUpdate(c, NULL, &made, out, (int)head + 1);
	EVP_EncryptUpdate(c, out + head + 1, &made, plain, (int)payload);
	EVP_EncryptFinal_ex(c, out + head + 1 + made, &made);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, out + head + 1 + payload);
	EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, keys[direction].hp, NULL);
	EVP_EncryptUpdate(c, mask, &made, out + head + 4, 16);
	EVP_CIPHER_CTX_free(c);
	quic_crypto_free(crypto);
	out[0] ^= mask[0] & 0x0f;
	out[head] ^= mask[1];
	return head + 1 + payload + 16;
}

static size_t crypto_frame(uint8_t *out, uint8_t offset, uint8_t len)
{
	out[0] = 6;
	out[1] = 0x40;
	out[2] = offset;
	out[3] = 0x40;
	out[4] = len;
	memcpy(out + 5, client_hello + offset, len);
	return 5u + len;
}

static void test_hello_in_one_packet(void **state)
{
	(void)state;
	uint8_t packet[1300], frames[200];
	struct app_drive t;
	open_drive(&t);
	frames[0] = 1; // ping
	size_t len = 1 + crypto_frame(frames + 1, 0, sizeof(client_hello));
	len = seal(packet, TO_SERVER, 2, frames, len);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, packet, len, true), APP_PROBE_YES);
	app_drive_feed(&t, TO_SERVER, packet, len);
	const struct quic_tx *quic = quic_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(quic->version, 1);
	assert_true(quic->has_hello);
	assert_true(span_is(quic->sni, "a.b"));
	assert_true(strncmp(quic->ja4, "q12d0102h3_", 11) == 0);
	assert_int_equal(quic->tx.events, 0);
	// After its hello a direction tells no more
	app_drive_feed(&t, TO_SERVER, packet, len);
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

static void test_hello_in_pieces_out_of_order(void **state)
{
	(void)state;
	uint8_t packet[1300], frames[200];
	struct app_drive t;
	open_drive(&t);
	size_t len = crypto_frame(frames, 40, sizeof(client_hello) - 40);
	len += crypto_frame(frames + len, 0, 10);
	app_drive_feed(&t, TO_SERVER, packet, seal(packet, TO_SERVER, 0, frames, len));
	assert_false(quic_tx_of(app_drive_tx(&t, 0))->has_hello);
	len = crypto_frame(frames, 5, 50);
	app_drive_feed(&t, TO_SERVER, packet, seal(packet, TO_SERVER, 1, frames, len));
	assert_true(span_is(quic_tx_of(app_drive_tx(&t, 1))->sni, "a.b"));
	app_drive_close(&t);
}

static void test_hostile_packets_are_events(void **state)
{
	(void)state;
	static const uint8_t far[] = { 6, 0x80, 1, 0, 0, 1, 'x' }, unknown[] = { 0x1f }, cut[] = { 6, 0, 0x7f, 0xff };
	static const struct {
		const uint8_t *frames;
		size_t len;
		const char *event;
	} cases[] = {
		{ far, sizeof(far), "crypto_frag_too_long" },
		{ unknown, sizeof(unknown), "error_on_data" },
		{ cut, sizeof(cut), "error_on_data" },
	};
	uint8_t packet[1300];
	struct app_drive t;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_drive(&t);
		app_drive_feed(&t, TO_SERVER, packet, seal(packet, TO_SERVER, 0, cases[i].frames, cases[i].len));
		if (!app_drive_has_event(&t, NULL, cases[i].event))
			fail_msg("no %s", cases[i].event);
		app_drive_close(&t);
	}
	open_drive(&t);
	size_t len = seal(packet, TO_SERVER, 0, unknown, sizeof(unknown));
	packet[len - 1] ^= 1;
	app_drive_feed(&t, TO_SERVER, packet, len);
	assert_true(app_drive_has_event(&t, NULL, "failed_decrypt"));
	app_drive_close(&t);
}

// The tag is filler: the hello is shown with the event, and the connection's own is read after it.
static void test_hello_without_a_tag(void **state)
{
	(void)state;
	uint8_t packet[1300], frames[200];
	struct app_drive t;
	open_drive(&t);
	size_t len = seal(packet, TO_SERVER, 0, frames, crypto_frame(frames, 0, sizeof(client_hello)));
	memset(packet + len - 16, 0xaa, 16);
	app_drive_feed(&t, TO_SERVER, packet, len);
	assert_true(app_drive_has_event(&t, NULL, "failed_decrypt"));
	assert_true(span_is(quic_tx_of(app_drive_tx(&t, 0))->sni, "a.b"));
	app_drive_feed(&t, TO_SERVER, packet,
		seal(packet, TO_SERVER, 1, frames, crypto_frame(frames, 0, sizeof(client_hello))));
	assert_true(span_is(quic_tx_of(app_drive_tx(&t, 1))->sni, "a.b"));
	assert_int_equal(app_drive_tx(&t, 1)->events, 0);
	app_drive_close(&t);
}

static void test_ranges_are_bounded(void **state)
{
	(void)state;
	struct slab *slab = slab_new(4u << 20);
	struct quic_stream stream = { 0 };
	enum quic_frames result = QUIC_FRAMES_OK;
	for (unsigned i = 0; i < 100 && result == QUIC_FRAMES_OK; i++) {
		uint8_t frame[] = { 6, (uint8_t)(0x40 | i * 4 >> 8), (uint8_t)(i * 4), 1, 'x' };
		result = quic_frames_read(slab, &stream, span_of(frame, sizeof(frame)));
	}
	assert_int_equal(result, QUIC_FRAMES_TOO_LONG);
	assert_int_equal(stream.range_count, QUIC_RANGES_MAX);
	slab_destroy(slab);
}

// Q043: public header, CHLO with SNI and UAID.
static void test_google(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER,
		"09 0102030405060708 51303433 01 000102030405060708090a0b"
		"a0 01 001e 43484c4f 0200 0000 534e4900 03000000 55414944 06000000 612e62 756120"));
	const struct quic_tx *quic = quic_tx_of(app_drive_tx(&t, 0));
	assert_true(span_is(quic->sni, "a.b"));
	assert_true(span_is(quic->ua, "ua "));
	assert_true(span_is(bytes_span(&quic->cyu), "43,SNI-UAID"));
	assert_int_equal(strlen(quic->cyu_hash), 32);
	app_drive_close(&t);
}

// In a short header nothing says a version; four bytes of a DNS message may look like one.
static void test_no_version_in_a_short_header(void **state)
{
	(void)state;
	static const uint8_t query[] = { 0x3f, 0x94, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, '2', 2, 'a', 'b', 0, 0, 16, 0,
		1 };
	struct app_drive t;
	open_drive(&t);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, query, sizeof(query), true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_hello_in_one_packet),
		cmocka_unit_test(test_hello_in_pieces_out_of_order),
		cmocka_unit_test(test_hostile_packets_are_events),
		cmocka_unit_test(test_hello_without_a_tag),
		cmocka_unit_test(test_ranges_are_bounded),
		cmocka_unit_test(test_google),
		cmocka_unit_test(test_no_version_in_a_short_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
