// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of the sighting store share.
#pragma once
#include <sqlite3.h>
#include "sensor/sightings/host_filter.h"
#include "sensor/sightings/sighting_scan.h"
#include "sensor/sightings/sighting_store.h"

#define SIGHTINGS_PAGE 4096
#define RUNS_MERGED    6

// X(constant, text)
#define SIGHTING_STATEMENTS(X)                                                                                    \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                               \
	X(COMMIT, "COMMIT")                                                                                       \
	X(ROLLBACK, "ROLLBACK")                                                                                   \
	X(ADD_RUN, "INSERT INTO run(rows, bytes, oldest, newest) VALUES(0, 0, 9223372036854775807, 0)")           \
	X(GROW_RUN, "UPDATE run SET rows=rows+?2, bytes=bytes+?3, oldest=min(oldest, ?4), newest=max(newest, ?5)" \
		    " WHERE id=?1")                                                                               \
	X(DROP_RUN, "DELETE FROM run WHERE id=?1")                                                                \
	X(DROP_EMPTY_RUN, "DELETE FROM run WHERE id=?1 AND rows=0")                                               \
	X(RUNS, "SELECT id, bytes, oldest FROM run ORDER BY bytes, id LIMIT 256")                                 \
	X(OLDEST_RUN, "SELECT id, rows, newest FROM run ORDER BY newest, id LIMIT 1")                             \
	X(ADD_BLOCK, "INSERT INTO block(run, low, host, data) VALUES(?1, ?2, ?3, ?4)")                            \
	X(ADD_HOSTS, "INSERT INTO hosts(block, bits) VALUES(?1, ?2)")                                             \
	X(CHANGE_BLOCK, "UPDATE block SET low=?2, host=?3, data=?4 WHERE id=?1")                                  \
	X(DROP_BLOCK, "DELETE FROM block WHERE id=?1")                                                            \
	X(DROP_BLOCKS, "DELETE FROM block WHERE run=?1")                                                          \
	X(EXPIRE_TOLD, "DELETE FROM told WHERE at<?1")                                                            \
	X(VACUUM, "PRAGMA incremental_vacuum(1000)")                                                              \
	X(PAGES, "PRAGMA page_count")                                                                             \
	X(FREE_PAGES, "PRAGMA freelist_count")                                                                    \
	X(IS_TOLD, "SELECT 1 FROM told WHERE indicator=?1 AND host=?2")                                           \
	X(TELL, "INSERT OR REPLACE INTO told(indicator, host, at) VALUES(?1, ?2, ?3)")                            \
	X(EACH_TOLD, "SELECT indicator, host, at FROM told WHERE at>=?1 ORDER BY at DESC LIMIT ?2")               \
	X(META, "SELECT value FROM meta WHERE name=?1")                                                           \
	X(SET_META, "INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)")                                    \
	X(NEWEST, "SELECT max(newest) FROM run")
#define SIGHTING_STATEMENT_CONSTANT(constant, text) DO_##constant,
enum sighting_statement { SIGHTING_STATEMENTS(SIGHTING_STATEMENT_CONSTANT) SIGHTING_STATEMENTS_END };

// A run that is written.
struct sighting_out {
	int64_t run; // 0: none
	uint64_t rows, bytes, oldest_s, newest_s;
	bool begun; // block has a row
	struct sighting_block_writer block;
	struct host_filter hosts; // of block
};

// Runs that become one; count 0: none do.
struct sighting_merging {
	int64_t from[RUNS_MERGED], into; // into 0: not made yet
	unsigned count;
};

struct sighting_store {
	sqlite3 *database;
	sqlite3_stmt *statements[SIGHTING_STATEMENTS_END];
	struct sighting_scan *scan;
	uint64_t max_bytes;
	int wal_pages;             // of the write-ahead log, before they go to their place
	enum sighting_fault fault; // since begin
	char error[256];
	struct sighting_merging merging;
	struct sighting_out out;
	struct sighting_block_writer rest; // of a block merging stopped in
};

// Keeps an SQLite code's fault, unless there is a worse one.
void sighting_store_note(struct sighting_store *store, int code);
// One step of a statement; true: a row is there. It is to be reset.
bool sighting_store_step(struct sighting_store *store, enum sighting_statement which);
// A statement that gives nothing; not after a fault.
void sighting_store_run(struct sighting_store *store, enum sighting_statement which);
// The number in a statement's first row, else 0.
int64_t sighting_store_ask(struct sighting_store *store, enum sighting_statement which);

// Ends the run that is written (sighting_runs.c).
void sighting_store_end_run(struct sighting_store *store);
