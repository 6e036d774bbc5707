// SPDX-License-Identifier: GPL-3.0-or-later
// Canonical forms: RFC 3986 section 6.2, what hostile names and URLs become, what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "signatures/reputation/canonical.h"

static void same(struct span got, const char *wanted, const char *of)
{
	if (!span_is(got, wanted))
		fail_msg("%s: %.*s instead of %s", of, (int)got.len, (const char *)got.data, wanted);
}

struct pair {
	const char *from, *to; // to NULL: refused
};

static void names_are_lower_case_without_dots_at_the_end(void **state)
{
	(void)state;
	static const struct pair names[] = {
		{ "Example.COM", "example.com" },
		{ "example.com.", "example.com" },
		{ "example.com...", "example.com" },
		{ "_dmarc.example.com", "_dmarc.example.com" },
		{ "xn--Bcher-KVA.example", "xn--bcher-kva.example" },
		{ "localhost", "localhost" },
		{ "a-.b", "a-.b" },
		{ "", NULL },
		{ ".", NULL },
		{ ".example.com", NULL },
		{ "a..b", NULL },
		{ "a b.com", NULL },
		{ "a/b", NULL },
		{ "*.example.com", NULL },
		{ "b\xc3\xbc"
		  "cher.example",
			"xn--bcher-kva.example" },
		{ "B\xc3\x9c"
		  "CHER.Example.",
			"xn--bcher-kva.example" },
		{ "\xd0\x9f\xd0\xa0\xd0\x98\xd0\x9c\xd0\x95\xd0\xa0.\xd1\x80\xd1\x84", "xn--e1afmkfd.xn--p1ai" },
		{ "\xe4\xbe\x8b\xe5\xad\x90\xe3\x80\x82\xe4\xb8\xad\xe5\x9b\xbd", "xn--fsqu00a.xn--fiqs8s" },
		{ "stra\xc3\x9f"
		  "e.de",
			"xn--strae-oqa.de" },
		{ "\xef\xbc\xa5vil.com", "evil.com" },
		{ "b\xc3.example", NULL },
		{ "b\xc0\xaf.example", NULL },
		{ "b\xed\xa0\x80.example", NULL },
		{ "\xc3\xbc b.example", NULL },
		{ "a\x01.com", NULL },
		{ "a\x7f.com", NULL },
		{ "user@host", NULL },
		{ "a:80", NULL },
		{ "a%2e.com", NULL },
	};
	uint8_t out[CANONICAL_NAME_MAX];
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		uint32_t len = canonical_name(span_text(names[i].from), out);
		same(span_of(out, len), names[i].to ? names[i].to : "", names[i].from);
	}
	assert_int_equal(canonical_name(span_of("a\0b.com", 7), out), 0);
	assert_int_equal(canonical_name(span_of(NULL, 0), out), 0);
}

// What else becomes what, tests/sensor/files/domain_text_test.c holds against libidn2.
static void names_in_unicode_become_a_labels(void **state)
{
	(void)state;
	static const struct pair names[] = {
		{ "bu\u0308cher.example", "xn--bcher-kva.example" },
		{ "BU\u0308CHER.example", "xn--bcher-kva.example" },
		{ "\uff45\uff56\uff49\uff4c\uff0e\uff43\uff4f\uff4d\uff61", "evil.com" },
		{ "\u0531\u0532.\u10a0.\u13a0.com", "xn--y9ac.xn--rkj.xn--58d.com" },
		{ "o\ufb03ce.com", "office.com" },
		{ "e\u00advil\u200b.com", "evil.com" },
		{ "\u1e63\u0307\u0323.com", "xn--kta770l.com" },
		{ "\u1100\u1161\u11a8.kr", "xn--p39a.kr" },
		{ "\u2260.com", "xn--1ch.com" },
		{ "a\u3002\u3002com", NULL },
		{ "\u3002com", NULL },
		{ "\u00ad", NULL },
		{ "a\u2024com.\u00fc", "xn--acom-gc7a.xn--tda" }, // no dot
		{ "\u00a0a.com", "xn--a-3ba.com" },
	};
	uint8_t out[CANONICAL_NAME_MAX];
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		uint32_t len = canonical_name(span_text(names[i].from), out);
		same(span_of(out, len), names[i].to ? names[i].to : "", names[i].from);
	}
}

