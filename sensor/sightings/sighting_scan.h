// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting scan: rows of several runs of blocks in one order, those of the same key and host joined.
//
// Life cycle   sighting_scan_new (a database that has its tables) -> seek -> next ... -> seek ... -> sighting_scan_free
// Memory       a block for each run (17 kB), kept for the next seek
// Bounds       a seek reads a block of each run, not what lies before; who asks for one host reads only blocks that may have it (host_filter.h), and others' rows in these
//              are passed over before anything is done with them
// Threads      the connection's. No statement stays open between calls: rows may be written in between. Who wants one state of the database begins a transaction
#pragma once
#include "sensor/sightings/sighting_block.h"

struct sqlite3;
struct sighting_scan;

// NULL: no memory, or the tables are not there (sqlite3_errmsg says).
struct sighting_scan *sighting_scan_new(struct sqlite3 *database);
void sighting_scan_free(struct sighting_scan *scan);

// Rows of low <= key < high, of hosts in the network of host and host_bits (0: all, 128: one), of runs in which something was seen since newest_s, or of the count runs given
// (NULL: of all). An SQLite code, 0: good.
struct sighting_scan_range {
	struct span low, high; // high empty: no end
	struct address host;
	unsigned host_bits;
	uint64_t newest_s;
	const int64_t *runs;
	unsigned count;
};
int sighting_scan_seek(struct sighting_scan *scan, const struct sighting_scan_range *range);
// key is borrowed until the next call. False: the end, or a fault (sighting_scan_code: SQLITE_CORRUPT for a damaged block).
bool sighting_scan_next(struct sighting_scan *scan, struct span *key, struct sighting_seen *seen);
int sighting_scan_code(const struct sighting_scan *scan);

// For who moves rows elsewhere: told of each block whose rows were all given.
typedef void sighting_scan_done(void *context, int64_t block);
void sighting_scan_tell_done(struct sighting_scan *scan, sighting_scan_done *done, void *context);
// What was not given yet of a block that was begun, one after the other: packed anew in writer. False: there is no more.
bool sighting_scan_rest(struct sighting_scan *scan, struct sighting_block_writer *writer, int64_t *block);
