// SPDX-License-Identifier: GPL-3.0-or-later
// Buffer match: do a rule's conditions on one buffer hold: contents with their distances, with going back to a later occurrence when
// what follows does not fit, pcre, byte_*, isdataat, base64.
//
// Life cycle   the caller keeps one buffer_matcher a worker, sets the input part, and calls buffer_match
// Bounds       steps_max conditions tried a call; PCRE2's limits
// Threads      one worker
#pragma once
#include "signatures/match/capture.h"
#include "signatures/match/regex.h"
#include "signatures/rule/rule.h"

#define BASE64_BYTES_MAX (64u << 10)

struct buffer_matcher {
	// Fixed
	struct regex_runner *regex;
	uint64_t steps_max;
	uint8_t *base64; // BASE64_BYTES_MAX
	// MATCH_DATASET, MATCH_DATAREP and what else is not ours; may be NULL (does not hold)
	bool (*other)(const struct match *match, struct span data);
	struct captures *captures; // NULL: nothing is kept
	// Input of a call
	struct span data;
	uint64_t base;                // offset of data in the whole value
	bool last;                    // data ends the value
	bool little;                  // DCE byte order
	uint64_t vars[RULE_VARS_MAX]; // kept between the buffers of a rule
	// Result, beside the answer
	bool step_limit, pcre_limit;
	bool has_entropy; // an entropy was worked out, whether it fitted or not
	double entropy;
	// Working
	uint64_t steps;
	uint32_t at;
	bool stop;
	const struct rule *rule;
	const struct rule_buffer *buffer;
};

bool buffer_match(struct buffer_matcher *matcher, const struct rule *rule, const struct rule_buffer *buffer);
