// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include "decoders/base/clock.h"
#include "signatures/engine/threshold.h"

struct bench {
	struct threshold_table *table;
	struct rule rule;
	struct rule_threshold threshold;
};

static struct bench bench_new(uint8_t type, uint8_t track, uint32_t count, uint32_t seconds)
{
	return (struct bench) { .table = threshold_table_new(1 << 20),
		.rule = { .sid = 1, .gid = 1, .threshold_count = 1 },
		.threshold = { .type = type, .track = track, .count = count, .seconds = seconds, .multiplier = 10 } };
}

static enum threshold_answer at(struct bench *bench, unsigned second, const char *src, uint8_t *action)
{
	uint8_t ignored = 0;
	bench->rule.thresholds = &bench->threshold;
	struct threshold_event event = { .rule = &bench->rule, .ts_ns = (1000 + second) * NS_PER_S };
	assert_true(address_parse(src, &event.src));
	assert_true(address_parse("2001:db8::1", &event.dst));
	return threshold_apply(bench->table, &event, action ? action : &ignored);
}

static void limit_lets_the_first_ones_through(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_LIMIT, TRACK_SRC, 2, 60);
	assert_int_equal(at(&b, 0, "10.0.0.1", NULL), THRESHOLD_PASS);
	assert_int_equal(at(&b, 1, "10.0.0.1", NULL), THRESHOLD_PASS);
	assert_int_equal(at(&b, 2, "10.0.0.1", NULL), THRESHOLD_SILENT);
	assert_int_equal(at(&b, 2, "2001:db8::2", NULL), THRESHOLD_PASS);
	assert_int_equal(at(&b, 62, "10.0.0.1", NULL), THRESHOLD_PASS);
	threshold_table_free(b.table);
}

static void threshold_counts_up_to_each(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_THRESHOLD, TRACK_DST, 3, 60);
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(at(&b, i, "10.0.0.1", NULL), i % 3 == 2 ? THRESHOLD_PASS : THRESHOLD_NO_MATCH);
	threshold_table_free(b.table);
}

static void an_interval_goes_on_after_a_threshold_was_reached(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_THRESHOLD, TRACK_DST, 3, 60);
	for (unsigned s = 0; s <= 120; s += 20) // from 0, then from 80
		assert_int_equal(
			at(&b, s, "10.0.0.1", NULL), s == 40 || s == 120 ? THRESHOLD_PASS : THRESHOLD_NO_MATCH);
	threshold_table_free(b.table);
}

static void both_tells_once_an_interval(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_BOTH, TRACK_RULE, 2, 10);
	assert_int_equal(at(&b, 0, "10.0.0.1", NULL), THRESHOLD_NO_MATCH);
	assert_int_equal(at(&b, 1, "10.0.0.2", NULL), THRESHOLD_PASS);
	assert_int_equal(at(&b, 2, "10.0.0.3", NULL), THRESHOLD_SILENT);
	assert_int_equal(at(&b, 20, "10.0.0.3", NULL), THRESHOLD_NO_MATCH);
	assert_int_equal(at(&b, 21, "10.0.0.3", NULL), THRESHOLD_PASS);
	threshold_table_free(b.table);
}

static void detection_filter_waits_for_more(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_DETECTION, TRACK_SRC, 2, 10);
	assert_int_equal(at(&b, 0, "10.0.0.1", NULL), THRESHOLD_NO_MATCH);
	assert_int_equal(at(&b, 1, "10.0.0.1", NULL), THRESHOLD_NO_MATCH);
	assert_int_equal(at(&b, 2, "10.0.0.1", NULL), THRESHOLD_PASS);
	assert_int_equal(at(&b, 3, "10.0.0.1", NULL), THRESHOLD_PASS);
	assert_int_equal(at(&b, 30, "10.0.0.1", NULL), THRESHOLD_NO_MATCH);
	threshold_table_free(b.table);
}

static void rate_filter_changes_the_action_for_a_time(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_RATE, TRACK_SRC, 2, 10);
	b.threshold.new_action = RULE_DROP;
	b.threshold.timeout_s = 20;
	uint8_t action = RULE_ALERT;
	assert_int_equal(at(&b, 0, "10.0.0.1", &action), THRESHOLD_PASS);
	at(&b, 1, "10.0.0.1", &action);
	assert_int_equal(action, RULE_ALERT);
	at(&b, 2, "10.0.0.1", &action);
	assert_int_equal(action, RULE_DROP);
	action = RULE_ALERT;
	at(&b, 15, "10.0.0.1", &action);
	assert_int_equal(action, RULE_DROP);
	action = RULE_ALERT;
	at(&b, 60, "10.0.0.1", &action);
	assert_int_equal(action, RULE_ALERT);
	threshold_table_free(b.table);
}

static void backoff_tells_ever_more_rarely(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_BACKOFF, TRACK_SRC, 1, 0);
	unsigned told = 0;
	for (unsigned i = 1; i <= 1000; i++)
		told += at(&b, i, "10.0.0.1", NULL) == THRESHOLD_PASS;
	assert_int_equal(told, 4); // 1, 10, 100, 1000
	threshold_table_free(b.table);
}

static void a_full_table_forgets_the_oldest(void **state)
{
	(void)state;
	struct bench b = bench_new(THRESHOLD_LIMIT, TRACK_SRC, 1, 60);
	threshold_table_free(b.table);
	b.table = threshold_table_new(1);
	for (unsigned i = 0; i < 5000; i++) {
		char text[32];
		snprintf(text, sizeof(text), "10.0.%u.%u", i / 256, i % 256);
		assert_int_equal(at(&b, 0, text, NULL), THRESHOLD_PASS);
	}
	threshold_table_free(b.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limit_lets_the_first_ones_through),
		cmocka_unit_test(threshold_counts_up_to_each),
		cmocka_unit_test(an_interval_goes_on_after_a_threshold_was_reached),
		cmocka_unit_test(both_tells_once_an_interval),
		cmocka_unit_test(detection_filter_waits_for_more),
		cmocka_unit_test(rate_filter_changes_the_action_for_a_time),
		cmocka_unit_test(backoff_tells_ever_more_rarely),
		cmocka_unit_test(a_full_table_forgets_the_oldest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
