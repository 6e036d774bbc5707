// SPDX-License-Identifier: GPL-3.0-or-later
// Sets of values as rules and settings define them: where files are, what is refused, what is saved, and what a reload carries over.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "decoders/base/option.h"
#include "signatures/rule/rule_datasets.h"
#include "signatures/rule/rule_set.h"

static char folder[] = "/tmp/sekisho-datasets-XXXXXX";

struct told {
	unsigned errors;
	struct rule_error last;
};
static struct told told;

static void on_error(void *context, const struct rule_error *error)
{
	(void)context;
	told.errors++;
	told.last = *error;
}

static void path_of(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	path_of(path, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void assert_file(const char *name, const char *text)
{
	char path[128], read[256];
	path_of(path, name);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	size_t len = fread(read, 1, sizeof(read) - 1, in);
	read[len] = 0;
	fclose(in);
	assert_string_equal(read, text);
}

static int make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	char path[128];
	path_of(path, "store");
	assert_int_equal(mkdir(path, 0700), 0);
	path_of(path, "link");
	assert_int_equal(symlink("store", path), 0);
	write_file("one.lst", "b25l\n# comment\n\ndHdv\n"); // one, two
	write_file("bad.lst", "b25l\n???\n");
	write_file("seen.json", "[{\"host\":\"one\",\"n\":1}]");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static struct rule_set *set_of(
	struct option_pair *pairs, size_t count, const char *const *arguments, const struct rule_set *like)
{
	struct option_map map = { pairs, count };
	char file[128], store[128], text[512];
	path_of(store, "./store/");
	struct rule_options options = {
		.datasets = &map,
		.data_path = folder,
		.keep_out = store,
		.like = like,
		.on_error = on_error,
	};
	told = (struct told) { 0 };
	path_of(file, "test.rules");
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	for (unsigned i = 0; arguments[i]; i++) {
		snprintf(text, sizeof(text), "alert dns any any -> any any (dns.query; %s; sid:%u;)", arguments[i],
			i + 1);
		rule_set_add(set, text, file, i + 1);
	}
	assert_true(rule_set_finish(set));
	return set;
}
#define RULES(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void files_lie_beside_the_rules(void **state)
{
	(void)state;
	struct rule_set *set =
		set_of(NULL, 0, RULES("dataset:isset,a,type string,load one.lst", "dataset:isset,a"), NULL);
	assert_int_equal(told.errors, 0);
	assert_true(dataset_has(rule_set_dataset(set, "a"), span_text("two"), NULL));
	assert_null(rule_set_dataset(set, "b"));
	rule_set_free(set);
	set = set_of(NULL, 0, RULES("dataset:isset,a,type string,load bad.lst"), NULL);
	assert_int_equal(set->count, 1);
	assert_int_equal(told.last.line, 2);
	assert_non_null(strstr(told.last.file, "bad.lst"));
	rule_set_free(set);
}

static void what_rules_must_not_say_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *keyword, *reason;
	} bad[] = {
		{ "dataset:isset,a", "has no type" },
		{ "dataset:isset,a,type strin", "expected type" },
		{ "dataset:is,a,type string", "expected set, unset" },
		{ "dataset:isset,a,type string,load none.lst", "cannot be read" },
		{ "dataset:isset,a,type string,load /proc/self/status", "no file to read from" },
		{ "dataset:isset,a,type string,load /dev/zero", "no file to read from" },
		{ "dataset:isset,a,type string,load one.lst,state a.lst", "state stands for" },
		{ "dataset:set,a,type string,state /tmp/a.lst", "outside default-data-dir" },
		{ "dataset:set,a,type string,save b/../../a.lst", "leave default-data-dir" },
		{ "dataset:set,a,type string,save store/audit.jsonl", "into rules.store" },
		{ "dataset:set,a,type string,state ./store//sets/a.lst", "into rules.store" },
		{ "dataset:set,a,type string,save link/a.lst", "into rules.store" },
		{ "dataset:set,a,type string,hashsize 262145", "single-hashsize" },
		{ "dataset:set,a,type string,memcap 0", "after memcap" },
		{ "dataset:isset,a,type string,memcap 32,load one.lst", "no more room" },
		{ "dataset:isset,a,type string,wrong x", "no argument" },
		{ "dataset:set,a,type string,match subdomain", "goes with isset" },
		{ "dataset:isset,a,type md5,match subdomain", "type string" },
		{ "dataset:isset,a,type string,load seen.json,format xml", "expected format" },
		{ "dataset:isset,a,type string,load seen.json,format json,value_key host", "needs context_key" },
		{ "dataset:isset,a,type string,load seen.json,format json,context_key c", "needs value_key" },
		{ "dataset:isset,a,type string,format json,context_key c,value_key host", "needs load" },
		{ "dataset:set,a,type string,load seen.json,format json,context_key c,value_key host", "read only" },
		{ "dataset:isset,a,type string,load one.lst,context_key c", "context_key goes with" },
		{ "dataset:isset,limits,type string", "no set" },
		{ "datarep:a,>,1", "has no type" },
		{ "datarep:a,~,1,type string", "expected <" },
		{ "datarep:a,>,65536,type string", "expected a score" },
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rule_set *set = set_of(NULL, 0, RULES(bad[i].keyword), NULL);
		assert_int_equal(set->count, 0);
		if (!strstr(told.last.reason, bad[i].reason))
			fail_msg("%s: %s", bad[i].keyword, told.last.reason);
		rule_set_free(set);
	}
}

