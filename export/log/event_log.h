// SPDX-License-Identifier: GPL-3.0-or-later
// Event log: what was written stays on disk, in order, until it was delivered. Append-only segments, and one cursor that says how far delivery is.
//
// Life cycle   event_log_open (what a crash cut short is cut off) -> event_log_append / event_log_read / event_log_delivered ... -> event_log_close
// Disk         segments named by the position of their first byte, of about segment_bytes; those delivered whole are removed. Policy over budget_bytes:
//              the oldest segment goes, delivered or not; what was lost so is counted
// Positions    count bytes ever appended; they go on where the last run ended
// Entries      length, CRC-32 of length and bytes, bytes; an entry that does not fit its sum ends the log
// Threads      belongs to one thread
#pragma once
#include "decoders/base/span.h"

#define EVENT_LOG_ENTRY_MAX (1u << 20) // bytes

struct event_log;

// NULL with the reason logged.
struct event_log *event_log_open(const char *directory, uint64_t segment_bytes, uint64_t budget_bytes);
// Writes what is buffered and the cursor.
void event_log_close(struct event_log *log);

// False: the disk took it not (told once), or it is longer than EVENT_LOG_ENTRY_MAX.
bool event_log_append(struct event_log *log, struct span entry);
// What was appended becomes readable, and outlives the process (not a power cut: that is event_log_sync's).
bool event_log_flush(struct event_log *log);
bool event_log_sync(struct event_log *log);

// The next entry that was not read in this run, from the cursor on; next: position after it. False when there is none now.
// Borrowed until the next read.
bool event_log_read(struct event_log *log, struct span *entry, uint64_t *next);
// Everything before position is delivered: it is not read again, now or in a later run (once the cursor is written).
void event_log_delivered(struct event_log *log, uint64_t position);
bool event_log_save_cursor(struct event_log *log);

uint64_t event_log_head(const struct event_log *log);       // position after the newest entry
uint64_t event_log_cursor(const struct event_log *log);     // delivered up to here
uint64_t event_log_lost_bytes(const struct event_log *log); // removed over budget before they were delivered
