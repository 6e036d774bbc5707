// SPDX-License-Identifier: GPL-3.0-or-later
// Sets read from JSON: where values are looked for, what is kept for alerts, and what is told of objects that cannot be used.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "signatures/operand/dataset_json.h"

struct told {
	unsigned count;
	uint32_t line;
};

static void on_report(void *context, uint32_t line, const char *reason)
{
	struct told *told = context;
	assert_true(reason[0]);
	told->count++;
	told->line = line;
}

static struct dataset *load(enum dataset_type type, const char *text, struct dataset_json how, struct told *told)
{
	const struct dataset_options options = { .type = type, .memcap_bytes = 1 << 16, .expected = 8 };
	struct dataset *set = dataset_new(&options);
	assert_non_null(set);
	*told = (struct told) { 0 };
	how.report = on_report;
	how.context = told;
	if (dataset_load_json(set, span_text(text), &how))
		return set;
	dataset_free(set);
	return NULL;
}

static void assert_json(const struct dataset *set, const char *value, const char *json)
{
	struct dataset_found found;
	assert_true(dataset_has(set, span_text(value), &found));
	assert_int_equal(found.json.len, strlen(json));
	assert_memory_equal(found.json.data, json, found.json.len);
}

static void arrays_and_lines_are_read(void **state)
{
	(void)state;
	struct told told;
	struct dataset *set = load(DATASET_STRING, "[{\"h\":\"a\",\"n\":1}, {\"h\":\"a\",\"n\":2}]",
		(struct dataset_json) { .value_key = "h" }, &told);
	assert_json(set, "a", "{\"h\":\"a\",\"n\":1}"); // the first one counts
	assert_int_equal(told.count, 0);
	dataset_free(set);
	set = load(DATASET_STRING, "{\"x\":{\"y\":[{\"i\":{\"h\":\"a\"},\"n\":1}]}}",
		(struct dataset_json) { .value_key = "i.h", .array_key = "x.y", .remove_key = true }, &told);
	assert_json(set, "a", "{\"i\":{},\"n\":1}");
	dataset_free(set);
	set = load(DATASET_STRING, "{\"h\":\"a\"}\n\n{\"h\":\"b\",\"n\":2}\r\n{\"h\":\"c\"}",
		(struct dataset_json) { .value_key = "h", .lines = true, .remove_key = true }, &told);
	assert_json(set, "b", "{\"n\":2}");
	assert_json(set, "c", "{}");
	dataset_free(set);
	static const uint8_t address[4] = { 10, 0, 0, 1 };
	set = load(DATASET_IP, "[{\"ip\":\"10.0.0.1\"}]", (struct dataset_json) { .value_key = "ip" }, &told);
	assert_true(dataset_has(set, span_of(address, 4), NULL));
	dataset_free(set);
}

static void what_cannot_be_used_is_told(void **state)
{
	(void)state;
	struct told told;
	struct dataset *set = load(DATASET_MD5,
		"{\"h\":\"short\"}\nnonsense\n{\"g\":1}\n{\"h\":1}\n[]\n{\"h\":\"1d5920f4b44b27a802bd77c4f0536f5a\"}",
		(struct dataset_json) { .value_key = "h", .lines = true }, &told);
	assert_int_equal(told.count, 5);
	assert_int_equal(told.line, 5);
	dataset_free(set);
	assert_null(load(DATASET_STRING, "[{]", (struct dataset_json) { .value_key = "h" }, &told));
	assert_int_equal(told.line, 1);
	assert_null(load(DATASET_STRING, "{\"h\":\"a\"}", (struct dataset_json) { .value_key = "h" }, &told));
	assert_null(load(DATASET_STRING, "[]", (struct dataset_json) { .value_key = "h", .array_key = "a.b" }, &told));
}

static void objects_are_added_while_the_set_is_used(void **state)
{
	(void)state;
	struct told told;
	char long_object[DATASET_JSON_MAX + 16];
	struct dataset *set = load(DATASET_STRING, "[]", (struct dataset_json) { .value_key = "h" }, &told);
	assert_true(dataset_add_json(set, span_text("a"), span_text("{ \"n\": 1 }")));
	assert_false(dataset_add_json(set, span_text("a"), span_text("{}")));
	assert_false(dataset_add_json(set, span_text("b"), span_text("[]")));
	assert_false(dataset_add_json(set, span_text("b"), span_text("{")));
	snprintf(long_object, sizeof(long_object), "{\"k\":\"%01024d\"}", 0);
	assert_false(dataset_add_json(set, span_text("b"), span_text(long_object)));
	assert_json(set, "a", "{\"n\":1}");
	dataset_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_and_lines_are_read),
		cmocka_unit_test(what_cannot_be_used_is_told),
		cmocka_unit_test(objects_are_added_while_the_set_is_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
