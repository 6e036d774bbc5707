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

static struct dataset *set_new(enum dataset_type type, size_t memcap)
{
	const struct dataset_options options = { .type = type, .memcap_bytes = memcap, .expected = 16 };
	struct dataset *set = dataset_new(&options);
	assert_non_null(set);
	return set;
}

static const char *load(struct dataset *set, const char *line)
{
	return dataset_load_line(set, span_text(line));
}

static bool holds(const struct match_dataset *match, struct span value)
{
	struct dataset_found found;
	return dataset_match(match, value, &found);
}

static void lines_are_read_by_type(void **state)
{
	(void)state;
	static const uint8_t md5[16] = { 0x1d, 0x59, 0x20, 0xf4, 0xb4, 0x4b, 0x27, 0xa8, 0x02, 0xbd, 0x77, 0xc4, 0xf0,
		0x53, 0x6f, 0x5a };
	static const uint8_t four[4] = { 10, 1, 2, 3 };
	struct dataset_found found;
	struct dataset *set = set_new(DATASET_STRING, 4096);
	assert_null(load(set, "Y3VybC83LjQzLjA="));
	assert_non_null(load(set, "not base64!"));
	assert_true(dataset_has(set, span_text("curl/7.43.0"), NULL));
	assert_false(dataset_has(set, span_text("curl/7.43."), NULL));
	assert_false(dataset_has(set, span_text(""), NULL));
	dataset_free(set);
	set = set_new(DATASET_MD5, 4096);
	assert_null(load(set, "1d5920f4b44b27a802bd77c4f0536f5a,255"));
	assert_null(load(set, "1d5920f4b44b27a802bd77c4f0536f5a")); // the first one counts
	assert_non_null(load(set, "1d59,1"));
	assert_non_null(load(set, "1d5920f4b44b27a802bd77c4f0536f5b,65536"));
	assert_true(dataset_has(set, span_of(md5, 16), &found));
	assert_int_equal(found.score, 255);
	dataset_free(set);
	set = set_new(DATASET_IP, 4096);
	assert_null(load(set, "10.1.2.3"));
	assert_null(load(set, "2001:db8::1"));
	assert_non_null(load(set, "10.1.2"));
	assert_true(dataset_has(set, span_of(four, 4), NULL));
	dataset_free(set);
}

static void rules_change_a_set(void **state)
{
	(void)state;
	struct dataset *set = set_new(DATASET_STRING, 4096);
	struct match_dataset put = { .set = set, .op = DATASET_SET }, take = { .set = set, .op = DATASET_UNSET },
			     has = { .set = set, .op = DATASET_ISSET }, lacks = { .set = set, .op = DATASET_ISNOTSET };
	struct span value = span_text("a.example");
	assert_true(holds(&lacks, value) && !holds(&has, value) && !holds(&take, value));
	assert_true(holds(&put, value));
	assert_false(holds(&put, value));
	assert_true(holds(&has, value) && !holds(&lacks, value));
	assert_true(holds(&take, value) && !holds(&take, value) && !holds(&has, value));
	assert_true(holds(&put, value) && holds(&has, value));
	dataset_free(set);
}

static void scores_are_compared(void **state)
{
	(void)state;
	struct dataset *set = set_new(DATASET_STRING, 4096);
	assert_true(dataset_add(set, span_text("x"), &(struct dataset_found) { .score = 200 }));
	static const struct {
		uint8_t compare;
		uint16_t score;
		bool holds;
	} cases[] = { { '>', 199, true }, { '>', 200, false }, { '<', 201, true }, { '<', 200, false },
		{ '=', 200, true }, { '=', 1, false } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_dataset match = {
			.set = set, .op = DATASET_SCORE, .compare = cases[i].compare, .score = cases[i].score
		};
		assert_true(holds(&match, span_text("x")) == cases[i].holds);
		assert_false(holds(&match, span_text("y")));
	}
	dataset_free(set);
}

static void a_full_set_refuses_and_counts(void **state)
{
	(void)state;
	struct dataset *set = set_new(DATASET_STRING, 1024);
	unsigned taken = 0;
	for (unsigned i = 0; i < 100; i++) {
		char name[16];
		snprintf(name, sizeof(name), "name%u", i);
		taken += dataset_add(set, span_text(name), NULL);
	}
	assert_true(taken > 10 && taken < 40);
	assert_int_equal(dataset_refused(set), 100 - taken);
	assert_true(dataset_has(set, span_text("name0"), NULL));
	dataset_free(set);
}

