// SPDX-License-Identifier: GPL-3.0-or-later
// State of sightings, shared by its files. Private to the folder.
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "sensor/sightings/look_back.h"
#include "sensor/sightings/sighting_batch.h"
#include "sensor/sightings/sightings.h"

struct queue {
	uint8_t *data;
	size_t used;
};

// An alert on its way to the collector.
struct told {
	struct told *next;
	struct reputation *reputation; // whose rule record refers to
	uint64_t met_ns;
	struct record record;
};

struct sightings {
	struct sightings_setup setup;
	pthread_t thread;
	bool started;
	_Atomic uint64_t counts[SIGHTINGS_COUNTERS_END];
	pthread_mutex_t lock; // of what follows
	pthread_cond_t changed;
	struct queue filling;
	struct reputation *offered; // NULL: none
	struct told *first, *last;
	bool closing;
	// The thread's
	struct queue draining;
	struct sighting_store *store; // NULL: there is none now
	struct sighting_batch *batch;
	struct eve_writer *eve;
	struct look_back *back;
	struct reputation *reputation; // whose indicators live traffic is asked for; NULL none
	struct past_value space;
	bool merging;      // runs are
	uint64_t newest_s; // packet time
	double flushed, trimmed, tried;
	unsigned moves;
	bool told_fault;
};

void sightings_count(struct sightings *sightings, enum sightings_counter which, uint64_t more);

// The database (sightings_disk.c). The thread's, and before it starts.
// Of the wall's clock live, of packets where files are read.
uint64_t sightings_now_s(const struct sightings *sightings);
// Opens the database, unless too many were moved aside; told once where that fails.
void sightings_disk_open(struct sightings *sightings);
// What a fault means: counted, told once until something could be written again; a damaged database is replaced. SIGHTING_GOOD: nothing.
void sightings_disk_fault(struct sightings *sightings, enum sighting_fault fault);
// What is too old goes, and the oldest until there is room for room_bytes.
void sightings_disk_trim(struct sightings *sightings, size_t room_bytes);
// A few slices of merging: as many as keep up with what one queue brings.
void sightings_disk_merge(struct sightings *sightings);
// Writes the batch; opens the database anew where it is time for that.
void sightings_disk_flush(struct sightings *sightings);
