// SPDX-License-Identifier: GPL-3.0-or-later
// Tool rules: the configuration a verb was given, and the rules it is about, with their text; no engine is built.
//
// Life cycle   tool_rules_open -> tool_rules_load -> tool_rules_close (also after a failure)
#pragma once
#include "sensor/verb/verb.h"
#include "signatures/rule/rule_set.h"

struct tool_rules {
	struct sensor_config *config;
	struct rule_set *set; // finished
	struct rule_set *off; // rules that are commented out, finished; NULL unless asked for
};

// Presets, -c and --set. False: told.
bool tool_rules_open(struct tool_rules *rules, const struct verb_line *line);
// files (NULL-terminated), and -s; without any of files: -S, else rule-files of the config. Rules that cannot be taken go to sink. With off, those
// that are commented out as well. False when there is nothing to load or no set can be made: told, or in sink; a file that cannot be read is
// in sink alone.
bool tool_rules_load(struct tool_rules *rules, const struct verb_line *line, const char *const *files, bool off,
	rule_error_sink *sink, void *context);
void tool_rules_close(struct tool_rules *rules);

// A sink that logs errors and drops warnings.
void tool_rules_log(void *context, const struct rule_error *error);
