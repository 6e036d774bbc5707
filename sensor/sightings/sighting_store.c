// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sensor/files/files.h"
#include "sensor/sightings/sighting_store_state.h"

#define WAL_MAX     (16u << 20)
#define BUSY_MS     5000
#define LOG_TIMES   4 // as many pages as bring it to its place
#define LOG_WAIT_MS 500

static const char schema[] =
	"CREATE TABLE run(id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, oldest INTEGER NOT "
	"NULL,"
	" newest INTEGER NOT NULL);"
	"CREATE TABLE block(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, low BLOB NOT NULL, host BLOB NOT NULL,"
	" data BLOB NOT NULL);"
	"CREATE UNIQUE INDEX block_low ON block(run, low, host);"
	"CREATE TABLE told(indicator INTEGER NOT NULL, host BLOB NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(indicator, host)) WITHOUT ROWID;"
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;";
// Whose rows a block may have (host_filter.h): beside it, as who asks for a host reads them all. New in version 3.
static const char schema_hosts[] =
	"CREATE TABLE hosts(block INTEGER PRIMARY KEY, bits BLOB NOT NULL);"
	"CREATE TRIGGER block_gone AFTER DELETE ON block BEGIN DELETE FROM hosts WHERE block=old.id; END;";

#define STATEMENT_TEXT(constant, text) [DO_##constant] = text,
static const char *const statement_texts[SIGHTING_STATEMENTS_END] = { SIGHTING_STATEMENTS(STATEMENT_TEXT) };

static enum sighting_fault fault_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return SIGHTING_GOOD;
	case SQLITE_FULL: return SIGHTING_FULL;
	case SQLITE_CONSTRAINT: // nothing that is written here breaks one
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return SIGHTING_DAMAGED;
	default: return SIGHTING_FAILED;
	}
}

void sighting_store_note(struct sighting_store *store, int code)
{
	enum sighting_fault fault = fault_of(code);
	if (fault <= store->fault)
		return;
	store->fault = fault;
	snprintf(store->error, sizeof(store->error), "%s", sqlite3_errstr(code));
}

const char *sighting_store_error(const struct sighting_store *store)
{
	return store->error;
}

bool sighting_store_step(struct sighting_store *store, enum sighting_statement which)
{
	int code = sqlite3_step(store->statements[which]);
	sighting_store_note(store, code);
	return code == SQLITE_ROW;
}

void sighting_store_run(struct sighting_store *store, enum sighting_statement which)
{
	if (store->fault != SIGHTING_GOOD)
		return;
	while (sighting_store_step(store, which)) {
	}
	sqlite3_reset(store->statements[which]);
}

int64_t sighting_store_ask(struct sighting_store *store, enum sighting_statement which)
{
	int64_t answer = sighting_store_step(store, which) ? sqlite3_column_int64(store->statements[which], 0) : 0;
	sqlite3_reset(store->statements[which]);
	return answer;
}

static bool execute(struct sighting_store *store, const char *sql)
{
	int code = sqlite3_exec(store->database, sql, NULL, NULL, NULL);
	sighting_store_note(store, code);
	return code == SQLITE_OK;
}