static void one_name_is_one_set(void **state)
{
	(void)state;
	struct rule_set *set = set_of(NULL, 0,
		RULES("dataset:isset,a,type string,load one.lst", "dataset:isset,a,type md5",
			"dataset:isset,a,type string,load bad.lst", "dataset:isnotset,a,type string,load one.lst"),
		NULL);
	assert_int_equal(told.errors, 2);
	assert_int_equal(set->count, 2);
	rule_set_free(set);
	set = set_of(NULL, 0, RULES("dataset:isset,a,type string", "dataset:isset,a,type string,load one.lst"), NULL);
	assert_int_equal(set->count, 1);
	rule_set_free(set);
}

static void settings_define_sets(void **state)
{
	(void)state;
	char load[128];
	path_of(load, "one.lst");
	struct option_pair pairs[] = { { "a.type", "string" }, { "a.load", load }, { "enabled", "yes" },
		{ "b.type", "ip" }, { "b.state", "/nowhere/b.lst" }, { "c.load", load }, { "d.tpye", "ip" },
		{ "limits.total-hashsizes", "5000" }, { "defaults.memcap", "1mb" } };
	struct rule_set *set = set_of(pairs, 9,
		RULES("dataset:isset,a", "dataset:isset,b", "dataset:isset,c,type string", "dataset:set,e,type string"),
		NULL);
	assert_int_equal(set->count, 2); // c and e are over the sum of hashsizes, 2048 each
	assert_non_null(strstr(told.last.reason, "total-hashsizes"));
	assert_int_equal(told.errors, 3); // and d
	assert_true(dataset_has(rule_set_dataset(set, "a"), span_text("one"), NULL));
	rule_set_free(set);
	char json[128];
	path_of(json, "seen.json");
	struct option_pair in_json[] = { { "j.type", "string" }, { "j.load", json }, { "j.format", "json" },
		{ "j.value_key", "host" }, { "j.remove_key", "yes" } };
	struct dataset_found found;
	set = set_of(in_json, 5, RULES("dataset:isset,j,context_key bad"), NULL);
	assert_int_equal(set->count, 1);
	assert_true(dataset_has(rule_set_dataset(set, "j"), span_text("one"), &found));
	assert_true(span_is(found.json, "{\"n\":1}"));
	rule_set_free(set);
	struct option_pair open[] = { { "rules.allow-absolute-filenames", "yes" } };
	set = set_of(open, 1, RULES("dataset:set,a,type string,state /tmp/sekisho-never-written.lst"), NULL);
	assert_int_equal(set->count, 1);
	rule_set_free(set);
	struct option_pair closed[] = { { "rules.allow-write", "no" } };
	set = set_of(closed, 1, RULES("dataset:set,a,type string,state a.lst"), NULL);
	assert_int_equal(set->count, 0);
	rule_set_free(set);
}

