// SPDX-License-Identifier: GPL-3.0-or-later
// Conditions are told in words a maintainer can check against the rule.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "decoders/base/option.h"
#include "signatures/check/describe.h"
#include "signatures/rule/rule_set.h"

static struct option_pair addresses[] = { { "HOME_NET", "10.0.0.0/8" } };
static const struct option_map address_groups = { addresses, 1 };

static struct rule_set *set_of(const char *text)
{
	struct rule_options options = { .address_groups = &address_groups, .keep_text = true };
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	assert_true(rule_set_add(set, text, "test.rules", 1));
	assert_true(rule_set_finish(set));
	return set;
}

static void expect(const char *text, const char *const *words, unsigned count)
{
	struct rule_set *set = set_of(text);
	struct rule_part parts[RULE_PARTS_MAX];
	char got[256];
	assert_int_equal(rule_parts(set->rules[0], parts, RULE_PARTS_MAX), count);
	for (unsigned i = 0; i < count; i++)
		assert_string_equal(rule_part_describe(set, set->rules[0], &parts[i], got, sizeof(got)), words[i]);
	rule_set_free(set);
}
#define EXPECT(text, ...)                                              \
	do {                                                           \
		const char *const words[] = { __VA_ARGS__ };           \
		expect(text, words, sizeof(words) / sizeof(words[0])); \
	} while (0)

static void header_and_payload(void **state)
{
	(void)state;
	EXPECT("alert tcp $HOME_NET any -> any [80,8000:8080] (msg:\"a\"; flow:established,to_server; "
	       "content:\"GET |0d 0a|\"; depth:10; content:!\"x\"; nocase; distance:2; within:5; sid:1;)",
		"the protocol is TCP", "the source address is in 10.0.0.0 to 10.255.255.255",
		"the destination port is in 80, 8000 to 8080", "to the server, the connection is established",
		"payload contains \"GET |0d 0a|\" within its first 10 bytes",
		"payload does not contain \"x\" in any case at least 2 bytes after the match before, and ending within "
		"5 "
		"bytes from there");
}

static void fields_and_state(void **state)
{
	(void)state;
	EXPECT("alert http any any -> any any (msg:\"a\"; flowbits:isset,one|two; http.uri; to_lowercase; bsize:>5; "
	       "content:\"/x\"; startswith; pcre:\"/^\\/x[0-9]+/R\"; urilen:5<>9; threshold:type limit, track by_src, "
	       "count 1, seconds 60; sid:1;)",
		"the application protocol is http over TCP", "to the server", "one of the flow bits one, two is set",
		"http.uri after to_lowercase is there", "http.uri after to_lowercase length is over 5",
		"http.uri after to_lowercase contains \"/x\" at its start",
		"http.uri after to_lowercase matches /^\\/x[0-9]+/ after the match before", "http.uri is there",
		"http.uri length is strictly between 5 and 9", "at most 1 alerts in 60 s a source");
}

static void actions(void **state)
{
	(void)state;
	char got[256];
	struct rule_set *set = set_of("alert tcp any any -> any any (msg:\"a\"; flowbits:set,one; "
				      "xbits:set,two,track ip_src,expire 20; flowint:n,+,1; sid:1;)");
	const struct rule *rule = set->rules[0];
	assert_int_equal(rule->action_count, 3);
	assert_string_equal(rule_action_describe(set, rule, 0, got, sizeof(got)), "sets the flow bit one");
	assert_string_equal(
		rule_action_describe(set, rule, 1, got, sizeof(got)), "sets the bit two of the source for 20 s");
	assert_string_equal(rule_action_describe(set, rule, 2, got, sizeof(got)), "the flow integer n goes up by 1");
	rule_set_free(set);
}

// A part that does not fit is cut, never written past its room.
static void short_room(void **state)
{
	(void)state;
	struct rule_set *set = set_of("alert tcp any any -> any any (msg:\"a\"; content:\"abcdefghijkl\"; sid:1;)");
	struct rule_part parts[RULE_PARTS_MAX];
	char got[12];
	memset(got, 'x', sizeof(got));
	assert_true(rule_parts(set->rules[0], parts, RULE_PARTS_MAX) > 1);
	assert_string_equal(rule_part_describe(set, set->rules[0], &parts[1], got, 8), "payload");
	assert_int_equal(got[8], 'x');
	rule_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_and_payload),
		cmocka_unit_test(fields_and_state),
		cmocka_unit_test(actions),
		cmocka_unit_test(short_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
