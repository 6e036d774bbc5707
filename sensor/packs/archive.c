// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/archive.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "decoders/base/write_all.h"

#define BLOCK 512

struct unpacker {
	gzFile file; // reads what is not gzip'd as it is
	const char *name, *folder;
	uint64_t bytes; // unpacked so far
	unsigned entries;
	struct pack_error *error;
	uint8_t block[BLOCK];
};

static bool read_block(struct unpacker *unpacker, bool *end)
{
	int got = gzread(unpacker->file, unpacker->block, BLOCK);
	*end = got == 0;
	if (got == 0 || got == BLOCK)
		return true;
	return pack_fail(unpacker->error, "%s: is cut off or damaged", unpacker->name);
}

// The rest of a file's last block is padding.
static bool copy_content(struct unpacker *unpacker, uint64_t size, int fd)
{
	bool end;
	for (uint64_t left = size; left;) {
		size_t take = left < BLOCK ? (size_t)left : BLOCK;
		if (!read_block(unpacker, &end))
			return false;
		if (end)
			return pack_fail(unpacker->error, "%s: is cut off", unpacker->name);
		if (!write_all(fd, (const char *)unpacker->block, take))
			return pack_fail(unpacker->error, "%s: %s", unpacker->folder, strerror(errno));
		left -= take;
	}
	return true;
}

static bool unpack_file(struct unpacker *unpacker, const struct tar_entry *entry)
{
	char path[PATH_BYTES];
	unpacker->bytes += entry->size;
	if (unpacker->bytes > TREE_BYTES_MAX)
		return pack_fail(unpacker->error, "%s: unpacks to more than %llu bytes", unpacker->name,
			(unsigned long long)TREE_BYTES_MAX);
	if (!path_join(path, unpacker->folder, entry->path))
		return pack_fail(unpacker->error, "%s: a path is too long", unpacker->name);
	char *slash = strrchr(path, '/');
	*slash = 0;
	if (!folder_make(path, unpacker->error))
		return false;
	*slash = '/';
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return pack_fail(unpacker->error, errno == EEXIST ? "%s: holds %s twice" : "%s: %s cannot be made",
			unpacker->name, entry->path);
	bool good = copy_content(unpacker, entry->size, fd);
	close(fd);
	return good;
}

static bool skip_pax(struct unpacker *unpacker, const struct tar_entry *entry)
{
	uint8_t content[65536 + BLOCK];
	bool end;
	for (uint64_t at = 0; at < entry->size; at += BLOCK) {
		if (!read_block(unpacker, &end))
			return false;
		if (end)
			return pack_fail(unpacker->error, "%s: is cut off", unpacker->name);
		memcpy(content + at, unpacker->block, BLOCK);
	}
	return tar_pax_harmless(span_of(content, entry->size)) ||
	       pack_fail(unpacker->error, "%s: has names or sizes beyond plain ustar", unpacker->name);
}

static bool unpack_entry(struct unpacker *unpacker, bool *done)
{
	struct tar_entry entry;
	char path[PATH_BYTES];
	if (++unpacker->entries > TREE_FILES_MAX)
		return pack_fail(unpacker->error, "%s: holds more than %u entries", unpacker->name, TREE_FILES_MAX);
	switch (tar_header_read(unpacker->block, &entry, unpacker->error)) {
	case TAR_END: *done = true; return true;
	case TAR_BAD: return false;
	case TAR_SKIP: return skip_pax(unpacker, &entry);
	case TAR_ENTRY: break;
	}
	if (!entry.folder)
		return unpack_file(unpacker, &entry);
	return !entry.path[0] || (path_join(path, unpacker->folder, entry.path) && folder_make(path, unpacker->error));
}

static bool unpack_tar(struct unpacker *unpacker)
{
	bool done = false, end = false;
	while (!done) {
		if (!unpack_entry(unpacker, &done) || (!done && !read_block(unpacker, &end)))
			return false;
		if (!done && end)
			return pack_fail(unpacker->error, "%s: is cut off", unpacker->name);
	}
	return true;
}

static bool is_text(const uint8_t *bytes, int len)
{
	for (int i = 0; i < len; i++)
		if (bytes[i] == 0)
			return false;
	return len > 0;
}

// Not a tar: a rule file by itself.
static bool unpack_rules(struct unpacker *unpacker, const char *name, int first)
{
	char path[PATH_BYTES];
	if (!is_text(unpacker->block, first))
		return pack_fail(
			unpacker->error, "%s: neither a tar (plain or gzip'd) nor a rule file", unpacker->name);
	if (snprintf(path, sizeof(path), "%s/%s.rules", unpacker->folder, name) >= (int)sizeof(path))
		return pack_fail(unpacker->error, "%s: the path is too long", name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool good = fd >= 0;
	if (!good)
		pack_fail(unpacker->error, "%s: %s", path, strerror(errno));
	for (int got = first; good && got > 0; got = gzread(unpacker->file, unpacker->block, BLOCK)) {
		unpacker->bytes += (uint64_t)got;
		if (unpacker->bytes > ARCHIVE_FILE_MAX)
			good = pack_fail(unpacker->error, "%s: unpacks to more than %zu bytes", unpacker->name,
				ARCHIVE_FILE_MAX);
		else if (!write_all(fd, (const char *)unpacker->block, (size_t)got))
			good = pack_fail(unpacker->error, "%s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return good;
}

// "x/pack.yaml" and all else below x: x is taken away.
static bool lift_single(const char *folder, struct pack_error *error)
{
	struct tree_list list;
	char from[PATH_BYTES], aside[PATH_BYTES], top[TREE_PATH_MAX + 2];
	if (!tree_list(folder, &list, error))
		return false;
	size_t len = list.count ? strcspn(list.paths[0], "/") + 1 : 0;
	bool single = list.count && list.paths[0][len - 1] == '/';
	for (size_t i = 1; single && i < list.count; i++)
		single = strncmp(list.paths[i], list.paths[0], len) == 0;
	if (single)
		snprintf(top, sizeof(top), "%.*s", (int)(len - 1), list.paths[0]);
	tree_list_free(&list);
	if (!single || strcmp(top, "rules") == 0)
		return true;
	bool good = path_join(from, folder, top) && snprintf(aside, sizeof(aside), "%s.lifted", folder) < PATH_BYTES &&
		    rename(from, aside) == 0;
	if (good)
		tree_remove(folder);
	good = good && rename(aside, folder) == 0;
	return good || pack_fail(error, "%s: %s", folder, strerror(errno));
}

bool archive_unpack(const char *file, const char *folder, const char *rule_name, struct pack_error *error)
{
	struct unpacker unpacker = { .name = file, .folder = folder, .error = error };
	unpacker.file = gzopen(file, "rb");
	if (!unpacker.file)
		return pack_fail(error, "%s: %s", file, errno ? strerror(errno) : "no memory");
	int first = gzread(unpacker.file, unpacker.block, BLOCK);
	bool tar = first == BLOCK && memcmp(unpacker.block + 257, "ustar", 5) == 0;
	bool good = first >= 0 || pack_fail(error, "%s: is damaged", file);
	good = good && (tar ? unpack_tar(&unpacker) : unpack_rules(&unpacker, rule_name, first));
	int state;
	gzerror(unpacker.file, &state);
	if (good && (state == Z_DATA_ERROR || state == Z_BUF_ERROR))
		good = pack_fail(error, "%s: is cut off or damaged", file);
	gzclose(unpacker.file);
	return good && (!tar || lift_single(folder, error));
}
