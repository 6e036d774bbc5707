// SPDX-License-Identifier: GPL-3.0-or-later
// A trace tells of each rule the attempt that came nearest to a match, and changes nothing of what matches.
#include "signatures/engine/trace.h"
#include "signatures/rule/rule_set.h"
#include "tests/support/engine_bench.h"

#define RULES_MAX 8

struct traced {
	struct bench *bench;
	struct engine_trace trace;
	struct trace_attempt attempts[RULES_MAX];
};

static struct traced begin(const char *const *rules)
{
	struct traced traced = { .bench = bench_new(rules) };
	traced.trace.count = traced.bench->set->count;
	assert_true(traced.trace.count <= RULES_MAX);
	for (uint32_t i = 0; i < traced.trace.count; i++)
		traced.attempts[i].rule = i;
	return traced;
}

static const struct trace_attempt *of(const struct traced *traced, uint32_t sid)
{
	for (uint32_t i = 0; i < traced->trace.count; i++)
		if (traced->bench->set->rules[traced->attempts[i].rule]->sid == sid)
			return &traced->attempts[i];
	fail_msg("no rule %u", sid);
	return NULL;
}

static void watch(struct traced *traced)
{
	traced->trace.rules = traced->attempts;
	engine_worker_trace(traced->bench->worker, &traced->trace);
}

static void the_nearest_attempt_is_kept(void **state)
{
	(void)state;
	static const char *const rules[] = {
		"alert tcp any any -> any any (sid:1;)",
		"alert udp 10.9.9.9 any -> any any (sid:2;)",
		"alert udp any any -> any 99 (sid:3;)",
		"alert udp any any -> any any (dsize:>100; sid:4;)",
		"alert udp any any -> any any (content:\"abc\"; content:\"def\"; distance:0; sid:5;)",
		"alert udp any any -> any any (content:\"abx\"; sid:6;)",
		"alert udp any any -> any any (content:\"abc\"; sid:7;)",
		NULL,
	};
	struct traced traced = begin(rules);
	watch(&traced);
	text(traced.bench, TO_SERVER, "zzz");
	assert_int_equal(text(traced.bench, TO_SERVER, "..abc.."), 1);
	text(traced.bench, TO_SERVER, "zzz");
	assert_int_equal(of(&traced, 1)->stage, TRACE_PROTOCOL);
	assert_int_equal(of(&traced, 2)->stage, TRACE_ADDRESS);
	assert_int_equal(of(&traced, 3)->stage, TRACE_PORT);
	assert_int_equal(of(&traced, 4)->stage, TRACE_TEST);
	assert_int_equal(of(&traced, 5)->stage, TRACE_PAYLOAD);
	assert_int_equal(of(&traced, 5)->match, 1); // "def"
	assert_int_equal(of(&traced, 5)->packet, 2);
	assert_int_equal(of(&traced, 6)->near_len, 2);
	assert_int_equal(of(&traced, 6)->near_at, 2);
	assert_true(of(&traced, 6)->fast_pattern);
	assert_int_equal(of(&traced, 7)->stage, TRACE_HELD);
	assert_int_equal(of(&traced, 7)->matches, 1);
	bench_free(traced.bench);
}

static void bytes_around_the_nearest_place_are_kept(void **state)
{
	(void)state;
	static const char *const rules[] = { "alert udp any any -> any any (content:\"needleX\"; sid:1;)", NULL };
	struct traced traced = begin(rules);
	char bytes[1000];
	memset(bytes, '.', sizeof(bytes));
	memcpy(bytes + 700, "needleY", 7);
	watch(&traced);
	datagram(traced.bench, TO_SERVER, bytes, sizeof(bytes), true);
	const struct trace_attempt *attempt = of(&traced, 1);
	assert_int_equal(attempt->near_at, 700);
	assert_int_equal(attempt->near_len, 6);
	assert_int_equal(attempt->value_len, 1000);
	assert_memory_equal(attempt->value + (700 - attempt->kept_at), "needleY", 7);
	bench_free(traced.bench);
}

static void a_trace_changes_no_finding(void **state)
{
	(void)state;
	static const char *const rules[] = {
		"alert udp any any -> any any (content:\"a\"; flowbits:set,x; noalert; sid:1;)",
		"alert udp any any -> any any (content:\"b\"; flowbits:isset,x; sid:2;)",
		"alert udp any any -> any any (content:\"c\"; flowbits:isnotset,x; flowbits:set,x; sid:3;)",
		NULL,
	};
	static const char *const packets[] = { "b", "c", "c", "a", "ab", "b" };
	struct traced plain = begin(rules), traced = begin(rules);
	watch(&traced);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		assert_int_equal(text(plain.bench, TO_SERVER, packets[i]), text(traced.bench, TO_SERVER, packets[i]));
	assert_int_equal(of(&traced, 1)->matches, 2);
	engine_worker_trace(traced.bench->worker, NULL);
	text(traced.bench, TO_SERVER, "a");
	assert_int_equal(of(&traced, 1)->matches, 2);
	bench_free(plain.bench);
	bench_free(traced.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_attempt_is_kept),
		cmocka_unit_test(bytes_around_the_nearest_place_are_kept),
		cmocka_unit_test(a_trace_changes_no_finding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