// After each commit: what is in the log goes to its place. While somebody reads, the log only grows: when it is too long, readers are waited for, a moment.
static int written(void *context, sqlite3 *database, const char *name, int pages)
{
	struct sighting_store *store = context;
	bool long_one = pages > LOG_TIMES * store->wal_pages;
	if (pages < store->wal_pages)
		return SQLITE_OK;
	if (long_one)
		sqlite3_busy_timeout(database, LOG_WAIT_MS);
	(void)sqlite3_wal_checkpoint_v2(
		database, name, long_one ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (long_one)
		sqlite3_busy_timeout(database, BUSY_MS);
	return SQLITE_OK;
}

static bool set_up(struct sighting_store *store)
{
	char text[256];
	uint64_t wal = store->max_bytes / 8 < WAL_MAX ? store->max_bytes / 8 : WAL_MAX;
	sqlite3_busy_timeout(store->database, BUSY_MS);
	snprintf(text, sizeof(text), "PRAGMA page_size=%d; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL",
		SIGHTINGS_PAGE);
	if (!execute(store, text))
		return false;
	snprintf(text, sizeof(text),
		"PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000; PRAGMA journal_size_limit=%llu;"
		"PRAGMA max_page_count=%llu",
		(unsigned long long)wal, (unsigned long long)(store->max_bytes / SIGHTINGS_PAGE));
	store->wal_pages = (int)(wal / SIGHTINGS_PAGE / 2 + 1);
	sqlite3_wal_hook(store->database, written, store);
	store->max_bytes -= wal;
	return execute(store, text);
}

// A new database gets its tables, one of the version before what it lacks; one of another version is not ours.
static bool has_tables(struct sighting_store *store)
{
	sqlite3_stmt *statement;
	char text[64];
	int code = sqlite3_prepare_v2(store->database, "PRAGMA user_version", -1, &statement, NULL);
	sighting_store_note(store, code);
	if (code != SQLITE_OK)
		return false;
	code = sqlite3_step(statement);
	int64_t version = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
	sighting_store_note(store, code);
	sqlite3_finalize(statement);
	snprintf(text, sizeof(text), "PRAGMA user_version=%d", SIGHTINGS_VERSION);
	if (version == SIGHTINGS_VERSION)
		return true;
	if (version == 0 || version == SIGHTINGS_VERSION_OLDEST)
		return execute(store, "BEGIN IMMEDIATE") && (version || execute(store, schema)) &&
		       execute(store, schema_hosts) && execute(store, text) && execute(store, "COMMIT");
	if (store->fault == SIGHTING_GOOD) {
		store->fault = SIGHTING_DAMAGED;
		snprintf(store->error, sizeof(store->error), "it is of version %lld", (long long)version);
	}
	return false;
}

static bool prepare(struct sighting_store *store)
{
	for (int i = 0; i < SIGHTING_STATEMENTS_END; i++) {
		int code = sqlite3_prepare_v3(store->database, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			&store->statements[i], NULL);
		sighting_store_note(store, code);
		// A table that is missing is damage too
		if (code == SQLITE_ERROR)
			store->fault = SIGHTING_DAMAGED;
		if (code != SQLITE_OK)
			return false;
	}
	store->scan = sighting_scan_new(store->database);
	return store->scan;
}

// Who met what is for the sensor's user and group only: SQLite takes the mode of a file that is there for all it makes. Not through a link.
static bool make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	return fd >= 0 && close(fd) == 0;
}

struct sighting_store *sighting_store_open(
	const char *folder, uint64_t max_bytes, enum sighting_fault *fault, char *error, size_t size)
{
	struct pack_error reason;
	char path[PATH_BYTES];
	*fault = SIGHTING_FAILED;
	if (!folder_make(folder, &reason)) {
		snprintf(error, size, "%.200s", reason.text);
		return NULL;
	}
	struct sighting_store *store = calloc(1, sizeof(*store));
	if (!store || !path_join(path, folder, SIGHTINGS_FILE)) {
		snprintf(error, size, store ? "the path is too long" : "out of memory");
		free(store);
		return NULL;
	}
	store->max_bytes = max_bytes;
	if (!make_file(path)) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
		free(store);
		return NULL;
	}
	int code = sqlite3_open_v2(
		path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	sighting_store_note(store, code);
	if (code == SQLITE_OK && set_up(store) && has_tables(store) && prepare(store))
		return store;
	snprintf(error, size, "%s", store->error);
	*fault = store->fault;
	sighting_store_close(store);
	return NULL;
}

void sighting_store_close(struct sighting_store *store)
{
	if (!store)
		return;
	for (int i = 0; i < SIGHTING_STATEMENTS_END; i++)
		sqlite3_finalize(store->statements[i]);
	sighting_scan_free(store->scan);
	sqlite3_close(store->database);
	free(store);
}

// Transactions ------------------------------------------------------------------------------------------------------------------

void sighting_store_begin(struct sighting_store *store)
{
	store->fault = SIGHTING_GOOD;
	store->out.run = 0;
	sighting_store_run(store, DO_BEGIN);
}

