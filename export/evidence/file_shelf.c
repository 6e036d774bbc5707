// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evidence/file_shelf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/write_all.h"

#define BLOCK_BYTES 4096
#define NAME_DIGITS (2 * SHELF_NAME_BYTES)
#define FIRST_ITEMS 64
#define PATH_ROOM   (PATH_MAX + NAME_DIGITS + 64)

// A stored file as it was when it was last looked at: its time may have moved on since.
struct item {
	uint8_t name[SHELF_NAME_BYTES];
	int64_t seen_s;
	uint64_t bytes;
};

// Items lie in a ring, oldest first. A file that is seen again keeps its place until it comes up for removal, and then goes to the end.
struct file_shelf {
	char directory[PATH_MAX];
	uint64_t budget;
	enum shelf_policy policy;
	int lock;
	struct item *items;
	size_t first, count, room; // room is a power of two
	struct shelf_state state;
	bool told; // of a disk that fails
};

static uint64_t blocks(uint64_t bytes)
{
	return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

static enum shelf_result failed(struct file_shelf *shelf, const char *path)
{
	if (!shelf->told)
		log_error("%s: %s; files cannot be stored (told once)", path, strerror(errno));
	shelf->told = true;
	return SHELF_FAILED;
}

static void growing_path(const struct file_shelf *shelf, uint32_t growing, char path[PATH_ROOM])
{
	snprintf(path, PATH_ROOM, "%s/tmp/%u", shelf->directory, growing);
}

static void name_text(const uint8_t *name, char text[NAME_DIGITS + 1])
{
	for (unsigned i = 0; i < SHELF_NAME_BYTES; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", name[i]);
}

static void item_path(const struct file_shelf *shelf, const uint8_t *name, char path[PATH_ROOM])
{
	char text[NAME_DIGITS + 1];
	name_text(name, text);
	snprintf(path, PATH_ROOM, "%s/%.2s/%s", shelf->directory, text, text);
}

static bool read_name(const char *text, uint8_t *name)
{
	for (unsigned i = 0; i < NAME_DIGITS; i++) {
		const char *digits = "0123456789abcdef", *digit = text[i] ? strchr(digits, text[i]) : NULL;
		if (!digit)
			return false;
		name[i / 2] = (uint8_t)(name[i / 2] << 4 | (digit - digits));
	}
	return true;
}

static struct item *item_at(const struct file_shelf *shelf, size_t index)
{
	return &shelf->items[(shelf->first + index) & (shelf->room - 1)];
}

static bool add_item(struct file_shelf *shelf, const struct item *item)
{
	if (shelf->count == shelf->room) {
		size_t room = shelf->room ? 2 * shelf->room : FIRST_ITEMS;
		struct item *items = malloc(room * sizeof(*items));
		if (!items)
			return false;
		for (size_t i = 0; i < shelf->count; i++)
			items[i] = *item_at(shelf, i);
		free(shelf->items);
		shelf->items = items;
		shelf->room = room;
		shelf->first = 0;
	}
	*item_at(shelf, shelf->count++) = *item;
	return true;
}

// The notes of a file go with it. One folder of 256 is read, and only where notes are written at all.
static void remove_notes(struct file_shelf *shelf, const uint8_t *name)
{
	char text[NAME_DIGITS + 1], path[PATH_ROOM];
	name_text(name, text);
	snprintf(path, sizeof(path), "%s/%.2s", shelf->directory, text);
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (strncmp(entry->d_name, text, NAME_DIGITS) != 0 || entry->d_name[NAME_DIGITS] != '.')
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) == 0 && shelf->state.bytes >= BLOCK_BYTES)
			shelf->state.bytes -= BLOCK_BYTES;
	}
	closedir(folder);
}

