// SPDX-License-Identifier: GPL-3.0-or-later
// Number: does a value satisfy a comparison of a rule.
#pragma once
#include "signatures/rule/rule.h"

bool number_compare(uint8_t op, uint64_t value, uint64_t low, uint64_t high);

static inline bool number_holds(const struct number_match *match, uint64_t value)
{
	return number_compare(match->op, value, match->low, match->high);
}
