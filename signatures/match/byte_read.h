// SPDX-License-Identifier: GPL-3.0-or-later
// Byte read: byte_test, byte_jump, byte_extract and byte_math of rules: numbers read out of a buffer, compared, stored, or followed.
//
// Threads      pure
#pragma once
#include "signatures/rule/rule.h"

// Where reading stands: the buffer, the end of the last match, and the rule's byte variables (RULE_VARS_MAX).
struct byte_place {
	struct span data;
	uint32_t at; // end of the last match; moved by jump, extract and math
	uint64_t *vars;
	bool little; // byte order of the DCE message, for "dce"
};

static inline int64_t rule_value_of(const struct rule_value *value, const uint64_t *vars)
{
	return value->var == RULE_NO_VAR ? value->number : (int64_t)vars[value->var];
}

bool byte_test_holds(const struct byte_place *place, const struct match_byte *byte);
bool byte_jump_do(struct byte_place *place, const struct match_byte *byte);
bool byte_extract_do(struct byte_place *place, const struct match_byte *byte);
bool byte_math_do(struct byte_place *place, const struct match_byte *byte);
