// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "signatures/match/pattern_db.h"

static const struct pattern patterns[] = {
	{ { (const uint8_t *)"evil", 4 }, false },
	{ { (const uint8_t *)"host", 4 }, true },
	{ { (const uint8_t *)"\0\xff", 2 }, false },
};

struct hits {
	unsigned count[3];
	uint32_t end[3];
};

static void on_hit(void *context, uint32_t number, uint32_t end)
{
	struct hits *hits = context;
	hits->count[number]++;
	hits->end[number] = end;
}

static struct hits scan(const struct pattern_db *db, const char *data, size_t len)
{
	struct hits hits = { 0 };
	struct pattern_scratch *scratch = NULL;
	assert_true(pattern_scratch_fit(&scratch, db));
	pattern_db_scan(db, scratch, span_of(data, len), on_hit, &hits);
	pattern_scratch_free(scratch);
	return hits;
}

static void every_literal_is_told_once(void **state)
{
	(void)state;
	char error[128];
	struct pattern_db *db = pattern_db_build(patterns, 3, NULL, error, sizeof(error));
	assert_non_null(db);
	struct hits hits = scan(db, "HoSt evil EVIL evil host\0\xff", 26);
	assert_int_equal(hits.count[0], 1);
	assert_int_equal(hits.end[0], 9);
	assert_int_equal(hits.count[1], 1);
	assert_int_equal(hits.end[1], 4);
	assert_int_equal(hits.count[2], 1);
	hits = scan(db, "nothing", 7);
	assert_int_equal(hits.count[0] + hits.count[1] + hits.count[2], 0);
	pattern_db_free(db);
}

static void damage(const char *directory, long cut_at, long flip_at)
{
	char path[600];
	struct dirent *entry;
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (cut_at >= 0)
			assert_int_equal(truncate(path, cut_at), 0);
		if (flip_at >= 0) {
			FILE *file = fopen(path, "r+b");
			assert_non_null(file);
			fseek(file, flip_at, SEEK_SET);
			int byte = fgetc(file);
			fseek(file, flip_at, SEEK_SET);
			fputc(byte ^ 1, file);
			fclose(file);
		}
	}
	closedir(dir);
}

static void empty(const char *directory)
{
	char path[600];
	struct dirent *entry;
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(dir);
}

static bool cached(const char *directory)
{
	char error[128];
	struct pattern_db *db = pattern_db_build(patterns, 3, directory, error, sizeof(error));
	assert_non_null(db);
	bool was = pattern_db_was_cached(db);
	assert_int_equal(scan(db, "an evil thing", 13).count[0], 1);
	pattern_db_free(db);
	return was;
}

static void the_cache_is_used_and_distrusted(void **state)
{
	(void)state;
	char directory[] = "/tmp/pattern_db_test.XXXXXX";
	assert_non_null(mkdtemp(directory));
	assert_false(cached(directory));
	assert_true(cached(directory));
	damage(directory, 20, -1);
	assert_false(cached(directory));
	assert_true(cached(directory));
	damage(directory, -1, 100);
	assert_false(cached(directory));
	damage(directory, 0, -1);
	assert_false(cached(directory));
	assert_true(cached(directory));
	assert_false(cached("/nowhere/at/all"));
	empty(directory);
	assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_literal_is_told_once),
		cmocka_unit_test(the_cache_is_used_and_distrusted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
