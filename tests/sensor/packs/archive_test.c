// SPDX-License-Identifier: GPL-3.0-or-later
// Archives: good ones are unpacked; links, paths that lead out, damage and surprises are refused, and nothing is made outside.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sensor/packs/archive.h"

#define TAR_MAX 65536

struct tar {
	uint8_t bytes[TAR_MAX];
	size_t len;
};

static struct pack_error error;
static char base[64], folder[128], file[128];

static void set_checksum(uint8_t *header)
{
	unsigned sum = 0;
	memset(header + 148, ' ', 8);
	for (unsigned i = 0; i < 512; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

static uint8_t *add(struct tar *tar, const char *name, char kind, const char *content)
{
	uint8_t *header = tar->bytes + tar->len;
	size_t len = strlen(content);
	memset(header, 0, 512);
	snprintf((char *)header, 100, "%s", name);
	snprintf((char *)header + 100, 8, "0000644");
	snprintf((char *)header + 124, 12, "%011o", (unsigned)len);
	header[156] = (uint8_t)kind;
	memcpy(header + 257, "ustar\00000", 8);
	set_checksum(header);
	memset(header + 512, 0, (len + 511) / 512 * 512);
	memcpy(header + 512, content, len);
	tar->len += 512 + (len + 511) / 512 * 512;
	return header;
}

static bool unpack(const struct tar *tar)
{
	struct pack_error told;
	tree_remove(folder);
	assert_true(folder_make(folder, &told));
	assert_true(file_write(file, tar->bytes, tar->len, 0600, &told));
	return archive_unpack(file, folder, "named", &error);
}

static void finish(struct tar *tar)
{
	memset(tar->bytes + tar->len, 0, 1024);
	tar->len += 1024;
}

static void refuses(struct tar *tar, const char *reason)
{
	finish(tar);
	assert_false(unpack(tar));
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
	tar->len = 0;
}

static bool holds(const char *name, const char *content)
{
	char path[PATH_BYTES], *bytes;
	size_t len;
	assert_true(path_join(path, folder, name));
	if (!file_read(path, 4096, &bytes, &len, &error))
		return false;
	bool same = len == strlen(content) && memcmp(bytes, content, len) == 0;
	free(bytes);
	return same;
}

static void files_and_folders_are_unpacked(void **state)
{
	(void)state;
	static struct tar tar;
	tar.len = 0;
	add(&tar, "./", '5', "");
	add(&tar, "./pack.yaml", '0', "name: x\n");
	add(&tar, "rules/", '5', "");
	add(&tar, "rules/a.rules", 0, "text");
	add(&tar, "pax", 'x', "20 mtime=1234567890\n");
	add(&tar, "tests/deep/b", '0', "");
	finish(&tar);
	assert_true(unpack(&tar));
	assert_true(holds("pack.yaml", "name: x\n"));
	assert_true(holds("rules/a.rules", "text"));
	assert_true(holds("tests/deep/b", ""));
}

static void one_folder_around_all_is_taken_away(void **state)
{
	(void)state;
	static struct tar tar;
	tar.len = 0;
	add(&tar, "demo-1.0/", '5', "");
	add(&tar, "demo-1.0/pack.yaml", '0', "x");
	add(&tar, "demo-1.0/rules/a.rules", '0', "y");
	finish(&tar);
	assert_true(unpack(&tar));
	assert_true(holds("pack.yaml", "x"));
	assert_true(holds("rules/a.rules", "y"));
}

static void ways_out_are_refused(void **state)
{
	(void)state;
	static const char *const paths[] = { "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "..", "a\nb",
		"a\\b" };
	static struct tar tar;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		tar.len = 0;
		add(&tar, paths[i], '0', "x");
		refuses(&tar, "may not be unpacked");
	}
	static const char kinds[] = "1234567LKSV";
	for (size_t i = 0; kinds[i]; i++) {
		if (kinds[i] == '5')
			continue;
		tar.len = 0;
		memcpy(add(&tar, "link", kinds[i], "") + 157, "/etc/passwd", 11);
		set_checksum(tar.bytes);
		refuses(&tar, "link");
	}
	char out[160];
	snprintf(out, sizeof(out), "%s/x", base);
	assert_int_not_equal(access(out, F_OK), 0);
}

static void damage_is_refused(void **state)
{
	(void)state;
	static struct tar tar;
	tar.len = 0;
	add(&tar, "a", '0', "x")[0] = 'b';
	refuses(&tar, "damaged");
	add(&tar, "a", '0', "x");
	add(&tar, "a", '0', "y");
	refuses(&tar, "twice");
	add(&tar, "a", '0', "x");
	add(&tar, "a/b", '0', "y");
	finish(&tar);
	assert_false(unpack(&tar));
	tar.len = 0;
	add(&tar, "a", '0', "content");
	tar.len = 512 + 100;
	assert_false(unpack(&tar));
	assert_non_null(strstr(error.text, "cut off"));
	tar.len = 0;
	memcpy(add(&tar, "a", '0', "") + 124, "77777777777", 11);
	set_checksum(tar.bytes);
	refuses(&tar, "more than");
	add(&tar, "pax", 'x', "17 path=../../etc\n");
	add(&tar, "a", '0', "x");
	refuses(&tar, "beyond plain ustar");
}

static void a_rule_file_by_itself_is_taken(void **state)
{
	(void)state;
	static struct tar tar;
	tar.len = (size_t)snprintf((char *)tar.bytes, 200, "alert tcp any any -> any any (sid:1;)\n");
	assert_true(unpack(&tar));
	assert_true(holds("named.rules", "alert tcp any any -> any any (sid:1;)\n"));
	memcpy(tar.bytes, "\0\1\2", 3);
	assert_false(unpack(&tar));
	assert_non_null(strstr(error.text, "neither a tar"));
}

static void pax_records_are_read_strictly(void **state)
{
	(void)state;
	assert_true(tar_pax_harmless(span_text("20 mtime=1234567890\n")));
	assert_false(tar_pax_harmless(span_text("15 path=a/b/c\n\n")));
	assert_false(tar_pax_harmless(span_text("99 mtime=1\n")));
	assert_false(tar_pax_harmless(span_text("x")));
	assert_false(tar_pax_harmless(span_text("0 a=b\n")));
	assert_true(tar_pax_harmless(span_text("")));
}

static int make_base(void **state)
{
	(void)state;
	snprintf(base, sizeof(base), "/tmp/sekisho-archive-XXXXXX");
	if (!mkdtemp(base))
		return 1;
	snprintf(folder, sizeof(folder), "%s/out", base);
	snprintf(file, sizeof(file), "%s/file", base);
	return 0;
}

static int remove_base(void **state)
{
	(void)state;
	tree_remove(base);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_folders_are_unpacked),
		cmocka_unit_test(one_folder_around_all_is_taken_away),
		cmocka_unit_test(ways_out_are_refused),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(a_rule_file_by_itself_is_taken),
		cmocka_unit_test(pax_records_are_read_strictly),
	};
	return cmocka_run_group_tests(tests, make_base, remove_base);
}
