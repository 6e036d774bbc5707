// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ldap/ldap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/ldap/ldap_filter.h"
#include "decoders/app/ldap/ldap_netlogon.h"
#include "tests/support/decoders/app_drive.h"

// Search below dc=a for (objectClass=*), attribute cn
#define SEARCH                                                                                                       \
	"30 2d 020101 63 28 0404 64633d61 0a0102 0a0100 020100 020100 010100 870b 6f626a656374436c617373 3004 0402 " \
	"636e"
#define ENTRY    "30 1a 020101 64 15 0404 64633d61 300d 300b 0402 636e 3105 0403 6a6f65"
#define DONE     "30 0c 020101 65 07 0a0100 0400 0400"
#define STARTTLS "30 1d 020102 77 18 8016 312e332e362e312e342e312e313436362e3230303337"
#define GRANTED  "30 0c 020102 78 07 0a0100 0400 0400"

static void open_drive(struct app_drive *t, uint8_t proto)
{
	t->config = (struct app_config) { 0 };
	app_drive_open(t, &ldap_parser, proto, 40000, 389);
}

static void test_search_and_its_responses_are_one_transaction(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, SEARCH));
	assert_true(app_drive_hex(&t, TO_CLIENT, ENTRY));
	assert_false(app_tx_done(&ldap_parser, app_drive_tx(&t, 0)));
	assert_true(app_drive_hex(&t, TO_CLIENT, DONE));
	assert_true(app_tx_done(&ldap_parser, app_drive_tx(&t, 0)));
	assert_null(app_drive_tx(&t, 1));
	const struct ldap_tx *tx = ldap_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->responses_seen, 2);
	struct ldap_message m;
	struct ldap_search search;
	struct span text;
	assert_true(ldap_message_read(kept_span(tx->requests.first), &m));
	assert_true(ldap_search_read(&m, &search));
	assert_true(span_is(search.base, "dc=a"));
	assert_int_equal(search.scope, 2);
	assert_int_equal(search.filter.tag, 0x87);
	assert_true(ldap_text_next(&search.attributes, &text));
	assert_true(span_is(text, "cn"));
	assert_false(ldap_text_next(&search.attributes, &text));

	struct cursor list;
	struct ldap_attribute a;
	assert_true(ldap_message_read(kept_span(tx->responses.first), &m));
	assert_true(ldap_name(&m, &text) && span_is(text, "dc=a"));
	assert_true(ldap_attributes(&m, &list) && ldap_attribute_next(&m, &list, &a));
	assert_true(span_is(a.type, "cn"));
	assert_true(ldap_text_next(&a.values, &text) && span_is(text, "joe"));
	assert_false(ldap_attribute_next(&m, &list, &a));

	struct ldap_result r;
	assert_true(ldap_message_read(kept_span(tx->responses.last), &m) && ldap_result_read(&m, &r));
	assert_int_equal(r.code, 0);
	app_drive_close(&t);
}

static void test_start_tls(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, STARTTLS));
	app_drive_hex(&t, TO_CLIENT, GRANTED);
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	app_drive_close(&t);

	open_drive(&t, PROTO_TCP); // refused: protocol error
	assert_true(app_drive_hex(&t, TO_SERVER, STARTTLS));
	assert_true(app_drive_hex(&t, TO_CLIENT, "30 0c 020102 78 07 0a0102 0400 0400"));
	assert_int_equal(t.result, APP_OK);
	app_drive_close(&t);
}

static void test_what_has_no_answer_is_alone(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, "3006 020106 500105 3005 020107 4200"));
	assert_true(app_tx_done(&ldap_parser, app_drive_tx(&t, 0)));
	assert_true(app_tx_done(&ldap_parser, app_drive_tx(&t, 1)));
	// A notice of disconnection has id 0, any other answer needs a request
	assert_true(app_drive_hex(&t, TO_CLIENT, "30 0c 020100 78 07 0a0134 0400 0400"));
	assert_false(app_drive_has_event(&t, NULL, "request_not_found"));
	assert_true(app_drive_hex(&t, TO_CLIENT, DONE));
	assert_true(app_drive_has_event(&t, NULL, "request_not_found"));
	app_drive_close(&t);
}

