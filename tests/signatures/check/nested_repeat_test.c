// SPDX-License-Identifier: GPL-3.0-or-later
// Repetitions of repetitions are found; those that must take something between are not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "signatures/check/nested_repeat.h"

static void found(void **state)
{
	(void)state;
	static const char *const patterns[][2] = { { "^(a+)+$", "(a+)+" }, { "x(?:[a-z]*)*y", "(?:[a-z]*)*" },
		{ "(\\w+,?)*", "(\\w+,?)*" }, { "((a+))+", "((a+))+" }, { "(?<n>\\d+|x){2,}", "(?<n>\\d+|x){2,}" },
		{ "(?i:[^\\]a)]+\\s?)+z", "(?i:[^\\]a)]+\\s?)+" }, { "(a{1,40})+", "(a{1,40})+" },
		{ "(?=b)(?:c|(?:d+)?)*", "(?:c|(?:d+)?)*" } };
	for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct span group;
		assert_true(nested_repeat_find(span_text(patterns[i][0]), &group));
		assert_true(span_is(group, patterns[i][1]));
	}
}

static void not_found(void **state)
{
	(void)state;
	static const char *const patterns[] = { "(a+b)+", "(?:[a-z]+\\.)+com", "(?>a+)+", "(a++)+", "(a+)++x", "a+b+c+",
		"(a+)?", "(a+){2}", "([a-z]{2,4})+", "\\(a+\\)+", "[(a+)+]+", "(?#(a+)+)x", "\\Q(a+)+\\E", "a{,", "((",
		"[", "\\", "(?", "(*", "))))", "" };
	for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct span group;
		assert_false(nested_repeat_find(span_text(patterns[i]), &group));
	}
}

// Depth and length are an attacker's to choose: neither breaks it.
static void deep(void **state)
{
	(void)state;
	enum { DEEP = 200000 };
	char *text = malloc(DEEP);
	struct span group;
	assert_non_null(text);
	memset(text, '(', DEEP);
	assert_false(nested_repeat_find(span_of(text, DEEP), &group));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
		cmocka_unit_test(not_found),
		cmocka_unit_test(deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
