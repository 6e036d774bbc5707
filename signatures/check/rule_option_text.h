// SPDX-License-Identifier: GPL-3.0-or-later
// Rule option text: walks the options of a rule as they are written, for tools that look at what the parser does not keep.
//
// Memory       nothing; spans are borrowed from the text
// Threads      const, pure functions
#pragma once
#include "decoders/base/span.h"

struct rule_option_text {
	struct span name;     // trimmed
	struct span value;    // trimmed, quotes and all; data NULL when there is no ":"
	uint32_t offset, len; // of the option in the text, without its ";"
};

// The option at or after *at (0: the first), which is moved past it. False: no more, or the text is no rule.
bool rule_option_text_next(struct span text, uint32_t *at, struct rule_option_text *out);
// The nth (from 0) option of that name, any case; alias may be NULL. False: none.
bool rule_option_text_find(
	struct span text, const char *name, const char *alias, unsigned nth, struct rule_option_text *out);