static void labels_in_unicode_have_bounds(void **state)
{
	(void)state;
	uint8_t out[CANONICAL_NAME_MAX];
	static char text[70000];
	for (unsigned i = 0; i < 5000; i += 2) // as long as anybody likes
		memcpy(text + i, "\u0301", 2);
	memcpy(text + 5000, ".\u00fc.com", 8);
	assert_int_equal(canonical_name(span_text(text), out), 0);
	same(span_of(out, canonical_name_end(span_text(text), out)), "xn--tda.com", "many marks");
	memset(text, 'a', 5000);
	same(span_of(out, canonical_name_end(span_text(text), out)), "xn--tda.com", "an endless label");
	for (unsigned i = 0; i < 5000; i += 2)
		memcpy(text + i, i % 16 ? "\u00fc" : "x.", 2);
	assert_int_equal(canonical_name(span_text(text), out), 0);
	uint32_t len = canonical_name_end(span_text(text), out);
	assert_in_range(len, CANONICAL_NAME_MAX - 20, CANONICAL_NAME_MAX);
	assert_memory_equal(out + len - 12, ".xn--tda.com", 12);
	assert_memory_equal(out, "xn--x-", 6);
}

static void the_lengths_of_rfc_1035_hold(void **state)
{
	(void)state;
	char text[400];
	uint8_t out[CANONICAL_NAME_MAX];
	memset(text, 'a', sizeof(text));
	assert_int_equal(canonical_name(span_of(text, 63), out), 63);
	assert_int_equal(canonical_name(span_of(text, 64), out), 0);
	for (unsigned i = 49; i < sizeof(text); i += 50)
		text[i] = '.';
	assert_int_equal(canonical_name(span_of(text, 253), out), 253);
	assert_int_equal(canonical_name(span_of(text, 254), out), 0);
	text[254] = 'a';
	assert_int_equal(canonical_name(span_of(text, 255), out), 0);
}

static void odd_labels_in_front_do_not_hide_the_name_they_lie_below(void **state)
{
	(void)state;
	static const struct pair names[] = {
		{ "WWW.evil.com", "www.evil.com" },
		{ "a b.t.evil.com.", "t.evil.com" },
		{ "\xc3\xbc.evil.com.", "xn--tda.evil.com" },
		{ "\xc3\xbc b.evil.com.", "evil.com" },
		{ "\xbc\x8a\xff.t.evil.com", "t.evil.com" },
		{ "\xe4.evil.com", "evil.com" },
		{ "a b.b\u00fccher.example", "xn--bcher-kva.example" },
		{ "\xff\u3002B\u00dcCHER\u3002\u3002b\u00fccher\uff0eexample", "xn--bcher-kva.example" },
		{ "a..evil.com", "evil.com" },
		{ ".evil.com", "evil.com" },
		{ "*.evil.com", "evil.com" },
		{ "evil.c m", "" },
		{ "..", "" },
	};
	uint8_t out[CANONICAL_NAME_MAX];
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		same(span_of(out, canonical_name_end(span_text(names[i].from), out)), names[i].to, names[i].from);
	char text[70000];
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 9, ".evil.com", 9);
	same(span_of(out, canonical_name_end(span_of(text, sizeof(text)), out)), "evil.com", "an endless label");
	for (unsigned i = 1; i < sizeof(text) - 9; i += 2)
		text[i] = '.';
	uint32_t len = canonical_name_end(span_of(text, sizeof(text)), out);
	assert_in_range(len, CANONICAL_NAME_MAX - 2, CANONICAL_NAME_MAX);
	assert_memory_equal(out + len - 9, ".evil.com", 9);
}

static void check_urls(const struct pair *urls, unsigned count)
{
	uint8_t out[INDICATOR_VALUE_MAX], again[INDICATOR_VALUE_MAX];
	struct canonical_url url, second;
	for (unsigned i = 0; i < count; i++) {
		bool good = canonical_url(span_text(urls[i].from), out, &url);
		if (good != (urls[i].to != NULL))
			fail_msg("%s: %s", urls[i].from, good ? "taken" : "refused");
		if (!good)
			continue;
		same(url.whole, urls[i].to, urls[i].from);
		// What is canonical stays as it is
		assert_true(canonical_url(url.whole, again, &second));
		same(second.whole, urls[i].to, "a second time");
	}
}
#define CHECK_URLS(urls) check_urls(urls, sizeof(urls) / sizeof(*(urls)))