static void changes_are_saved_and_carried_over(void **state)
{
	(void)state;
	unsigned failed;
	const char *const *rules = RULES("dataset:set,a,type string,state deep/a.lst", "dataset:set,b,type string",
		"dataset:isset,c,type string,load one.lst", "dataset:set,gone,type string,save gone.lst");
	struct rule_set *first = set_of(NULL, 0, rules, NULL);
	assert_int_equal(first->count, 4);
	assert_true(dataset_add(rule_set_dataset(first, "a"), span_text("one"), NULL));
	assert_true(dataset_add(rule_set_dataset(first, "b"), span_text("two"), NULL));
	assert_true(dataset_add(rule_set_dataset(first, "gone"), span_text("two"), NULL));
	assert_true(dataset_remove(rule_set_dataset(first, "c"), span_text("two")));
	assert_int_equal(rule_datasets_save(first, NULL, &failed), 2);
	assert_int_equal(failed, 0);
	assert_file("deep/a.lst", "b25l\n");
	struct rule_set *second = set_of(NULL, 0,
		RULES("dataset:set,a,type string,state deep/a.lst", "dataset:set,b,type string",
			"dataset:isset,c,type string,load one.lst"),
		first);
	assert_true(dataset_add(rule_set_dataset(first, "a"), span_text("late"), NULL));
	assert_true(dataset_add(rule_set_dataset(first, "gone"), span_text("one"), NULL));
	write_file("deep/a.lst", "kept\n");
	assert_int_equal(rule_datasets_save(first, second, NULL), 1); // what the second does not go on with
	assert_file("deep/a.lst", "kept\n");
	rule_set_free(first);
	assert_true(dataset_has(rule_set_dataset(second, "a"), span_text("late"), NULL));
	assert_true(dataset_has(rule_set_dataset(second, "b"), span_text("two"), NULL));
	assert_true(dataset_has(rule_set_dataset(second, "c"), span_text("one"), NULL));
	assert_false(dataset_has(rule_set_dataset(second, "c"), span_text("two"), NULL));
	rule_set_free(second);
	struct rule_set *again = set_of(NULL, 0, RULES("dataset:isset,gone,type string,state gone.lst"), NULL);
	assert_true(dataset_has(rule_set_dataset(again, "gone"), span_text("one"), NULL));
	rule_set_free(again);
}

static void digests_are_listed_beside_the_rules(void **state)
{
	(void)state;
	struct rule_options options = { .on_error = on_error };
	char file[128];
	path_of(file, "test.rules");
	write_file("md5.lst", "# comment\n1d5920f4b44b27a802bd77c4f0536f5a  a file\n");
	write_file("bad.md5", "1d5920f4b44b27a802bd77c4f0536f5a\n1d59\n");
	told = (struct told) { 0 };
	struct rule_set *set = rule_set_new(&options);
	assert_true(rule_set_add(set, "alert http any any -> any any (filemd5:md5.lst; sid:1;)", file, 1));
	assert_true(rule_set_add(set, "alert http any any -> any any (filemd5:!md5.lst; sid:2;)", file, 2));
	assert_false(rule_set_add(set, "alert http any any -> any any (filemd5:bad.md5; sid:3;)", file, 3));
	assert_non_null(strstr(told.last.reason, "line 2"));
	assert_false(rule_set_add(set, "alert http any any -> any any (filemd5:none.md5; sid:4;)", file, 4));
	assert_true(rule_set_finish(set));
	rule_set_free(set); // with what was read: the leak checker looks
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_lie_beside_the_rules),
		cmocka_unit_test(what_rules_must_not_say_is_refused),
		cmocka_unit_test(one_name_is_one_set),
		cmocka_unit_test(settings_define_sets),
		cmocka_unit_test(changes_are_saved_and_carried_over),
		cmocka_unit_test(digests_are_listed_beside_the_rules),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
