// SPDX-License-Identifier: GPL-3.0-or-later
// iprep and geoip from the rule's text to the answer for a packet, with lists and a database made here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>
#include "decoders/base/option.h"
#include "signatures/engine/address_test.h"
#include "signatures/rule/rule_set.h"
#include "tests/support/mmdb_file.h"

static char folder[] = "/tmp/sekisho-address-XXXXXX";
static char categories[64], list[64], database[64];

static void write_text(char *path, size_t size, const char *name, const char *text)
{
	snprintf(path, size, "%s/%s", folder, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int make_files(void **state)
{
	(void)state;
	static const struct mmdb_country countries[] = { { { 192, 0, 2, 0 }, 24, "JP", false },
		{ { 198, 51, 100, 0 }, 24, "US", false }, { { 203, 0, 113, 0 }, 25, "de", true } };
	assert_non_null(mkdtemp(folder));
	write_text(categories, sizeof(categories), "categories", "# comment\n1,Bad,Known bad\n2,Good,Known good\n");
	write_text(list, sizeof(list), "list", "192.0.2.1,1,100\n192.0.2.0/24,2,5\nnonsense\n");
	snprintf(database, sizeof(database), "%s/country.mmdb", folder);
	return !mmdb_write(database, countries, 3);
}

static int remove_files(void **state)
{
	(void)state;
	unlink(categories);
	unlink(list);
	unlink(database);
	return rmdir(folder);
}

struct told {
	unsigned errors;
	struct rule_error last;
};

static void on_error(void *context, const struct rule_error *error)
{
	struct told *told = context;
	told->errors++;
	told->last = *error;
}

static struct rule_set *set_with(struct told *told, bool configured)
{
	static char *files[] = { "list" };
	static const struct option_list list_of = { files, 1 };
	struct rule_options options = { .on_error = on_error, .on_error_context = told };
	if (configured) {
		options.reputation_files = &list_of;
		options.reputation_path = folder;
		options.reputation_categories = categories;
		options.geoip_database = database;
	}
	*told = (struct told) { 0 };
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	return set;
}

// Does the keyword hold for a packet between the two?
static bool holds(const char *keyword, const char *src, const char *dst)
{
	struct told told;
	struct rule_set *set = set_with(&told, true);
	char text[256];
	snprintf(text, sizeof(text), "alert ip any any -> any any (%s; sid:1;)", keyword);
	if (!rule_set_add(set, text, "test", 1))
		fail_msg("%s: %s", keyword, told.last.reason);
	assert_true(rule_set_finish(set));
	struct packet packet = { .ip_version = 4 };
	assert_true(address_parse(src, &packet.src) && address_parse(dst, &packet.dst));
	bool answer = address_test_holds(&packet, &set->rules[0]->tests[0]);
	packet.ip_version = 0;
	assert_false(address_test_holds(&packet, &set->rules[0]->tests[0]));
	rule_set_free(set);
	return answer;
}

static void lists_are_asked(void **state)
{
	(void)state;
	static const char one[] = "192.0.2.1", near[] = "192.0.2.9", far[] = "10.0.0.1";
	assert_true(holds("iprep:src,Bad,>,50", one, far));
	assert_false(holds("iprep:src,Bad,>,100", one, far));
	assert_true(holds("iprep:src,Bad,>=,100", one, far));
	assert_true(holds("iprep:src,Bad,=,100", one, far));
	assert_false(holds("iprep:dst,Bad,>,50", one, far));
	assert_true(holds("iprep:any,Bad,>,50", far, one));
	assert_false(holds("iprep:both,Good,<,50", one, far));
	assert_true(holds("iprep:both,Good,<,50", one, near));
	assert_false(holds("iprep:src,Bad,<,50", near, far)); // what is not listed has no score
	assert_true(holds("iprep:src,Bad,isset", one, far));
	assert_false(holds("iprep:src,Bad,isset", near, far));
	assert_true(holds("iprep:src,Bad,isnotset", near, far));
	assert_true(holds("iprep:any,Bad,isnotset", one, far));
	assert_false(holds("iprep:both,Bad,isnotset", one, far));
}

static void countries_are_asked(void **state)
{
	(void)state;
	static const char jp[] = "192.0.2.1", us[] = "198.51.100.7", de[] = "203.0.113.1", none[] = "203.0.113.129";
	assert_true(holds("geoip:src,JP", jp, us));
	assert_false(holds("geoip:src,JP", us, jp));
	assert_true(holds("geoip:JP", us, jp)); // any
	assert_true(holds("geoip:any,jp,us", none, us));
	assert_true(holds("geoip:both,JP,US", jp, us));
	assert_false(holds("geoip:both,JP,US", jp, de));
	assert_true(holds("geoip:dst,DE", jp, de));
	assert_false(holds("geoip:dst,!DE", jp, de));
	assert_true(holds("geoip:dst,!JP,!US", jp, de));
	assert_false(holds("geoip:dst,!JP,!US", jp, us));
	assert_false(holds("geoip:dst,!JP", jp, none)); // unknown is in no country
	assert_false(holds("geoip:dst,JP", jp, "2001:db8::1"));
}

static void what_cannot_be_asked_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *keyword, *reason;
	} bad[] = { { "iprep:src,Bad,>", "score" }, { "iprep:src,Bad,>,128", "score" },
		{ "iprep:src,Worse,>,1", "category" }, { "iprep:left,Bad,>,1", "any, src" },
		{ "iprep:src,Bad,~,1", "expected <" }, { "iprep:src,Bad,isset,1", "nothing comes" },
		{ "geoip:src", "countries" }, { "geoip:src,USA", "two letters" } };
	struct told told;
	char text[256];
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rule_set *set = set_with(&told, true);
		assert_int_equal(told.errors, 1); // the line that is no address
		assert_int_equal(told.last.line, 3);
		snprintf(text, sizeof(text), "alert ip any any -> any any (%s; sid:1;)", bad[i].keyword);
		assert_false(rule_set_add(set, text, "test", 1));
		if (!strstr(told.last.reason, bad[i].reason))
			fail_msg("%s: %s", bad[i].keyword, told.last.reason);
		rule_set_free(set);
	}
	struct rule_set *set = set_with(&told, false);
	assert_false(rule_set_add(set, "alert ip any any -> any any (iprep:src,Bad,>,1; sid:1;)", "test", 1));
	assert_non_null(strstr(told.last.reason, "reputation-categories-file"));
	assert_false(rule_set_add(set, "alert ip any any -> any any (geoip:US; sid:1;)", "test", 1));
	assert_non_null(strstr(told.last.reason, "geoip-database"));
	rule_set_free(set);
}

static void rules_on_lists_alone_are_asked_once_a_flow(void **state)
{
	(void)state;
	struct told told;
	struct rule_set *set = set_with(&told, true);
	assert_true(rule_set_add(set, "alert ip any any -> any any (iprep:src,Bad,>,1; sid:1;)", "test", 1));
	assert_true(rule_set_finish(set));
	assert_int_equal(set->rules[0]->type, RULE_TYPE_IP_ONLY);
	rule_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_asked),
		cmocka_unit_test(countries_are_asked),
		cmocka_unit_test(what_cannot_be_asked_is_refused),
		cmocka_unit_test(rules_on_lists_alone_are_asked_once_a_flow),
	};
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
