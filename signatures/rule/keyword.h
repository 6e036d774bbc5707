// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords of the rule language that belong to no protocol: one const table a file. What protocols
// add comes from signatures/field.
//
// Threads      const
#pragma once
#include "signatures/rule/rule_build.h"

enum keyword_flag {
	KEYWORD_NEEDS_VALUE = 1 << 0, // refused without ":..."
	KEYWORD_NO_VALUE = 1 << 1,    // refused with one
	KEYWORD_NEGATABLE = 1 << 2,   // a leading "!" is cut off and noted
	KEYWORD_QUOTES = 1 << 3,      // quotes around the value are cut off
	KEYWORD_MUST_QUOTE = 1 << 4,  // and must be there
	KEYWORD_PACKET = 1 << 5,      // the rule is about single packets
	KEYWORD_MODIFIER = 1 << 6,    // changes the content before it
	KEYWORD_IP_ONLY = 1 << 7,     // does not keep a rule from being address-only
	KEYWORD_NOT_DONE = 1 << 8,    // refused whatever it says
};

struct keyword {
	const char *name, *alias; // alias: NULL none
	unsigned flags;           // enum keyword_flag
	// False with the reason noted by rule_fail.
	bool (*parse)(struct rule_build *build, const struct rule_option *option);
	int detail; // what a shared parse tells keywords apart by
};

// Any case. NULL: none of these.
const struct keyword *keyword_find(struct span name);
// The keyword an option names, while it is parsed.
const struct keyword *keyword_of(const struct rule_build *build);
// Name known to this sensor at all, from here or a field (requires: keyword x).
bool keyword_known(struct span name);

// One table a file, each ended by a NULL name.
extern const struct keyword keywords_content[], keywords_byte[], keywords_packet[], keywords_flow[], keywords_state[],
	keywords_meta[], keywords_frame[], keywords_buffer[], keywords_data[], keywords_dataset[], keywords_address[];