enum sighting_fault sighting_store_commit(struct sighting_store *store)
{
	sighting_store_end_run(store);
	sighting_store_run(store, DO_COMMIT);
	enum sighting_fault fault = store->fault;
	store->fault = SIGHTING_GOOD;
	if (fault != SIGHTING_GOOD && !sqlite3_get_autocommit(store->database))
		sighting_store_run(store, DO_ROLLBACK);
	store->fault = SIGHTING_GOOD;
	return fault;
}

// Looking back ------------------------------------------------------------------------------------------------------------------

static void bind_address(sqlite3_stmt *statement, int place, const struct address *address)
{
	sqlite3_bind_blob(statement, place, address->bytes, sizeof(address->bytes), SQLITE_TRANSIENT);
}

bool sighting_store_is_told(struct sighting_store *store, uint64_t indicator, const struct address *host)
{
	sqlite3_stmt *statement = store->statements[DO_IS_TOLD];
	sqlite3_bind_int64(statement, 1, (int64_t)indicator);
	bind_address(statement, 2, host);
	return sighting_store_ask(store, DO_IS_TOLD) != 0;
}

void sighting_store_tell(struct sighting_store *store, uint64_t indicator, const struct address *host, uint64_t at_s)
{
	sqlite3_stmt *statement = store->statements[DO_TELL];
	sqlite3_bind_int64(statement, 1, (int64_t)indicator);
	bind_address(statement, 2, host);
	sqlite3_bind_int64(statement, 3, (int64_t)at_s);
	sighting_store_run(store, DO_TELL);
}

void sighting_store_each_told(
	struct sighting_store *store, uint64_t since_s, unsigned most, sighting_told *each, void *context)
{
	sqlite3_stmt *statement = store->statements[DO_EACH_TOLD];
	sqlite3_bind_int64(statement, 1, (int64_t)since_s);
	sqlite3_bind_int64(statement, 2, most);
	while (sighting_store_step(store, DO_EACH_TOLD)) {
		const void *blob = sqlite3_column_blob(statement, 1);
		if (!blob || sqlite3_column_bytes(statement, 1) != 16)
			continue;
		const struct address host = address_v6(blob);
		each(context, (uint64_t)sqlite3_column_int64(statement, 0), &host,
			(uint64_t)sqlite3_column_int64(statement, 2));
	}
	sqlite3_reset(statement);
}

uint64_t sighting_store_meta(struct sighting_store *store, const char *name)
{
	sqlite3_bind_text(store->statements[DO_META], 1, name, -1, SQLITE_STATIC);
	return (uint64_t)sighting_store_ask(store, DO_META);
}

void sighting_store_set_meta(struct sighting_store *store, const char *name, uint64_t value)
{
	sqlite3_bind_text(store->statements[DO_SET_META], 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->statements[DO_SET_META], 2, (int64_t)value);
	sighting_store_run(store, DO_SET_META);
}

uint64_t sighting_store_newest_s(struct sighting_store *store)
{
	return (uint64_t)sighting_store_ask(store, DO_NEWEST);
}

unsigned sighting_store_each(struct sighting_store *store, struct sighting_place *place, unsigned most,
	sighting_each_value *value, sighting_each_seen *each, void *context)
{
	const struct sighting_scan_range range = { .low = span_of(place->key, place->len) };
	struct sighting_seen seen;
	struct span key;
	unsigned count = 0;
	bool wanted = false;
	place->len = 0; // the value at hand
	sighting_scan_tell_done(store->scan, NULL, NULL);
	sighting_store_note(store, sighting_scan_seek(store->scan, &range));
	while (store->fault == SIGHTING_GOOD && sighting_scan_next(store->scan, &key, &seen)) {
		if (!place->len || !span_equal(key, span_of(place->key, place->len))) {
			uint8_t bytes[SIGHTING_VALUE_MAX];
			if (count == most)
				break;
			count++;
			place->len = (uint16_t)key.len;
			memcpy(place->key, key.data, key.len);
			wanted = value(context, key.data[0], span_of(bytes, sighting_key_value(key, bytes)));
		}
		if (wanted)
			each(context, &seen);
	}
	sighting_store_note(store, sighting_scan_code(store->scan));
	place->key[place->len++] = 0; // the least key after it
	return count;
}
