// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/hunt/hunt_reader.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "sensor/files/files.h"
#include "sensor/sightings/sighting_store.h"

#define BUSY_MS 5000

enum { BY_VALUE, BY_HOST, BY_END };

#define COLUMNS "SELECT kind, text, address, far, first, last, count, places, proto, flows FROM "
#define WITHIN  " AND last>=?1 AND first<=?2"
// A URL of any host: what follows the host begins with it
#define PATH " AND (?7 IS NULL OR substr(text, instr(text, x'2f'), length(?7))=?7)"
static const char *const texts[BY_END] = {
	[BY_VALUE] = COLUMNS "value CROSS JOIN seen ON seen.value=key CROSS JOIN host ON id=seen.host"
			     " WHERE kind=?4 AND text>=?5 AND text<?6" WITHIN PATH " ORDER BY last DESC",
	[BY_HOST] = COLUMNS "host CROSS JOIN seen ON seen.host=id CROSS JOIN value ON key=seen.value"
			    " WHERE address=?3 AND (?4 IS NULL OR (kind=?4 AND text>=?5 AND text<?6))" WITHIN PATH
			    " ORDER BY last DESC",
};

struct hunt_reader {
	sqlite3 *database;
	sqlite3_stmt *statements[BY_END];
};

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
	for (int i = 0; i < BY_END; i++)
		if (sqlite3_prepare_v2(reader->database, texts[i], -1, &reader->statements[i], NULL) != SQLITE_OK)
			return false;
	return true;
}

struct hunt_reader *hunt_reader_open(const char *folder, char *error, size_t size)
{
	char path[PATH_BYTES];
	struct hunt_reader *reader = calloc(1, sizeof(*reader));
	if (!reader || !path_join(path, folder, SIGHTINGS_FILE)) {
		snprintf(error, size, reader ? "the path is too long" : "out of memory");
		free(reader);
		return NULL;
	}
	if (access(path, F_OK) != 0)
		snprintf(error, size, "%.200s: nothing was kept there (sightings.path)", path);
	else if (open_it(reader, path, folder))
		return reader;
	else
		snprintf(error, size, "%.200s: %s", path, sqlite3_errmsg(reader->database));
	hunt_reader_close(reader);
	return NULL;
}

void hunt_reader_close(struct hunt_reader *reader)
{
	if (!reader)
		return;
	for (int i = 0; i < BY_END; i++)
		sqlite3_finalize(reader->statements[i]);
	sqlite3_close(reader->database);
	free(reader);
}

static bool read_value(sqlite3_stmt *row, uint8_t *value, struct indicator *out)
{
	unsigned kind = (unsigned)sqlite3_column_int(row, 0);
	const void *blob = sqlite3_column_blob(row, 1);
	struct span text = span_of(blob, blob ? (size_t)sqlite3_column_bytes(row, 1) : 0);
	if (kind >= INDICATOR_KINDS)
		return false;
	*out = (struct indicator) { .kind = (uint8_t)kind, .bits = 128 };
	out->value = span_of(value, sighting_blob(kind, text, value));
	if (kind != INDICATOR_ADDRESS)
		return true;
	if (out->value.len == SIGHTING_PLAIN_LEN + 2) {
		out->kind = INDICATOR_ENDPOINT;
		out->port = (uint16_t)(value[16] << 8 | value[17]);
		out->value.len = SIGHTING_PLAIN_LEN;
	}
	return out->value.len == SIGHTING_PLAIN_LEN;
}

static void read_row(sqlite3_stmt *row, hunt_each *each, void *context)
{
	uint8_t value[SIGHTING_VALUE_MAX];
	struct hunt_found found = {
		.first_s = (uint64_t)sqlite3_column_int64(row, 4),
		.last_s = (uint64_t)sqlite3_column_int64(row, 5),
		.count = (uint64_t)sqlite3_column_int64(row, 6),
		.places = (uint32_t)sqlite3_column_int64(row, 7),
		.proto = (uint8_t)sqlite3_column_int(row, 8),
	};
	const void *host = sqlite3_column_blob(row, 2), *far = sqlite3_column_blob(row, 3),
		   *flows = sqlite3_column_blob(row, 9);
	found.flow_count = sighting_flows_of(flows, (size_t)sqlite3_column_bytes(row, 9), found.flows);
	if (sighting_address_of(host, (size_t)sqlite3_column_bytes(row, 2), &found.host) &&
		sighting_address_of(far, (size_t)sqlite3_column_bytes(row, 3), &found.far) &&
		read_value(row, value, &found.indicator))
		each(context, &found);
}

static int ask_range(sqlite3_stmt *statement, const struct hunt_query *query, const struct hunt_range *range,
	hunt_each *each, void *context)
{
	int code;
	if (range) {
		sqlite3_bind_int64(statement, 4, range->kind);
		sqlite3_bind_blob(statement, 5, range->low, (int)range->low_len, SQLITE_STATIC);
		sqlite3_bind_blob(statement, 6, range->high, (int)range->high_len, SQLITE_STATIC);
	}
	if (query && query->path_len)
		sqlite3_bind_blob(statement, 7, query->path, (int)query->path_len, SQLITE_STATIC);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		read_row(statement, each, context);
	sqlite3_reset(statement);
	return code;
}

bool hunt_reader_ask(struct hunt_reader *reader, const struct hunt_query *query, const struct hunt_limits *limits,
	hunt_each *each, void *context, char *error, size_t size)
{
	sqlite3_stmt *statement = reader->statements[limits->host ? BY_HOST : BY_VALUE];
	uint8_t host[16];
	int code = SQLITE_DONE;
	sqlite3_clear_bindings(statement);
	sqlite3_bind_int64(statement, 1, (int64_t)limits->since_s);
	sqlite3_bind_int64(statement, 2, (int64_t)limits->until_s);
	if (limits->host)
		sqlite3_bind_blob(statement, 3, host, (int)sighting_address_blob(limits->host, host), SQLITE_STATIC);
	if (!query)
		code = ask_range(statement, NULL, NULL, each, context);
	for (unsigned i = 0; query && code == SQLITE_DONE && i < query->range_count; i++)
		code = ask_range(statement, query, &query->ranges[i], each, context);
	sqlite3_clear_bindings(statement);
	if (code != SQLITE_DONE)
		snprintf(error, size, "%s", sqlite3_errmsg(reader->database));
	return code == SQLITE_DONE;
}
