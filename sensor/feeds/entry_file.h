// SPDX-License-Identifier: GPL-3.0-or-later
// Entry file: a feed's indicators in canonical form, as the last good reading gave them: what is compiled, listed and exported, without reading and
// judging the feed again.
//
// Format     "SKIND2\n\0", u64 count, then entries: kind, flags, confidence, bits (u8), port (u16), first seen, expiry (u32), lengths of value (u32),
//            family and technique (u16), and their bytes; numbers little endian. "SKIND1\n\0" had no first seen of what the feed gave no date for: that
//            reads as known since the file was written, or earlier
// Safety     reading checks every length: a damaged file is an error, never an overrun
// Memory     a buffer in the struct
// Threads    one a struct
#pragma once
#include <stdio.h>
#include "sensor/files/pack_error.h"
#include "signatures/reputation/indicator.h"

#define ENTRY_TEXT_MAX 255   // bytes of a family or technique: longer ones are cut
#define ENTRY_BUFFER   65536 // bytes; more than the largest entry

struct entry_writer {
	FILE *file;
	uint64_t count;
	int fault; // errno of what could not be written; 0: none
	char path[4096], staging[4096 + 8];
};

// Writes beside path; entry_writer_commit has it on disk and renames it. False with the reason.
bool entry_writer_open(struct entry_writer *writer, const char *path, struct pack_error *error);
bool entry_writer_add(
	struct entry_writer *writer, const struct indicator *indicator); // false: the disk does not take it
bool entry_writer_commit(struct entry_writer *writer, struct pack_error *error);
void entry_writer_abort(struct entry_writer *writer);

struct entry_reader {
	FILE *file;
	uint64_t count, read;
	const char *path;   // borrowed
	bool damaged;       // why it could not be opened: what is in it, not for want of leave or memory
	uint32_t undated_s; // first seen of entries that have none
	size_t at, len;     // of bytes
	uint8_t bytes[ENTRY_BUFFER];
};

// False with the reason: not such a file, or of more entries than it has room for.
bool entry_reader_open(struct entry_reader *reader, const char *path, struct pack_error *error);
// The next one, valid until the next call. False: the end, or damaged (then error->text is not empty).
bool entry_reader_next(struct entry_reader *reader, struct indicator *out, struct pack_error *error);
void entry_reader_close(struct entry_reader *reader);
