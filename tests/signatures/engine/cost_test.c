// SPDX-License-Identifier: GPL-3.0-or-later
// What rules cost: which of them are looked at at all, what stops those that take too long, and what generations share.
#include "tests/support/engine_bench.h"
#include "signatures/rule/rule_set.h"

static uint64_t checks(const struct bench *b)
{
	return engine_worker_counters(b->worker)[ENGINE_COUNT_CHECKS];
}

static void what_runs_over_is_counted_for_its_rule(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert udp any any -> any any (content:\"start\"; pcre:\"/^start(a|aa)+$/\"; sid:1;)",
		"alert udp any any -> any any (content:\"a\"; content:\"a\"; distance:0; content:\"a\"; distance:0; "
		"byte_test:1,=,1,0,relative; sid:2;)",
		"alert udp any any -> any any (content:\"start\"; sid:3;)", NULL });
	struct engine_over rows[4];
	char bytes[400] = "start";
	memset(bytes + 5, 'a', sizeof(bytes) - 5);
	bytes[sizeof(bytes) - 1] = 'b';
	assert_int_equal(engine_over_budget(b->engine, rows, 4), 0);
	assert_int_equal(datagram(b, TO_SERVER, bytes, sizeof(bytes), true), 1);
	assert_int_equal(sid(b, 0), 3);
	assert_int_equal(datagram(b, TO_SERVER, bytes, 15, true), 2); // ends in a: 1 and 3 match
	assert_int_equal(datagram(b, TO_SERVER, bytes + 5, 390, true), 0);
	assert_int_equal(engine_over_budget(b->engine, rows, 4), 2);
	assert_int_equal(rows[0].rule->sid, 2);
	assert_int_equal(rows[0].steps, 2);
	assert_int_equal(rows[0].pcre, 0);
	assert_int_equal(rows[1].rule->sid, 1);
	assert_int_equal(rows[1].steps, 0);
	assert_int_equal(rows[1].pcre, 1);
	assert_int_equal(engine_over_budget(b->engine, rows + 2, 1), 2);
	assert_int_equal(rows[2].rule->sid, 2);
	assert_int_equal(engine_over_budget(b->engine, NULL, 0), 2);
	bench_free(b);
}

static void rules_without_a_literal_are_not_looked_at_when_the_header_does_not_fit(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) { "alert ip any any -> any any (ip_proto:41; sid:1;)",
		"alert dns any any -> any any (flow:to_server; sid:2;)",
		"alert udp any any -> any any (dsize:8; flowbits:isset,x; sid:3;)",
		"alert udp any any -> any any (dsize:3<>7; sid:4;)",
		"alert udp any any -> any any (dsize:>100; sid:5;)",
		"alert udp 10.9.0.0/16 any -> any any (ttl:1; sid:6;)",
		"alert udp any any -> any 54 (byte_test:1,>,1,0; sid:7;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "ab"), 0);
	assert_int_equal(checks(b), 0);
	assert_int_equal(text(b, TO_SERVER, "abcde"), 1);
	assert_int_equal(sid(b, 0), 4);
	assert_int_equal(checks(b), 1);
	assert_int_equal(text(b, TO_SERVER, "abcdefgh"), 0);
	assert_int_equal(checks(b), 2);
	char large[101] = { 0 };
	assert_int_equal(datagram(b, TO_SERVER, large, 100, true), 0);
	assert_int_equal(datagram(b, TO_SERVER, large, 101, true), 1);
	assert_int_equal(sid(b, 0), 5);
	assert_int_equal(checks(b), 3);
	bench_free(b);
}

static void sizes_are_read_as_dsize_says(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) { "alert udp any any -> any any (dsize:<3; sid:1;)",
		"alert udp any any -> any any (dsize:!3; sid:2;)", "alert udp any any -> any any (dsize:>=4; sid:3;)",
		"alert udp any any -> any any (dsize:<=2; sid:4;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "ab"), 3);
	assert_int_equal(text(b, TO_SERVER, "abc"), 0);
	assert_int_equal(text(b, TO_SERVER, "abcd"), 2);
	bench_free(b);
}

