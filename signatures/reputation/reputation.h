// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation: says when a flow's far end, a DNS question or answer, a TLS server name or an HTTP host is on a list of known bad ones.
//
// What is looked up     what named.h gives. Addresses that are nobody's on the Internet (private, loopback, multicast ...) are left out
// Findings              gid REPUTATION_GID, sid 1 address, 2 domain. The allow-list wins over all lists. One alert an hour for a pair of addresses and
//                       an indicator; what came meanwhile is counted and told with the next
// Life cycle            reputation_load makes an immutable generation; each worker makes a reputation_worker on it, and gives it what packets name;
//                       reputation_free when no worker uses it
// Memory                generation: malloc at load. Worker: malloc at start, nothing on the packet path
// Threads               the generation is read by all; a reputation_worker belongs to one worker. Both directions of two hosts meet one worker, so
//                       alerts do not depend on the number of workers as long as the table of told ones has room
// Cost                  without a hit: two address lookups a flow, and one lookup a name
#pragma once
#include "decoders/base/option.h"
#include "signatures/reputation/named.h"

#define REPUTATION_GID 4001

struct reputation_config {
	bool enabled;
	struct option_list lists, allow; // paths
};
extern const struct option reputation_options[];

struct reputation;
struct reputation_worker;

struct reputation_facts {
	uint32_t indicators, allowed, bad_lines;
};

// NULL with the reason logged: a list cannot be read, or no memory. Lines that cannot be taken are logged and left out.
struct reputation *reputation_load(const struct reputation_config *config);
void reputation_free(struct reputation *reputation);
void reputation_facts(const struct reputation *reputation, struct reputation_facts *out);

struct reputation_worker *reputation_worker_new(const struct reputation *reputation); // NULL: no memory
void reputation_worker_free(struct reputation_worker *worker);
// After a reload: looks up in another generation from now on; counters and what was told go on.
void reputation_worker_set(struct reputation_worker *worker, const struct reputation *reputation);

// Before the values of a packet (named_each), after the engine has inspected it.
void reputation_begin(
	struct reputation_worker *worker, const struct inspection *inspection, const struct findings *findings);
// Looks one value up and appends to findings. Their details are borrowed until the next reputation_begin.
void reputation_take(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings);

#define REPUTATION_COUNTERS(X)                            \
	X(REPUTATION_COUNT_CHECKS, "reputation.checks")   \
	X(REPUTATION_COUNT_HITS, "reputation.hits")       \
	X(REPUTATION_COUNT_ALLOWED, "reputation.allowed") \
	X(REPUTATION_COUNT_SUPPRESSED, "reputation.suppressed")
#define REPUTATION_COUNTER_CONSTANT(constant, name) constant,
enum reputation_counter { REPUTATION_COUNTERS(REPUTATION_COUNTER_CONSTANT) REPUTATION_COUNTERS_END };
extern const char *const reputation_counter_names[REPUTATION_COUNTERS_END];
const uint64_t *reputation_worker_counters(const struct reputation_worker *worker);
