// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation of addresses: lines of the lists, and which entry counts for an address.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "signatures/operand/ip_reputation.h"

static struct ip_reputation *of(const char *const *lines)
{
	struct ip_reputation *reputation = ip_reputation_new();
	assert_non_null(reputation);
	for (; *lines; lines++)
		assert_null(ip_reputation_line(reputation, span_text(*lines)));
	return reputation;
}

static int score(const struct ip_reputation *reputation, const char *text, uint8_t category)
{
	struct address address;
	assert_true(address_parse(text, &address));
	return ip_reputation_score(reputation, &address, category);
}

static void the_most_specific_entry_counts(void **state)
{
	(void)state;
	struct ip_reputation *reputation = of((const char *const[]) { "10.0.0.0/8,1,10", "10.1.0.0/16,1,20",
		"10.1.2.3,1,30", "10.1.2.3, 2, 40", "10.2.0.0/15,2,0", "2001:db8::/32,1,50", "10.1.2.3,1,31", NULL });
	static const struct {
		const char *address;
		uint8_t category;
		int score;
	} cases[] = { { "10.9.9.9", 1, 10 }, { "10.1.9.9", 1, 20 }, { "10.1.2.3", 1, 31 }, { "10.1.2.3", 2, 40 },
		{ "10.1.2.4", 2, -1 }, { "10.3.255.255", 2, 0 }, { "10.4.0.0", 2, -1 }, { "11.0.0.1", 1, -1 },
		{ "2001:db8:1::1", 1, 50 }, { "2001:db9::1", 1, -1 }, { "10.1.2.3", 3, -1 } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(score(reputation, cases[i].address, cases[i].category), cases[i].score);
	assert_int_equal(ip_reputation_count(reputation), 6);
	ip_reputation_free(reputation);
}

static void many_entries_are_kept_apart(void **state)
{
	(void)state;
	struct ip_reputation *reputation = ip_reputation_new();
	char line[64];
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "10.%u.%u.1,%u,%u", i >> 8, i & 255, i % 59 + 1, i % 128);
		assert_null(ip_reputation_line(reputation, span_text(line)));
	}
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "10.%u.%u.1", i >> 8, i & 255);
		assert_int_equal(score(reputation, line, (uint8_t)(i % 59 + 1)), i % 128);
		assert_int_equal(score(reputation, line, (uint8_t)((i + 1) % 59 + 1)), -1);
	}
	ip_reputation_free(reputation);
}

static void bad_lines_are_refused(void **state)
{
	(void)state;
	struct ip_reputation *reputation = ip_reputation_new();
	uint8_t category;
	static const char *const bad[] = { "", "10.0.0.1", "10.0.0.1,1", "10.0.0,1,1", "10.0.0.1,0,1", "10.0.0.1,60,1",
		"10.0.0.1,1,128", "10.0.0.1,1,-1", "10.0.0.0/33,1,1", "2001:db8::/129,1,1", "10.0.0.1/,1,1",
		"10.0.0.1,99999999999999999999,1" };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(ip_reputation_line(reputation, span_text(bad[i])));
	assert_int_equal(ip_reputation_count(reputation), 0);
	assert_int_equal(score(reputation, "10.0.0.1", 1), -1);
	assert_null(ip_reputation_category_line(reputation, span_text("1,BadHosts,Known bad, all of them")));
	assert_non_null(ip_reputation_category_line(reputation, span_text("0,Zero,none")));
	assert_non_null(ip_reputation_category_line(reputation, span_text("60,Many,none")));
	assert_non_null(ip_reputation_category_line(reputation, span_text("2,,none")));
	assert_true(ip_reputation_category(reputation, span_text("BadHosts"), &category));
	assert_int_equal(category, 1);
	assert_false(ip_reputation_category(reputation, span_text("badhosts"), &category));
	assert_false(ip_reputation_category(reputation, span_text(""), &category));
	ip_reputation_free(reputation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_entry_counts),
		cmocka_unit_test(many_entries_are_kept_apart),
		cmocka_unit_test(bad_lines_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
