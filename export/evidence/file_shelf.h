// SPDX-License-Identifier: GPL-3.0-or-later
// File shelf: carried files in a folder, by the SHA-256 of their bytes, within a budget of disk.
//
//	DIR/ab/ab12...        a file: its name is the SHA-256, its time when it was last seen
//	DIR/ab/ab12....json   what was said of it (NAME.SECONDS.ID.json)
//	DIR/tmp/...           files that still grow; renamed when they are whole
//
// Life cycle   file_shelf_open (looks at what is there already) -> append ... put or discard ... -> file_shelf_close
// Memory       about 56 bytes a file in the folder, taken as files come; the budget bounds them, since none counts for less than 4 KiB
// Disk         at most budget bytes in blocks of 4 KiB, files that still grow among them. Full: SHELF_OLDEST takes away what was not seen for
//              longest, SHELF_REFUSE takes nothing more
// Threads      one; a folder belongs to one running sensor (held by a lock on DIR/tmp/lock)
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "decoders/base/span.h"

#define SHELF_NAME_BYTES 32 // a SHA-256

enum shelf_policy { SHELF_OLDEST, SHELF_REFUSE };

struct file_shelf;

// NULL with the reason logged: no folder could be made, another sensor uses it, no memory.
struct file_shelf *file_shelf_open(const char *directory, uint64_t budget_bytes, enum shelf_policy policy);
void file_shelf_close(struct file_shelf *shelf);

enum shelf_result {
	SHELF_OK,
	SHELF_KNOWN, // put: there already; its time is new
	SHELF_OVER_BUDGET,
	SHELF_FAILED, // the disk did not take it; logged, but not every time
};
// Appends to a growing file, which has a number its owner picks. Not OK: it was discarded.
enum shelf_result file_shelf_append(struct file_shelf *shelf, uint32_t growing, struct span data);
// Is a file of that name there? Its time is new then.
bool file_shelf_touch(struct file_shelf *shelf, const uint8_t name[SHELF_NAME_BYTES]);
// A growing file is whole: it takes its place.
enum shelf_result file_shelf_put(struct file_shelf *shelf, uint32_t growing, const uint8_t name[SHELF_NAME_BYTES]);
void file_shelf_discard(struct file_shelf *shelf, uint32_t growing);
// Writes a note beside a stored file.
enum shelf_result file_shelf_note(struct file_shelf *shelf, const uint8_t name[SHELF_NAME_BYTES], uint64_t seconds,
	uint64_t id, struct span text);

struct shelf_state {
	uint64_t files, bytes; // in the folder now
	uint64_t evicted;      // files taken away for room
	bool full;             // SHELF_REFUSE, and the budget is spent
};
void file_shelf_state(const struct file_shelf *shelf, struct shelf_state *state);
