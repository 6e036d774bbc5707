// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting store: what was seen, on disk: an SQLite database in WAL mode, with one writer and readers beside it.
//
// Tables       value (key, kind, text): each value once; a domain's text is its name backwards ("moc.elpmaxe.www"), so that a name and all below it lie together;
//              host (id, address): inside hosts; seen (value, host, first, last, count, places, far, flows): times in seconds, flows the newest first, 8 bytes each;
//              told (indicator, host, at): whom which indicator was met by, live or looked back for; meta (name, value)
// Asked by     value: seen's key. Domain and below, URL prefix, network: ranges of (kind, text). Host, and time last seen: an index each
// Life cycle   sighting_store_open -> begin -> put, ... -> commit -> trim -> ... -> sighting_store_close
// Faults       every call after a fault does nothing until commit, which rolls back and says what it was
// Memory       SQLite's cache (16 MB), and a table of hosts
// Threads      one writer: the sightings thread. Readers (sekisho hunt) open it on their own
#pragma once
#include <stddef.h>
#include "sensor/sightings/sighting.h"

#define SIGHTINGS_FILE    "sightings.db"
#define SIGHTINGS_VERSION 1

enum sighting_fault {
	SIGHTING_GOOD,
	SIGHTING_FULL,    // the disk or the budget
	SIGHTING_FAILED,  // it may work the next time
	SIGHTING_DAMAGED, // what is there is no database of ours
};

// A value and host, all that came of them since the last commit.
struct sighting_row {
	struct sighting sighting;       // its len 0: the value is in the store
	uint64_t flows[SIGHTING_FLOWS]; // the newest first
	uint32_t flow_count;
	uint32_t value_at; // the batch's
};

struct sighting_store;

// Makes folder and database as needed. NULL with the reason in error.
struct sighting_store *sighting_store_open(
	const char *folder, uint64_t max_bytes, enum sighting_fault *fault, char *error, size_t size);
void sighting_store_close(struct sighting_store *store);
const char *sighting_store_error(const struct sighting_store *store); // of the last fault

void sighting_store_begin(struct sighting_store *store);
// value: empty when the sighting's len is 0. Gives false when such a value is not there any more.
bool sighting_store_put(struct sighting_store *store, const struct sighting_row *row, struct span value);
enum sighting_fault sighting_store_commit(struct sighting_store *store);

// Number of rows removed, at most most: those last seen before oldest_s, and the oldest while the file is over its budget.
unsigned sighting_store_trim(
	struct sighting_store *store, uint64_t oldest_s, unsigned most, enum sighting_fault *fault);

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

// A slice of the distinct values, by key: those after *after, at most most; *after is the last one's key. Gives their number; 0: there are no more.
typedef void sighting_each_value(void *context, uint64_t key, unsigned kind, struct span value);
unsigned sighting_store_values(
	struct sighting_store *store, int64_t *after, unsigned most, sighting_each_value *each, void *context);
// Who met a value, the latest first, at most most.
struct sighting_seen {
	struct address host, far;
	uint64_t first_s, last_s, count;
	uint32_t places, flow_count;
	uint8_t proto;
	uint64_t flows[SIGHTING_FLOWS];
};
typedef void sighting_each_seen(void *context, const struct sighting_seen *seen);
void sighting_store_seen(
	struct sighting_store *store, uint64_t key, unsigned most, sighting_each_seen *each, void *context);

// How values lie in the store, for who asks it: text to blob (out: SIGHTING_VALUE_MAX bytes) and back; bytes written.
size_t sighting_blob(unsigned kind, struct span value, uint8_t *out);
// 4 or 16 bytes.
size_t sighting_address_blob(const struct address *address, uint8_t out[16]);
bool sighting_address_of(const void *blob, size_t len, struct address *out);
unsigned sighting_flows_of(const void *blob, size_t len, uint64_t flows[SIGHTING_FLOWS]);
