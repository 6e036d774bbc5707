// SPDX-License-Identifier: GPL-3.0-or-later
// Look back: asks of all that was seen whether indicators that are new name it.
//
// What is new   a generation of indicators whose digest the store was not searched with. Of an indicator and host that were told before, live or looked back for, nothing is
//               told again: the store's table of what was told outlives the sensor
// How           through the distinct values (they are fewer than the indicators), each asked as live ones are, in slices; then one alert a host and indicator
// Bounds        PAST_FINDINGS_MAX pairs of host and indicator, PAST_HOSTS_MAX hosts of a value; what is more is counted, and found by `sekisho hunt`
// Memory        its findings, until they are given; the generation of indicators is held
// Threads       the sightings thread's
#pragma once
#include "export/eve/eve.h"
#include "sensor/sightings/sighting_store.h"
#include "signatures/reputation/reputation_past.h"

#define PAST_FINDINGS_MAX 4096
#define PAST_HOSTS_MAX    1000
#define PAST_SLICE        5000 // values

struct look_back;

// Takes an alert; record is valid for the call. met_ns: when the host met the indicator first.
typedef void look_back_give(void *context, const struct record *record, uint64_t met_ns);

struct look_back_options {
	struct eve_writer *eve; // of the thread's own, borrowed
	bool domains;           // alerts have the key of the domain they name (record.domain), by domain_seed
	uint64_t domain_seed;
	look_back_give *give;
	void *context;
};

// NULL: no memory.
struct look_back *look_back_new(const struct look_back_options *options);
void look_back_free(struct look_back *back);
// Begins with a generation, which it holds until it is done; what was begun before is given up. now_s: for expiry, and the alerts' time.
void look_back_begin(
	struct look_back *back, struct sighting_store *store, struct reputation *reputation, uint64_t now_s);
// Is there a search that is not done?
bool look_back_is_at_work(const struct look_back *back);
// Asks a slice of the values; after the last one tells, and remembers that. False: the store's fault is in *fault, and it is given up.
bool look_back_step(struct look_back *back, struct sighting_store *store, enum sighting_fault *fault);
void look_back_stop(struct look_back *back);
// Pairs told so far, and pairs left out for want of room.
void look_back_counts(const struct look_back *back, uint64_t *told, uint64_t *left_out);

// What a value as the store has it names; space: what it borrows. False: it is none.
struct past_value {
	struct named named;
	struct canonical_url url;
	uint8_t bytes[INDICATOR_VALUE_MAX];
};
bool past_value_of(unsigned kind, struct span value, struct past_value *out);
