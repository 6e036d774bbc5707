// SPDX-License-Identifier: GPL-3.0-or-later
// Sets of values: what is read from files, what rules add and take away, from several threads at once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include "signatures/operand/dataset.h"

static const char *load(struct dataset *set, const char *line, bool scored)
{
	return dataset_load_line(set, span_text(line), scored);
}

static void lines_are_read_by_type(void **state)
{
	(void)state;
	static const uint8_t md5[16] = { 0x1d, 0x59, 0x20, 0xf4, 0xb4, 0x4b, 0x27, 0xa8, 0x02, 0xbd, 0x77, 0xc4, 0xf0,
		0x53, 0x6f, 0x5a };
	static const uint8_t four[4] = { 10, 1, 2, 3 };
	uint16_t score = 0;
	struct dataset *set = dataset_new(DATASET_STRING, 4096);
	assert_null(load(set, "Y3VybC83LjQzLjA=", false));
	assert_non_null(load(set, "not base64!", false));
	assert_true(dataset_has(set, span_text("curl/7.43.0"), NULL));
	assert_false(dataset_has(set, span_text("curl/7.43."), NULL));
	assert_false(dataset_has(set, span_text(""), NULL));
	dataset_free(set);
	set = dataset_new(DATASET_MD5, 4096);
	assert_null(load(set, "1d5920f4b44b27a802bd77c4f0536f5a,255", true));
	assert_non_null(load(set, "1d5920f4b44b27a802bd77c4f0536f5a", true));
	assert_non_null(load(set, "1d59,1", true));
	assert_non_null(load(set, "1d5920f4b44b27a802bd77c4f0536f5b,65536", true));
	assert_true(dataset_has(set, span_of(md5, 16), &score));
	assert_int_equal(score, 255);
	dataset_free(set);
	set = dataset_new(DATASET_IP, 4096);
	assert_null(load(set, "10.1.2.3", false));
	assert_null(load(set, "2001:db8::1", false));
	assert_non_null(load(set, "10.1.2", false));
	assert_true(dataset_has(set, span_of(four, 4), NULL));
	dataset_free(set);
}

static void rules_change_a_set(void **state)
{
	(void)state;
	struct dataset *set = dataset_new(DATASET_STRING, 4096);
	struct match_dataset put = { .set = set, .op = DATASET_SET }, take = { .set = set, .op = DATASET_UNSET },
			     has = { .set = set, .op = DATASET_ISSET }, lacks = { .set = set, .op = DATASET_ISNOTSET };
	struct span value = span_text("a.example");
	assert_true(dataset_match(&lacks, value) && !dataset_match(&has, value) && !dataset_match(&take, value));
	assert_true(dataset_match(&put, value));
	assert_false(dataset_match(&put, value));
	assert_true(dataset_match(&has, value) && !dataset_match(&lacks, value));
	assert_true(dataset_match(&take, value) && !dataset_match(&take, value) && !dataset_match(&has, value));
	assert_true(dataset_match(&put, value) && dataset_match(&has, value));
	dataset_free(set);
}

static void scores_are_compared(void **state)
{
	(void)state;
	struct dataset *set = dataset_new(DATASET_STRING, 4096);
	assert_true(dataset_add(set, span_text("x"), 200));
	static const struct {
		uint8_t compare;
		uint16_t score;
		bool holds;
	} cases[] = { { '>', 199, true }, { '>', 200, false }, { '<', 201, true }, { '<', 200, false },
		{ '=', 200, true }, { '=', 1, false } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_dataset match = { set, DATASET_SCORE, cases[i].compare, cases[i].score };
		assert_true(dataset_match(&match, span_text("x")) == cases[i].holds);
		assert_false(dataset_match(&match, span_text("y")));
	}
	dataset_free(set);
}

static void a_full_set_refuses_and_counts(void **state)
{
	(void)state;
	struct dataset *set = dataset_new(DATASET_STRING, 1024);
	unsigned taken = 0;
	for (unsigned i = 0; i < 100; i++) {
		char name[16];
		snprintf(name, sizeof(name), "name%u", i);
		taken += dataset_add(set, span_text(name), 0);
	}
	assert_true(taken > 10 && taken < 40);
	assert_int_equal(dataset_refused(set), 100 - taken);
	assert_true(dataset_has(set, span_text("name0"), NULL));
	dataset_free(set);
}

#define THREADS 4
#define VALUES  2000

struct adder {
	struct dataset *set;
	unsigned added;
};

static void *add_all(void *context)
{
	struct adder *adder = context;
	for (uint32_t i = 0; i < VALUES; i++)
		adder->added += dataset_add(adder->set, span_of(&i, sizeof(i)), 0);
	return NULL;
}

static void every_value_is_new_once(void **state)
{
	(void)state;
	struct dataset *set = dataset_new(DATASET_STRING, 1 << 20);
	struct adder adders[THREADS];
	pthread_t threads[THREADS];
	unsigned added = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		adders[i] = (struct adder) { set, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, add_all, &adders[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		added += adders[i].added;
	}
	assert_int_equal(added, VALUES);
	dataset_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_by_type),
		cmocka_unit_test(rules_change_a_set),
		cmocka_unit_test(scores_are_compared),
		cmocka_unit_test(a_full_set_refuses_and_counts),
		cmocka_unit_test(every_value_is_new_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
