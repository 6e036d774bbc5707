// SPDX-License-Identifier: GPL-3.0-or-later
// Filters: each kind of line picks the rules it should, the order is suricata-update's, and flow bits bring back what sets them.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/packs/filter.h"

static const char rules[] =
	"# a remark\n"
	"alert tcp any any -> any any (msg:\"one\"; content:\"a\\;b\"; sid:1; rev:2; metadata:deployment Perimeter, "
	"tag x;)\n"
	"alert http any any -> any any (msg:\"two Heartbleed\"; flowbits:isset,ET.a; sid:2;)\n"
	"#alert http any any -> any any (msg:\"three\"; flowbits:set, ET.a; flowbits:isset,ET.b; sid:3;)\n"
	"# alert http any any -> any any (msg:\"four\"; flowbits:set,ET.b; flowbits:noalert; sid:4;)\n"
	"# drop ip any any -> any any (msg:\"five\"; sid:5; gid:7;)\n"
	"alert tcp any any -> any any (msg:\"six\"; \\\n"
	"    noalert; sid:6;)\n"
	"alert tcp any any -> any any (msg:\"seven\"; threshold:type limit, track by_src, seconds 60, count 1; "
	"sid:7;)\n"
	"# text with (brackets)\n";

struct result {
	char text[4096];
	struct filter_counts counts;
};

static struct pack_error error;

static void apply(const char *kind, const char *lines, const char *kind2, const char *lines2, struct result *out)
{
	struct rule_lines read = { 0 };
	size_t len;
	assert_true(rule_lines_read(&read, "emerging/emerging-web.rules", rules, sizeof(rules) - 1, &error));
	struct filters *filters = filters_add(NULL, kind, "f", lines, &error);
	if (filters && kind2)
		filters = filters_add(filters, kind2, "g", lines2, &error);
	if (!filters)
		fail_msg("%s", error.text);
	assert_true(filters_apply(filters, &read, &out->counts));
	char *text = rule_lines_format(&read, "emerging/emerging-web.rules", &len);
	snprintf(out->text, sizeof(out->text), "%s", text);
	free(text);
	filters_free(filters);
	rule_lines_free(&read);
}

