// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "signatures/match/buffer_match.h"
#include "signatures/rule/rule_set.h"

// Does a rule of these conditions on the payload match data?
static bool matches_at(const char *conditions, const char *data, uint32_t len, uint64_t base, bool last)
{
	char text[2048];
	struct rule_options options = { 0 };
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	snprintf(text, sizeof(text), "alert udp any any -> any any (%s sid:1;)", conditions);
	if (!rule_set_add(set, text, "test", 1)) {
		print_error("refused: %s\n", text);
		fail();
	}
	assert_true(rule_set_finish(set));
	const struct rule *rule = set->rules[0];
	struct buffer_matcher *matcher = calloc(1, sizeof(*matcher));
	matcher->regex = regex_runner_new(3500, 1500);
	matcher->base64 = malloc(BASE64_BYTES_MAX);
	matcher->steps_max = 3000;
	uint8_t *copy = malloc(len + 1); // its own block, so that a sanitizer sees reads past the end
	memcpy(copy, data, len);
	matcher->data = (struct span) { copy, len };
	matcher->base = base;
	matcher->last = last;
	bool good = true;
	for (unsigned i = 0; i < rule->buffer_count && good; i++)
		if (rule->buffers[i].place == PLACE_PAYLOAD)
			good = buffer_match(matcher, rule, &rule->buffers[i]);
	regex_runner_free(matcher->regex);
	free(matcher->base64);
	free(matcher);
	free(copy);
	rule_set_free(set);
	return good;
}

static bool matches(const char *conditions, const char *data)
{
	return matches_at(conditions, data, (uint32_t)strlen(data), 0, true);
}

static void content_is_found_where_it_is_allowed(void **state)
{
	(void)state;
	assert_true(matches("content:\"def\";", "abcdef"));
	assert_false(matches("content:\"DEF\";", "abcdef"));
	assert_true(matches("content:\"DEF\"; nocase;", "abcdef"));
	assert_true(matches("content:\"def\"; offset:3;", "abcdef"));
	assert_false(matches("content:\"def\"; offset:4;", "abcdef"));
	assert_true(matches("content:\"abc\"; depth:3;", "abcdef"));
	assert_false(matches("content:\"def\"; depth:5;", "abcdef"));
	assert_true(matches("content:\"def\"; offset:3; depth:3;", "abcdef"));
	assert_true(matches("content:\"abc\"; startswith;", "abcdef"));
	assert_false(matches("content:\"bc\"; startswith;", "abcdef"));
	assert_true(matches("content:\"def\"; endswith;", "defdef"));
	assert_false(matches("content:\"de\"; endswith;", "abcdef"));
	assert_true(matches("content:!\"xyz\";", "abcdef"));
	assert_false(matches("content:!\"abc\";", "abcdef"));
	assert_true(matches("content:!\"abc\"; endswith;", "abcdef"));
}

static void distance_goes_back_to_a_later_occurrence(void **state)
{
	(void)state;
	assert_true(matches("content:\"a\"; content:\"b\"; distance:1; within:1;", "axxabxaxb"));
	assert_false(matches("content:\"a\"; content:\"b\"; distance:5; within:1;", "axxabxaxb"));
	assert_true(
		matches("content:\"a\"; content:\"b\"; distance:0; content:\"c\"; distance:0; within:1;", "abxabc"));
	assert_true(matches("content:\"a\"; content:!\"b\"; distance:0; within:1;", "abac"));
	assert_false(matches("content:\"a\"; content:!\"b\"; distance:0; within:1;", "abab"));
	assert_true(matches("content:\"bb\"; content:\"aa\"; distance:-6; within:6;", "aaxxbb"));
}

static void regex_goes_back_too(void **state)
{
	(void)state;
	assert_true(matches("pcre:\"/a./\"; content:\"z\"; distance:0; within:1;", "abacazz"));
	assert_true(matches("content:\"n=\"; pcre:\"/^[0-9]+/R\";", "n=x n=12"));
	assert_false(matches("content:\"n=\"; pcre:\"/^[0-9]+/R\";", "n=x n=y"));
	assert_true(matches("content:\"a\"; pcre:!\"/zz/\";", "abc"));
	assert_false(matches("content:\"a\"; pcre:!\"/bc/\";", "abc"));
}

static void data_is_at_a_place(void **state)
{
	(void)state;
	assert_true(matches("content:\"abc\"; isdataat:2,relative;", "abcde"));
	assert_false(matches("content:\"abc\"; isdataat:3,relative;", "abcde"));
	assert_true(matches("content:\"abc\"; isdataat:!1,relative;", "abc"));
	assert_true(matches("isdataat:4;", "abcde"));
	assert_false(matches("isdataat:5;", "abcde"));
}

static void numbers_are_read_and_followed(void **state)
{
	(void)state;
	assert_true(matches("byte_test:2,=,0x4142,0;", "ABC"));
	assert_true(matches("byte_test:2,=,0x4241,0,little;", "ABC"));
	assert_true(matches("content:\"n\"; byte_test:3,>,100,0,relative,string,dec;", "n123"));
	assert_false(matches("content:\"n\"; byte_test:3,>,123,0,relative,string,dec;", "n123"));
	assert_true(matches("byte_jump:1,0,string,dec; content:\"x\"; distance:0; within:1;", "3abcx"));
	assert_true(matches("byte_extract:1,0,n,string,dec; content:\"x\"; offset:n; depth:5;", "4...x"));
	assert_true(matches(
		"byte_math:bytes 1,offset 0,oper +,rvalue 1,result n,string dec; content:\"x\"; offset:n;", "3...x"));
	assert_false(matches("byte_test:8,=,1,0;", "AB"));
	assert_false(matches("byte_jump:1,0,string,dec; content:\"x\"; distance:0;", "9abcx"));
}

static void a_window_knows_its_place(void **state)
{
	(void)state;
	assert_true(matches_at("content:\"abc\"; depth:13;", "abc", 3, 10, false));
	assert_false(matches_at("content:\"abc\"; depth:10;", "abc", 3, 10, false));
	assert_false(matches_at("content:\"abc\"; startswith;", "abc", 3, 10, false));
	assert_false(matches_at("content:\"abc\"; endswith;", "abc", 3, 0, false));
	assert_true(matches_at("content:\"abc\"; offset:12;", "xxabc", 5, 10, false));
}

static void base64_is_looked_into(void **state)
{
	(void)state;
	assert_true(matches("content:\"q=\"; base64_decode:relative; base64_data; content:\"hello\";", "q=aGVsbG8="));
	assert_false(matches("content:\"q=\"; base64_decode:relative; base64_data; content:\"hallo\";", "q=aGVsbG8="));
}

static void work_is_bounded(void **state)
{
	(void)state;
	char data[4096];
	memset(data, 'a', sizeof(data));
	assert_false(matches_at("content:\"a\"; content:\"a\"; distance:0; content:\"a\"; distance:0; content:\"a\"; "
				"distance:0; content:\"b\"; distance:0;",
		data, sizeof(data), 0, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_is_found_where_it_is_allowed),
		cmocka_unit_test(distance_goes_back_to_a_later_occurrence),
		cmocka_unit_test(regex_goes_back_too),
		cmocka_unit_test(data_is_at_a_place),
		cmocka_unit_test(numbers_are_read_and_followed),
		cmocka_unit_test(a_window_knows_its_place),
		cmocka_unit_test(base64_is_looked_into),
		cmocka_unit_test(work_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
