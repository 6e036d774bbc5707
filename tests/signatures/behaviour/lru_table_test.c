// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signatures/behaviour/lru_table.h"

struct entry {
	uint64_t key, value;
};

static struct entry *get(struct lru_table *table, uint64_t key, bool *fresh)
{
	return lru_table_get(table, &key, fresh);
}

static void an_entry_is_found_again_and_the_one_unused_longest_makes_room(void **state)
{
	(void)state;
	bool fresh;
	struct lru_table *table = lru_table_new(sizeof(struct entry), sizeof(uint64_t), 0); // 16 entries
	assert_non_null(table);
	for (uint64_t i = 1; i <= 16; i++) {
		struct entry *entry = get(table, i, &fresh);
		assert_true(fresh);
		assert_int_equal(entry->value, 0);
		entry->value = 100 * i;
	}
	assert_int_equal(get(table, 1, &fresh)->value, 100);
	assert_false(fresh);
	assert_int_equal(get(table, 17, &fresh)->value, 200); // what 2 left, for the caller to give up
	assert_true(fresh);
	assert_int_equal(lru_table_evicted(table), 1);
	assert_int_equal(get(table, 1, &fresh)->value, 100);
	assert_false(fresh);
	get(table, 2, &fresh);
	assert_true(fresh);
	lru_table_free(table);
}

static void an_evicted_entry_is_used_again_but_never_the_one_to_keep(void **state)
{
	(void)state;
	bool fresh;
	struct lru_table *table = lru_table_new(sizeof(struct entry), sizeof(uint64_t), 1 << 16);
	assert_null(lru_table_evict(table, NULL));
	struct entry *one = get(table, 1, &fresh);
	assert_null(lru_table_evict(table, one));
	struct entry *two = get(table, 2, &fresh);
	assert_ptr_equal(lru_table_evict(table, two), one);
	assert_ptr_equal(get(table, 3, &fresh), one);
	assert_true(fresh);
	assert_ptr_equal(get(table, 2, &fresh), two);
	assert_false(fresh);
	get(table, 1, &fresh);
	assert_true(fresh);
	lru_table_free(table);
}

static void many_keys_in_a_small_table_stay_consistent(void **state)
{
	(void)state;
	bool fresh;
	struct lru_table *table = lru_table_new(sizeof(struct entry), sizeof(uint64_t), 4096);
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t key = i * 2654435761u % 300;
		struct entry *entry = get(table, key, &fresh);
		assert_int_equal(entry->key, key);
		if (!fresh)
			assert_int_equal(entry->value, key + 7);
		entry->value = key + 7;
		if (i % 13 == 12)
			assert_non_null(lru_table_evict(table, entry));
	}
	lru_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_found_again_and_the_one_unused_longest_makes_room),
		cmocka_unit_test(an_evicted_entry_is_used_again_but_never_the_one_to_keep),
		cmocka_unit_test(many_keys_in_a_small_table_stay_consistent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
