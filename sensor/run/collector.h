// SPDX-License-Identifier: GPL-3.0-or-later
// Collector: takes the events of all workers, in packet order where they come from files, applies thresholds that span workers, numbers
// them and gives them to the sinks. Observations go to behaviour, whose alerts join the events.
//
// Life cycle   collector_new -> collector_start -> (workers close their rings) -> collector_join -> collector_free
// Memory       the workers' rings; with several workers also what one worker is ahead of another (bounded by the frame queues)
// Threads      one of its own
#pragma once
#include "export/eve/eve.h"
#include "export/sink/sink.h"
#include "sensor/pipeline/pipeline.h"
#include "sensor/run/site_memory.h"
#include "sensor/run/tally.h"
#include "sensor/stats/stats.h"

struct collector;

struct collector_options {
	const struct sensor_config *config;
	struct pipeline **pipelines;
	unsigned workers;
	struct stats_rules rules;       // told in the stats
	const struct rule_set *set;     // at start: suppress lines for alerts about the past; borrowed
	const struct address_set *home; // HOME_NET for behaviour's alerts; may be NULL
	bool ordered;                   // merge by packet number (capture files, several workers)
	bool thresholds;                // apply thresholds that records carry
	bool live;                      // write stats at their interval
	struct site_memory *site;       // which domains are known here; borrowed. NULL: off
	bool sightings;                 // keep what workers hand over
	struct reputation *reputation;  // at start, for looking back; NULL: off
	// Adds what capture counted to the stats; may be NULL.
	void (*capture_counts)(void *context, struct capture_counts *counts);
	void *context;
	const struct file_store *file_store; // for the stats; NULL: no files are stored
};

// NULL with the reason logged (a sink that cannot be opened).
struct collector *collector_new(const struct collector_options *options);
bool collector_start(struct collector *collector);
// What capture counted must be final. Waits until every ring is closed and read, writes the last stats, closes the sinks. False: a sink could not deliver everything.
bool collector_join(struct collector *collector);
void collector_free(struct collector *collector);

const struct tally *collector_tally(const struct collector *collector);
// Any thread. After a reload: what the stats tell of rules from now on; the set before is not looked at any more when this returns.
void collector_set_rules(struct collector *collector, const struct stats_rules *rules, const struct rule_set *set);
// Any thread. Indicators are at work from now on: those that are new are looked for in the past.
void collector_look_back(struct collector *collector, struct reputation *reputation);
// Any thread. Seconds between stats events from the next one on.
void collector_set_interval(struct collector *collector, uint64_t seconds);
// Any thread. RECORD_MARKs taken out of the rings: when every worker has given one more, no record refers to the rules before.
uint64_t collector_marks(const struct collector *collector);
// Events no sink took.
uint64_t collector_lost(const struct collector *collector);
// What of the evidence was kept; whole after collector_join.
const struct evidence_counts *collector_evidence(const struct collector *collector);
// Any thread. Counters of what works behind it.
void collector_counters(const struct collector *collector,
	void (*each)(void *context, const char *name, uint64_t value), void *context);