static void urls_meet_in_one_form(void **state)
{
	(void)state;
	static const struct pair urls[] = {
		// 6.2.2.1 case, 6.2.2.2 percent-encoding
		{ "HTTP://www.EXAMPLE.com/", "www.example.com/" },
		{ "http://a/%7Esmith/home.html", "a/~smith/home.html" },
		{ "http://a/%7e%41%61%30%2D%2E%5F", "a/~Aa0-._" },
		{ "http://a/b%2fc%3a%c3%bc", "a/b%2Fc%3A%C3%BC" },
		{ "http://a/%252e%252e/b", "a/%252e%252e/b" },
		{ "http://a/%zz%4", "a/%25zz%254" },
		{ "http://a/%", "a/%25" },
		{ "http://a/b c\"<>\\^`{|}[]", "a/b%20c%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D" },
		{ "http://a/\xc3\xbc", "a/%C3%BC" },
		{ "http://b%75%CC%88cher%E3%80%82example/", "xn--bcher-kva.example/" },
		{ "http://\uff11\uff19\uff12.0.\u2461.\u00b9/", "192.0.2.1/" },
		{ "http://a/Case?Q=V", "a/Case?Q=V" },
		{ "http://a/;p=1,2!$&'()*+:@", "a/;p=1,2!$&'()*+:@" },
		{ "http://a/?a/b?c=[]", "a/?a/b?c=%5B%5D" },
		// 6.2.2.3 dot segments
		{ "http://a/b/c/./../../g", "a/g" },
		{ "http://a/mid/content=5/../6", "a/mid/6" },
		{ "http://a/../../..", "a/" },
		{ "http://a/b/..", "a/" },
		{ "http://a/b/.", "a/b/" },
		{ "http://a/b//../c", "a/b/c" },
		{ "http://a/b/%2e%2E/c", "a/c" },
		{ "http://a/b/.%2e/%2e/c", "a/c" },
		{ "http://a/.../..b/c..", "a/.../..b/c.." },
		{ "http://a/b?x=/../y", "a/b?x=/../y" },
		// 6.2.3 what goes without saying
		{ "http://a:80/", "a/" },
		{ "http://a:/", "a/" },
		{ "http://a", "a/" },
		{ "http://a?q", "a/?q" },
		{ "http://a#f", "a/" },
		{ "http://a/b?#f?x", "a/b?" },
		{ "https://a:443/x", "a/x" },
		{ "ftp://a:21/x", "a/x" },
		{ "http://a:08080/x", "a:8080/x" },
		{ "http://user:pass@a.b/", "a.b/" },
		{ "http://good.com@evil.com/", "evil.com/" },
		{ "http://a@b@evil.com/@c", "evil.com/@c" },
		{ "http://evil.com./x", "evil.com/x" },
		{ "http://evil.com.:8080/x", "evil.com:8080/x" },
		{ "http://ev%69l.com/x", "evil.com/x" },
		// Without a scheme, without a host
		{ "//a/b", "a/b" },
		{ "a.b/c", "a.b/c" },
		{ "A.b:80/c", "a.b/c" },
		{ "a.b:443/c", "a.b/c" },
		{ "a.b:8443/c", "a.b:8443/c" },
		{ "/gate.php", "/gate.php" },
		{ "/a/../gate.php?x", "/gate.php?x" },
		{ "/a//b", "/a//b" },
		{ "svn+ssh://a/b", "a/b" },
	};
	static const struct pair kept[] = { { "http://a:443/x", "a:443/x" }, { "https://a:80/x", "a:80/x" } };
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	for (unsigned i = 0; i < 2; i++) { // not the same a second time: the scheme is gone
		assert_true(canonical_url(span_text(kept[i].from), out, &url));
		same(url.whole, kept[i].to, kept[i].from);
	}
	CHECK_URLS(urls);
}

