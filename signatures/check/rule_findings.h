// SPDX-License-Identifier: GPL-3.0-or-later
// Rule findings: what is doubtful about rules that parse: no literal to look for, a flow bit nobody sets, expressions that run wild,
// conditions that never hold together. What does not parse is told by the rule set itself (rule_error_sink).
//
// Memory       plans and tables of its own during the call
// Threads      the set is read only
#pragma once
#include "signatures/rule/rule_set.h"

enum check_severity { CHECK_ERROR, CHECK_WARNING, CHECK_INFO };

// A row of the table of checks. id is stable: scripts filter by it.
struct check {
	const char *id;
	uint8_t severity; // enum check_severity
	const char *what; // in general, for --help and documents
};

struct check_finding {
	const struct check *check;
	const struct rule *rule;
	unsigned column;    // in the rule's text, from 1; 0 whole rule
	const char *reason; // borrowed, for the call
};
typedef void check_sink(void *context, const struct check_finding *finding);

// The checks there are, ended by a NULL id.
extern const struct check rule_checks[];
const char *check_severity_name(enum check_severity severity);

// Tells sink what the checks find in a finished set that keeps its text, rule by rule in order of the set. False: no memory.
bool rule_set_findings(const struct rule_set *set, check_sink *sink, void *context);
