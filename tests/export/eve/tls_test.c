// SPDX-License-Identifier: GPL-3.0-or-later
// The tls object of events: what is in it, what an alert leaves out, and which sessions have an event at all.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "export/eve/tls.h"
#include "tests/support/decoders/tls_session.h"

static char line[1 << 16];

static void write_object(const struct session *s, const struct eve_config *config, bool in_alert)
{
	struct json json;
	json_begin(&json, line, sizeof(line));
	assert_true(eve_tls.write(&json, config, &s->flow, s->flow.app.tx_first, 0, in_alert));
	assert_false(eve_tls.write(&json, config, &s->flow, s->flow.app.tx_first, 1, in_alert));
	size_t len = json_end(&json);
	assert_true(len > 0);
	line[len] = 0;
}

static void assert_has(const char *part)
{
	if (!strstr(line, part))
		fail_msg("%s is not in %s", part, line);
}

static void assert_has_not(const char *part)
{
	if (strstr(line, part))
		fail_msg("%s is in %s", part, line);
}

static void event_tells_of_both_sides(void **state)
{
	(void)state;
	struct eve_config config = { 0 };
	struct session s;
	session_start(&s);
	feed_transcript(&s, session_tls12, 1460);
	write_object(&s, &config, false);
	assert_has("\"subject\":\"C=SE, O=Example Test AB, OU=Lab, CN=unit.example.com\"");
	assert_has("\"serial\":\"00:F0:0B:A4\"");
	assert_has("\"fingerprint\":\"eb:13:6e:b2:1d:5a:e1:76:7e:f8:55:fa:9d:9c:25:ff:61:ec:48:e6\"");
	assert_has("\"subjectaltname\":[\"unit.example.com\",\"*.unit.example.org\",\"192.0.2.7\",\"2001:db8::7\"]");
	assert_has("\"notbefore\":\"2026-11-21T21:24:07\",\"notafter\":\"2036-11-18T21:24:07\"");
	assert_has("\"sni\":\"unit.example.com\",\"version\":\"TLS 1.2\"");
	assert_has("\"ja3\":{\"hash\":\"304734bb1c086c3453b387400cf83f11\",\"string\":\"771,");
	assert_has("\"ja3s\":{\"hash\":\"e195432758194ce2d482396b82e0d48e\"");
	assert_has("\"ja4\":\"t13d1812h2_85036bcba153_d41ae481755e\"");
	assert_has("\"client_alpns\":[\"h2\",\"http/1.1\"],\"server_alpns\":[\"h2\"]");
	assert_has("\"client\":{\"subject\":\"CN=client.example.com\"");
	assert_has("\"client_handshake\":{\"version\":\"TLS 1.3\",\"ciphers\":[4866,");
	assert_has("\"server_handshake\":{\"version\":\"TLS 1.2\",\"cipher\":49196,\"exts\":[65281,11,35,16,23]}");
	assert_has("\"chain\":[\"MII");
	assert_has_not("session_resumed");
	assert_has_not("from_proto");
	assert_true(eve_tls.wanted(&s.flow, s.flow.app.tx_first));

	write_object(&s, &config, true);
	assert_has("\"sni\":\"unit.example.com\"");
	assert_has_not("certificate");
	assert_has_not("client_handshake");

	struct option_pair pair = { "types.tls.certificates", "no" };
	config.types = (struct option_map) { &pair, 1 };
	s.flow.app.proto_original = APP_SMTP;
	write_object(&s, &config, false);
	assert_has_not("\"chain\"");
	assert_has("\"from_proto\":\"smtp\"");
	session_end(&s);
}

static void hello_without_answer_is_told(void **state)
{
	(void)state;
	struct session s;
	session_start(&s);
	feed_hex(&s, TO_SERVER, session_tls13[0].hex);
	assert_true(eve_tls.wanted(&s.flow, s.flow.app.tx_first));
	write_object(&s, &(struct eve_config) { 0 }, true);
	assert_has("\"version\":\"TLS 1.3\"");
	session_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(event_tells_of_both_sides),
		cmocka_unit_test(hello_without_answer_is_told) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