static void what_is_no_url_is_refused(void **state)
{
	(void)state;
	static const struct pair urls[] = {
		{ "", NULL },
		{ "http://", NULL },
		{ "http:///path", NULL },
		{ "file:///etc/passwd", NULL },
		{ "//", NULL },
		{ "?q", NULL },
		{ "#f", NULL },
		{ "http://a b/", NULL },
		{ "http://a\\@b/", NULL },
		{ "http://a%00b/", NULL },
		{ "http://a%2fb/", NULL },
		{ "http://a..b/", NULL },
		{ "http://:80/", NULL },
		{ "http://a:80a/", NULL },
		{ "http://a:65536/", NULL },
		{ "http://a:0/", NULL },
		{ "http://a:99999999999999999999/", NULL },
		{ "http://[::1/", NULL },
		{ "http://[]/", NULL },
		{ "http://[1.2.3.4]/", NULL },
		{ "http://[::1]x/", NULL },
		{ "http://[v1.x]/", NULL },
		{ "http://1.2.3.256/", NULL },
		{ "http://1.2.3.4.5/", NULL },
		{ "http://4294967296/", NULL },
		{ "http://09.1.1.1/", NULL },
		{ "mailto:user@evil.com", NULL },
		{ "user@evil.com", NULL },
		{ "javascript:alert(1)", NULL },
		{ "data:text/html,x", NULL },
	};
	CHECK_URLS(urls);
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	assert_false(canonical_url(span_of(NULL, 0), out, &url));
	assert_false(canonical_url(span_of("a\0b/", 4), out, &url));
	assert_true(canonical_url(span_of("a/\0b", 4), out, &url));
	same(url.whole, "a/%00b", "a zero in a path");
}

static void addresses_have_one_text(void **state)
{
	(void)state;
	static const struct pair urls[] = {
		{ "http://127.0.0.1/", "127.0.0.1/" },
		{ "http://127.0.0.1./", "127.0.0.1/" },
		{ "http://0x7f.1/", "127.0.0.1/" },
		{ "http://0X7F.0x0.0x0.0X1/", "127.0.0.1/" },
		{ "http://2130706433/", "127.0.0.1/" },
		{ "http://0x7f000001/", "127.0.0.1/" },
		{ "http://017700000001/", "127.0.0.1/" },
		{ "http://0177.0.0.01/", "127.0.0.1/" },
		{ "http://127.1/", "127.0.0.1/" },
		{ "http://10.1.515/", "10.1.2.3/" },
		{ "http://0x0000000000000000000000007f.1/", "127.0.0.1/" },
		{ "http://%31%32%37.1:8080/x", "127.0.0.1:8080/x" },
		{ "http://0/", "0.0.0.0/" },
		{ "http://4294967295/", "255.255.255.255/" },
		{ "http://[2001:DB8:0:0:0:0:0:1]/", "[2001:db8::1]/" },
		{ "http://[2001:db8::1]:8080/x", "[2001:db8::1]:8080/x" },
		{ "http://[fe80::1%25eth0]/", "[fe80::1]/" },
		{ "http://[::ffff:1.2.3.4]/", "1.2.3.4/" },
		{ "http://1.2.3.4.example/", "1.2.3.4.example/" },
		{ "http://0xfg.example/", "0xfg.example/" },
		{ "http://face.b00c/", "face.b00c/" },
	};
	CHECK_URLS(urls);
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	assert_true(canonical_url(span_text("http://[2001:db8::1]:81/a/b?c=d#e"), out, &url));
	same(url.host, "2001:db8::1", "host");
	same(url.path, "/a/b", "path");
	same(url.query, "c=d", "query");
	assert_int_equal(url.port, 81);
	assert_true(url.host_is_address);
	assert_int_equal(url.address.bytes[15], 1);
	assert_true(canonical_url(span_text("evil.com/a"), out, &url));
	same(url.host, "evil.com", "host");
	assert_int_equal(url.port, 0);
	assert_false(url.host_is_address);
	assert_int_equal(url.query.len, 0);
}