static void test_malformed(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, "3005 0401 01 4200")); // the id is no number
	assert_true(app_drive_has_event(&t, NULL, "invalid_data"));
	assert_true(app_drive_hex(&t, TO_SERVER, SEARCH)); // the next one is read
	assert_non_null(ldap_tx_of(app_drive_tx(&t, 1))->requests.first);
	assert_false(app_drive_hex(&t, TO_SERVER, "3080"));
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);

	open_drive(&t, PROTO_UDP); // a datagram that says it is longer than it is
	assert_true(app_drive_hex(&t, TO_SERVER, "3050 020101 63"));
	assert_true(app_drive_has_event(&t, NULL, "invalid_data"));
	assert_true(app_drive_hex(&t, TO_SERVER, SEARCH));
	app_drive_close(&t);

	struct ldap_message m;
	assert_false(ldap_message_read(span_of("\x30\x05\x02\x01\x01\x52\x00", 7), &m)); // [APPLICATION 18]
}

// After a SASL bind messages may be wrapped: that is no error.
static void test_sealed_session_stops(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, "30 18 020101 60 13 020103 0400 a30c 040a 4753532d53504e45474f"));
	struct ldap_message m;
	struct ldap_bind bind;
	assert_true(ldap_message_read(kept_span(ldap_tx_of(app_drive_tx(&t, 0))->requests.first), &m));
	assert_true(ldap_bind_read(&m, &bind));
	assert_true(span_is(bind.mechanism, "GSS-SPNEGO"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "30 0c 020101 61 07 0a0100 0400 0400"));
	app_drive_hex(&t, TO_SERVER, "00000010 05040600");
	assert_int_equal(t.result, APP_STOP_BOTH);
	app_drive_close(&t);
}

static void test_bounds(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, SEARCH));
	for (unsigned i = 0; i < 1000; i++)
		assert_true(app_drive_hex(&t, TO_CLIENT, ENTRY));
	const struct ldap_tx *tx = ldap_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->responses.count, LDAP_KEPT_MAX);
	assert_int_equal(tx->responses_seen, 1000);
	assert_true(app_drive_has_event(&t, NULL, "too_many_responses"));
	// A message too long is passed over, a gap in it does no harm
	assert_true(app_drive_hex(&t, TO_CLIENT, "30 84 00100000 020101 64"));
	app_drive_gap(&t, TO_CLIENT, 0x100000 - 4);
	assert_true(app_drive_hex(&t, TO_CLIENT, DONE));
	assert_true(app_tx_done(&ldap_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);

	open_drive(&t, PROTO_TCP); // requests that nobody answers, all of one id
	unsigned made = 0;
	while (made < 5000 && app_drive_hex(&t, TO_SERVER, SEARCH))
		made++;
	assert_in_range(made, 200, 300);
	app_drive_close(&t);
}

static uint32_t from_hex(const char *hex, uint8_t *out)
{
	uint32_t len = 0;
	unsigned byte;
	for (; *hex; hex += 2) {
		while (*hex == ' ')
			hex++;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[len++] = (uint8_t)byte;
	}
	return len;
}