// Is there a line that begins with start and holds word?
static bool has(const struct result *result, const char *start, const char *word)
{
	for (const char *line = result->text; *line;) {
		size_t len = strcspn(line, "\n");
		if (strncmp(line, start, strlen(start)) == 0 && memmem(line, len, word, strlen(word)))
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

static void nothing_asked_changes_nothing_but_flow_bits(void **state)
{
	(void)state;
	struct result r;
	apply("disable", "# only a remark\n\n", NULL, NULL, &r);
	assert_true(has(&r, "alert", "sid:1;"));
	// 2 asks for ET.a, which 3 sets, which asks for ET.b, which 4 sets
	assert_int_equal(r.counts.for_flowbits, 2);
	assert_true(has(&r, "alert", "flowbits:isset,ET.b; noalert; sid:3;"));
	assert_true(has(&r, "alert", "flowbits:noalert; sid:4;"));
	assert_false(has(&r, "alert", "flowbits:noalert; noalert;"));
	assert_true(has(&r, "# drop", "sid:5;"));
	assert_true(has(&r, "# text", "brackets"));
}

static void lines_stay_where_they_were(void **state)
{
	(void)state;
	struct result r;
	unsigned lines = 0, expected = 0;
	apply("disable", "1", NULL, NULL, &r);
	for (const char *at = r.text; *at; at++)
		lines += *at == '\n';
	for (const char *at = rules; *at; at++)
		expected += *at == '\n';
	assert_int_equal(lines, expected);
	assert_true(has(&r, "alert", "msg:\"six\"; noalert; sid:6;") || has(&r, "alert", "noalert; sid:6;"));
}

static void each_match_picks_its_rules(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		unsigned disabled;
	} cases[] = { { "1", 1 }, { "1:1", 1 }, { "1:1:2", 1 }, { "1:1:3", 0 }, { "emerging-web.rules", 4 },
		{ "metadata:DEPLOYMENT perimeter", 1 }, { "2:1", 0 }, { "1, 1:2,7", 3 }, { "re:heartbleed", 1 },
		{ "re:sid:[67];", 2 }, { "group:emerging-web.rules", 4 }, { "group:emerging-web", 4 },
		{ "group:emerging-*", 4 }, { "group:other", 0 }, { "filename:emerging/*", 4 },
		{ "filename:rules/emerging-web.rules", 4 }, { "metadata:deployment Perimeter", 1 },
		{ "metadata: tag x", 1 }, { "metadata:tag y", 0 }, { "*", 4 }, { "7 # because", 1 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r;
		apply("disable", cases[i].line, NULL, NULL, &r);
		if (r.counts.disabled != cases[i].disabled)
			fail_msg("%s: %u", cases[i].line, r.counts.disabled);
	}
}

static void enable_comes_after_disable(void **state)
{
	(void)state;
	struct result r;
	apply("disable", "*", "enable", "1\n7:5\n", &r);
	assert_true(has(&r, "alert", "sid:1;"));
	assert_true(has(&r, "drop", "sid:5;"));
	assert_true(has(&r, "# alert", "sid:2;"));
	assert_int_equal(r.counts.for_flowbits, 0);
}

static void drop_leaves_noalert_alone(void **state)
{
	(void)state;
	struct result r;
	apply("drop", "1\n6\n4\n", NULL, NULL, &r);
	assert_int_equal(r.counts.dropped, 1);
	assert_true(has(&r, "drop tcp", "sid:1;"));
	assert_true(has(&r, "alert tcp", "sid:6;"));
}

static void modify_replaces_as_python_does(void **state)
{
	(void)state;
	struct result r;
	apply("modify",
		"7 \"seconds (\\d+)\" \"seconds \\g<1>0\"\n1 '^alert' 'drop'\nre:two \"msg:.two\" \"msg:\\\"$2\"\n",
		NULL, NULL, &r);
	assert_int_equal(r.counts.modified, 3);
	assert_true(has(&r, "alert", "seconds 600, count"));
	assert_true(has(&r, "drop", "sid:1;"));
	assert_true(has(&r, "alert", "msg:\"$2 Heartbleed\""));
	apply("modify", "modifysid 7 \"count 1\" | \"count ${0}0\"\nmetadata-add 1 policy strict\n", NULL, NULL, &r);
	assert_true(has(&r, "alert", "count count 10;"));
	assert_true(has(&r, "alert", "metadata:policy strict;)"));
	// A rule that is off is written with its mark
	apply("modify", "7:5 \"^# drop\" \"alert\"\n1 \"^\" \"# \"\n", NULL, NULL, &r);
	assert_true(has(&r, "alert ip", "sid:5;"));
	assert_true(has(&r, "# alert tcp", "sid:1;"));
	// What is no rule any more stays as it was
	apply("modify", "1 \"sid:1;\" \"\"\n", NULL, NULL, &r);
	assert_int_equal(r.counts.modified, 0);
	assert_true(has(&r, "alert", "sid:1;"));
}

static void a_bad_line_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *line, *reason;
	} cases[] = { { "disable", "1\nnonsense", "f:2: expected SID" }, { "enable", "re:(", "regular expression" },
		{ "modify", "1 \"a\"", "MATCH" }, { "modify", "1 \"a\" \"b", "MATCH" },
		{ "drop", "metadata:x", "KEY VALUE" }, { "disable", "1,,2", "expected SID" },
		{ "disable", "1:2:3:4", "expected SID" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(filters_add(NULL, cases[i].kind, "f", cases[i].line, &error));
		if (!strstr(error.text, cases[i].reason))
			fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].reason);
	}
}

static void what_is_no_rule_is_told(void **state)
{
	(void)state;
	struct rule_lines read = { 0 };
	static const char text[] = "# fine\ninclude other.rules\n";
	assert_false(rule_lines_read(&read, "a.rules", text, sizeof(text) - 1, &error));
	assert_non_null(strstr(error.text, "a.rules:2:"));
	rule_lines_free(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_changes_nothing_but_flow_bits),
		cmocka_unit_test(lines_stay_where_they_were),
		cmocka_unit_test(each_match_picks_its_rules),
		cmocka_unit_test(enable_comes_after_disable),
		cmocka_unit_test(drop_leaves_noalert_alone),
		cmocka_unit_test(modify_replaces_as_python_does),
		cmocka_unit_test(a_bad_line_is_told),
		cmocka_unit_test(what_is_no_rule_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
