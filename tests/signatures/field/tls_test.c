// SPDX-License-Identifier: GPL-3.0-or-later
// What rules read from a TLS session: every buffer by its names and direction, and the keywords with a language of their own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "signatures/field/tls.h"
#include "tests/support/decoders/tls_session.h"

static struct session tls12;

static int start(void **state)
{
	(void)state;
	session_start(&tls12);
	feed_transcript(&tls12, session_tls12, 1460);
	tls12.flow.last_ns = (uint64_t)1795300000 * 1000000000;
	return 0;
}

static int end(void **state)
{
	(void)state;
	session_end(&tls12);
	return 0;
}

static struct field_source source_of(enum direction direction)
{
	return (struct field_source) {
		.flow = &tls12.flow, .tx = tls12.flow.app.tx_first, .direction = direction, .slab = tls12.slab
	};
}

// NULL: keyword has no such value in this direction.
static void assert_buffer(const char *keyword, enum direction direction, unsigned index, const char *want)
{
	const struct field_buffer *buffer = field_buffer_find(keyword);
	assert_non_null(buffer);
	struct field_source source = source_of(direction);
	struct field_value value;
	for (const struct field_reader *r = buffer->readers; r->get; r++) {
		if (r->direction != direction)
			continue;
		assert_int_equal(r->proto, APP_TLS);
		assert_true(source.tx->progress[direction] >= r->progress);
		bool there = r->get(&source, index, &value);
		assert_int_equal(there, want != NULL);
		if (!there)
			return;
		assert_true(value.first && value.last && value.offset == 0);
		assert_int_equal(value.data.len, strlen(want));
		assert_memory_equal(value.data.data, want, value.data.len);
		return;
	}
	assert_null(want);
}

static void buffers_have_their_names_and_directions(void **state)
{
	(void)state;
	assert_buffer("tls.sni", TO_SERVER, 0, "unit.example.com");
	assert_buffer("tls_sni", TO_SERVER, 0, "unit.example.com");
	assert_buffer("tls.sni", TO_SERVER, 1, NULL);
	assert_buffer("tls.sni", TO_CLIENT, 0, NULL);
	assert_buffer("tls.cert_subject", TO_CLIENT, 0, "C=SE, O=Example Test AB, OU=Lab, CN=unit.example.com");
	assert_buffer("tls_cert_subject", TO_SERVER, 0, "CN=client.example.com");
	assert_buffer("tls.cert_issuer", TO_SERVER, 0, "CN=client.example.com");
	assert_buffer("tls.cert_serial", TO_CLIENT, 0, "00:F0:0B:A4");
	assert_buffer(
		"tls.cert_fingerprint", TO_CLIENT, 0, "eb:13:6e:b2:1d:5a:e1:76:7e:f8:55:fa:9d:9c:25:ff:61:ec:48:e6");
	assert_buffer("tls.subjectaltname", TO_CLIENT, 1, "*.unit.example.org");
	assert_buffer("tls.subjectaltname", TO_CLIENT, 4, NULL);
	assert_buffer("tls.alpn", TO_SERVER, 1, "http/1.1");
	assert_buffer("tls.alpn", TO_CLIENT, 0, "h2");
	assert_buffer("ja3_hash", TO_SERVER, 0, "304734bb1c086c3453b387400cf83f11");
	assert_buffer("ja3.hash", TO_CLIENT, 0, NULL);
	assert_buffer("ja3s.hash", TO_CLIENT, 0, "e195432758194ce2d482396b82e0d48e");
	assert_buffer("ja3s.string", TO_CLIENT, 0, "771,49196,65281-11-35-16-23");
	assert_buffer("ja4.hash", TO_SERVER, 0, "t13d1812h2_85036bcba153_d41ae481755e");
}

static void randoms_are_cut_in_time_and_bytes(void **state)
{
	(void)state;
	const uint8_t *random = tx_of(&tls12)->side[TO_CLIENT].random;
	struct field_source source = source_of(TO_CLIENT);
	struct field_value value;
	static const struct {
		const char *name;
		uint32_t from, len;
	} parts[] = { { "tls.random", 0, 32 }, { "tls.random_time", 0, 4 }, { "tls.random_bytes", 4, 28 } };
	for (size_t i = 0; i < 3; i++) {
		assert_true(field_buffer_find(parts[i].name)->readers[1].get(&source, 0, &value));
		assert_int_equal(value.data.len, parts[i].len);
		assert_ptr_equal(value.data.data, random + parts[i].from);
	}
}