static void domains_are_found_below_listed_ones(void **state)
{
	(void)state;
	struct dataset *set = set_new(DATASET_STRING, 4096);
	struct match_dataset below = { .set = set, .op = DATASET_ISSET, .subdomain = true },
			     none = { .set = set, .op = DATASET_ISNOTSET, .subdomain = true };
	assert_true(dataset_add(set, span_text("evil.example"), NULL));
	static const struct {
		const char *name;
		bool listed;
	} cases[] = { { "evil.example", true }, { "a.evil.example", true }, { "a.b.evil.example", true },
		{ "notevil.example", false }, { "example", false }, { "evil.example.com", false }, { ".", false },
		{ "..evil.example", true }, { "evil.example.", false } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(holds(&below, span_text(cases[i].name)) == cases[i].listed);
		assert_true(holds(&none, span_text(cases[i].name)) != cases[i].listed);
	}
	dataset_free(set);
}

static uint64_t written(const struct dataset *set, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");
	assert_non_null(out);
	uint64_t count = dataset_write(set, out);
	fclose(out);
	return count;
}

// A generation later the file is read again: what was added goes on, and what was taken away stays away.
static void changes_outlive_a_generation(void **state)
{
	(void)state;
	char text[256] = "";
	struct dataset *first = set_new(DATASET_STRING, 4096);
	assert_null(load(first, "b25l"));   // one
	assert_null(load(first, "dHdv,7")); // two
	assert_true(dataset_add(first, span_text("three"), NULL));
	assert_true(dataset_remove(first, span_text("two")));
	assert_false(dataset_remove(first, span_text("two")));
	const struct dataset_options options = {
		.type = DATASET_STRING, .memcap_bytes = 4096, .expected = 4, .before = first
	};
	struct dataset *second = dataset_new(&options);
	assert_null(load(second, "dHdv,7"));
	assert_null(load(second, "Zm91cg=="));                    // four
	assert_true(dataset_add(first, span_text("five"), NULL)); // while the new one is being made
	assert_true(dataset_goes_on(second, first));
	dataset_free(first);
	assert_true(dataset_has(second, span_text("three"), NULL) && dataset_has(second, span_text("five"), NULL) &&
		    dataset_has(second, span_text("four"), NULL));
	assert_false(dataset_has(second, span_text("one"), NULL) || dataset_has(second, span_text("two"), NULL));
	assert_int_equal(written(second, text, sizeof(text)), 3);
	assert_non_null(strstr(text, "Zm91cg==\n"));
	struct dataset_found found;
	assert_true(dataset_add(second, span_text("two"), NULL) && dataset_has(second, span_text("two"), &found));
	assert_int_equal(found.score, 7);
	dataset_clear(second);
	assert_int_equal(written(second, text, sizeof(text)), 0);
	assert_true(dataset_add(second, span_text("four"), NULL));
	assert_int_equal(written(second, text, sizeof(text)), 1);
	dataset_free(second);
}

static void what_is_written_reads_back(void **state)
{
	(void)state;
	static const struct {
		enum dataset_type type;
		const char *line;
	} cases[] = { { DATASET_STRING, "Y3VybC83LjQzLjA=" }, { DATASET_STRING, "YQ==" }, { DATASET_STRING, "YWI=" },
		{ DATASET_MD5, "1d5920f4b44b27a802bd77c4f0536f5a" }, { DATASET_IPV4, "10.1.2.3" },
		{ DATASET_IP, "10.1.2.3" }, { DATASET_IP, "2001:db8::1" },
		{ DATASET_MD5, "1d5920f4b44b27a802bd77c4f0536f5a,255" } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256] = "";
		struct dataset *set = set_new(cases[i].type, 4096);
		assert_null(load(set, cases[i].line));
		assert_int_equal(written(set, text, sizeof(text)), 1);
		assert_int_equal(strncmp(text, cases[i].line, strlen(cases[i].line)), 0);
		dataset_free(set);
	}
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
		adder->added += dataset_add(adder->set, span_of(&i, sizeof(i)), NULL);
	return NULL;
}

static void every_value_is_new_once(void **state)
{
	(void)state;
	struct dataset *set = set_new(DATASET_STRING, 1 << 20);
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
		cmocka_unit_test(domains_are_found_below_listed_ones),
		cmocka_unit_test(changes_outlive_a_generation),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(every_value_is_new_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
