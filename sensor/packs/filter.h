// SPDX-License-Identifier: GPL-3.0-or-later
// Filter: what the owner of a sensor changes on every pack: enable.conf, disable.conf, modify.conf and drop.conf, with suricata-update's meaning.
//
//   a line of enable, disable and drop:  SID, GID:SID, GID:SID:REV, several with commas; NAME.rules; re:REGEX (on the rule's text, any case); group:PATTERN (file name,
//                                        also without .rules); filename:PATTERN; metadata:KEY VALUE; *
//   a line of modify:                    MATCH "REGEX" "REPLACEMENT" (\1, ${1}) on the rule as it would be written, "# " before one that is off; also as modifysid MATCH "REGEX" | "REPLACEMENT";
//                                        metadata-add MATCH KEY VALUE
//
// Order: disable, enable, drop, modify; then rules that set flow bits which enabled rules ask for are enabled with noalert.
//
// Life cycle   filters_load -> filters_apply ... -> filters_free
// Bounds       FILTERS_MAX lines a file; PCRE2's own match limit a rule and expression
#pragma once
#include "sensor/packs/rule_lines.h"

#define FILTERS_MAX 20000

struct filters;

struct filter_counts {
	uint32_t disabled, enabled, dropped, modified, for_flowbits;
};

// Reads those of the four files that are in folder. NULL with the reason in error.
struct filters *filters_load(const char *folder, struct pack_error *error);
// From text, for one file's kind ("enable", "disable", "drop", "modify"); filters NULL: starts new ones.
struct filters *filters_add(
	struct filters *filters, const char *kind, const char *name, const char *text, struct pack_error *error);
void filters_free(struct filters *filters);
bool filters_apply(const struct filters *filters, struct rule_lines *lines, struct filter_counts *counts);
