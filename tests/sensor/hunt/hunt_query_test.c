// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include "sensor/hunt/hunt_query.h"
#include "sensor/sightings/sighting_block.h"
#include "signatures/reputation/canonical.h"

static int compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t len = a_len < b_len ? a_len : b_len;
	int order = len ? memcmp(a, b, len) : 0;
	return order ? order : (a_len > b_len) - (a_len < b_len);
}

// Would the value, as it lies in the database, be found?
static bool finds(const char *asked, unsigned kind, struct span value)
{
	struct hunt_query query;
	uint8_t key[SIGHTING_KEY_MAX]; // the kind, then what ranges are of
	const char *wrong = hunt_query_parse(span_text(asked), INDICATOR_KINDS, &query);
	if (wrong)
		fail_msg("%s: %s", asked, wrong);
	size_t len = sighting_key(kind, value, key) - 1;
	for (unsigned i = 0; i < query.range_count; i++) {
		const struct hunt_range *range = &query.ranges[i];
		if (range->kind == kind && compare(key + 1, len, range->low, range->low_len) >= 0 &&
			compare(key + 1, len, range->high, range->high_len) < 0)
			return true;
	}
	return false;
}

static bool finds_name(const char *asked, const char *name)
{
	return finds(asked, INDICATOR_DOMAIN, span_text(name));
}

static bool finds_url(const char *asked, const char *url)
{
	return finds(asked, INDICATOR_URL, span_text(url));
}

static bool finds_address(const char *asked, const char *text, unsigned port)
{
	uint8_t value[18];
	struct address address;
	assert_true(address_parse(text, &address));
	memcpy(value, address.bytes, 16);
	value[16] = (uint8_t)(port >> 8);
	value[17] = (uint8_t)port;
	return finds(asked, INDICATOR_ADDRESS, span_of(value, port ? 18 : 16));
}

static void a_name_finds_itself_and_what_is_below(void **state)
{
	(void)state;
	assert_true(finds_name("evil.example", "evil.example"));
	assert_true(finds_name("hxxp://EVIL[.]example", "evil.example"));
	assert_true(finds_name("evil.example", "a.b.evil.example"));
	assert_false(finds_name("evil.example", "notevil.example"));
	assert_false(finds_name("evil.example", "evil.example.com"));
	assert_false(finds_name("*.evil.example", "evil.example"));
	assert_true(finds_name("*.evil.example", "a.evil.example"));
	assert_true(finds_name("com", "evil.com"));
}

static void a_network_finds_its_addresses_with_and_without_port(void **state)
{
	(void)state;
	assert_true(finds_address("203.0.113.7", "203.0.113.7", 0));
	assert_true(finds_address("203.0.113.7", "203.0.113.7", 443));
	assert_false(finds_address("203.0.113.7", "203.0.113.8", 0));
	assert_true(finds_address("203.0.113.7:443", "203.0.113.7", 443));
	assert_false(finds_address("203.0.113.7:443", "203.0.113.7", 444));
	assert_true(finds_address("203.0.113.0/24", "203.0.113.0", 0));
	assert_true(finds_address("203.0.113.0/24", "203.0.113.255", 65535));
	assert_false(finds_address("203.0.113.0/24", "203.0.114.0", 0));
	assert_false(finds_address("203.0.113.0/24", "203.0.112.255", 65535));
	assert_true(finds_address("255.255.255.0/24", "255.255.255.255", 65535));
	assert_true(finds_address("2001:db8::/32", "2001:db8:ffff::1", 53));
	assert_false(finds_address("2001:db8::/32", "2001:db9::", 53));
}

static void a_url_finds_what_begins_so(void **state)
{
	(void)state;
	assert_true(finds_url("http://evil.example/a", "evil.example/a/b?c=d"));
	assert_true(finds_url("evil.example/a", "evil.example/abc"));
	assert_false(finds_url("evil.example/a", "evil.example/b"));
	assert_true(finds_url("evil.example/", "evil.example/b"));
	assert_true(finds_name("evil.example/", "evil.example"));
	assert_false(finds_url("evil.example", "evil.example/b")); // the name is seen as one
}

static void a_hash_is_asked_for_as_all_that_it_may_be(void **state)
{
	(void)state;
	static const uint8_t zero[32];
	const char md5[] = "00000000000000000000000000000000";
	assert_true(finds(md5, INDICATOR_FILE_MD5, span_of(zero, 16)));
	assert_true(finds(md5, INDICATOR_JA3, span_of(zero, 16)));
	assert_true(finds(md5, INDICATOR_JA3S, span_of(zero, 16)));
	assert_false(finds(md5, INDICATOR_FILE_SHA1, span_of(zero, 16)));
	struct hunt_query query;
	assert_null(hunt_query_parse(span_text(md5), INDICATOR_JA3, &query));
	assert_int_equal(query.range_count, 1);
	assert_int_equal(query.ranges[0].kind, INDICATOR_JA3);
}

