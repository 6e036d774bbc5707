// SPDX-License-Identifier: GPL-3.0-or-later
// Transform: what a rule makes of a buffer before it looks into it (to_lowercase, dotprefix, xor, gunzip ...).
//
// Memory       output goes to an arena of the caller, bounded; the input may be given back unchanged when nothing changes
// Threads      pure but for the arena
#pragma once
#include "signatures/match/regex.h"
#include "signatures/rule/rule.h"

struct transform_arena {
	uint8_t *bytes;
	uint32_t size, used;
};

// Applies count transforms in order. False when the value cannot be made (broken input of a decoder, no group matched, arena used up).
bool transform_apply(const struct transform *transforms, unsigned count, struct transform_arena *arena,
	struct regex_runner *regex, struct span in, struct span *out);
