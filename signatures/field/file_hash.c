// SPDX-License-Identifier: GPL-3.0-or-later
// filemd5, filesha1, filesha256: is a complete file's digest in a list? The list is a text file, one digest in hex a line; what follows
// the digest on its line is a comment.
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/files/file.h"
#include "decoders/base/hex.h"
#include "signatures/field/file.h"

#define DIGEST_MAX 32
#define LIST_MAX   (8u << 20) // digests a list may hold

struct hash_list {
	size_t count, room;
	uint8_t (*digests)[DIGEST_MAX]; // sorted
};

struct hash_test {
	bool negated;
	struct hash_list *list;
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_MAX);
}

static bool read_digest(const char *line, uint32_t bytes, uint8_t *out)
{
	memset(out, 0, DIGEST_MAX);
	return hex_take(line, out, bytes);
}

static bool add(struct hash_list *list, const uint8_t *digest)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		void *more = room > LIST_MAX ? NULL : realloc(list->digests, room * DIGEST_MAX);
		if (!more)
			return false;
		list->digests = more;
		list->room = room;
	}
	memcpy(list->digests[list->count++], digest, DIGEST_MAX);
	return true;
}

static void list_free(struct hash_list *list)
{
	if (list)
		free(list->digests);
	free(list);
}

// Reasons with the line in them are put into said (size bytes).
static const char *load(FILE *file, uint32_t bytes, struct hash_list *list, char *said, size_t size)
{
	char line[512];
	uint8_t digest[DIGEST_MAX];
	for (uint32_t number = 1; fgets(line, sizeof line, file); number++) {
		size_t len = strlen(line);
		if (len == sizeof line - 1 && line[len - 1] != '\n') // the rest of a long line is a comment
			for (int c = getc(file); c != EOF && c != '\n';)
				c = getc(file);
		if (line[0] == '#' || line[0] == '\n' || line[0] == '\r')
			continue;
		if (!read_digest(line, bytes, digest)) {
			snprintf(said, size, "line %u of the list is no digest of %u bytes in hex", number, bytes);
			return said;
		}
		if (!add(list, digest))
			return "the list is too long";
	}
	if (list->count)
		qsort(list->digests, list->count, DIGEST_MAX, compare);
	return NULL;
}

static const char *parse_list(const char *arguments, uint32_t bytes, struct hash_test *test)
{
	while (*arguments == ' ')
		arguments++;
	if (*arguments == '!') {
		test->negated = true;
		arguments++;
	}
	FILE *file = fopen(arguments, "r");
	if (!file)
		return "the list of digests cannot be opened";
	struct hash_list *list = calloc(1, sizeof *list);
	char *said = (char *)test;
	const char *reason = list ? load(file, bytes, list, said, FIELD_TEST_BYTES) : "no memory";
	fclose(file);
	if (reason) {
		list_free(list);
		return reason;
	}
	test->list = list;
	return NULL;
}

static void release(void *data)
{
	struct hash_test *test = data;
	list_free(test->list);
	test->list = NULL;
}

static bool is_listed(const struct hash_test *test, const uint8_t *digest, uint32_t bytes)
{
	uint8_t key[DIGEST_MAX] = { 0 };
	memcpy(key, digest, bytes);
	return test->list->count && bsearch(key, test->list->digests, test->list->count, DIGEST_MAX, compare);
}

#define HASH_TEST(symbol, keyword, present, digest, bytes)                                              \
	static const char *parse_##digest(const char *arguments, void *data)                            \
	{                                                                                               \
		return parse_list(arguments, bytes, data);                                              \
	}                                                                                               \
	static bool match_##digest(const struct field_source *source, const void *data)                 \
	{                                                                                               \
		const struct hash_test *test = data;                                                    \
		const struct file *file;                                                                \
		for (unsigned i = 0; (file = field_file_at(source, i)); i++)                            \
			if (file->state == FILE_CLOSED && file->present &&                              \
				is_listed(test, file->digest, bytes) != test->negated)                  \
				return true;                                                            \
		return false;                                                                           \
	}                                                                                               \
	const struct field_test symbol = {                                                              \
		.name = keyword,                                                                        \
		.level = FIELD_BODY,                                                                    \
		.own_negation = true,                                                                   \
		.names_file = true,                                                                     \
		.parse = parse_##digest,                                                                \
		.release = release,                                                                     \
		.readers = (const struct field_test_reader[]) { FILE_CARRIERS(digest##_READER) { 0 } }, \
	}
#define md5_READER(proto, direction, progress)    { proto, direction, progress, match_md5 },
#define sha1_READER(proto, direction, progress)   { proto, direction, progress, match_sha1 },
#define sha256_READER(proto, direction, progress) { proto, direction, progress, match_sha256 },

HASH_TEST(field_filemd5, "filemd5", has_md5, md5, 16);
HASH_TEST(field_filesha1, "filesha1", has_sha1, sha1, 20);
HASH_TEST(field_filesha256, "filesha256", has_sha256, sha256, 32);