static void other_kinds_are_known_by_their_form(void **state)
{
	(void)state;
	assert_true(finds("Someone@Evil.Example", INDICATOR_EMAIL, span_text("someone@evil.example")));
	assert_true(finds("Mozilla/4.0 (bad", INDICATOR_USER_AGENT, span_text("Mozilla/4.0 (bad; MSIE)")));
	const char ja4[] = "t13d1516h2_8daaf6152771_b186095e22b6";
	assert_true(finds(ja4, INDICATOR_JA4, span_text(ja4)));
}

static void what_is_none_of_these_is_refused(void **state)
{
	(void)state;
	struct hunt_query query;
	assert_non_null(hunt_query_parse(span_text(""), INDICATOR_KINDS, &query));
	assert_non_null(hunt_query_parse(span_text("a..b"), INDICATOR_KINDS, &query));
	assert_non_null(hunt_query_parse(span_text("1.2.3.4:99999"), INDICATOR_KINDS, &query));
	assert_non_null(hunt_query_parse(span_text("xyz"), INDICATOR_JA3, &query));
}

static void times_are_dates_or_ages(void **state)
{
	(void)state;
	uint64_t s;
	assert_true(hunt_time_parse("1970-01-02", 0, &s) && s == 86400);
	assert_true(hunt_time_parse("1970-01-02T00:00:01Z", 0, &s) && s == 86401);
	assert_true(hunt_time_parse("12h", 100000, &s) && s == 100000 - 43200);
	assert_true(hunt_time_parse("99999999999999w", 100000, &s) && s == 0);
	assert_true(hunt_time_parse("1800000000", 0, &s) && s == 1800000000);
	assert_false(hunt_time_parse("yesterday", 0, &s));
	assert_false(hunt_time_parse("12x", 0, &s));
	assert_false(hunt_time_parse("", 0, &s));
	assert_true(hunt_time_parse("2024-02-29", 0, &s));
	assert_false(hunt_time_parse("2026-02-29", 0, &s)); // there is no such day
	assert_false(hunt_time_parse("2026-02-31T10:00:00", 0, &s));
	assert_false(hunt_time_parse("5", 0, &s)); // something was forgotten: 5 of what
	assert_false(hunt_time_parse("99999999999999999999d", 0, &s));
	assert_false(hunt_time_parse("99999999999999999999", 0, &s));
}

static void a_network_may_be_of_any_width(void **state)
{
	(void)state;
	static const struct {
		const char *text, *low;
		unsigned bits;
	} good[] = { { "0.0.0.0/0", "0.0.0.0", 96 }, { "203.0.113.77/31", "203.0.113.76", 127 },
		{ "203.0.113.77/032", "203.0.113.77", 128 }, { "::/0", "::", 0 },
		{ "2001:db8::1/64", "2001:db8::", 64 } };
	struct address address, low;
	unsigned bits;
	const char *wrong;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(hunt_network_parse(span_text(good[i].text), &address, &bits, &wrong));
		assert_null(wrong);
		assert_true(address_parse(good[i].low, &low) && address_equal(&address, &low));
		assert_int_equal(bits, good[i].bits);
	}
	struct hunt_query query;
	for (const char *const *text =
			(const char *const[]) { "203.0.113.0/33", "2001:db8::/129", "1.2.3.4/999", NULL };
		*text; text++) {
		assert_true(hunt_network_parse(span_text(*text), &address, &bits, &wrong));
		assert_non_null(wrong);
		assert_non_null(hunt_query_parse(span_text(*text), INDICATOR_KINDS, &query));
	}
	for (const char *const *text = (const char *const[]) { "", "/", "1.2.3.4", "1.2.3.4/", "1.2.3.4/a",
		     "1.2.3.4/1000", "evil.example/24", "1.2.3.4/2/4", NULL };
		*text; text++)
		assert_false(hunt_network_parse(span_text(*text), &address, &bits, &wrong));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_finds_itself_and_what_is_below),
		cmocka_unit_test(a_network_may_be_of_any_width),
		cmocka_unit_test(a_network_finds_its_addresses_with_and_without_port),
		cmocka_unit_test(a_url_finds_what_begins_so),
		cmocka_unit_test(a_hash_is_asked_for_as_all_that_it_may_be),
		cmocka_unit_test(other_kinds_are_known_by_their_form),
		cmocka_unit_test(what_is_none_of_these_is_refused),
		cmocka_unit_test(times_are_dates_or_ages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
