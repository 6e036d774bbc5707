// SPDX-License-Identifier: GPL-3.0-or-later
// Explain: what the engine makes of a rule: where it is grouped, by which literal it is found, in what order its conditions are asked.
//
// Life cycle   explain_new on a finished set -> explain_groups ... for its rules -> explain_free
// Memory       a plan a rule; the set is borrowed
// Threads      one
#pragma once
#include "signatures/check/describe.h"

struct explain;

// NULL: no memory.
struct explain *explain_new(const struct rule_set *set);
void explain_free(struct explain *explain);

// A place rules are kept together in: what is looked at there asks for all of them at once.
struct explain_group {
	char text[128];
	uint32_t rules; // in it, this one included
};
// At most max; gives their number.
unsigned explain_groups(
	const struct explain *explain, const struct rule *rule, struct explain_group *groups, unsigned max);

struct explain_pattern {
	bool some;         // false: the rule has none, why says what that means
	struct span bytes; // looked for; lower case when nocase
	bool nocase;
	uint32_t max_end; // must end by there; 0: anywhere
	unsigned buffer;  // of the rule
	const char *why;
};
struct explain_pattern explain_pattern(const struct explain *explain, const struct rule *rule);

// The parts of rule in the order the engine asks them; as rule_parts.
unsigned explain_order(const struct explain *explain, const struct rule *rule, struct rule_part *out, unsigned max);

const char *explain_type(const struct rule *rule); // "transactions", "packets and the stream" ...
