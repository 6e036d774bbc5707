// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/files/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "decoders/base/write_all.h"

bool file_read(const char *path, size_t max, char **bytes, size_t *len, struct pack_error *error)
{
	struct stat about;
	*bytes = NULL;
	*len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return pack_fail(error, "%s: %s", path, errno == ELOOP ? "is a link" : strerror(errno));
	bool good = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
	if (!good)
		pack_fail(error, "%s: not a regular file", path);
	else if ((uint64_t)about.st_size > max)
		good = pack_fail(error, "%s: larger than %zu bytes", path, max);
	size_t size = good ? (size_t)about.st_size : 0;
	char *at = good ? malloc(size + 1) : NULL;
	if (good && !at)
		good = pack_fail(error, "%s: no memory", path);
	while (good && *len < size) {
		ssize_t got = read(fd, at + *len, size - *len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			good = pack_fail(error, "%s: %s", path, strerror(errno));
		if (got <= 0)
			break;
		*len += (size_t)got;
	}
	close(fd);
	if (!good) {
		free(at);
		*len = 0;
		return false;
	}
	at[*len] = 0;
	*bytes = at;
	return true;
}

bool file_write(const char *path, const void *bytes, size_t len, mode_t mode, struct pack_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	bool good = fd >= 0 && write_all(fd, bytes, len) && fsync(fd) == 0;
	if (!good)
		pack_fail(error, "%s: %s", path, strerror(errno));
	if (fd >= 0 && close(fd) != 0 && good)
		good = pack_fail(error, "%s: %s", path, strerror(errno));
	return good;
}

bool file_replace(const char *path, const void *bytes, size_t len, mode_t mode, struct pack_error *error)
{
	char staging[PATH_BYTES];
	int fits = snprintf(staging, sizeof(staging), "%s.new", path);
	if (fits < 0 || (size_t)fits >= sizeof(staging))
		return pack_fail(error, "%.100s...: the path is too long", path);
	if (file_write(staging, bytes, len, mode, error) &&
		(rename(staging, path) == 0 || pack_fail(error, "%s: %s", path, strerror(errno))))
		return true;
	unlink(staging);
	return false;
}

bool is_folder(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool folder_make(const char *path, struct pack_error *error)
{
	char part[PATH_BYTES];
	size_t len = strlen(path);
	if (len == 0 || len >= sizeof(part))
		return pack_fail(error, "%.100s: not a path", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return pack_fail(error, "%s: %s", part, strerror(errno));
	}
	return is_folder(path) || pack_fail(error, "%s: not a folder", path);
}

bool folder_sync(const char *path, struct pack_error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (!good)
		pack_fail(error, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

bool path_is_safe(const char *path)
{
	size_t len = strlen(path);
	if (len == 0 || len > TREE_PATH_MAX)
		return false;
	for (const char *at = path;;) {
		size_t part = strcspn(at, "/");
		if (part == 0 || (at[0] == '.' && (part == 1 || (part == 2 && at[1] == '.'))))
			return false;
		for (size_t i = 0; i < part; i++)
			if ((unsigned char)at[i] < 0x20 || at[i] == 0x7f || at[i] == '\\')
				return false;
		if (!at[part])
			return true;
		at += part + 1;
	}
}

bool path_join(char out[PATH_BYTES], const char *folder, const char *name)
{
	int len = snprintf(out, PATH_BYTES, "%s/%s", folder, name);
	return len > 0 && len < PATH_BYTES;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

// Trees --------------------------------------------------------------------------------------------------------------------------

static bool add_path(struct tree_list *list, const char *path, struct pack_error *error)
{
	if (list->count == TREE_FILES_MAX)
		return pack_fail(error, "more than %u files", TREE_FILES_MAX);
	if ((list->count & (list->count + 1)) == 0) {
		char **more = realloc(list->paths, 2 * (list->count + 1) * sizeof(*more));
		if (!more)
			return pack_fail(error, "no memory");
		list->paths = more;
	}
	list->paths[list->count] = strdup(path);
	if (!list->paths[list->count])
		return pack_fail(error, "no memory");
	list->count++;
	return true;
}

static bool list_folder(
	const char *root, const char *below, unsigned depth, struct tree_list *list, struct pack_error *error);

static bool list_entry(const char *root, const char *below, const char *name, unsigned depth, struct tree_list *list,
	struct pack_error *error)
{
	char inner[PATH_BYTES], full[PATH_BYTES];
	struct stat about;
	int len = snprintf(inner, sizeof(inner), "%s%s%s", below, *below ? "/" : "", name);
	if (len < 0 || len >= PATH_BYTES || !path_is_safe(inner) || !path_join(full, root, inner))
		return pack_fail(error, "%s: a name that packs must not have: %.100s", root, name);
	if (lstat(full, &about) != 0)
		return pack_fail(error, "%s: %s", full, strerror(errno));
	if (S_ISDIR(about.st_mode))
		return list_folder(root, inner, depth + 1, list, error);
	if (!S_ISREG(about.st_mode))
		return pack_fail(error, "%s: only files and folders may be in a pack, no links or devices", full);
	list->bytes += (uint64_t)about.st_size;
	if (list->bytes > TREE_BYTES_MAX)
		return pack_fail(error, "%s: more than %llu bytes", root, (unsigned long long)TREE_BYTES_MAX);
	return add_path(list, inner, error);
}

static bool list_folder(
	const char *root, const char *below, unsigned depth, struct tree_list *list, struct pack_error *error)
{
	char full[PATH_BYTES];
	if (depth > TREE_DEPTH_MAX)
		return pack_fail(error, "%s/%s: folders nested too deep", root, below);
	if (!path_join(full, root, *below ? below : "."))
		return pack_fail(error, "%s: the path is too long", root);
	DIR *folder = opendir(full);
	if (!folder)
		return pack_fail(error, "%s: %s", *below ? full : root, strerror(errno));
	bool good = true;
	for (struct dirent *entry; good && (entry = readdir(folder));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			good = list_entry(root, below, entry->d_name, depth, list, error);
	closedir(folder);
	return good;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool tree_list(const char *root, struct tree_list *list, struct pack_error *error)
{
	*list = (struct tree_list) { 0 };
	if (!list_folder(root, "", 0, list, error)) {
		tree_list_free(list);
		return false;
	}
	if (list->count)
		qsort(list->paths, list->count, sizeof(*list->paths), compare_paths);
	return true;
}

void tree_list_free(struct tree_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct tree_list) { 0 };
}

static bool copy_one(const char *from, const char *to, const char *path, struct pack_error *error)
{
	char source[PATH_BYTES], target[PATH_BYTES], *bytes;
	size_t len;
	if (!path_join(source, from, path) || !path_join(target, to, path))
		return pack_fail(error, "%s: the path is too long", path);
	char *slash = strrchr(target, '/');
	*slash = 0;
	if (!folder_make(target, error))
		return false;
	*slash = '/';
	if (!file_read(source, TREE_BYTES_MAX, &bytes, &len, error))
		return false;
	bool good = file_write(target, bytes, len, 0644, error);
	free(bytes);
	return good;
}

bool tree_copy(const char *from, const char *to, struct pack_error *error)
{
	struct tree_list list;
	if (!tree_list(from, &list, error))
		return false;
	bool good = folder_make(to, error);
	for (size_t i = 0; good && i < list.count; i++)
		good = copy_one(from, to, list.paths[i], error);
	tree_list_free(&list);
	return good;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	(void)remove(path);
	return 0;
}

void tree_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
