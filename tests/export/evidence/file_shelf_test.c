// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evidence/file_shelf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static uint8_t block[4096];

static int remove_one(const char *path, const struct stat *what, int type, struct FTW *walk)
{
	(void)what;
	(void)type;
	(void)walk;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/sekisho-shelf-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const uint8_t *name_of(uint8_t first)
{
	static uint8_t name[SHELF_NAME_BYTES];
	memset(name, 0x5a, sizeof(name));
	name[0] = first;
	return name;
}

static enum shelf_result store(struct file_shelf *shelf, uint8_t first, unsigned blocks)
{
	for (unsigned i = 0; i < blocks; i++) {
		enum shelf_result result = file_shelf_append(shelf, 1, span_of(block, sizeof(block)));
		if (result != SHELF_OK)
			return result;
	}
	return file_shelf_put(shelf, 1, name_of(first));
}

static const char *path_of(uint8_t first)
{
	static char path[256];
	int len = snprintf(path, sizeof(path), "%s/%02x/%02x", folder, first, first);
	for (unsigned i = 1; i < SHELF_NAME_BYTES; i++)
		len += snprintf(path + len, sizeof(path) - (size_t)len, "5a");
	return path;
}

// Seconds before now a stored file was last seen.
static void age(uint8_t first, long seconds)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, { time(NULL) - seconds, 0 } };
	assert_int_equal(utimensat(AT_FDCWD, path_of(first), times, 0), 0);
}

static bool is_there(uint8_t first)
{
	return access(path_of(first), F_OK) == 0;
}

static void names_files_by_their_digest(void **state)
{
	(void)state;
	struct file_shelf *shelf = file_shelf_open(folder, 1 << 20, SHELF_OLDEST);
	struct shelf_state now;
	struct stat file;
	assert_non_null(shelf);
	assert_int_equal(store(shelf, 0xab, 3), SHELF_OK);
	assert_int_equal(stat(path_of(0xab), &file), 0);
	assert_int_equal(file.st_size, 3 * sizeof(block));
	assert_int_equal(store(shelf, 0xab, 3), SHELF_KNOWN);
	file_shelf_state(shelf, &now);
	assert_int_equal(now.files, 1);
	assert_int_equal(now.bytes, 3 * sizeof(block));
	assert_int_equal(file_shelf_append(shelf, 7, span_of(block, 10)), SHELF_OK);
	file_shelf_discard(shelf, 7);
	file_shelf_discard(shelf, 8); // never began
	file_shelf_state(shelf, &now);
	assert_int_equal(now.bytes, 3 * sizeof(block));
	file_shelf_close(shelf);
}

static void removes_what_was_not_seen_for_longest(void **state)
{
	(void)state;
	struct file_shelf *shelf = file_shelf_open(folder, 10 * sizeof(block), SHELF_OLDEST);
	struct shelf_state now;
	for (uint8_t i = 0; i < 3; i++)
		assert_int_equal(store(shelf, i, 3), SHELF_OK);
	assert_int_equal(file_shelf_note(shelf, name_of(1), 5, 6, span_of(block, 2)), SHELF_OK);
	file_shelf_close(shelf);
	for (uint8_t i = 0; i < 3; i++)
		age(i, 300 - i);
	shelf = file_shelf_open(folder, 10 * sizeof(block), SHELF_OLDEST); // finds them again, and the note
	file_shelf_state(shelf, &now);
	assert_int_equal(now.files, 3);
	assert_int_equal(now.bytes, 10 * sizeof(block));
	assert_true(file_shelf_touch(shelf, name_of(0)) &&
		    !file_shelf_touch(shelf, name_of(7))); // seen again: 1 is the oldest now
	assert_int_equal(store(shelf, 9, 3), SHELF_OK);
	assert_true(is_there(0) && !is_there(1));
	assert_true(is_there(9));
	file_shelf_state(shelf, &now);
	assert_true(now.bytes <= 10 * sizeof(block));
	assert_int_equal(now.files + now.evicted, 4);
	assert_false(now.full);
	assert_int_equal(store(shelf, 10, 11), SHELF_OVER_BUDGET); // more than there will ever be
	file_shelf_close(shelf);
}

static void refuses_when_told_to(void **state)
{
	(void)state;
	struct file_shelf *shelf = file_shelf_open(folder, 4 * sizeof(block), SHELF_REFUSE);
	struct shelf_state now;
	assert_int_equal(store(shelf, 1, 3), SHELF_OK);
	assert_int_equal(store(shelf, 2, 3), SHELF_OVER_BUDGET);
	file_shelf_state(shelf, &now);
	assert_true(now.full && is_there(1) && !is_there(2));
	assert_int_equal(now.bytes, 3 * sizeof(block));
	assert_int_equal(now.evicted, 0);
	file_shelf_close(shelf);
}

static void belongs_to_one_sensor(void **state)
{
	(void)state;
	struct file_shelf *shelf = file_shelf_open(folder, 1 << 20, SHELF_OLDEST);
	assert_non_null(shelf);
	assert_null(file_shelf_open(folder, 1 << 20, SHELF_OLDEST));
	assert_int_equal(file_shelf_append(shelf, 3, span_of(block, 10)), SHELF_OK);
	file_shelf_close(shelf);
	shelf = file_shelf_open(folder, 1 << 20, SHELF_OLDEST); // what was left unfinished is gone
	struct shelf_state now;
	file_shelf_state(shelf, &now);
	assert_int_equal(now.bytes, 0);
	assert_int_equal(file_shelf_put(shelf, 3, name_of(3)), SHELF_FAILED);
	file_shelf_close(shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_files_by_their_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(removes_what_was_not_seen_for_longest, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_when_told_to, setup, teardown),
		cmocka_unit_test_setup_teardown(belongs_to_one_sensor, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
