// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/hunt/hunt_reader.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sensor/files/files.h"
#include "sensor/sightings/sighting_scan.h"
#include "sensor/sightings/sighting_store.h"

#define BUSY_MS  5000
#define HITS_MAX 1000000 // sorted at a time

struct hit {
	struct sighting_seen seen;
	size_t key_at;
	uint16_t key_len;
};

struct hunt_reader {
	sqlite3 *database;
	struct sighting_scan *scan;
	int version;      // 0: not known
	bool is_new;      // no tables were made in it
	struct hit *hits; // of one question
	uint8_t *keys;
	size_t count, room, key_bytes, key_room;
};

static bool is_ours(const struct hunt_reader *reader)
{
	return reader->version >= SIGHTINGS_VERSION_OLDEST && reader->version <= SIGHTINGS_VERSION;
}

// True: the tables are those we know.
static bool has_tables(struct hunt_reader *reader)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(reader->database, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(statement) == SQLITE_ROW) {
		reader->version = sqlite3_column_int(statement, 0);
		reader->is_new = reader->version == 0;
	}
	sqlite3_finalize(statement);
	return is_ours(reader) && (reader->scan = sighting_scan_new(reader->database));
}

static bool open_it(struct hunt_reader *reader, const char *path, const char *folder)
{
	// Without a writer and without the right to make its files, the database is read as it lies
	char uri[PATH_BYTES + 64];
	bool alone = access(folder, W_OK) != 0;
	snprintf(uri, sizeof(uri), "%s", path);
	if (alone) {
		char shared[PATH_BYTES + 8];
		snprintf(shared, sizeof(shared), "%s-shm", path);
		alone = access(shared, R_OK) != 0 && !strpbrk(path, "?#%");
		if (alone)
			snprintf(uri, sizeof(uri), "file:%s?immutable=1", path);
	}
	int code = sqlite3_open_v2(uri, &reader->database,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | (alone ? SQLITE_OPEN_URI : 0), NULL);
	if (code != SQLITE_OK)
		return false;
	sqlite3_busy_timeout(reader->database, BUSY_MS);
	return has_tables(reader);
}

struct hunt_reader *hunt_reader_open(const char *folder, char *error, size_t size)
{
	char path[PATH_BYTES];
	struct hunt_reader *reader = calloc(1, sizeof(*reader));
	if (!reader || !path_join(path, folder ? folder : "", SIGHTINGS_FILE)) {
		snprintf(error, size, reader ? "the path is too long" : "out of memory");
		free(reader);
		return NULL;
	}
	struct stat info;
	if (!folder || !folder[0])
		snprintf(error, size, "sightings.path is not set: nothing is kept");
	else if (access(path, R_OK) != 0 && errno == ENOENT)
		snprintf(error, size, "%.200s: nothing was kept there (sightings.path)", path);
	else if (access(path, R_OK) != 0)
		snprintf(error, size, "%.200s: %s (root, the sensor's user and its group may read it)", path,
			strerror(errno));
	else if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) // a pipe would be waited for
		snprintf(error, size, "%.200s: no regular file", path);
	else if (open_it(reader, path, folder))
		return reader;
	else if (reader->is_new)
		snprintf(error, size, "%.200s: it is empty: nothing was kept yet", path);
	else if (reader->version && !is_ours(reader))
		snprintf(error, size, "%.200s: written by another version of sekisho (%d, not %d)", path,
			reader->version, SIGHTINGS_VERSION);
	else
		snprintf(error, size, "%.200s: %s", path, sqlite3_errmsg(reader->database));
	hunt_reader_close(reader);
	return NULL;
}

void hunt_reader_close(struct hunt_reader *reader)
{
	if (!reader)
		return;
	sighting_scan_free(reader->scan);
	sqlite3_close(reader->database);
	free(reader->hits);
	free(reader->keys);
	free(reader);
}

bool hunt_reader_span(struct hunt_reader *reader, uint64_t *from_s, uint64_t *to_s)
{
	static const char text[] = "SELECT min(oldest), max(newest) FROM run WHERE rows>0";
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(reader->database, text, -1, &statement, NULL) != SQLITE_OK)
		return false;
	bool any = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL;
	*from_s = (uint64_t)sqlite3_column_int64(statement, 0);
	*to_s = (uint64_t)sqlite3_column_int64(statement, 1);
	sqlite3_finalize(statement);
	return any;
}

// Answers -----------------------------------------------------------------------------------------------------------------------

// Makes room for one more. False: no memory.
static bool grow(void **items, size_t *room, size_t needed, size_t each)
{
	if (needed <= *room)
		return true;
	size_t more = *room ? 2 * *room : 4096;
	void *grown = realloc(*items, more * each);
	if (!grown)
		return false;
	*items = grown;
	*room = more;
	return true;
}

static bool keep(struct hunt_reader *reader, struct span key, const struct sighting_seen *seen)
{
	void *hits = reader->hits, *keys = reader->keys;
	bool good = grow(&hits, &reader->room, reader->count + 1, sizeof(*reader->hits));
	reader->hits = hits;
	good = good && grow(&keys, &reader->key_room, reader->key_bytes + SIGHTING_KEY_MAX, 1);
	reader->keys = keys;
	if (!good)
		return false;
	reader->hits[reader->count++] = (struct hit) { *seen, reader->key_bytes, (uint16_t)key.len };
	memcpy(reader->keys + reader->key_bytes, key.data, key.len);
	reader->key_bytes += key.len;
	return true;
}