static void hashes_and_serials_match_in_either_case(void **state)
{
	(void)state;
	char hash[] = "AAbb", serial[] = "0a:Ff";
	struct span content = span_text(hash);
	assert_null(field_buffer_find("ja3.hash")->check_content(&content, false));
	assert_string_equal(hash, "aabb");
	content = span_text(serial);
	assert_null(field_buffer_find("tls.cert_serial")->check_content(&content, false));
	assert_string_equal(serial, "0A:FF");
}

// -1: refused; else whether it matches in direction.
static int test_of(const char *keyword, const char *arguments, enum direction direction)
{
	const struct field_test *test = field_test_find(keyword);
	assert_non_null(test);
	_Alignas(16) uint8_t data[FIELD_TEST_BYTES] = { 0 };
	if (test->parse && test->parse(arguments, data))
		return -1;
	struct field_source source = source_of(direction);
	for (const struct field_test_reader *r = test->readers; r->match; r++)
		if (r->direction == direction)
			return r->match(&source, data);
	return 0;
}

static void keywords_parse_and_match(void **state)
{
	(void)state;
	static const struct {
		const char *keyword, *arguments;
		enum direction direction;
		int answer;
	} cases[] = {
		{ "tls.version", "1.2", TO_CLIENT, 1 },
		{ "tls.version", "1.3", TO_CLIENT, 0 },
		{ "tls.version", "0x0303", TO_CLIENT, 1 },
		{ "tls.version", "1.9", TO_CLIENT, -1 },
		{ "ssl_version", "tls1.2", TO_CLIENT, 1 },
		{ "ssl_version", "sslv3,tls1.0", TO_CLIENT, 0 },
		{ "ssl_version", "!sslv3", TO_CLIENT, 1 },
		{ "ssl_version", "!sslv3,!tls1.2", TO_CLIENT, 0 },
		{ "ssl_version", "!tls1.3,tls1.2", TO_CLIENT, 1 },
		{ "ssl_version", "tls9", TO_CLIENT, -1 },
		{ "ssl_version", "", TO_CLIENT, -1 },
		{ "ssl_state", "client_hello", TO_SERVER, 1 },
		{ "ssl_state", "server_hello,unknown", TO_CLIENT, 1 },
		{ "ssl_state", "unknown", TO_CLIENT, 0 },
		{ "ssl_state", "!client_hello", TO_SERVER, 0 },
		{ "ssl_state", "hello", TO_SERVER, -1 },
		{ "tls.subject", "CN=unit.example.com", TO_CLIENT, 1 },
		{ "tls.subject", "!\"CN=unit.example.com\"", TO_CLIENT, 0 },
		{ "tls.issuerdn", "O=Example Test AB", TO_CLIENT, 1 },
		{ "tls.issuerdn", "O=Other", TO_CLIENT, 0 },
		{ "tls.fingerprint", "eb:13:6e:b2:1d:5a:e1:76:7e:f8:55:fa:9d:9c:25:ff:61:ec:48:e6", TO_CLIENT, 1 },
		{ "tls_cert_valid", "", TO_CLIENT, 1 },
		{ "tls_cert_expired", "", TO_CLIENT, 0 },
		{ "tls_cert_notbefore", "2026-11-21T21:24:07", TO_CLIENT, 1 },
		{ "tls_cert_notbefore", ">2026", TO_CLIENT, 1 },
		{ "tls_cert_notbefore", "<2026-11-21", TO_CLIENT, 0 },
		{ "tls_cert_notafter", "2036-11-01<>2036-12-01", TO_CLIENT, 1 },
		{ "tls_cert_notafter", "2036-12-01<>2036-11-01", TO_CLIENT, -1 },
		{ "tls_cert_notafter", "soon", TO_CLIENT, -1 },
		{ "tls_cert_notafter", "2036-13-01", TO_CLIENT, -1 },
		{ "tls_store", "", TO_CLIENT, 1 },
		{ "tls.store", "", TO_SERVER, 1 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (test_of(cases[i].keyword, cases[i].arguments, cases[i].direction) != cases[i].answer)
			fail_msg("%s:%s", cases[i].keyword, cases[i].arguments);
}

static void chain_length_is_a_number(void **state)
{
	(void)state;
	struct field_source source = source_of(TO_CLIENT);
	uint64_t value;
	assert_true(field_number_find("tls.cert_chain_len")->readers[0].get(&source, 0, &value));
	assert_int_equal(value, 1);
	assert_false(field_number_find("tls.cert_chain_len")->readers[0].get(&source, 1, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_have_their_names_and_directions),
		cmocka_unit_test(randoms_are_cut_in_time_and_bytes),
		cmocka_unit_test(hashes_and_serials_match_in_either_case),
		cmocka_unit_test(keywords_parse_and_match),
		cmocka_unit_test(chain_length_is_a_number),
	};
	return cmocka_run_group_tests(tests, start, end);
}
