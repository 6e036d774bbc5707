// SPDX-License-Identifier: GPL-3.0-or-later
// Rule lines: rule files as text, one item a logical line, enabled or commented out, with what filters ask of a rule: sid, metadata, flow bits.
// What a rule means is not looked at here.
//
// Life cycle   rule_lines_read ... -> changed by filters -> rule_lines_format -> rule_lines_free
// Bounds       RULE_LINES_MAX rules; time linear in the text
#pragma once
#include <stdint.h>
#include "decoders/base/span.h"
#include "sensor/files/pack_error.h"

#define RULE_LINES_MAX 500000

struct rule_line {
	char *text;       // a rule without the "#" before it, joined to one line; else the line as it is
	const char *file; // path in the pack; borrowed from the caller
	uint32_t line;    // of its start, from 1
	uint32_t lines;   // of the file it takes
	bool rule, enabled;
	bool noalert; // to be added: enabled for its flow bits only
	uint32_t gid, sid, rev;
};

struct rule_lines {
	struct rule_line *items;
	size_t count, room;
};

// Adds what is in text. False: a line is neither a rule nor a comment.
bool rule_lines_read(
	struct rule_lines *lines, const char *file, const char *text, size_t len, struct pack_error *error);
void rule_lines_free(struct rule_lines *lines);
// The text of the file again, each rule on the line it was on; the caller frees it. NULL: no memory.
char *rule_lines_format(const struct rule_lines *lines, const char *file, size_t *len);

// The options of a rule's text one by one: name and value, trimmed, value without its quotes left as it is. at starts at 0. False: no more.
bool rule_line_option(const char *text, size_t *at, struct span *name, struct span *value);
// Takes text (owned from then on) for the line's; false when it is no rule: it is freed and nothing changed.
bool rule_line_replace(struct rule_line *line, char *text);
bool rule_line_is_noalert(const struct rule_line *line);
