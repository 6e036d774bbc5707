// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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
	if (number >= 3)
		return;
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

// Path of the only entry.
static void the_entry(const char *directory, char *path, size_t size)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	path[0] = 0;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(path, size, "%s/%s", directory, entry->d_name);
	closedir(dir);
	assert_true(path[0]);
}

static unsigned entries(const char *directory)
{
	unsigned count = 0;
	struct dirent *entry;
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void empty(const char *directory)
{
	char path[600];
	struct dirent *entry;
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlink(path);
	}
	closedir(dir);
}

#define BUDGET (64u << 20)

static bool cached_with(const char *directory, const char *text, uint64_t budget)
{
	char error[128];
	const struct pattern own[] = { patterns[0], { span_of(text, strlen(text)), false } };
	struct pattern_cache *cache = pattern_cache_open(directory, budget, error, sizeof(error));
	struct pattern_db *db = pattern_db_build(own, 2, cache, error, sizeof(error));
	assert_non_null(db);
	bool was = pattern_db_was_cached(db);
	assert_int_equal(scan(db, "an evil thing", 13).count[0], 1);
	pattern_db_free(db);
	pattern_cache_close(cache);
	return was;
}

static bool cached(const char *directory)
{
	return cached_with(directory, "other", BUDGET);
}

static int make_directory(void **state)
{
	char *directory = strdup("/tmp/pattern_db_test.XXXXXX");
	*state = directory;
	return directory && mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	chmod(*state, 0700);
	empty(*state);
	rmdir(*state);
	free(*state);
	return 0;
}

static void what_was_compiled_is_read_the_next_time(void **state)
{
	char deeper[100];
	assert_false(cached(*state));
	assert_true(cached(*state));
	assert_false(cached_with(*state, "different", BUDGET));
	assert_true(cached_with(*state, "different", BUDGET));
	snprintf(deeper, sizeof(deeper), "%s/a/b", (char *)*state);
	assert_false(cached(deeper));
	assert_true(cached(deeper));
	empty(deeper);
	rmdir(deeper);
	snprintf(deeper, sizeof(deeper), "%s/a", (char *)*state);
	rmdir(deeper);
}

static void a_damaged_entry_is_made_again(void **state)
{
	struct stat entry;
	char path[600];
	assert_false(cached(*state));
	the_entry(*state, path, sizeof(path));
	assert_int_equal(stat(path, &entry), 0);
	assert_int_equal(entry.st_mode & 0777, 0600);
	for (long cut = 0; cut < entry.st_size; cut += entry.st_size / 40 + 1) {
		damage(*state, cut, -1);
		assert_false(cached(*state));
		assert_true(cached(*state));
	}
	for (long at = 0; at < entry.st_size; at += at < 100 ? 1 : entry.st_size / 40 + 1) {
		damage(*state, -1, at); // magic, version, length, key, checksum and database
		assert_false(cached(*state));
		assert_true(cached(*state));
	}
	damage(*state, entry.st_size + 1, -1);
	assert_false(cached(*state));
	assert_true(cached(*state));
}

static void an_entry_of_other_patterns_is_not_taken(void **state)
{
	char first[600], second[600];
	assert_false(cached(*state));
	the_entry(*state, first, sizeof(first));
	snprintf(second, sizeof(second), "%s/.kept", (char *)*state);
	assert_int_equal(rename(first, second), 0);
	assert_false(cached_with(*state, "different", BUDGET));
	the_entry(*state, first, sizeof(first));
	assert_int_equal(rename(second, first), 0); // whole, but not what its name says
	assert_false(cached_with(*state, "different", BUDGET));
	assert_true(cached_with(*state, "different", BUDGET));
}

static void links_are_not_followed(void **state)
{
	char path[600], elsewhere[600], link[100];
	assert_false(cached(*state));
	the_entry(*state, path, sizeof(path));
	snprintf(elsewhere, sizeof(elsewhere), "%s/.elsewhere", (char *)*state);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_false(cached(*state));
	assert_true(cached(*state)); // the link was replaced
	unlink(elsewhere);
	snprintf(link, sizeof(link), "%s.link", (char *)*state);
	assert_int_equal(symlink(*state, link), 0);
	assert_false(cached(link));
	assert_false(cached(link));
	unlink(link);
}

