// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/pattern_cache.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/write_all.h"

#define ENTRY_SUFFIX     ".hs"
#define ENTRY_NAME_BYTES (2 * PATTERN_CACHE_KEY_BYTES + sizeof(ENTRY_SUFFIX))
#define BESIDE_PREFIX    ".new-"
#define BESIDE_OLD_S     3600 // half an entry that somebody left behind
#define TOUCH_AFTER_S    3600 // an entry in use is made young again at most this often
#define ENTRY_BYTES_MAX  (256u << 20)
#define FREE_PARTS       20 // of the file system: one must be free
#define ENTRY_VERSION    2

// As it lies on disk: this machine's byte order, the key says which machine.
struct entry_head {
	char magic[12];
	uint32_t version;
	uint64_t len;
	uint8_t key[PATTERN_CACHE_KEY_BYTES];
	uint8_t checksum[32]; // SHA-256 of all above and of the database
};
static_assert(sizeof(struct entry_head) == 88, "no padding on disk");
#define MAGIC "sekisho-hsdb"

struct pattern_cache {
	int directory;
	uint64_t budget_bytes;
	atomic_uint beside; // numbers names of files being written
	atomic_bool stored, told;
};

// Every missing folder of path, and path itself.
static bool make_folders(const char *path)
{
	char part[PATH_MAX];
	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return false;
	for (char *slash = part + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return mkdir(part, 0700) == 0 || errno == EEXIST;
}

static const char *not_ours(int directory)
{
	struct stat status;
	if (fstat(directory, &status) != 0)
		return strerror(errno);
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return "it belongs to somebody else";
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return "others may write in it";
	return NULL;
}

struct pattern_cache *pattern_cache_open(const char *directory, uint64_t budget_bytes, char *error, size_t size)
{
	struct pattern_cache *cache = calloc(1, sizeof(*cache));
	if (!cache) {
		snprintf(error, size, "no memory");
		return NULL;
	}
	cache->budget_bytes = budget_bytes;
	cache->directory = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (cache->directory < 0 && errno == ENOENT && make_folders(directory))
		cache->directory = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const char *reason = cache->directory < 0 ? strerror(errno) : not_ours(cache->directory);
	if (!reason)
		return cache;
	snprintf(error, size, "%s", reason);
	if (cache->directory >= 0)
		close(cache->directory);
	free(cache);
	return NULL;
}

// Entries, oldest first --------------------------------------------------------------------------------------------------------------

struct entry {
	char name[ENTRY_NAME_BYTES];
	struct timespec used;
	uint64_t bytes;
};

static int older_first(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	if (a->used.tv_nsec != b->used.tv_nsec)
		return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
	return strcmp(a->name, b->name);
}

static bool is_entry_name(const char *name)
{
	size_t digits = strspn(name, "0123456789abcdef");
	return digits == (size_t)2 * PATTERN_CACHE_KEY_BYTES && strcmp(name + digits, ENTRY_SUFFIX) == 0;
}

static void remove_left_behind(const struct pattern_cache *cache, const char *name, const struct stat *status)
{
	if (strncmp(name, BESIDE_PREFIX, strlen(BESIDE_PREFIX)) == 0 && status->st_mtime + BESIDE_OLD_S < time(NULL))
		unlinkat(cache->directory, name, 0);
}

// All entries, malloc'ed; only files of our own naming are touched.
static struct entry *list_entries(const struct pattern_cache *cache, size_t *count)
{
	struct entry *entries = NULL;
	size_t room = 0;
	int fd = openat(cache->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	*count = 0;
	if (!folder) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	for (struct dirent *found; (found = readdir(folder));) {
		struct stat status;
		if (fstatat(cache->directory, found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISREG(status.st_mode))
			continue;
		if (!is_entry_name(found->d_name)) {
			remove_left_behind(cache, found->d_name, &status);
			continue;
		}
		if (*count == room) {
			room = room ? room * 2 : 256;
			struct entry *grown = realloc(entries, room * sizeof(*grown));
			if (!grown)
				break;
			entries = grown;
		}
		struct entry *entry = &entries[(*count)++];
		*entry = (struct entry) { .used = status.st_mtim, .bytes = (uint64_t)status.st_size };
		memcpy(entry->name, found->d_name, sizeof(entry->name));
	}
	closedir(folder);
	return entries;
}

static void remove_oldest(const struct pattern_cache *cache)
{
	size_t count;
	struct entry *entries = list_entries(cache, &count);
	uint64_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += entries[i].bytes;
	if (count)
		qsort(entries, count, sizeof(*entries), older_first);
	for (size_t i = 0; i < count && total > cache->budget_bytes; i++) {
		if (unlinkat(cache->directory, entries[i].name, 0) == 0 || errno == ENOENT)
			total -= entries[i].bytes;
	}
	free(entries);
}

void pattern_cache_close(struct pattern_cache *cache)
{
	if (!cache)
		return;
	if (atomic_load(&cache->stored))
		remove_oldest(cache);
	close(cache->directory);
	free(cache);
}

// One entry --------------------------------------------------------------------------------------------------------------------------

static void entry_name(const uint8_t key[PATTERN_CACHE_KEY_BYTES], char name[ENTRY_NAME_BYTES])
{
	for (size_t i = 0; i < PATTERN_CACHE_KEY_BYTES; i++)
		snprintf(name + 2 * i, 3, "%02x", key[i]);
	memcpy(name + (size_t)2 * PATTERN_CACHE_KEY_BYTES, ENTRY_SUFFIX, sizeof(ENTRY_SUFFIX));
}

static bool checksum_of(const struct entry_head *head, const void *bytes, size_t len, uint8_t out[32])
{
	unsigned size = 0;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool good = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(hash, head, offsetof(struct entry_head, checksum)) == 1 &&
		    EVP_DigestUpdate(hash, bytes, len) == 1 && EVP_DigestFinal_ex(hash, out, &size) == 1 && size == 32;
	EVP_MD_CTX_free(hash);
	return good;
}

static bool head_is_right(const struct entry_head *head, const uint8_t key[PATTERN_CACHE_KEY_BYTES], size_t size)
{
	return memcmp(head->magic, MAGIC, sizeof(head->magic)) == 0 && head->version == ENTRY_VERSION &&
	       head->len == size - sizeof(*head) && memcmp(head->key, key, sizeof(head->key)) == 0;
}

static uint8_t *read_whole(int fd, size_t size)
{
	uint8_t *bytes = malloc(size);
	size_t have = 0;
	while (bytes && have < size) {
		ssize_t got = read(fd, bytes + have, size - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	if (have == size)
		return bytes;
	free(bytes);
	return NULL;
}

static void make_young(int fd, const struct stat *status)
{
	if (status->st_mtime + TOUCH_AFTER_S < time(NULL))
		(void)!futimens(fd, NULL); // the worst that can come of it is that the entry goes first
}

uint8_t *pattern_cache_load(
	struct pattern_cache *cache, const uint8_t key[PATTERN_CACHE_KEY_BYTES], size_t *at, size_t *len)
{
	char name[ENTRY_NAME_BYTES];
	struct stat status;
	entry_name(key, name);
	int fd = openat(cache->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	uint8_t *bytes = NULL;
	struct entry_head head;
	uint8_t checksum[32];
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_uid == geteuid() || status.st_uid == 0) &&
		status.st_size > (off_t)sizeof(head) && status.st_size <= (off_t)ENTRY_BYTES_MAX)
		bytes = read_whole(fd, (size_t)status.st_size);
	bool good = false;
	if (bytes) {
		size_t size = (size_t)status.st_size;
		memcpy(&head, bytes, sizeof(head));
		good = head_is_right(&head, key, size) &&
		       checksum_of(&head, bytes + sizeof(head), size - sizeof(head), checksum) &&
		       memcmp(checksum, head.checksum, sizeof(checksum)) == 0;
		*at = sizeof(head);
		*len = size - sizeof(head);
	}
	if (good)
		make_young(fd, &status);
	else
		log_info("pattern cache: %s is damaged or not ours; made again", name);
	close(fd);
	if (good)
		return bytes;
	free(bytes);
	return NULL;
}

static bool has_room(const struct pattern_cache *cache, size_t len)
{
	struct statvfs status;
	if (fstatvfs(cache->directory, &status) != 0)
		return false;
	uint64_t left = (uint64_t)status.f_bavail * status.f_frsize;
	return left > (uint64_t)status.f_blocks * status.f_frsize / FREE_PARTS + len;
}

static bool write_entry(const struct pattern_cache *cache, const char *beside, const char *name,
	const struct entry_head *head, const void *bytes, size_t len)
{
	unlinkat(cache->directory, beside, 0); // a process of the same number left it
	int fd = openat(cache->directory, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool good = write_all(fd, (const char *)head, sizeof(*head)) && write_all(fd, bytes, len);
	good = close(fd) == 0 && good && renameat(cache->directory, beside, cache->directory, name) == 0;
	if (!good) {
		int reason = errno;
		unlinkat(cache->directory, beside, 0);
		errno = reason;
	}
	return good;
}

void pattern_cache_store(
	struct pattern_cache *cache, const uint8_t key[PATTERN_CACHE_KEY_BYTES], const void *bytes, size_t len)
{
	char name[ENTRY_NAME_BYTES], beside[64];
	struct entry_head head = { .version = ENTRY_VERSION, .len = len };
	memcpy(head.magic, MAGIC, sizeof(head.magic));
	memcpy(head.key, key, sizeof(head.key));
	entry_name(key, name);
	snprintf(beside, sizeof(beside), BESIDE_PREFIX "%ld-%u", (long)getpid(), atomic_fetch_add(&cache->beside, 1));
	bool room = has_room(cache, len);
	if (room && checksum_of(&head, bytes, len, head.checksum) &&
		write_entry(cache, beside, name, &head, bytes, len)) {
		atomic_store(&cache->stored, true);
		return;
	}
	if (!atomic_exchange(&cache->told, true))
		log_warning("compiled patterns cannot be kept: %s",
			room ? strerror(errno) : "the file system has little room left");
}