static void remove_oldest(struct file_shelf *shelf)
{
	struct item item = *item_at(shelf, 0);
	shelf->first = (shelf->first + 1) & (shelf->room - 1);
	shelf->count--;
	char path[PATH_ROOM];
	item_path(shelf, item.name, path);
	struct stat now;
	bool there = stat(path, &now) == 0;
	if (there && now.st_mtime > item.seen_s) {
		item.seen_s = now.st_mtime;
		if (add_item(shelf, &item))
			return;
	}
	if (there && unlink(path) != 0)
		failed(shelf, path);
	remove_notes(shelf, item.name);
	uint64_t bytes = blocks(item.bytes);
	shelf->state.bytes -= bytes < shelf->state.bytes ? bytes : shelf->state.bytes;
	shelf->state.files--;
	shelf->state.evicted++;
}

// Room for bytes more, as the policy has it. The bound on rounds is for folders somebody else touches meanwhile.
static bool make_room(struct file_shelf *shelf, uint64_t bytes)
{
	for (size_t rounds = 2 * shelf->count + 1; shelf->state.bytes + bytes > shelf->budget; rounds--) {
		if (shelf->policy == SHELF_REFUSE || shelf->count == 0 || rounds == 0) {
			shelf->state.full = shelf->policy == SHELF_REFUSE;
			return false;
		}
		remove_oldest(shelf);
	}
	return true;
}

void file_shelf_discard(struct file_shelf *shelf, uint32_t growing)
{
	char path[PATH_ROOM];
	struct stat was;
	growing_path(shelf, growing, path);
	if (stat(path, &was) != 0 || unlink(path) != 0)
		return;
	uint64_t bytes = blocks((uint64_t)was.st_size);
	shelf->state.bytes -= bytes < shelf->state.bytes ? bytes : shelf->state.bytes;
}

enum shelf_result file_shelf_append(struct file_shelf *shelf, uint32_t growing, struct span data)
{
	char path[PATH_ROOM];
	growing_path(shelf, growing, path);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
	struct stat was;
	if (fd < 0 || fstat(fd, &was) != 0) {
		if (fd >= 0)
			close(fd);
		return failed(shelf, path);
	}
	uint64_t before = (uint64_t)was.st_size, more = blocks(before + data.len) - blocks(before);
	enum shelf_result result = SHELF_OK;
	if (!make_room(shelf, more)) {
		result = SHELF_OVER_BUDGET;
	} else if (write_all(fd, (const char *)data.data, data.len)) {
		shelf->state.bytes += more;
	} else {
		result = failed(shelf, path);
		if (ftruncate(fd, was.st_size) != 0)
			failed(shelf, path);
	}
	if (close(fd) != 0 && result == SHELF_OK)
		result = failed(shelf, path);
	if (result != SHELF_OK)
		file_shelf_discard(shelf, growing);
	return result;
}

bool file_shelf_touch(struct file_shelf *shelf, const uint8_t name[SHELF_NAME_BYTES])
{
	char path[PATH_ROOM];
	item_path(shelf, name, path);
	return utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

enum shelf_result file_shelf_put(struct file_shelf *shelf, uint32_t growing, const uint8_t name[SHELF_NAME_BYTES])
{
	char from[PATH_ROOM], to[PATH_ROOM];
	struct stat file;
	struct item item = { 0 };
	growing_path(shelf, growing, from);
	item_path(shelf, name, to);
	if (file_shelf_touch(shelf, name)) {
		file_shelf_discard(shelf, growing);
		return SHELF_KNOWN;
	}
	if (stat(from, &file) != 0)
		return failed(shelf, from);
	memcpy(item.name, name, SHELF_NAME_BYTES);
	item.seen_s = file.st_mtime;
	item.bytes = (uint64_t)file.st_size;
	if (!add_item(shelf, &item)) {
		file_shelf_discard(shelf, growing);
		return SHELF_FAILED;
	}
	if (rename(from, to) != 0) {
		enum shelf_result result = failed(shelf, to);
		shelf->count--;
		file_shelf_discard(shelf, growing);
		return result;
	}
	shelf->state.files++;
	return SHELF_OK;
}

enum shelf_result file_shelf_note(
	struct file_shelf *shelf, const uint8_t name[SHELF_NAME_BYTES], uint64_t seconds, uint64_t id, struct span text)
{
	char path[PATH_ROOM + 64], file[PATH_ROOM];
	item_path(shelf, name, file);
	if (access(file, F_OK) != 0)
		return SHELF_OVER_BUDGET; // gone again meanwhile
	snprintf(path, sizeof(path), "%s.%llu.%llu.json", file, (unsigned long long)seconds, (unsigned long long)id);
	if (!make_room(shelf, BLOCK_BYTES))
		return SHELF_OVER_BUDGET;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return failed(shelf, path);
	bool good = write_all(fd, (const char *)text.data, text.len);
	good &= close(fd) == 0;
	shelf->state.bytes += BLOCK_BYTES;
	return good ? SHELF_OK : failed(shelf, path);
}

void file_shelf_state(const struct file_shelf *shelf, struct shelf_state *state)
{
	*state = shelf->state;
}

// Set-up ---------------------------------------------------------------------------------------------------------------------------

static bool make_folder(const char *path)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return true;
	log_error("%s: %s", path, strerror(errno));
	return false;
}

