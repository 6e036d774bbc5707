// SPDX-License-Identifier: GPL-3.0-or-later
// Entropy: Shannon entropy of bytes, in bits a byte (0 to 8), and the rule condition on it.
#pragma once
#include "signatures/rule/rule.h"

// worked_out: the entropy of the part the condition is about; negative when there is none.
bool entropy_holds(const struct match_entropy *match, struct span data, double *worked_out);