static void test_filters_as_text(void **state)
{
	(void)state;
	static const struct {
		const char *hex, *text;
	} cases[] = {
		{ "870b 6f626a656374436c617373", "(objectClass=*)" },
		{ "a00c a305 0401 61 0400 8703 6f6f6f", "(&(a=)(ooo=*))" },
		{ "a209 a307 0401 61 0402 2a28", "(!(a=\\2a\\28))" },
		{ "a10e a505 0401 61 0400 a805 0401 62 0400", "(|(a>=)(b~=))" },
		{ "a605 0401 61 0400", "(a<=)" },
		{ "a40d 0401 61 3008 800161 810162 8200", "(a=a*b*)" },
		{ "a408 0401 61 3003 810162", "(a=*b*)" },
		{ "a90f 8103 312e32 8202 636e 830101 8401ff", "(cn:dn:1.2:=\\01)" },
		{ "85 01 00", "(?)" },
		{ "a302 0405", "()" },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[64], text[64];
		struct cursor c = cursor_on(span_of(bytes, from_hex(cases[i].hex, bytes)));
		struct der filter;
		assert_int_equal(der_next(&c, &filter), DER_OK);
		uint32_t len = ldap_filter_text(&filter, text, sizeof(text));
		assert_true(span_is(span_of(text, len), cases[i].text));
		assert_int_equal(ldap_filter_text(&filter, text, 3), len < 3 ? len : 3);
	}
	// Nested far too deep: told as far as it goes
	uint8_t deep[2 * 60], text[256];
	for (unsigned i = 0; i < 60; i++) {
		deep[2 * i] = 0xa2;
		deep[2 * i + 1] = (uint8_t)(2 * (59 - i));
	}
	struct der filter = { 0xa2, span_from(span_of(deep, sizeof(deep)), 2) };
	uint32_t len = ldap_filter_text(&filter, text, sizeof(text));
	assert_int_equal(len, 3 * (LDAP_FILTER_DEPTH + 1) + 3);
}

static void test_controls(void **state)
{
	(void)state;
	uint8_t bytes[128];
	struct ldap_message m;
	struct ldap_control control;
	uint32_t len =
		from_hex("30 1e 020101 4200 a0 17 300b 0403 312e32 0101ff 040141 3008 0403 312e33 040142", bytes);
	bytes[1] = (uint8_t)(len - 2);
	assert_true(ldap_message_read(span_of(bytes, len), &m));
	struct cursor c = cursor_on(m.controls);
	assert_true(ldap_control_next(&c, &control));
	assert_true(span_is(control.type, "1.2") && control.critical && span_is(control.value, "A"));
	assert_true(ldap_control_next(&c, &control));
	assert_true(span_is(control.type, "1.3") && !control.critical && span_is(control.value, "B"));
	assert_false(ldap_control_next(&c, &control));
}

static void test_netlogon(void **state)
{
	(void)state;
	uint8_t bytes[256];
	struct ldap_netlogon netlogon;
	uint32_t len = from_hex("1700 0000 fd330000 00112233445566778899aabbccddeeff"
				"016102646500" // a.de
				"c018"         // the same
				"02 6463 c018" // dc.a.de
				"014100 02444300 00 045369746500 c02d 0d000000ffffffff",
		bytes);
	assert_true(ldap_netlogon_read(span_of(bytes, len), &netlogon));
	assert_int_equal(netlogon.flags, 0x33fd);
	assert_true(
		span_is(span_of(netlogon.names[NETLOGON_FOREST].text, netlogon.names[NETLOGON_FOREST].len), "a.de"));
	assert_true(span_is(span_of(netlogon.names[NETLOGON_HOST].text, netlogon.names[NETLOGON_HOST].len), "dc.a.de"));
	assert_true(span_is(
		span_of(netlogon.names[NETLOGON_NETBIOS_HOST].text, netlogon.names[NETLOGON_NETBIOS_HOST].len), "DC"));
	assert_true(span_is(span_of(netlogon.names[NETLOGON_SITE].text, netlogon.names[NETLOGON_SITE].len), "Site"));
	for (uint32_t cut = 0; cut < 40; cut++)
		assert_false(ldap_netlogon_read(span_of(bytes, cut), &netlogon));
	// A pointer to itself
	len = from_hex("1700 0000 00000000 00000000000000000000000000000000 c018 00000000000000", bytes);
	assert_false(ldap_netlogon_read(span_of(bytes, len), &netlogon));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search_and_its_responses_are_one_transaction),
		cmocka_unit_test(test_start_tls),
		cmocka_unit_test(test_filters_as_text),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_netlogon),
		cmocka_unit_test(test_what_has_no_answer_is_alone),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_sealed_session_stops),
		cmocka_unit_test(test_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
