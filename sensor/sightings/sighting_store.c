// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_store.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "sensor/files/files.h"

#define PAGE_BYTES  4096
#define WAL_MAX     (16u << 20)
#define HOSTS_KNOWN 4096 // ids remembered; a power of two
#define BUSY_MS     5000
#define TRIM_SLICE  1000 // rows of one deletion
#define TRIM_TO     95   // percent of the budget

static const char schema[] = "CREATE TABLE value(key INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text BLOB NOT NULL);"
			     "CREATE INDEX value_text ON value(kind, text);"
			     "CREATE TABLE host(id INTEGER PRIMARY KEY, address BLOB NOT NULL UNIQUE);"
			     "CREATE TABLE seen(value INTEGER NOT NULL, host INTEGER NOT NULL, first INTEGER NOT NULL, "
			     "last INTEGER NOT NULL,"
			     " count INTEGER NOT NULL, places INTEGER NOT NULL, proto INTEGER NOT NULL, far BLOB NOT "
			     "NULL, flows BLOB NOT NULL,"
			     " PRIMARY KEY(value, host)) WITHOUT ROWID;"
			     "CREATE INDEX seen_host ON seen(host);"
			     "CREATE INDEX seen_last ON seen(last);"
			     "CREATE TABLE told(indicator INTEGER NOT NULL, host INTEGER NOT NULL, at INTEGER NOT NULL,"
			     " PRIMARY KEY(indicator, host)) WITHOUT ROWID;"
			     "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;";

// X(constant, text)
#define STATEMENTS(X)                                                                                                \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                                  \
	X(COMMIT, "COMMIT")                                                                                          \
	X(ROLLBACK, "ROLLBACK")                                                                                      \
	X(ADD_HOST, "INSERT OR IGNORE INTO host(address) VALUES(?1)")                                                \
	X(FIND_HOST, "SELECT id FROM host WHERE address=?1")                                                         \
	X(ADD_VALUE, "INSERT OR IGNORE INTO value(key, kind, text) VALUES(?1, ?2, ?3)")                              \
	X(ADD_SEEN, "INSERT INTO seen(value, host, first, last, count, places, far, flows, proto)"                   \
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(value, host) DO UPDATE SET"             \
		    " first=min(first, excluded.first), last=max(last, excluded.last), count=count+excluded.count,"  \
		    " places=places|excluded.places, far=excluded.far, proto=excluded.proto, flows=CASE WHEN "       \
		    "substr(flows, 1, 8)="                                                                           \
		    "substr(excluded.flows, 1, 8) THEN flows ELSE substr(CAST(excluded.flows || flows AS BLOB), 1, " \
		    "32) END")                                                                                       \
	X(HAS_VALUE, "SELECT 1 FROM value WHERE key=?1")                                                             \
	X(EXPIRE, "DELETE FROM seen WHERE (value, host) IN (SELECT value, host FROM seen WHERE last<?1"              \
		  " ORDER BY last LIMIT ?2) RETURNING value")                                                        \
	X(EXPIRE_TOLD, "DELETE FROM told WHERE at<?1")                                                               \
	X(DROP_VALUE, "DELETE FROM value WHERE key=?1 AND NOT EXISTS(SELECT 1 FROM seen WHERE value=?1)")            \
	X(VACUUM, "PRAGMA incremental_vacuum(4000)")                                                                 \
	X(PAGES, "PRAGMA page_count")                                                                                \
	X(FREE_PAGES, "PRAGMA freelist_count")                                                                       \
	X(IS_TOLD, "SELECT 1 FROM told JOIN host ON id=host WHERE indicator=?1 AND address=?2")                      \
	X(TELL, "INSERT OR REPLACE INTO told(indicator, host, at) VALUES(?1, ?2, ?3)")                               \
	X(EACH_TOLD, "SELECT indicator, address, at FROM told JOIN host ON id=host WHERE at>=?1"                     \
		     " ORDER BY at DESC LIMIT ?2")                                                                   \
	X(META, "SELECT value FROM meta WHERE name=?1")                                                              \
	X(SET_META, "INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)")                                       \
	X(NEWEST, "SELECT max(last) FROM seen")                                                                      \
	X(VALUES, "SELECT key, kind, text FROM value WHERE key>?1 ORDER BY key LIMIT ?2")                            \
	X(SEEN, "SELECT address, far, first, last, count, places, flows, proto FROM seen JOIN host ON id=host"       \
		" WHERE value=?1 ORDER BY last DESC LIMIT ?2")
