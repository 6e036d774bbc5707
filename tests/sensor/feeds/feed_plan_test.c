// SPDX-License-Identifier: GPL-3.0-or-later
// Plain lists of the configuration are called by their paths, whatever place they have: what is kept of each is kept by its name.
#include "sensor/feeds/feed_plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define LONG "/srv/a-folder-with-a-name-that-is-long/and-another-below-it-that-is-long/"

static struct feed_plan *plan_of(char **lists, size_t count, char **allow, size_t allow_count)
{
	struct sensor_config config = { 0 };
	struct pack_error error;
	config.reputation.lists = (struct option_list) { lists, count };
	config.reputation.allow = (struct option_list) { allow, allow_count };
	struct feed_plan *plan = feed_plan_new(&config, NULL, &error);
	assert_non_null(plan);
	return plan;
}

static const char *name_of(const struct feed_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->feeds.count; i++)
		if (strcmp(plan->feeds.items[i].source, path) == 0)
			return plan->feeds.items[i].name;
	fail_msg("%s is not there", path);
	return NULL;
}

static void lists_are_called_by_their_paths(void **state)
{
	(void)state;
	char *lists[] = { "/etc/sekisho/bad.txt", "./Worse list", "/etc/sekisho/bad.txt" };
	char *turned[] = { "./Worse list", "/etc/sekisho/bad.txt" }, *allow[] = { "/etc/sekisho/bad.txt" };
	struct feed_plan *plan = plan_of(lists, 3, allow, 1), *other = plan_of(turned, 2, NULL, 0);
	assert_int_equal(plan->feeds.count, 3); // given twice is given once
	assert_string_equal(plan->feeds.items[0].name, "list-etc-sekisho-bad-txt");
	assert_string_equal(plan->feeds.items[1].name, "list-worse-list");
	assert_string_equal(plan->feeds.items[2].name, "allow-etc-sekisho-bad-txt");
	assert_string_equal(name_of(other, lists[0]), name_of(plan, lists[0]));
	assert_string_equal(name_of(other, lists[1]), name_of(plan, lists[1]));
	feed_plan_free(plan);
	feed_plan_free(other);
}

static void names_are_not_two_lists(void **state)
{
	(void)state;
	char *lists[] = { "/a/b", "/a-b", LONG "one.txt", LONG "two.txt", "/srv" LONG "one.txt", "---", "" };
	struct feed_plan *plan = plan_of(lists, 7, NULL, 0);
	assert_int_equal(plan->feeds.count, 7);
	for (size_t i = 0; i < 7; i++) {
		const char *name = plan->feeds.items[i].name;
		assert_in_range(strlen(name), 4, FEED_NAME_MAX);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(name, plan->feeds.items[other].name);
	}
	assert_non_null(strstr(name_of(plan, lists[2]), "-one-txt-"));
	feed_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_called_by_their_paths),
		cmocka_unit_test(names_are_not_two_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
