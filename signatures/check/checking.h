// SPDX-License-Identifier: GPL-3.0-or-later
// Checking: what the checks of rule_findings.h share. Not for use outside signatures/check.
//
// Life cycle   rule_set_findings makes one, asks every check about every rule, and drops it
#pragma once
#include "signatures/check/rule_findings.h"
#include "signatures/check/rule_option_text.h"
#include "signatures/engine/plan.h"

// X(constant, severity, id, what): the constant's place is its row in rule_checks.
#define CHECKS(X)                                                                                              \
	X(CHECK_NO_PATTERN, CHECK_WARNING, "no-pattern",                                                       \
		"no literal to look for: the rule is tried wherever its header fits")                          \
	X(CHECK_SHORT_PATTERN, CHECK_WARNING, "short-pattern", "the literal looked for has one or two bytes")  \
	X(CHECK_COMMON_PATTERN, CHECK_WARNING, "common-pattern", "the literal looked for is in most traffic")  \
	X(CHECK_PCRE_ALONE, CHECK_INFO, "pcre-alone", "a buffer has a pcre and no content beside it")          \
	X(CHECK_PCRE_NO_JIT, CHECK_WARNING, "pcre-no-jit", "PCRE2 makes no machine code of the expression")    \
	X(CHECK_PCRE_NESTED, CHECK_WARNING, "pcre-nested", "nested repetition: steps grow exponentially")      \
	X(CHECK_PCRE_RELATIVE, CHECK_WARNING, "pcre-relative", "relative to a match that is not there")        \
	X(CHECK_FLOWBIT_UNSET, CHECK_WARNING, "bit-never-set", "a bit or variable is read that no rule sets")  \
	X(CHECK_FLOWBIT_UNREAD, CHECK_INFO, "bit-never-read", "a bit or variable is set that no rule reads")   \
	X(CHECK_NOALERT_IDLE, CHECK_WARNING, "noalert-idle", "noalert, and nothing else is done")              \
	X(CHECK_THRESHOLD_IDLE, CHECK_WARNING, "threshold-idle", "a threshold without effect")                 \
	X(CHECK_PORTS_IDLE, CHECK_WARNING, "ports-without-protocol", "ports on a protocol that has none")      \
	X(CHECK_UNREACHABLE, CHECK_WARNING, "unreachable", "addresses or conditions that never hold together") \
	X(CHECK_FLOW_CONTRADICTION, CHECK_WARNING, "flow-contradiction",                                       \
		"flow and other conditions exclude each other")                                                \
	X(CHECK_NO_PARSER, CHECK_WARNING, "no-parser",                                                         \
		"the protocol's parser is not there yet: the rule cannot match")                               \
	X(CHECK_NO_MSG, CHECK_WARNING, "no-msg", "no msg")                                                     \
	X(CHECK_NO_REV, CHECK_WARNING, "no-rev", "no rev, or 0")                                               \
	X(CHECK_NO_CLASSTYPE, CHECK_INFO, "no-classtype", "no classtype")                                      \
	X(CHECK_DEPRECATED, CHECK_INFO, "deprecated", "an old spelling of a keyword")
#define CHECK_CONSTANT(constant, severity, id, what) constant,
enum check_number { CHECKS(CHECK_CONSTANT) CHECKS_END };

// How a bit or variable is used by the rules of the set.
struct bit_use {
	bool set, read;
	bool told; // its lack of readers
};

struct checking {
	const struct rule_set *set;
	struct region region;
	struct plan_set plans;
	struct bit_use *flowbits, *flowvars, *xbits;
	check_sink *sink;
	void *context;
	const struct rule *rule; // at hand
};

// Tells one finding about the rule at hand.
void checking_found(struct checking *checking, enum check_number check, unsigned column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
// Column of the nth option of that name; 0 none.
unsigned checking_column(const struct checking *checking, const char *name, unsigned nth);
// Column of a part of the header: 0 action, 1 protocol, 2 source, 3 its ports, 4 direction, 5 destination, 6 its ports.
unsigned checking_header_column(const struct checking *checking, unsigned part);

// Checks of one rule, a file each. plan is that of the rule.
void check_pattern(struct checking *checking, const struct plan *plan);
void check_regex(struct checking *checking);
void check_state(struct checking *checking);
void check_header(struct checking *checking);
void check_meta(struct checking *checking);
// Before them, for every rule: notes which bits it sets and reads.
void check_state_note(struct checking *checking, const struct rule *rule);