#define STATEMENT_CONSTANT(constant, text) DO_##constant,
#define STATEMENT_TEXT(constant, text)     [DO_##constant] = text,
enum statement { STATEMENTS(STATEMENT_CONSTANT) STATEMENTS_END };
static const char *const statement_texts[STATEMENTS_END] = { STATEMENTS(STATEMENT_TEXT) };

struct known_host {
	struct address address;
	int64_t id; // 0 empty
};

struct sighting_store {
	sqlite3 *database;
	sqlite3_stmt *statements[STATEMENTS_END];
	uint64_t max_bytes;
	enum sighting_fault fault; // since begin
	char error[256];
	struct known_host hosts[HOSTS_KNOWN];
};

static enum sighting_fault fault_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return SIGHTING_GOOD;
	case SQLITE_FULL: return SIGHTING_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return SIGHTING_DAMAGED;
	default: return SIGHTING_FAILED;
	}
}

static void note(struct sighting_store *store, int code)
{
	enum sighting_fault fault = fault_of(code);
	if (fault <= store->fault)
		return;
	store->fault = fault;
	snprintf(store->error, sizeof(store->error), "%s", sqlite3_errmsg(store->database));
}

const char *sighting_store_error(const struct sighting_store *store)
{
	return store->error;
}

// One step; true: a row is there.
static bool step(struct sighting_store *store, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	note(store, code);
	return code == SQLITE_ROW;
}

// A statement that gives nothing.
static void run(struct sighting_store *store, enum statement which)
{
	sqlite3_stmt *statement = store->statements[which];
	while (step(store, statement)) {
	}
	sqlite3_reset(statement);
}

// The number in a statement's first row, else 0.
static int64_t ask(struct sighting_store *store, enum statement which)
{
	sqlite3_stmt *statement = store->statements[which];
	int64_t answer = step(store, statement) ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_reset(statement);
	return answer;
}

static bool execute(struct sighting_store *store, const char *sql)
{
	int code = sqlite3_exec(store->database, sql, NULL, NULL, NULL);
	note(store, code);
	return code == SQLITE_OK;
}

static bool set_up(struct sighting_store *store)
{
	char text[256];
	uint64_t wal = store->max_bytes / 8 < WAL_MAX ? store->max_bytes / 8 : WAL_MAX;
	sqlite3_busy_timeout(store->database, BUSY_MS);
	snprintf(text, sizeof(text), "PRAGMA page_size=%d; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL",
		PAGE_BYTES);
	if (!execute(store, text))
		return false;
	snprintf(text, sizeof(text),
		"PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA journal_size_limit=%llu;"
		"PRAGMA wal_autocheckpoint=%llu; PRAGMA max_page_count=%llu",
		(unsigned long long)wal, (unsigned long long)(wal / PAGE_BYTES / 2 + 1),
		(unsigned long long)(store->max_bytes / PAGE_BYTES));
	store->max_bytes -= wal;
	return execute(store, text);
}

