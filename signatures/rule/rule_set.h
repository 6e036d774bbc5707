// SPDX-License-Identifier: GPL-3.0-or-later
// Rule set: all rules, how they are loaded, and what is told of those that cannot be taken.
//
// Life cycle   rule_set_new -> rule_set_load_file / rule_set_add ... -> rule_set_finish -> engine_build_like (borrows it) -> rule_set_free
// Memory       one arena a set; nothing in it moves or changes after loading
// Threads      loading: one. After it: read by all
#pragma once
#include "decoders/base/option.h"
#include "signatures/rule/rule.h"

struct rule_set {
	struct rule **rules; // in order of evaluation after rule_set_finish
	uint32_t count;
	uint16_t flowbit_count, flowvar_count, xbit_count;
	const char *const *flowbit_names, *const *flowvar_names, *const *xbit_names; // by number
	// 1, or one more than that of options.like, whose names keep their numbers: what flows, hosts and transactions remember stays true. When it
	// had too many to go on like that, numbers begin anew: names_since is the first generation with these.
	uint32_t generation, names_since;
	uint32_t failed;                             // rules that could not be taken
	uint32_t failed_anew;                        // of them, by their text: not refused by options.like too
	uint32_t skipped;                            // not meant for us (requires, lua)
	const struct rule_suppression *suppressions; // from threshold.config
	uint32_t suppression_count;
	struct rule_set_private *own;
};

struct rule_error {
	const char *file;      // may be "<set>" for --set or API
	uint32_t line, column; // from 1; column 0: whole line
	char keyword[48];      // "" when it is not one keyword's
	char reason[256];      // what is wrong and what was expected
	uint32_t sid;          // 0 unknown
	bool warning;
	bool known;             // options.like refused the same text
	bool duplicate;         // sid and gid are there already: in first_file, line first_line
	const char *first_file; // borrowed; NULL unless duplicate
	uint32_t first_line;
};
typedef void rule_error_sink(void *context, const struct rule_error *error);

struct rule_options {
	const struct option_map *address_groups, *port_groups; // vars.*; names without $
	const struct option_map *datasets;
	const struct option_list *reputation_files;
	const char *reputation_path, *reputation_categories; // NULL: iprep is refused
	const char *geoip_database;                          // NULL: geoip is refused
	const char *data_path;                               // default-data-dir: where sets are written
	const char *keep_out; // folder no set may be written in, wherever it lies; NULL: none
	const char *classification_file, *reference_file, *threshold_file; // NULL: built-in classes, none, none
	const struct option_list
		*action_order; // names of the four actions, first first; NULL or empty: pass, drop, reject, alert
	const char *rule_path; // default-rule-path, for relative file names
	const struct rule_set *
		like; // a finished set, needed until rule_set_finish: its compiled expressions are shared, what its sets of values changed goes on; NULL: none
	bool drops_enabled; // inline or simulated: drop and reject mean it
	bool keep_text;     // rule.text is wanted (the text of a large set takes more memory than the rest of it)
	rule_error_sink *on_error;
	void *on_error_context;
};

// options is borrowed until rule_set_finish. NULL: a file in options cannot be read or is wrong (told to on_error).
struct rule_set *rule_set_new(const struct rule_options *options);
void rule_set_free(struct rule_set *set);
// Loads a rule file (glob patterns and "include" allowed, gzip too). Rules that cannot be taken are told to on_error and left out. False when the file cannot be read.
bool rule_set_load_file(struct rule_set *set, const char *path);
// One rule's text. False when it was refused.
bool rule_set_add(struct rule_set *set, const char *text, const char *file, uint32_t line);
// Duplicates (sid and gid: highest rev stays), order, threshold.config, cross-rule warnings. Nothing is added afterwards.
bool rule_set_finish(struct rule_set *set);
// The set that text ("$HOME_NET", "[10.0.0.0/8,!10.1.1.1]") stands for in rules; lives as long as set. Before rule_set_finish only. NULL: not an address
// list, or an unknown variable.
const struct address_set *rule_set_addresses(struct rule_set *set, const char *text);
