// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/log/event_log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/sekisho-log-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static unsigned each_file(bool remove_them)
{
	DIR *directory = opendir(folder);
	unsigned count = 0;
	for (struct dirent *item; (item = readdir(directory));) {
		if (item->d_name[0] == '.')
			continue;
		count++;
		if (remove_them)
			unlinkat(dirfd(directory), item->d_name, 0);
	}
	closedir(directory);
	return count;
}

static int teardown(void **state)
{
	(void)state;
	each_file(true);
	return rmdir(folder);
}

static void append(struct event_log *log, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		char text[400];
		int len = snprintf(text, sizeof(text), "event %u %*s", i, (int)(i % 300), "");
		assert_true(event_log_append(log, span_of(text, (size_t)len)));
	}
}

static uint64_t expect(struct event_log *log, unsigned from, unsigned to)
{
	struct span entry;
	uint64_t next = 0;
	for (unsigned i = from; i < to; i++) {
		char text[32];
		snprintf(text, sizeof(text), "event %u ", i);
		assert_true(event_log_read(log, &entry, &next));
		assert_true(span_starts(entry, text));
	}
	return next;
}

static void what_is_not_delivered_comes_again(void **state)
{
	(void)state;
	struct event_log *log = event_log_open(folder, 4096, 1 << 20);
	struct span entry;
	uint64_t next;
	assert_non_null(log);
	assert_false(event_log_read(log, &entry, &next));
	append(log, 0, 1000);
	assert_true(event_log_flush(log));
	uint64_t half = expect(log, 0, 500);
	expect(log, 500, 1000);
	assert_false(event_log_read(log, &entry, &next));
	unsigned before = each_file(false);
	event_log_delivered(log, half);
	assert_true(each_file(false) < before);
	event_log_close(log);

	log = event_log_open(folder, 4096, 1 << 20);
	assert_non_null(log);
	expect(log, 500, 1000);
	append(log, 1000, 1010);
	assert_true(event_log_flush(log));
	event_log_delivered(log, expect(log, 1000, 1010));
	assert_int_equal(event_log_cursor(log), event_log_head(log));
	assert_int_equal(event_log_lost_bytes(log), 0);
	event_log_close(log);
	log = event_log_open(folder, 4096, 1 << 20);
	assert_false(event_log_read(log, &entry, &next));
	event_log_close(log);
}

static void a_torn_tail_is_cut_off(void **state)
{
	(void)state;
	struct event_log *log = event_log_open(folder, 1 << 20, 1 << 20);
	struct span entry;
	uint64_t next;
	append(log, 0, 10);
	event_log_close(log);
	char path[128];
	snprintf(path, sizeof(path), "%s/0000000000000000.events", folder);
	struct stat facts;
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(truncate(path, facts.st_size - 3), 0);

	log = event_log_open(folder, 1 << 20, 1 << 20);
	expect(log, 0, 9);
	assert_false(event_log_read(log, &entry, &next));
	append(log, 9, 20);
	assert_true(event_log_flush(log));
	expect(log, 9, 20);
	event_log_close(log);
}

static void over_budget_the_oldest_go_and_are_counted(void **state)
{
	(void)state;
	struct event_log *log = event_log_open(folder, 4096, 16384);
	struct span entry;
	uint64_t next;
	append(log, 0, 2000);
	assert_true(event_log_flush(log));
	assert_true(event_log_lost_bytes(log) > 0);
	assert_true(each_file(false) <= 8);
	assert_true(event_log_read(log, &entry, &next)); // goes on with the oldest that is left
	assert_true(span_starts(entry, "event 1"));
	assert_true(next > event_log_lost_bytes(log));
	event_log_close(log);
}

static void entries_up_to_the_bound_pass(void **state)
{
	(void)state;
	struct event_log *log = event_log_open(folder, 1 << 20, 8 << 20);
	struct span entry;
	uint64_t next;
	uint8_t *bytes = malloc(EVENT_LOG_ENTRY_MAX + 1);
	memset(bytes, 'x', EVENT_LOG_ENTRY_MAX + 1);
	append(log, 0, 3);
	assert_true(event_log_append(log, span_of(bytes, EVENT_LOG_ENTRY_MAX)));
	assert_false(event_log_append(log, span_of(bytes, EVENT_LOG_ENTRY_MAX + 1)));
	append(log, 3, 5);
	assert_true(event_log_flush(log));
	expect(log, 0, 3);
	assert_true(event_log_read(log, &entry, &next));
	assert_int_equal(entry.len, EVENT_LOG_ENTRY_MAX);
	assert_memory_equal(entry.data, bytes, EVENT_LOG_ENTRY_MAX);
	expect(log, 3, 5);
	event_log_close(log);
	free(bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_delivered_comes_again),
		TEST(a_torn_tail_is_cut_off),
		TEST(over_budget_the_oldest_go_and_are_counted),
		TEST(entries_up_to_the_bound_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