// A new database gets its tables; one of another version is not ours.
static bool has_tables(struct sighting_store *store)
{
	sqlite3_stmt *statement;
	char text[64];
	int code = sqlite3_prepare_v2(store->database, "PRAGMA user_version", -1, &statement, NULL);
	note(store, code);
	if (code != SQLITE_OK)
		return false;
	int64_t version = step(store, statement) ? sqlite3_column_int64(statement, 0) : -1;
	sqlite3_finalize(statement);
	snprintf(text, sizeof(text), "PRAGMA user_version=%d", SIGHTINGS_VERSION);
	if (version == 0)
		return execute(store, "BEGIN IMMEDIATE") && execute(store, schema) && execute(store, text) &&
		       execute(store, "COMMIT");
	if (version == SIGHTINGS_VERSION)
		return true;
	if (store->fault == SIGHTING_GOOD) {
		store->fault = SIGHTING_DAMAGED;
		snprintf(store->error, sizeof(store->error), "it is of version %lld", (long long)version);
	}
	return false;
}

static bool prepare(struct sighting_store *store)
{
	for (int i = 0; i < STATEMENTS_END; i++) {
		int code = sqlite3_prepare_v3(store->database, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			&store->statements[i], NULL);
		note(store, code);
		// A table that is missing is damage too
		if (code == SQLITE_ERROR)
			store->fault = SIGHTING_DAMAGED;
		if (code != SQLITE_OK)
			return false;
	}
	return true;
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
	note(store, code);
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
	for (int i = 0; i < STATEMENTS_END; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->database);
	free(store);
}

// Writing ------------------------------------------------------------------------------------------------------------------------

void sighting_store_begin(struct sighting_store *store)
{
	store->fault = SIGHTING_GOOD;
	run(store, DO_BEGIN);
}

enum sighting_fault sighting_store_commit(struct sighting_store *store)
{
	if (store->fault == SIGHTING_GOOD)
		run(store, DO_COMMIT);
	enum sighting_fault fault = store->fault;
	if (fault != SIGHTING_GOOD) {
		if (!sqlite3_get_autocommit(store->database))
			run(store, DO_ROLLBACK);
		memset(store->hosts, 0, sizeof(store->hosts)); // ids may have been rolled back
	}
	store->fault = SIGHTING_GOOD;
	return fault;
}

static int64_t host_id(struct sighting_store *store, const struct address *address)
{
	uint64_t hash = (address->halves[0] ^ address->halves[1]) * 0x9e3779b97f4a7c15ull;
	struct known_host *known = &store->hosts[hash >> 52 & (HOSTS_KNOWN - 1)];
	if (known->id && address_equal(&known->address, address))
		return known->id;
	uint8_t blob[16];
	int len = (int)sighting_address_blob(address, blob);
	sqlite3_bind_blob(store->statements[DO_FIND_HOST], 1, blob, len, SQLITE_TRANSIENT);
	int64_t id = ask(store, DO_FIND_HOST);
	if (!id && store->fault == SIGHTING_GOOD) {
		sqlite3_bind_blob(store->statements[DO_ADD_HOST], 1, blob, len, SQLITE_TRANSIENT);
		run(store, DO_ADD_HOST);
		id = sqlite3_last_insert_rowid(store->database);
	}
	if (store->fault == SIGHTING_GOOD)
		*known = (struct known_host) { *address, id };
	return id;
}

static bool put_value(struct sighting_store *store, const struct sighting *sighting, struct span value)
{
	uint8_t blob[SIGHTING_VALUE_MAX];
	if (!sighting->len) {
		sqlite3_bind_int64(store->statements[DO_HAS_VALUE], 1, (int64_t)sighting->key);
		return ask(store, DO_HAS_VALUE) != 0;
	}
	sqlite3_stmt *statement = store->statements[DO_ADD_VALUE];
	sqlite3_bind_int64(statement, 1, (int64_t)sighting->key);
	sqlite3_bind_int(statement, 2, sighting->kind);
	sqlite3_bind_blob(statement, 3, blob, (int)sighting_blob(sighting->kind, value, blob), SQLITE_STATIC);
	run(store, DO_ADD_VALUE);
	return true;
}

