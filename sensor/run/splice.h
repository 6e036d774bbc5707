// SPDX-License-Identifier: GPL-3.0-or-later
// Splice: puts more into a detector's alert, at the place its worker left for that (record.splice).
//
// Threads      any; copy is the caller's
#pragma once
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "export/record/record.h"

#define SPLICE_MAX       1536 // bytes put in
#define SPLICE_TIME_SIZE 33

// As events write times.
static inline void splice_time(uint64_t ts_ns, char out[SPLICE_TIME_SIZE])
{
	time_t seconds = (time_t)(ts_ns / 1000000000u);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	size_t len = strftime(out, SPLICE_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, SPLICE_TIME_SIZE - len, ".%06u+0000", (unsigned)(ts_ns / 1000 % 1000000));
}

// Into copy (room for a line of RECORD_LINE_MAX and SPLICE_MAX). Gives copy, or record as it is where there is no place or no room.
static inline const struct record *splice_into(
	struct record *copy, const struct record *record, const char *text, size_t len)
{
	if (!len || !record->splice || record->splice > record->line_len || record->line_len + len > RECORD_LINE_MAX)
		return record;
	memcpy(copy, record, sizeof(*record));
	memcpy(copy->line, record->line, record->splice);
	memcpy(copy->line + record->splice, text, len);
	memcpy(copy->line + record->splice + len, record->line + record->splice, record->line_len - record->splice);
	copy->line_len = record->line_len + (uint32_t)len;
	return copy;
}
