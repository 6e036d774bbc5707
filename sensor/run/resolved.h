// SPDX-License-Identifier: GPL-3.0-or-later
// Resolved: which listed addresses hosts have just resolved from names that nobody lists, or that are allowed. A session with such an address that says nothing
// of itself is taken for that name's: shared hosts and content networks have thousands of names behind one address.
//
// Just         from the answer on, for its time to live: at least REPUTATION_RESOLVED_LEAST_S, at most REPUTATION_RESOLVED_MOST_S. Answers whose times touch
//              are one stretch; a session is judged by when it began
// Whose        of the host that asked. What a resolver asks on behalf of others is the resolver's
// Allowed      wins over not listed, as long as it lasts
// Life cycle   resolved_new -> resolved_take and resolved_find, in the collector's order -> resolved_free
// Memory       RESOLVED_ENTRIES entries taken at start; a full set forgets what ends first
// Threads      the collector's; the counters any
// Order        files: the merged one, so that the outcome is the same for any number of workers. Live a worker's records may lag behind another's by what the rings
//              hold: a session that overtakes its answer weighs in full
#pragma once
#include "export/record/record.h"
#include "signatures/engine/engine.h"
#include "signatures/reputation/reputation.h"

#define RESOLVED_ENTRIES 8192 // a power of two
#define RESOLVED_WAYS    8

#define RESOLVED_COUNTERS(X)                                                                   \
	X(RESOLVED_COUNT_TAKEN, "reputation.resolved")             /* answers */               \
	X(RESOLVED_COUNT_DOUBTFUL, "reputation.resolved_doubtful") /* findings weighed less */ \
	X(RESOLVED_COUNT_ALLOWED, "reputation.resolved_allowed")   /* findings held back */
#define RESOLVED_COUNTER_CONSTANT(constant, name) constant,
enum resolved_counter { RESOLVED_COUNTERS(RESOLVED_COUNTER_CONSTANT) RESOLVED_COUNTERS_END };

struct resolved;
// The last answer of a stretch.
struct resolved_answer {
	uint64_t from_ns, last_ns, until_ns; // until_ns 0: none
	uint8_t len;
	uint8_t name[CANONICAL_NAME_MAX];
};

struct resolved *resolved_new(void); // NULL: no memory
void resolved_free(struct resolved *resolved);
// Takes what a RECORD_RESOLVED has.
void resolved_take(struct resolved *resolved, const struct record *record);
// Is the alert (record->far_end is not FAR_END_ANY) the one that is to be told? Then what is to be put into it is in out (size bytes): len of it.
bool resolved_find(struct resolved *resolved, const struct record *record, char *out, size_t size, size_t *len);
void resolved_counters(
	const struct resolved *resolved, void (*each)(void *context, const char *name, uint64_t value), void *context);
