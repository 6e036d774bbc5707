// SPDX-License-Identifier: GPL-3.0-or-later
// State of the collector, shared by its files. Private to the folder.
//
// Threads  the collector's, but for what is atomic or under lock
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "sensor/run/behaviour_feed.h"
#include "sensor/run/collector.h"
#include "sensor/run/resolved.h"
#include "sensor/run/situation.h"
#include "sensor/sightings/sightings.h"

#define SINKS_MAX 8

// A record copied out of a ring because an earlier one of another worker may still come.
struct pending {
	struct pending *next;
	struct record record;
};

struct lane {
	struct record_ring *ring;
	struct pending *first, *last;
	uint64_t told_order, told_ns; // of the last alert that asked and was told; 0: none was
};

struct collector {
	struct collector_options options;
	_Atomic uint64_t marks;
	atomic_bool joining;         // the run has what the last stats tell
	_Atomic uint64_t interval_s; // between stats events
	_Atomic uint32_t rules[3];   // loaded, failed, skipped
	struct lane *lanes;
	struct sink sinks[SINKS_MAX];
	size_t sink_count;
	struct threshold_table *thresholds;
	uint64_t held;                    // alerts that thresholds kept from being written
	struct eve_writer *eve;           // for stats
	struct record *own;               // record of the collector's own events
	struct behaviour_feed *behaviour; // NULL: off
	struct situations *situations;
	struct resolved *resolved;   // there with situations
	struct sightings *sightings; // NULL: off
	pthread_mutex_t lock;        // of set
	const struct rule_set *set;
	struct tally tally;
	struct evidence_writer *evidence; // NULL: none is kept
	struct evidence_counts evidence_counts;
	uint64_t seq, lost, last_ns, started_ns, next_stats_ns, pressure_max;
	char boot[33];
	pthread_t thread;
	bool started, delivered;
};

// collector_take.c: one record: what it tells goes to whom it concerns, what is to be told to the sinks.
void collector_take(struct collector *collector, struct lane *lane, const struct record *record);
void collector_give(struct collector *collector, const struct record *record); // to the sinks
// What the look back found; context: the collector. False: a suppress line takes it out.
bool collector_give_past(void *context, const struct record *record, uint64_t met_ns);