static void requests_are_urls_too(void **state)
{
	(void)state;
	static const struct {
		const char *host, *target, *to;
	} requests[] = {
		{ "Evil.com", "/x", "evil.com/x" },
		{ "evil.com:80", "/x", "evil.com/x" },
		{ "evil.com:8080", "/x?y", "evil.com:8080/x?y" },
		{ " evil.com ", "/x", "evil.com/x" },
		{ "evil.com", "//other/x", "evil.com//other/x" },
		{ "good.com", "http://Evil.com/x", "evil.com/x" },
		{ "good.com", "http://u:p@evil.com:80/x", "evil.com/x" },
		{ "proxy", "evil.com:443", "evil.com/" },
		{ "proxy", "evil.com:8443", "evil.com:8443/" },
		{ "proxy", "[2001:db8::1]:8443", "[2001:db8::1]:8443/" },
		{ "", "evil.com:443", "evil.com/" },
		{ "evil.com", "*", "evil.com/" },
		{ "evil.com", "", "evil.com/" },
		{ "evil.com", "?q", "evil.com/?q" },
		{ "evil.com", "gate.php", "evil.com/gate.php" },
		{ "evil.com", "./a/../gate.php", "evil.com/gate.php" },
		{ "", "/gate.php", "/gate.php" },
		{ "a b", "/gate.php", "/gate.php" },
		{ "a b.evil.com", "/gate.php", "evil.com/gate.php" },
		{ "evil.com:x", "/gate.php", "evil.com/gate.php" },
		{ "evil.com:99999", "/gate.php", "evil.com/gate.php" },
		{ "0x7f.1", "/", "127.0.0.1/" },
		{ "evil.com", "http://a b/x", "evil.com/x" },
		{ "", "", NULL },
		{ "a b", "", NULL },
	};
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	for (unsigned i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		bool good = canonical_request(span_text(requests[i].host), span_text(requests[i].target), out, &url);
		assert_int_equal(good, requests[i].to != NULL);
		if (good)
			same(url.whole, requests[i].to, requests[i].target);
	}
}

static void what_does_not_fit_is_cut_in_traffic_and_refused_in_feeds(void **state)
{
	(void)state;
	enum { LONG = 9000 };
	char *text = malloc(LONG + 32);
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	assert_non_null(text);
	memset(text, 'a', LONG);
	memcpy(text, "/", 1);
	assert_true(canonical_request(span_text("h"), span_of(text, LONG), out, &url));
	assert_int_equal(url.whole.len, INDICATOR_VALUE_MAX);
	assert_false(canonical_url(span_of(text, LONG), out, &url));
	assert_true(canonical_url(span_of(text, INDICATOR_VALUE_MAX), out, &url));
	assert_false(canonical_url(span_of(text, INDICATOR_VALUE_MAX + 1), out, &url));
	memset(text + 1, ' ', LONG - 1); // three bytes each, never cut apart
	assert_true(canonical_request(span_text("h"), span_of(text, LONG), out, &url));
	assert_int_equal((url.whole.len - 2) % 3, 0);
	assert_memory_equal(url.whole.data + url.whole.len - 3, "%20", 3);
	// A long segment taken back does not hide what follows it, however many there are
	memset(text + 1, 'a', LONG - 1);
	memcpy(text + LONG, "/../gate.php", 12);
	assert_true(canonical_request(span_text("h"), span_of(text, LONG + 12), out, &url));
	same(url.whole, "h/gate.php", "dot segments");
	assert_true(canonical_url(span_of(text, LONG + 12), out, &url));
	uint32_t len = 0;
	for (; len < LONG / 2; len += 2)
		memcpy(text + len, "/b", 2);
	for (uint32_t back = len / 2; back && len < LONG; back--, len += 3)
		memcpy(text + len, "/..", 3);
	uint32_t left = LONG / 4 - (len - LONG / 2) / 3;
	assert_true(canonical_request(span_text("h"), span_of(text, len), out, &url));
	assert_int_equal(url.whole.len, 1 + 2 * left + 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_lower_case_without_dots_at_the_end),
		cmocka_unit_test(names_in_unicode_become_a_labels),
		cmocka_unit_test(labels_in_unicode_have_bounds),
		cmocka_unit_test(the_lengths_of_rfc_1035_hold),
		cmocka_unit_test(odd_labels_in_front_do_not_hide_the_name_they_lie_below),
		cmocka_unit_test(urls_meet_in_one_form),
		cmocka_unit_test(what_is_no_url_is_refused),
		cmocka_unit_test(addresses_have_one_text),
		cmocka_unit_test(requests_are_urls_too),
		cmocka_unit_test(what_does_not_fit_is_cut_in_traffic_and_refused_in_feeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
