// SPDX-License-Identifier: GPL-3.0-or-later
// Site memory: keeps which domains the hosts here use (signatures/heuristics/site_domains.h) over restarts, tells findings that ask, and says in others whether their domain is new here.
//
// Life cycle   site_memory_open -> (workers take site_memory_seed) -> take, join, tick ... -> site_memory_finish -> site_memory_free
// On disk      FOLDER/domains, written beside and renamed, every SITE_MEMORY_SAVE_S seconds live and at the end: a crash costs that much. One that is damaged is moved aside
//              (domains.damaged-TIME), and learning begins anew; one that cannot be written is told, and the sensor goes on
// Threads      the collector's; writing live has one of its own, so that no record waits for the disk
#pragma once
#include "export/record/record.h"
#include "signatures/heuristics/heuristics.h"

#define SITE_MEMORY_FILE   "domains"
#define SITE_MEMORY_SAVE_S 600

struct site_memory;

// NULL: no memory.
struct site_memory *site_memory_open(const struct heuristics_config *config);
void site_memory_free(struct site_memory *memory); // NULL: nothing
uint64_t site_memory_seed(const struct site_memory *memory);
// Takes what a RECORD_DOMAIN has.
void site_memory_take(struct site_memory *memory, const struct record *record);
// record: an alert that names a domain. NULL: it is not told. Else the record to write: itself, or a copy with what is known of the domain; valid until the next call.
// met_ns: when the domain was met; what is known is of then.
const struct record *site_memory_join(struct site_memory *memory, const struct record *record, uint64_t met_ns);
void site_memory_tick(struct site_memory *memory); // live: now and then
// Any thread. Counters as of the last tick.
void site_memory_counters(
	const struct site_memory *memory, void (*each)(void *context, const char *name, uint64_t value), void *context);
// Nothing more comes: writes what there is, and logs what was left out.
void site_memory_finish(struct site_memory *memory);