static void the_rarest_literal_makes_a_candidate(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert udp any any -> any any (content:\"|3a|\"; content:\"0\"; startswith; sid:1;)",
		"alert udp any any -> any any (content:\"Host|3a 20|\"; content:\"5.\"; startswith; sid:2;)",
		"alert udp any any -> any any (content:\"SMB\"; depth:8; content:\"PE|00 00|\"; sid:3;)",
		"alert udp any any -> any any (content:\"aaaa\"; content:\"a1-Z\"; sid:4;)",
		"alert udp any any -> any any (dsize:3; content:\"ams\"; sid:5;)",
		"alert udp any any -> any any (content:\"long and rare\"; content:\"x\"; fast_pattern; sid:6;)",
		NULL });
	assert_int_equal(text(b, TO_SERVER, "Host: 0 : 5. : aaaa aaaa ams .SMB. long and rare"), 0);
	assert_int_equal(checks(b), 0);
	assert_int_equal(text(b, TO_SERVER, "0:"), 1);
	assert_int_equal(text(b, TO_SERVER, "5. Host: "), 1);
	assert_int_equal(datagram(b, TO_SERVER, " SMB PE\0\0", 9, true), 1);
	assert_int_equal(text(b, TO_SERVER, "a1-Zaaaa"), 1);
	assert_int_equal(text(b, TO_SERVER, "ams"), 1);
	assert_int_equal(checks(b), 5);
	assert_int_equal(text(b, TO_SERVER, " x "), 0);
	assert_int_equal(checks(b), 6);
	bench_free(b);
}

static struct rule_set *set_of(const char *const *rules, const struct rule_set *like)
{
	struct rule_options options = { .on_error = refused, .like = like };
	struct rule_set *set = rule_set_new(&options);
	for (unsigned i = 0; rules[i]; i++)
		assert_true(rule_set_add(set, rules[i], "test", i + 1));
	assert_true(rule_set_finish(set));
	return set;
}

static const void *code_of(const struct rule_set *set, uint32_t rule)
{
	const struct rule_buffer *buffer = &set->rules[rule]->buffers[0];
	for (unsigned i = 0; i < buffer->match_count; i++)
		if (buffer->matches[i].kind == MATCH_PCRE)
			return buffer->matches[i].pcre.code;
	return NULL;
}

static void generations_share_what_is_the_same(void **state)
{
	(void)state;
	char error[128];
	struct engine_facts facts;
	struct bench *old = bench_new(
		(const char *const[]) { "alert udp any any -> any 53 (content:\"evil\"; pcre:\"/ev.l/\"; sid:1;)",
			"alert udp any any -> any 54 (content:\"other\"; pcre:\"/oth.r/i\"; sid:2;)", NULL });
	struct rule_set *set = set_of(
		(const char *const[]) { "alert udp any any -> any 53 (content:\"evil\"; pcre:\"/ev.l/\"; sid:3;)",
			"alert udp any any -> any 53 (content:\"evil\"; pcre:\"/ev.l/\"; sid:4;)",
			"alert udp any any -> any 54 (content:\"different\"; pcre:\"/oth.r/\"; sid:5;)", NULL },
		old->set);
	assert_ptr_equal(code_of(set, 0), code_of(old->set, 0));
	assert_ptr_equal(code_of(set, 1), code_of(old->set, 0));
	assert_ptr_not_equal(code_of(set, 2), code_of(old->set, 1)); // other flags
	struct engine *engine = engine_build_like(set, &old->config, old->engine, error, sizeof(error));
	assert_non_null(engine);
	engine_facts(engine, &facts);
	assert_int_equal(facts.databases_shared, 1);
	assert_int_equal(facts.databases, 2);
	assert_int_equal(text(old, TO_SERVER, "evil"), 1);
	bench_free(old);
	struct bench *b = bench_new((const char *const[]) { NULL });
	engine_worker_free(b->worker);
	b->worker = engine_worker_new(engine, b->slab, NULL);
	assert_int_equal(text(b, TO_SERVER, "evil"), 2);
	assert_int_equal(text(b, TO_SERVER, "nothing"), 0);
	bench_free(b);
	engine_free(engine);
	rule_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_runs_over_is_counted_for_its_rule),
		cmocka_unit_test(rules_without_a_literal_are_not_looked_at_when_the_header_does_not_fit),
		cmocka_unit_test(sizes_are_read_as_dsize_says),
		cmocka_unit_test(the_rarest_literal_makes_a_candidate),
		cmocka_unit_test(generations_share_what_is_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