// What a run before left unfinished.
static void clear_growing(const char *path)
{
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
}

static bool take_stock(struct file_shelf *shelf, const char *path)
{
	DIR *folder = opendir(path);
	if (!folder)
		return false;
	bool good = true;
	for (struct dirent *entry; good && (entry = readdir(folder));) {
		struct item item = { 0 };
		struct stat file;
		if (!read_name(entry->d_name, item.name) || fstatat(dirfd(folder), entry->d_name, &file, 0) != 0)
			continue;
		if (entry->d_name[NAME_DIGITS] == '.') {
			shelf->state.bytes += BLOCK_BYTES;
		} else if (!entry->d_name[NAME_DIGITS]) {
			item.seen_s = file.st_mtime;
			item.bytes = (uint64_t)file.st_size;
			shelf->state.bytes += blocks(item.bytes);
			shelf->state.files++;
			good = add_item(shelf, &item);
		}
	}
	closedir(folder);
	return good;
}

static int by_age(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return x->seen_s < y->seen_s ? -1 : x->seen_s > y->seen_s;
}

static bool set_up(struct file_shelf *shelf)
{
	char path[PATH_ROOM];
	snprintf(path, sizeof(path), "%s/tmp", shelf->directory);
	if (!make_folder(shelf->directory) || !make_folder(path))
		return false;
	snprintf(path, sizeof(path), "%s/tmp/lock", shelf->directory);
	shelf->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (shelf->lock < 0 || flock(shelf->lock, LOCK_EX | LOCK_NB) != 0) {
		log_error("%s: %s", path,
			errno == EWOULDBLOCK ? "another sensor stores its files here" : strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "%s/tmp", shelf->directory);
	clear_growing(path);
	for (unsigned i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "%s/%02x", shelf->directory, i);
		if (!make_folder(path) || !take_stock(shelf, path))
			return false;
	}
	if (shelf->count)
		qsort(shelf->items, shelf->count, sizeof(*shelf->items), by_age);
	return true;
}

struct file_shelf *file_shelf_open(const char *directory, uint64_t budget_bytes, enum shelf_policy policy)
{
	struct file_shelf *shelf = calloc(1, sizeof(*shelf));
	if (!shelf)
		return NULL;
	snprintf(shelf->directory, sizeof(shelf->directory), "%s", directory);
	shelf->budget = budget_bytes;
	shelf->policy = policy;
	shelf->lock = -1;
	if (set_up(shelf))
		return shelf;
	file_shelf_close(shelf);
	return NULL;
}

void file_shelf_close(struct file_shelf *shelf)
{
	if (!shelf)
		return;
	if (shelf->lock >= 0)
		close(shelf->lock);
	free(shelf->items);
	free(shelf);
}
