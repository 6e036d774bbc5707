// SPDX-License-Identifier: GPL-3.0-or-later
// Files: digests of what passed, magic of its head, a bounded window, gaps.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/files/file.h"

struct bench {
	struct slab *slab;
	struct file_tools *tools;
	struct file *files;
};

static int setup(void **state)
{
	static struct bench bench;
	bench = (struct bench) { .slab = slab_new(16u << 20) };
	bench.tools = file_tools_new(FILE_WANT_MD5 | FILE_WANT_SHA1 | FILE_WANT_SHA256 | FILE_WANT_MAGIC, 64);
	*state = &bench;
	return bench.slab && bench.tools ? 0 : -1;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	file_free_list(bench->tools, bench->slab, &bench->files);
	assert_int_equal(slab_used_bytes(bench->slab), 0);
	file_tools_free(bench->tools);
	slab_destroy(bench->slab);
	return 0;
}

static struct file *open_file(struct bench *bench)
{
	struct file *file = file_open(bench->tools, bench->slab, &bench->files, span_text("name"), TO_CLIENT, 0);
	assert_non_null(file);
	return file;
}

static void append(struct bench *bench, struct file *file, const char *text)
{
	file_append(bench->tools, bench->slab, file, span_text(text));
}

static void digests_are_those_of_all_bytes(void **state)
{
	struct bench *bench = *state;
	static const uint8_t md5[16] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28,
		0xe1, 0x7f, 0x72 };
	static const uint8_t sha1[20] = { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78,
		0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
	for (int round = 0; round < 3; round++) { // pooled contexts start anew
		struct file *file = open_file(bench);
		append(bench, file, "a");
		append(bench, file, "bc");
		file_close(bench->tools, bench->slab, file, FILE_CLOSED);
		assert_true(file->has_md5 && file->has_sha1 && file->has_sha256);
		assert_memory_equal(file->md5, md5, 16);
		assert_memory_equal(file->sha1, sha1, 20);
		assert_int_equal(file->sha256[0], 0xba);
		assert_int_equal(file->size, 3);
	}
	assert_non_null(bench->files->next->next);
}

static void a_part_has_the_digest_of_what_was_seen(void **state)
{
	struct bench *bench = *state;
	struct file *cut = open_file(bench);
	append(bench, cut, "abc");
	file_close(bench->tools, bench->slab, cut, FILE_TRUNCATED);
	assert_int_equal(cut->state, FILE_TRUNCATED);
	assert_int_equal(cut->sha256[0], 0xba);
	struct file *holed = open_file(bench);
	append(bench, holed, "ab");
	file_gap(holed, 10);
	append(bench, holed, "c");
	file_close(bench->tools, bench->slab, holed, FILE_CLOSED);
	assert_int_equal(holed->sha256[0], 0xba);
	assert_int_equal(holed->size, 13);
	assert_int_equal(holed->window_offset, 12); // what is kept is what lies behind the hole
	assert_true(span_is(bytes_span(&holed->window), "c"));
}

static void the_window_keeps_the_newest_bytes(void **state)
{
	struct bench *bench = *state;
	struct file *file = open_file(bench);
	char all[1000];
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (char)('a' + i % 26);
	for (size_t at = 0; at < sizeof all; at += 10)
		file_append(bench->tools, bench->slab, file, span_of(all + at, 10));
	assert_true(file->window.len <= 64 && file->window.len >= 10);
	assert_int_equal(file->window_offset + file->window.len, sizeof all);
	assert_memory_equal(file->window.data, all + file->window_offset, file->window.len);
	file_append(bench->tools, bench->slab, file, span_of(all, sizeof all)); // more than a window at once
	assert_int_equal(file->window.len, 64);
	assert_memory_equal(file->window.data, all + sizeof all - 64, 64);
}

static void magic_names_the_head(void **state)
{
	struct bench *bench = *state;
	struct file *file = open_file(bench);
	append(bench, file, "%PDF-1.5\n%rest\n");
	file_close(bench->tools, bench->slab, file, FILE_CLOSED);
	assert_non_null(file->magic);
	assert_true(strncmp(file->magic, "PDF document", 12) == 0);
}

static void a_closed_file_takes_no_more(void **state)
{
	struct bench *bench = *state;
	struct file *file = open_file(bench);
	file_close(bench->tools, bench->slab, file, FILE_CLOSED);
	append(bench, file, "late");
	file_gap(file, 5);
	assert_int_equal(file->size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(digests_are_those_of_all_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_part_has_the_digest_of_what_was_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(the_window_keeps_the_newest_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(magic_names_the_head, setup, teardown),
		cmocka_unit_test_setup_teardown(a_closed_file_takes_no_more, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
