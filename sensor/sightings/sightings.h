// SPDX-License-Identifier: GPL-3.0-or-later
// Sightings: keeps what the workers saw, on disk, and looks back when indicators are new.
//
// Life cycle   sightings_new -> sightings_remember (who met what before this run) -> sightings_start -> take, look_back, told ... -> sightings_finish -> told -> sightings_free
// Way          worker (sighting_cache) -> RECORD_SIGHTING -> collector: take -> queue -> the sightings thread: batch -> SQLite. Alerts of look back come the other way
// Memory       a queue of QUEUE_BYTES, twice; a batch; PAST alerts until the collector fetches them
// Losses       live: a full queue drops and counts; reading files the collector waits. A database that cannot be written costs what was to be written, counted and told;
//              a damaged one is moved aside (sightings.db.damaged-TIME) and a new one is begun. Nothing of it stops the sensor
// Threads      one of its own; who may call is said with each
#pragma once
#include "export/eve/eve.h"
#include "sensor/sightings/sighting_store.h"
#include "sensor/sightings/sightings_options.h"
#include "signatures/reputation/reputation.h"

struct sightings;

struct sightings_setup {
	const struct sightings_config *config;
	const struct eve_config *eve;
	const struct address_set *home; // HOME_NET; may be NULL; borrowed
	bool live;                      // do not wait for room; time is the wall clock's
	bool domains;                   // alerts have the key of their domain, by domain_seed (site_domains.h)
	uint64_t domain_seed;
};

// NULL with the reason logged: the sensor goes on without. Live, a database that cannot be opened is tried again.
struct sightings *sightings_new(const struct sightings_setup *setup);
void sightings_free(struct sightings *sightings);
// Before start: those who met an indicator since.
void sightings_remember(
	struct sightings *sightings, uint64_t keep_s, unsigned most, sighting_told *each, void *context);
bool sightings_start(struct sightings *sightings);

// Collector. Takes over what a RECORD_SIGHTING has.
void sightings_take(struct sightings *sightings, const struct record *record);
// False: it was not told (a suppress line).
typedef bool sightings_give(void *context, const struct record *record, uint64_t met_ns);
// Collector. Gives the alerts about the past that have come; met_ns: when the host met the indicator first.
void sightings_told(struct sightings *sightings, sightings_give *give, void *context);
// Collector. Nothing more comes: writes what there is (files: looks back to the end too). Alerts may have come then.
void sightings_finish(struct sightings *sightings);

// Any thread. A generation of indicators is at work from now on; held as long as it is needed.
void sightings_look_back(struct sightings *sightings, struct reputation *reputation);

#define SIGHTINGS_COUNTERS(X)                                                    \
	X(SIGHTINGS_COUNT_TAKEN, "sightings.taken")                              \
	X(SIGHTINGS_COUNT_QUEUE_FULL, "sightings.queue_full")                    \
	X(SIGHTINGS_COUNT_WRITTEN, "sightings.rows_written")                     \
	X(SIGHTINGS_COUNT_LOST, "sightings.rows_lost")                           \
	X(SIGHTINGS_COUNT_DISK_ERRORS, "sightings.disk_errors")                  \
	X(SIGHTINGS_COUNT_REMOVED, "sightings.rows_removed")                     \
	X(SIGHTINGS_COUNT_BYTES, "sightings.bytes")                              \
	X(SIGHTINGS_COUNT_PAST, "sightings.retrospective")                       \
	X(SIGHTINGS_COUNT_PAST_SUPPRESSED, "sightings.retrospective_suppressed") \
	X(SIGHTINGS_COUNT_PAST_LEFT_OUT, "sightings.retrospective_left_out")     \
	X(SIGHTINGS_COUNT_MOVED_ASIDE, "sightings.databases_moved_aside")
#define SIGHTINGS_COUNTER_CONSTANT(constant, name) constant,
enum sightings_counter { SIGHTINGS_COUNTERS(SIGHTINGS_COUNTER_CONSTANT) SIGHTINGS_COUNTERS_END };
extern const char *const sightings_counter_names[SIGHTINGS_COUNTERS_END];
// Any thread.
void sightings_counts(const struct sightings *sightings, uint64_t counts[SIGHTINGS_COUNTERS_END]);