bool sighting_store_put(struct sighting_store *store, const struct sighting_row *row, struct span value)
{
	const struct sighting *sighting = &row->sighting;
	uint8_t far[16];
	if (store->fault != SIGHTING_GOOD)
		return true; // commit tells
	if (!put_value(store, sighting, value))
		return store->fault != SIGHTING_GOOD;
	int64_t host = host_id(store, &sighting->host);
	sqlite3_stmt *statement = store->statements[DO_ADD_SEEN];
	sqlite3_bind_int64(statement, 1, (int64_t)sighting->key);
	sqlite3_bind_int64(statement, 2, host);
	sqlite3_bind_int64(statement, 3, (int64_t)(sighting->first_ns / NS_PER_S));
	sqlite3_bind_int64(statement, 4, (int64_t)(sighting->last_ns / NS_PER_S));
	sqlite3_bind_int64(statement, 5, sighting->count);
	sqlite3_bind_int64(statement, 6, sighting->places);
	sqlite3_bind_blob(statement, 7, far, (int)sighting_address_blob(&sighting->far, far), SQLITE_STATIC);
	sqlite3_bind_blob(statement, 8, row->flows, (int)(row->flow_count * sizeof(row->flows[0])), SQLITE_STATIC);
	sqlite3_bind_int(statement, 9, sighting->proto);
	run(store, DO_ADD_SEEN);
	sqlite3_clear_bindings(statement);
	return true;
}

static bool over_budget(struct sighting_store *store, unsigned percent)
{
	uint64_t pages = (uint64_t)(ask(store, DO_PAGES) - ask(store, DO_FREE_PAGES));
	return pages * PAGE_BYTES > store->max_bytes / 100 * percent;
}

static unsigned remove_some(struct sighting_store *store, int64_t before_s)
{
	int64_t values[TRIM_SLICE];
	unsigned count = 0;
	sqlite3_stmt *statement = store->statements[DO_EXPIRE];
	sqlite3_bind_int64(statement, 1, before_s);
	sqlite3_bind_int(statement, 2, TRIM_SLICE);
	while (step(store, statement))
		if (count < TRIM_SLICE)
			values[count++] = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	for (unsigned i = 0; i < count; i++) {
		sqlite3_bind_int64(store->statements[DO_DROP_VALUE], 1, values[i]);
		run(store, DO_DROP_VALUE);
	}
	return count;
}

unsigned sighting_store_trim(struct sighting_store *store, uint64_t oldest_s, unsigned most, enum sighting_fault *fault)
{
	unsigned removed = 0, some = TRIM_SLICE;
	sighting_store_begin(store);
	while (store->fault == SIGHTING_GOOD && removed < most && some == TRIM_SLICE)
		removed += some = remove_some(store, (int64_t)oldest_s);
	sqlite3_bind_int64(store->statements[DO_EXPIRE_TOLD], 1, (int64_t)oldest_s);
	run(store, DO_EXPIRE_TOLD);
	bool over = over_budget(store, 100);
	for (some = 1; store->fault == SIGHTING_GOOD && over && removed < most && some; removed += some) {
		some = remove_some(store, INT64_MAX);
		over = over_budget(store, TRIM_TO);
	}
	*fault = sighting_store_commit(store);
	if (removed && *fault == SIGHTING_GOOD)
		run(store, DO_VACUUM);
	return *fault == SIGHTING_GOOD ? removed : 0;
}

// Looking back ------------------------------------------------------------------------------------------------------------------

bool sighting_store_is_told(struct sighting_store *store, uint64_t indicator, const struct address *host)
{
	uint8_t blob[16];
	sqlite3_stmt *statement = store->statements[DO_IS_TOLD];
	sqlite3_bind_int64(statement, 1, (int64_t)indicator);
	sqlite3_bind_blob(statement, 2, blob, (int)sighting_address_blob(host, blob), SQLITE_STATIC);
	return ask(store, DO_IS_TOLD) != 0;
}

