// SPDX-License-Identifier: GPL-3.0-or-later
// Filter match: which rules a filter's line is about. Used by filter.c alone.
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include "sensor/packs/rule_lines.h"

enum filter_match_kind { MATCH_ALL_RULES, MATCH_IDS, MATCH_REGEX, MATCH_FILE, MATCH_GROUP, MATCH_METADATA };

struct filter_match {
	enum filter_match_kind kind;
	struct rule_id {
		uint32_t gid, sid, rev;
		bool has_rev;
	} * ids;
	size_t id_count;
	pcre2_code *code;
	char *pattern, *value; // MATCH_FILE, MATCH_GROUP: pattern; MATCH_METADATA: key and value
};

// NULL when good, else the reason; what was taken is freed by filter_match_fini in either case.
const char *filter_match_read(struct filter_match *match, const char *text);
void filter_match_fini(struct filter_match *match);
bool filter_match_holds(const struct filter_match *match, const struct rule_line *line, pcre2_match_data *data);
// NULL with the reason in *why.
pcre2_code *filter_regex(const char *pattern, uint32_t options, const char **why);
