// SPDX-License-Identifier: GPL-3.0-or-later
// DGA score: which label is judged, what is never judged, and that no bytes lead outside of the table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "signatures/heuristics/dga.h"
#include "signatures/heuristics/dga_model.h"

// With suffix as the name's end; "" for none known.
static uint32_t score(const char *name, const char *suffix)
{
	uint32_t len = (uint32_t)strlen(name);
	return dga_score(name, len, len - (uint32_t)strlen(suffix));
}

static void test_names_of_words_are_low(void **state)
{
	(void)state;
	static const char *const names[] = { "gardening.org", "treehouse.org", "bookstore.org", "mountainbike.org",
		"kindergarten.org", "musicschool.org" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_in_range(score(names[i], "org"), 0, 300);
}

static void test_drawn_names_are_high(void **state)
{
	(void)state;
	static const char *const names[] = { "xkqjzvwpthrm.com", "wqhxgtrbvplkjd.com",
		"9f86d081884c7d659a2feaa0c55ad015.com", "q1w8zx0vt5k2p.com" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_in_range(score(names[i], "com"), DGA_SCORE_ALONE, DGA_SCORE_MAX);
}

static void test_the_registered_domain_is_judged(void **state)
{
	(void)state;
	uint32_t drawn = score("xkqjzvwpthrm.com", "com"), word = score("treehouse.com", "com");
	assert_int_equal(score("www.xkqjzvwpthrm.com", "com"), drawn);
	assert_int_equal(score("xkqjzvwpthrm.treehouse.com", "com"), word);
	assert_in_range(score("www.treehouse.co.uk", "co.uk"), 0, 300);
	assert_in_range(score("www.xkqjzvwpthrm.co.uk", "co.uk"), DGA_SCORE_BURST, DGA_SCORE_MAX);
	assert_in_range(score("xkqjzvwpthrm", ""), DGA_SCORE_BURST, DGA_SCORE_MAX);
	assert_in_range(score("host.xkqjzvwpthrm", ""), DGA_SCORE_BURST, DGA_SCORE_MAX);
}

static void test_capitals_are_as_good_as_small_letters(void **state)
{
	(void)state;
	assert_int_equal(score("XKqjZvwPthRm.COM", "COM"), score("xkqjzvwpthrm.com", "com"));
	assert_int_equal(score("XkQjZvWpThRm.DuckDNS.oRg", "oRg"), score("xkqjzvwpthrm.duckdns.org", "org"));
	assert_int_equal(score("XN--80AK6AA92E.com", "com"), 0);
}

static void test_below_dynamic_dns_the_name_given_is_judged(void **state)
{
	(void)state;
	uint32_t drawn =
		score("xkqjzvwpthrm.ddns.net", "ddns.net"); // the public suffix list with its private part, and without
	assert_in_range(drawn, DGA_SCORE_BURST, DGA_SCORE_MAX);
	assert_int_equal(score("xkqjzvwpthrm.ddns.net", "net"), drawn);
	assert_int_equal(score("a.b.xkqjzvwpthrm.ddns.net", "net"), drawn);
	assert_in_range(score("treehouse.ddns.net", "net"), 0, 500);
	assert_in_range(score("ddns.net", "net"), 0, DGA_SCORE_BURST - 1); // the zone itself: nothing below
}

static void test_names_that_machines_give_are_not_judged(void **state)
{
	(void)state;
	assert_int_equal(score("d1a2b3c4d5e6f7.cloudfront.net", "cloudfront.net"), 0);
	assert_int_equal(score("xkqjzvwpthrm.s3.amazonaws.com", "s3.amazonaws.com"), 0);
	assert_int_equal(score("37e9c7cb.ngrok.io", "ngrok.io"), 0);
	assert_in_range(score("e6449.dscb.akamaiedge.net", "net"), 0, DGA_SCORE_BURST - 1);
	assert_in_range(score("r3---sn-4g5e6nzz.googlevideo.com", "com"), 0, DGA_SCORE_BURST - 1);
}

static void test_what_is_not_judged_is_zero(void **state)
{
	(void)state;
	assert_int_equal(score("xn--80ak6aa92e.com", "com"), 0);
	assert_int_equal(score("xqz.com", "com"), 0);
	assert_int_equal(score("", ""), 0);
	assert_int_equal(score("com", "com"), 0);
	assert_int_equal(score(".com", "com"), 0);
	assert_int_equal(score("xkqjzvwpthrm..com", "com"), 0);
	assert_int_equal(dga_score("xkqjzvwpthrm.com", 16, 17), 0); // a suffix that is not in the name
	assert_int_equal(dga_score("xkqjzvwpthrm.com", 16, 12), 0); // one that begins with its dot
	assert_int_equal(dga_score("xkqjzvwpthrm.com", 16, 5), 0);
}

static void test_no_bytes_leave_the_table(void **state)
{
	(void)state;
	static char label[4096];
	struct dga_tokens tokens;
	assert_int_equal(strlen(dga_table.weights), DGA_ROWS * DGA_UNITS);
	for (uint32_t c = 0; c < 256; c++) {
		memset(label, (int)c, sizeof(label));
		dga_tokens_of(&tokens, label, DGA_LABEL_MAX, label, sizeof(label));
		assert_int_equal(
			tokens.count, DGA_TOKENS_MAX); // the longest label has all tokens that there are, none too many
		for (uint32_t i = 0; i < tokens.count; i++)
			assert_in_range(tokens.row[i], 0, DGA_ROWS - 1);
		for (uint32_t len = 0; len < 80; len++)
			assert_in_range(dga_score_label(label, len, label, len), 0, DGA_SCORE_MAX);
	}
	memset(label, 'q', sizeof(label));
	assert_int_equal(
		dga_score_label(label, sizeof(label), "com", 3), dga_score_label(label, DGA_LABEL_MAX, "com", 3));
}

static void test_weights_are_those_the_trainer_writes(void **state)
{
	(void)state;
	for (const char *at = dga_table.weights; *at; at++) {
		assert_in_range(*at, DGA_WEIGHT_ZERO - 31, DGA_WEIGHT_ZERO + 31);
		assert_true(*at != '\\' && *at != '?');
	}
}

static void test_score_follows_log_odds(void **state)
{
	(void)state;
	assert_int_equal(dga_score_of_log_odds(0), 500);
	assert_int_equal(dga_score_of_log_odds(64 * 65536), 1000);
	assert_int_equal(dga_score_of_log_odds(-64 * 65536), 0);
	for (int32_t odds = -20; odds < 20; odds++)
		assert_true(dga_score_of_log_odds(odds * 65536) <= dga_score_of_log_odds((odds + 1) * 65536));
}

static void test_kinds_of_suffixes(void **state)
{
	(void)state;
	static const struct {
		const char *suffix;
		enum dga_suffix_kind kind;
	} kinds[] = { { "", DGA_SUFFIX_UNKNOWN }, { "com", DGA_SUFFIX_GENERIC }, { "INFO", DGA_SUFFIX_GENERIC },
		{ "top", DGA_SUFFIX_NEW }, { "de", DGA_SUFFIX_COUNTRY }, { "co.uk", DGA_SUFFIX_COUNTRY_SECOND },
		{ "cloudfront.net", DGA_SUFFIX_PRIVATE }, { "infos", DGA_SUFFIX_NEW }, { ".", DGA_SUFFIX_PRIVATE },
		{ "info.pl", DGA_SUFFIX_COUNTRY_SECOND }, { "ngrok.io", DGA_SUFFIX_PRIVATE },
		{ "a.b.jp", DGA_SUFFIX_PRIVATE }, { ".uk", DGA_SUFFIX_COUNTRY_SECOND } };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(dga_suffix_kind(kinds[i].suffix, (uint32_t)strlen(kinds[i].suffix)), kinds[i].kind);
	assert_true(dga_is_dynamic_zone("DuckDNS.org", 11));
	assert_true(dga_is_dynamic_zone("3utilities.com", 14));
	assert_true(dga_is_dynamic_zone("zyns.com", 8));
	assert_false(dga_is_dynamic_zone("duckdns.or", 10));
	assert_false(dga_is_dynamic_zone("duckdns.org\0", 12));
	assert_false(dga_is_dynamic_zone("treehouse.org", 13));
	assert_false(dga_is_dynamic_zone("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_words_are_low),
		cmocka_unit_test(test_drawn_names_are_high),
		cmocka_unit_test(test_the_registered_domain_is_judged),
		cmocka_unit_test(test_capitals_are_as_good_as_small_letters),
		cmocka_unit_test(test_below_dynamic_dns_the_name_given_is_judged),
		cmocka_unit_test(test_names_that_machines_give_are_not_judged),
		cmocka_unit_test(test_what_is_not_judged_is_zero),
		cmocka_unit_test(test_no_bytes_leave_the_table),
		cmocka_unit_test(test_weights_are_those_the_trainer_writes),
		cmocka_unit_test(test_score_follows_log_odds),
		cmocka_unit_test(test_kinds_of_suffixes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