void sighting_store_tell(struct sighting_store *store, uint64_t indicator, const struct address *host, uint64_t at_s)
{
	sqlite3_stmt *statement = store->statements[DO_TELL];
	if (store->fault != SIGHTING_GOOD)
		return;
	sqlite3_bind_int64(statement, 1, (int64_t)indicator);
	sqlite3_bind_int64(statement, 2, host_id(store, host));
	sqlite3_bind_int64(statement, 3, (int64_t)at_s);
	run(store, DO_TELL);
}

static bool column_address(sqlite3_stmt *statement, int column, struct address *out)
{
	const void *blob = sqlite3_column_blob(statement, column);
	return sighting_address_of(blob, (size_t)sqlite3_column_bytes(statement, column), out);
}

void sighting_store_each_told(
	struct sighting_store *store, uint64_t since_s, unsigned most, sighting_told *each, void *context)
{
	sqlite3_stmt *statement = store->statements[DO_EACH_TOLD];
	struct address host;
	sqlite3_bind_int64(statement, 1, (int64_t)since_s);
	sqlite3_bind_int64(statement, 2, most);
	while (step(store, statement))
		if (column_address(statement, 1, &host))
			each(context, (uint64_t)sqlite3_column_int64(statement, 0), &host,
				(uint64_t)sqlite3_column_int64(statement, 2));
	sqlite3_reset(statement);
}

uint64_t sighting_store_meta(struct sighting_store *store, const char *name)
{
	sqlite3_bind_text(store->statements[DO_META], 1, name, -1, SQLITE_STATIC);
	return (uint64_t)ask(store, DO_META);
}

void sighting_store_set_meta(struct sighting_store *store, const char *name, uint64_t value)
{
	sqlite3_bind_text(store->statements[DO_SET_META], 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(store->statements[DO_SET_META], 2, (int64_t)value);
	run(store, DO_SET_META);
}

uint64_t sighting_store_newest_s(struct sighting_store *store)
{
	return (uint64_t)ask(store, DO_NEWEST);
}

unsigned sighting_store_values(
	struct sighting_store *store, int64_t *after, unsigned most, sighting_each_value *each, void *context)
{
	sqlite3_stmt *statement = store->statements[DO_VALUES];
	unsigned count = 0;
	sqlite3_bind_int64(statement, 1, *after);
	sqlite3_bind_int64(statement, 2, most);
	while (step(store, statement)) {
		uint8_t value[SIGHTING_VALUE_MAX];
		unsigned kind = (unsigned)sqlite3_column_int(statement, 1);
		const void *blob = sqlite3_column_blob(statement, 2);
		size_t len = blob ? (size_t)sqlite3_column_bytes(statement, 2) : 0;
		*after = sqlite3_column_int64(statement, 0);
		count++;
		len = sighting_blob(kind, span_of(blob, len), value); // backwards again
		each(context, (uint64_t)*after, kind, span_of(value, len));
	}
	sqlite3_reset(statement);
	return count;
}

void sighting_store_seen(
	struct sighting_store *store, uint64_t key, unsigned most, sighting_each_seen *each, void *context)
{
	sqlite3_stmt *statement = store->statements[DO_SEEN];
	sqlite3_bind_int64(statement, 1, (int64_t)key);
	sqlite3_bind_int64(statement, 2, most);
	while (step(store, statement)) {
		struct sighting_seen seen = {
			.first_s = (uint64_t)sqlite3_column_int64(statement, 2),
			.last_s = (uint64_t)sqlite3_column_int64(statement, 3),
			.count = (uint64_t)sqlite3_column_int64(statement, 4),
			.places = (uint32_t)sqlite3_column_int64(statement, 5),
			.proto = (uint8_t)sqlite3_column_int(statement, 7),
		};
		const void *flows = sqlite3_column_blob(statement, 6);
		seen.flow_count = sighting_flows_of(flows, (size_t)sqlite3_column_bytes(statement, 6), seen.flows);
		if (column_address(statement, 0, &seen.host) && column_address(statement, 1, &seen.far))
			each(context, &seen);
	}
	sqlite3_reset(statement);
}
