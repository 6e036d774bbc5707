// SPDX-License-Identifier: GPL-3.0-or-later
// Splice: puts more into a detector's alert, at the place its worker left for that (record.splice).
//
// Threads      any; copy is the caller's
#pragma once
#include <string.h>
#include "export/record/record.h"

#define SPLICE_MAX 1024 // bytes put in

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
