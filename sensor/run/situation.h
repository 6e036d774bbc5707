// SPDX-License-Identifier: GPL-3.0-or-later
// Situation: makes one alert of what all workers found of one inside host and one indicator, and tells in it who else inside met the indicator.
//
// Counts       where record.began_ns is set: when the first of the situation began, when the last was met, and how many there were in all
// Further      one that has come further than what was told (record.level: a session after a question) is told at once, as an update
// Life cycle   situations_new -> situations_join each alert with a situation, in the collector's order -> situations_free
// Memory       SITUATION_ENTRIES and TOUCH_ENTRIES entries taken at start; a full set forgets its oldest, which may then be told again early
// Threads      the collector's
// Order        files: the merged one, so that the outcome is the same for any number of workers
#pragma once
#include "export/record/record.h"

#define SITUATION_ENTRIES  32768 // a power of two, as the others
#define SITUATION_WAYS     8
#define TOUCH_ENTRIES      4096 // indicators that were met
#define TOUCH_WAYS         4
#define TOUCH_HOSTS        8  // hosts remembered of one
#define TOUCH_SEEN         64 // and counted: other_hosts says no more
#define TOUCH_KEEP_S       (14u * 86400)
#define SITUATION_MORE_MAX 512

struct situations;

struct situations *situations_new(uint64_t hold_s); // NULL: no memory
void situations_free(struct situations *situations);
// record: an alert with a situation. NULL: it was counted, to be told with the next. Else the record to write: itself, or a copy with what is known beside it, and len
// bytes of more in front of that (at most SITUATION_MORE_MAX); valid until the next call.
const struct record *situations_join(
	struct situations *situations, const struct record *record, const char *more, size_t len);
// A host met an indicator at an earlier time (what was seen before this run).
void situations_remember(struct situations *situations, uint64_t indicator, const struct address *host, uint64_t ts_ns);
// Any thread.
uint64_t situations_held(const struct situations *situations);