static void a_directory_that_is_not_ours_is_left_alone(void **state)
{
	char error[128];
	chmod(*state, 0777);
	assert_null(pattern_cache_open(*state, BUDGET, error, sizeof(error)));
	assert_string_equal(error, "others may write in it");
	chmod(*state, 0700);
	assert_null(pattern_cache_open("/dev/null/deeper", BUDGET, error, sizeof(error)));
	assert_false(cached("/dev/null/deeper"));
	assert_null(pattern_cache_open("/dev/null", BUDGET, error, sizeof(error)));
	chmod(*state, 0500); // root may write all the same
	assert_false(cached(*state));
	assert_int_equal(cached(*state), geteuid() == 0);
}

static void what_was_used_longest_ago_goes_first(void **state)
{
	char path[600];
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	struct stat entry;
	assert_false(cached_with(*state, "first", BUDGET));
	the_entry(*state, path, sizeof(path));
	assert_int_equal(stat(path, &entry), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	uint64_t two = 2 * (uint64_t)entry.st_size + 200;
	assert_false(cached_with(*state, "other", two));
	usleep(20000);                                   // files' times are coarse
	assert_true(cached_with(*state, "first", two));  // and is young again
	assert_false(cached_with(*state, "third", two)); // there is no room for three
	assert_int_equal(entries(*state), 2);
	assert_true(cached_with(*state, "third", two));
	assert_true(cached_with(*state, "first", two));
	assert_false(cached_with(*state, "third", 0) && cached_with(*state, "fourth", 0));
	assert_int_equal(entries(*state), 0);
}

static void halves_left_behind_are_removed(void **state)
{
	char left[600], strange[600];
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	snprintf(left, sizeof(left), "%s/.new-1-0", (char *)*state);
	snprintf(strange, sizeof(strange), "%s/strange", (char *)*state);
	fclose(fopen(left, "w"));
	fclose(fopen(strange, "w"));
	utimensat(AT_FDCWD, left, old, 0);
	utimensat(AT_FDCWD, strange, old, 0);
	assert_false(cached_with(*state, "first", 0));
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(strange, F_OK), 0); // not ours to remove
}

static void a_shared_database_lives_as_long_as_a_holder(void **state)
{
	(void)state;
	char error[128];
	struct pattern_db *db = pattern_db_build(patterns, 3, NULL, error, sizeof(error));
	assert_ptr_equal(pattern_db_share(db), db);
	pattern_db_free(db);
	assert_int_equal(scan(db, "an evil thing", 13).count[0], 1);
	pattern_db_free(db);
}

// Literals enough for the trie to be large, and small enough for it to be built without fillers.
static void fillers_are_never_told(void **state)
{
	(void)state;
	char error[128], texts[600][20];
	struct pattern many[600];
	for (unsigned i = 0; i < 600; i++)
		many[i] = (struct pattern) {
			span_of(texts[i], (size_t)snprintf(texts[i], sizeof(texts[i]), "lit%ueral", i * 7919)), i & 1
		};
	struct pattern_db *db = pattern_db_build(many, 600, NULL, error, sizeof(error));
	assert_non_null(db);
	struct pattern_scratch *scratch = NULL;
	assert_true(pattern_scratch_fit(&scratch, db));
	uint8_t filler[64];
	memset(filler, 0xfd, sizeof(filler));
	static const uint8_t end[8] = { 0xf1, 0x07, 0xe9, 0x13, 0xd3, 0x1b, 0xc1, 0x25 };
	memcpy(filler + 56, end, 8);
	filler[0] = filler[1] = 0x80;
	struct hits hits = { 0 };
	pattern_db_scan(db, scratch, span_of(filler, sizeof(filler)), on_hit, &hits);
	pattern_db_scan(db, scratch, span_of("lit0eral", 8), on_hit, &hits);
	assert_int_equal(hits.count[0], 1);
	assert_int_equal(hits.count[1] + hits.count[2], 0);
	pattern_scratch_free(scratch);
	pattern_db_free(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_literal_is_told_once),
#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
		ON_DISK(what_was_compiled_is_read_the_next_time),
		ON_DISK(a_damaged_entry_is_made_again),
		ON_DISK(an_entry_of_other_patterns_is_not_taken),
		ON_DISK(links_are_not_followed),
		ON_DISK(a_directory_that_is_not_ours_is_left_alone),
		ON_DISK(what_was_used_longest_ago_goes_first),
		ON_DISK(halves_left_behind_are_removed),
		cmocka_unit_test(a_shared_database_lives_as_long_as_a_holder),
		cmocka_unit_test(fillers_are_never_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
