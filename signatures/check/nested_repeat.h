// SPDX-License-Identifier: GPL-3.0-or-later
// Nested repeat: finds repetitions in a regular expression (PCRE2's syntax) that can divide the same bytes among themselves in exponentially
// many ways: a group that is repeated, and of which one branch is a repetition beside which all else may be empty: (a+)+, (\w+,?)*.
// A group that is atomic or possessive, or whose branch must also have something else, is none.
//
// Bounds       linear in the pattern; groups deeper than NESTED_DEPTH_MAX are not looked into
// Threads      pure functions
#pragma once
#include "decoders/base/span.h"

#define NESTED_DEPTH_MAX 64

// The first such group, its repetition sign included. False: none.
bool nested_repeat_find(struct span pattern, struct span *group);
