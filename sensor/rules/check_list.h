// SPDX-License-Identifier: GPL-3.0-or-later
// Check list: what `rules check` found, from the parser and from the checks, by file and line.
//
// Life cycle   zeroed -> check_list_error, check_list_finding ... -> check_list_sort -> check_list_free
#pragma once
#include "signatures/check/rule_findings.h"
#include "signatures/rule/rule_set.h"

struct check_row {
	uint8_t severity; // enum check_severity
	const char *id;
	char *file;            // NULL: none
	uint32_t line, column; // as the parser counts: in the joined rule; column 0: whole line; line 0: the file
	uint32_t sid, gid, rev;
	char keyword[48];
	char *reason;
	char *first_file; // duplicates: where the first is
	uint32_t first_line;
	uint32_t order; // as found
};

struct check_list {
	struct check_row *rows;
	uint32_t count, room;
	uint32_t counts[CHECK_INFO + 1]; // by severity
	const char *only, *ignore;       // ids with commas between; NULL: all, none
	bool failed;                     // no memory: something is missing
};

// What the parser tells by id, beside rule_checks; an id of NULL ends it.
extern const struct check check_list_told[];
// Is there a check of that id?
bool check_list_knows(const char *id, size_t len);
// A rule_error_sink and a check_sink; the context is the list.
void check_list_error(void *list, const struct rule_error *error);
void check_list_finding(void *list, const struct check_finding *finding);
// By file, line and column.
void check_list_sort(struct check_list *list);
void check_list_free(struct check_list *list);