static bool read_value(struct span key, uint8_t *value, struct indicator *out)
{
	unsigned kind = key.data[0];
	if (kind >= INDICATOR_KINDS)
		return false;
	*out = (struct indicator) { .kind = (uint8_t)kind, .bits = 128 };
	out->value = span_of(value, sighting_key_value(key, value));
	if (kind != INDICATOR_ADDRESS)
		return true;
	if (out->value.len == SIGHTING_PLAIN_LEN + 2) {
		out->kind = INDICATOR_ENDPOINT;
		out->port = (uint16_t)(value[16] << 8 | value[17]);
		out->value.len = SIGHTING_PLAIN_LEN;
	}
	return out->value.len == SIGHTING_PLAIN_LEN;
}

// The latest first; those of one time as they lie.
static int by_time(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->seen.last_s != y->seen.last_s)
		return x->seen.last_s > y->seen.last_s ? -1 : 1;
	return x->key_at < y->key_at ? -1 : x->key_at > y->key_at;
}

static void give(struct hunt_reader *reader, hunt_each *each, void *context)
{
	uint8_t value[SIGHTING_VALUE_MAX];
	if (reader->count)
		qsort(reader->hits, reader->count, sizeof(*reader->hits), by_time);
	for (size_t i = 0; i < reader->count; i++) {
		const struct hit *hit = &reader->hits[i];
		struct hunt_found found = { .seen = hit->seen };
		if (read_value(span_of(reader->keys + hit->key_at, hit->key_len), value, &found.indicator))
			each(context, &found);
	}
	reader->count = reader->key_bytes = 0;
}

// Questions ---------------------------------------------------------------------------------------------------------------------

// A URL of any host: what follows the host begins with path.
static bool has_path(struct span key, const struct hunt_query *query)
{
	uint32_t slash = span_find(key, '/', 1);
	struct span path = span_slice(span_from(key, slash), 0, query->path_len);
	return span_equal(path, span_of(query->path, query->path_len));
}

static struct span key_of(unsigned kind, const uint8_t *bytes, uint32_t len, uint8_t out[SIGHTING_KEY_MAX + 1])
{
	out[0] = (uint8_t)kind;
	memcpy(out + 1, bytes, len);
	return span_of(out, len + 1);
}

static bool is_of_time(const struct sighting_seen *seen, const struct hunt_limits *limits)
{
	return seen->last_s >= limits->since_s && seen->first_s <= limits->until_s;
}

// range NULL: everything. An SQLite code, 0: good.
static int ask_range(struct hunt_reader *reader, const struct hunt_query *query, const struct hunt_range *range,
	const struct hunt_limits *limits, hunt_each *each, void *context)
{
	uint8_t low[HUNT_BLOB_MAX + 1], high[HUNT_BLOB_MAX + 1];
	struct sighting_scan_range keys = {
		.newest_s = limits->since_s, .host = limits->host, .host_bits = limits->host_bits
	};
	struct sighting_seen seen;
	struct span key;
	if (range) {
		keys.low = key_of(range->kind, range->low, range->low_len, low);
		keys.high = key_of(range->kind, range->high, range->high_len, high);
	}
	int code = sighting_scan_seek(reader->scan, &keys);
	if (code != SQLITE_OK)
		return code;
	while (sighting_scan_next(reader->scan, &key, &seen)) {
		if (!is_of_time(&seen, limits) || (query && query->path_len && !has_path(key, query)))
			continue;
		if (!keep(reader, key, &seen))
			return SQLITE_NOMEM;
		if (reader->count == HITS_MAX)
			give(reader, each, context);
	}
	return sighting_scan_code(reader->scan);
}

bool hunt_reader_walk(struct hunt_reader *reader, const struct hunt_limits *limits, hunt_each_value *value,
	hunt_each_seen *each, void *context, char *error, size_t size)
{
	const struct sighting_scan_range all = {
		.newest_s = limits->since_s, .host = limits->host, .host_bits = limits->host_bits
	};
	uint8_t at[SIGHTING_KEY_MAX], bytes[SIGHTING_VALUE_MAX];
	struct sighting_seen seen;
	struct span key;
	uint32_t at_len = 0;
	bool wanted = false;
	int code = sqlite3_exec(reader->database, "BEGIN", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sighting_scan_seek(reader->scan, &all);
	while (code == SQLITE_OK && sighting_scan_next(reader->scan, &key, &seen)) {
		if (!is_of_time(&seen, limits))
			continue;
		if (!span_equal(key, span_of(at, at_len))) {
			at_len = key.len;
			memcpy(at, key.data, key.len);
			wanted = value(context, key.data[0], span_of(bytes, sighting_key_value(key, bytes)));
		}
		if (wanted)
			each(context, &seen);
	}
	if (code == SQLITE_OK)
		code = sighting_scan_code(reader->scan);
	(void)sqlite3_exec(reader->database, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		snprintf(error, size, "%s", sqlite3_errstr(code));
	return code == SQLITE_OK;
}

bool hunt_reader_ask(struct hunt_reader *reader, const struct hunt_query *query, const struct hunt_limits *limits,
	hunt_each *each, void *context, char *error, size_t size)
{
	int code = sqlite3_exec(reader->database, "BEGIN", NULL, NULL, NULL); // one state of what is written
	if (code == SQLITE_OK && !query)
		code = ask_range(reader, NULL, NULL, limits, each, context);
	for (unsigned i = 0; query && code == SQLITE_OK && i < query->range_count; i++)
		code = ask_range(reader, query, &query->ranges[i], limits, each, context);
	(void)sqlite3_exec(reader->database, "COMMIT", NULL, NULL, NULL);
	give(reader, each, context);
	if (code != SQLITE_OK)
		snprintf(error, size, "%s", sqlite3_errstr(code));
	return code == SQLITE_OK;
}
