// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/log/event_log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "decoders/base/log.h"

#define SEGMENTS_MAX   4096
#define WRITE_BUFFER   (256u << 10)
#define HEADER_BYTES   8
#define SEGMENT_SUFFIX ".events"
#define CURSOR_NAME    "cursor"

struct segment {
	uint64_t start, len;
};

struct event_log {
	char directory[PATH_MAX - 64];
	uint64_t segment_bytes, budget_bytes;
	struct segment segments[SEGMENTS_MAX]; // oldest first; the last is written to
	unsigned count;
	uint64_t read_at, cursor, saved_cursor, lost_bytes;
	int write_fd, read_fd;
	uint64_t read_start; // of the segment read_fd is on
	bool told;
	uint32_t buffered;
	uint8_t buffer[WRITE_BUFFER];
	uint8_t entry[EVENT_LOG_ENTRY_MAX];
};

static void segment_path(const struct event_log *log, uint64_t start, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%016" PRIx64 SEGMENT_SUFFIX, log->directory, start);
}

static void put_le32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get_le32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t sum_of(const uint8_t length[4], const uint8_t *bytes, uint32_t len)
{
	return (uint32_t)crc32(crc32(0, length, 4), bytes, len);
}

static bool read_at(int fd, uint64_t offset, uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t got = pread(fd, bytes, len, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		bytes += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

// Entry at offset of a segment into log->entry. False: none that is whole.
static bool read_entry(struct event_log *log, int fd, uint64_t offset, uint32_t *len)
{
	uint8_t header[HEADER_BYTES];
	if (!read_at(fd, offset, header, sizeof(header)))
		return false;
	*len = get_le32(header);
	return *len <= EVENT_LOG_ENTRY_MAX && read_at(fd, offset + HEADER_BYTES, log->entry, *len) &&
	       sum_of(header, log->entry, *len) == get_le32(header + 4);
}

static bool fail(struct event_log *log, const char *path)
{
	if (!log->told)
		log_error("%s: %s", path, strerror(errno));
	log->told = true;
	return false;
}

static int compare_segments(const void *a, const void *b)
{
	uint64_t x = ((const struct segment *)a)->start, y = ((const struct segment *)b)->start;
	return x < y ? -1 : x > y;
}

static bool list_segments(struct event_log *log)
{
	DIR *directory = opendir(log->directory);
	if (!directory)
		return fail(log, log->directory);
	struct dirent *item;
	while ((item = readdir(directory)) && log->count < SEGMENTS_MAX) {
		char *end;
		uint64_t start = strtoull(item->d_name, &end, 16);
		struct stat facts;
		if (end != item->d_name + 16 || strcmp(end, SEGMENT_SUFFIX) != 0 ||
			fstatat(dirfd(directory), item->d_name, &facts, 0) < 0)
			continue;
		log->segments[log->count++] = (struct segment) { start, (uint64_t)facts.st_size };
	}
	closedir(directory);
	qsort(log->segments, log->count, sizeof(log->segments[0]), compare_segments);
	return true;
}

static bool open_for_writing(struct event_log *log)
{
	char path[PATH_MAX];
	const struct segment *last = &log->segments[log->count - 1];
	segment_path(log, last->start, path);
	log->write_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	return log->write_fd >= 0 ? true : fail(log, path);
}

// A crash can leave half an entry at the end.
static bool cut_tail(struct event_log *log)
{
	struct segment *last = &log->segments[log->count - 1];
	uint64_t good = 0;
	uint32_t len;
	while (read_entry(log, log->write_fd, good, &len))
		good += HEADER_BYTES + len;
	if (good < last->len)
		log_warning("%s: %" PRIu64 " bytes at the end are no whole event and were cut off", log->directory,
			last->len - good);
	last->len = good;
	if (ftruncate(log->write_fd, (off_t)good) < 0)
		return fail(log, log->directory);
	return lseek(log->write_fd, (off_t)good, SEEK_SET) >= 0;
}

static void load_cursor(struct event_log *log)
{
	char path[PATH_MAX], text[32] = "";
	snprintf(path, sizeof(path), "%s/" CURSOR_NAME, log->directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t len = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[len > 0 ? len : 0] = 0;
	}
	log->cursor = strtoull(text, NULL, 10);
	if (log->cursor < log->segments[0].start || log->cursor > event_log_head(log))
		log->cursor = log->segments[0].start;
	log->saved_cursor = log->cursor;
	log->read_at = log->cursor;
}

struct event_log *event_log_open(const char *directory, uint64_t segment_bytes, uint64_t budget_bytes)
{
	struct event_log *log = calloc(1, sizeof(*log));
	if (!log)
		return NULL;
	log->write_fd = log->read_fd = -1;
	log->segment_bytes = segment_bytes;
	log->budget_bytes = budget_bytes;
	int len = snprintf(log->directory, sizeof(log->directory), "%s", directory);
	bool good = len >= 0 && (size_t)len < sizeof(log->directory);
	if (good && mkdir(directory, 0750) < 0 && errno != EEXIST)
		good = fail(log, directory);
	good = good && list_segments(log);
	if (good && log->count == 0)
		log->segments[log->count++] = (struct segment) { 0, 0 };
	if (!good || !open_for_writing(log) || !cut_tail(log)) {
		event_log_close(log);
		return NULL;
	}
	load_cursor(log);
	return log;
}

uint64_t event_log_head(const struct event_log *log)
{
	const struct segment *last = &log->segments[log->count - 1];
	return last->start + last->len + log->buffered;
}

uint64_t event_log_cursor(const struct event_log *log)
{
	return log->cursor;
}

uint64_t event_log_lost_bytes(const struct event_log *log)
{
	return log->lost_bytes;
}

bool event_log_flush(struct event_log *log)
{
	uint32_t done = 0;
	while (done < log->buffered) {
		ssize_t written = write(log->write_fd, log->buffer + done, log->buffered - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			break;
		done += (uint32_t)written;
	}
	log->segments[log->count - 1].len += done;
	memmove(log->buffer, log->buffer + done, log->buffered - done);
	log->buffered -= done;
	if (log->buffered)
		return fail(log, log->directory);
	log->told = false;
	return true;
}

bool event_log_sync(struct event_log *log)
{
	return event_log_flush(log) && fdatasync(log->write_fd) == 0;
}

static void remove_oldest(struct event_log *log)
{
	char path[PATH_MAX];
	const struct segment first = log->segments[0];
	uint64_t end = first.start + first.len;
	segment_path(log, first.start, path);
	if (unlink(path) < 0 && errno != ENOENT)
		fail(log, path);
	if (log->cursor < end) {
		log->lost_bytes += end - log->cursor;
		log->cursor = end;
	}
	if (log->read_at < end)
		log->read_at = end;
	log->count--;
	memmove(log->segments, log->segments + 1, log->count * sizeof(log->segments[0]));
}

static bool next_segment(struct event_log *log)
{
	if (!event_log_flush(log))
		return false;
	uint64_t total = 0;
	for (unsigned i = 0; i < log->count; i++)
		total += log->segments[i].len;
	while (log->count > 1 && (total > log->budget_bytes || log->count == SEGMENTS_MAX)) {
		total -= log->segments[0].len;
		remove_oldest(log);
	}
	const uint64_t start = event_log_head(log);
	close(log->write_fd);
	log->segments[log->count++] = (struct segment) { start, 0 };
	return open_for_writing(log);
}

bool event_log_append(struct event_log *log, struct span entry)
{
	uint8_t header[HEADER_BYTES];
	if (entry.len > EVENT_LOG_ENTRY_MAX)
		return false;
	if (log->segments[log->count - 1].len + log->buffered >= log->segment_bytes && !next_segment(log))
		return false;
	put_le32(header, entry.len);
	put_le32(header + 4, sum_of(header, entry.data, entry.len));
	struct span parts[] = { { header, sizeof(header) }, entry };
	if (log->buffered + sizeof(header) + entry.len > WRITE_BUFFER && !event_log_flush(log))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		// an entry larger than the buffer goes out in pieces; only the last of them may stay buffered
		while (parts[i].len) {
			uint32_t take = WRITE_BUFFER - log->buffered < parts[i].len ? WRITE_BUFFER - log->buffered
										    : parts[i].len;
			memcpy(log->buffer + log->buffered, parts[i].data, take);
			log->buffered += take;
			parts[i] = span_from(parts[i], take);
			if (parts[i].len && !event_log_flush(log))
				return false;
		}
	}
	return true;
}

static const struct segment *segment_with(const struct event_log *log, uint64_t position)
{
	for (unsigned i = log->count; i-- > 0;)
		if (position >= log->segments[i].start)
			return position < log->segments[i].start + log->segments[i].len ? &log->segments[i] : NULL;
	return NULL;
}

bool event_log_read(struct event_log *log, struct span *entry, uint64_t *next)
{
	const struct segment *segment = segment_with(log, log->read_at);
	uint32_t len;
	if (!segment)
		return false;
	if (log->read_fd < 0 || log->read_start != segment->start) {
		char path[PATH_MAX];
		if (log->read_fd >= 0)
			close(log->read_fd);
		segment_path(log, segment->start, path);
		log->read_fd = open(path, O_RDONLY | O_CLOEXEC);
		log->read_start = segment->start;
		if (log->read_fd < 0)
			return fail(log, path);
	}
	if (!read_entry(log, log->read_fd, log->read_at - segment->start, &len)) {
		// damage in the middle: the rest of this segment cannot be trusted
		uint64_t end = segment->start + segment->len;
		log_error("%s: damaged at %" PRIu64 "; %" PRIu64 " bytes are lost", log->directory, log->read_at,
			end - log->read_at);
		log->lost_bytes += end - log->read_at;
		log->read_at = end;
		return event_log_read(log, entry, next);
	}
	log->read_at += HEADER_BYTES + len;
	*entry = (struct span) { log->entry, len };
	*next = log->read_at;
	return true;
}

void event_log_delivered(struct event_log *log, uint64_t position)
{
	if (position > log->cursor)
		log->cursor = position;
	while (log->count > 1 && log->segments[0].start + log->segments[0].len <= log->cursor)
		remove_oldest(log);
}

bool event_log_save_cursor(struct event_log *log)
{
	char path[PATH_MAX], fresh[PATH_MAX], text[32];
	if (log->cursor == log->saved_cursor)
		return true;
	snprintf(path, sizeof(path), "%s/" CURSOR_NAME, log->directory);
	snprintf(fresh, sizeof(fresh), "%s/" CURSOR_NAME ".new", log->directory);
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", log->cursor);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail(log, fresh);
	bool good = write(fd, text, (size_t)len) == len;
	good &= close(fd) == 0;
	if (!good || rename(fresh, path) < 0)
		return fail(log, path);
	log->saved_cursor = log->cursor;
	return true;
}

void event_log_close(struct event_log *log)
{
	if (!log)
		return;
	if (log->write_fd >= 0) {
		event_log_sync(log);
		event_log_save_cursor(log);
		close(log->write_fd);
	}
	if (log->read_fd >= 0)
		close(log->read_fd);
	free(log);
}
