// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting store: what was seen, on disk: an SQLite database in WAL mode, with one writer and readers beside it.
//
// Tables       block (run, low, host, data): some hundred rows each, packed (sighting_block.h); low and host are the first row's. run (rows, bytes, oldest, newest): what was
//              written together, in order; a key and host may have a row in each. told (indicator, host, at): whom which indicator was met by, live or looked back for;
//              meta (name, value)
// Why blocks   a row of its own costs five indices, each a page at a random place; sorted and packed it costs its bytes, written one after the other. Runs of like size are
//              merged, RUNS_MERGED at a time, which joins rows, until they have a sixteenth of the budget: those are whole what is forgotten
// Asked        every range of keys: one block of each run, then what follows (sighting_scan.h)
// Life cycle   sighting_store_open -> begin -> put, ... -> commit -> trim, merge -> ... -> sighting_store_close
// Faults       every call after a fault does nothing until commit, which rolls back and says what it was
// Memory       SQLite's cache (4 MB), two blocks, one for each run while rows are read
// Threads      one writer: the sightings thread. Readers (sekisho hunt) open it on their own
#pragma once
#include <stddef.h>
#include "sensor/sightings/sighting_block.h"

#define SIGHTINGS_FILE           "sightings.db"
#define SIGHTINGS_VERSION        3 // 2 had no host filters: its blocks are read as they are, and get one when they are merged
#define SIGHTINGS_VERSION_OLDEST 2

enum sighting_fault {
	SIGHTING_GOOD,
	SIGHTING_FULL,    // the disk
	SIGHTING_FAILED,  // it may work the next time
	SIGHTING_DAMAGED, // what is there is no database of ours
};

struct sighting_store;

// Makes folder and database as needed. NULL with the reason in error.
struct sighting_store *sighting_store_open(
	const char *folder, uint64_t max_bytes, enum sighting_fault *fault, char *error, size_t size);
void sighting_store_close(struct sighting_store *store);
const char *sighting_store_error(const struct sighting_store *store); // of the last fault

void sighting_store_begin(struct sighting_store *store);
// Rows come in order of key, then host, each pair once a transaction.
void sighting_store_put(struct sighting_store *store, struct span key, const struct sighting_seen *seen);
enum sighting_fault sighting_store_commit(struct sighting_store *store);

// Forgets runs in which nothing was seen since oldest_s, and, until there is room for room_bytes more, those in which nothing was seen for the longest time. Gives the
// number of rows.
uint64_t sighting_store_trim(
	struct sighting_store *store, uint64_t oldest_s, uint64_t room_bytes, enum sighting_fault *fault);
// A slice of merging (some milliseconds); forgets rows not seen since oldest_s, whose number is added to *removed. A run that holds what was not seen since aged_s is read
// again for that alone. True: there is more to do.
bool sighting_store_merge(struct sighting_store *store, uint64_t oldest_s, uint64_t aged_s, uint64_t *removed,
	enum sighting_fault *fault);
// On disk, as the budget counts them.
uint64_t sighting_store_bytes(struct sighting_store *store);

// Who met which indicator.
bool sighting_store_is_told(struct sighting_store *store, uint64_t indicator, const struct address *host);
void sighting_store_tell(struct sighting_store *store, uint64_t indicator, const struct address *host, uint64_t at_s);
typedef void sighting_told(void *context, uint64_t indicator, const struct address *host, uint64_t at_s);
// Those told since, the newest first, at most most.
void sighting_store_each_told(
	struct sighting_store *store, uint64_t since_s, unsigned most, sighting_told *each, void *context);

uint64_t sighting_store_meta(struct sighting_store *store, const char *name); // 0: not set
void sighting_store_set_meta(struct sighting_store *store, const char *name, uint64_t value);
uint64_t sighting_store_newest_s(struct sighting_store *store); // 0: empty

// A slice of the distinct values, from *place on, at most most; *place is then where the next slice begins. value says whether its rows are wanted: who met it, by host.
// Gives their number; less than most: there are no more.
struct sighting_place {
	uint16_t len; // 0: the beginning
	uint8_t key[SIGHTING_KEY_MAX + 1];
};
typedef bool sighting_each_value(void *context, unsigned kind, struct span value);
typedef void sighting_each_seen(void *context, const struct sighting_seen *seen);
unsigned sighting_store_each(struct sighting_store *store, struct sighting_place *place, unsigned most,
	sighting_each_value *value, sighting_each_seen *seen, void *context);
