// SPDX-License-Identifier: GPL-3.0-or-later
// Fetching a feed beside the folder's lock: into a file of its own, which is judged and thrown away under the lock.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>
#include "sensor/feeds/feed_last.h"

#define PART       "fetched-"
#define LEFT_S     3600 // longer than a transfer may take: its process is gone
#define HASH_BYTES 65536

// What processes left that did not end as they should.
static void sweep(const char *folder, uint64_t timeout_s)
{
	struct stat info;
	DIR *list = opendir(folder);
	const struct dirent *entry;
	while (list && (entry = readdir(list)))
		if (strncmp(entry->d_name, PART, strlen(PART)) == 0 &&
			fstatat(dirfd(list), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
			info.st_mtim.tv_sec + (time_t)timeout_s + LEFT_S < time(NULL))
			(void)unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
}

// Never 0. A file that cannot be read is like no other: reading it as a feed says why.
static uint64_t content_of(const char *path, uint64_t basis)
{
	uint8_t bytes[HASH_BYTES];
	XXH3_state_t *hash = XXH3_createState();
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = -1;
	if (hash && fd >= 0 && XXH3_64bits_reset(hash) == XXH_OK)
		while ((got = read(fd, bytes, sizeof(bytes))) > 0)
			(void)XXH3_64bits_update(hash, bytes, (size_t)got);
	uint64_t content = got == 0 ? XXH3_64bits_digest(hash) : ~basis;
	XXH3_freeState(hash);
	if (fd >= 0)
		close(fd);
	return content | 1;
}

static bool make_file(const struct feed_state *state, const struct feed *feed, uint64_t timeout_s,
	char path[PATH_BYTES], struct pack_error *error)
{
	char folder[PATH_BYTES];
	if (!feed_state_part(state, feed->name, "", folder) || !feed_state_part(state, feed->name, PART "XXXXXX", path))
		return pack_fail(error, "the path is too long");
	if (!folder_make(folder, error))
		return false;
	sweep(folder, timeout_s);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return pack_fail(error, "%.300s: %s", path, strerror(errno));
	close(fd);
	return true;
}

void feed_state_fetch(const struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct fetch_config *fetching, bool force, uint32_t now_s, struct feed_fetched *out)
{
	struct feed_last last;
	struct pack_error error = { "" };
	feed_last_read(&last, state, feed, site, now_s);
	const struct feed_status *old = &last.status;
	*out = (struct feed_fetched) { .result = FETCH_FAILED, .basis = old->version, .next_s = old->next_s };
	// What would be read otherwise now, or is gone, is not waited for, unless its server fails
	bool waits = (last.known && !last.otherwise) || old->failures;
	out->due = force || !waits || old->next_s <= now_s || old->tried_s > now_s;
	if (!out->due)
		return;
	if (!make_file(state, feed, fetching->timeout_s, out->path, &error)) {
		snprintf(out->answer.error, sizeof(out->answer.error), "%.500s", error.text);
		out->path[0] = 0;
		return;
	}
	const struct fetch_known copy = { .etag = last.stale ? NULL : old->etag,
		.modified = last.stale ? NULL : old->modified };
	out->result = fetch(fetching, feed->source, &copy, out->path, &out->answer);
	if (out->result == FETCH_DONE)
		out->content = content_of(out->path, old->signature);
}

void feed_fetched_drop(struct feed_fetched *fetched)
{
	if (fetched->path[0])
		unlink(fetched->path);
	fetched->path[0] = 0;
}
