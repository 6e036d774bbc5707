// SPDX-License-Identifier: GPL-3.0-or-later
// Look-alike: does a name look like one of the site's own without being it? Internationalised labels are taken out of punycode, and letters that are drawn
// alike (Cyrillic and Greek for Latin, accents, 0 for o, 1 for l, rn for m) become one.
//
// Bounds     labels of 63 bytes; names of 253; LOOKALIKE_NAMES_MAX names to compare with
// Work       linear in the name and the names compared with
// Threads    any
// Sources    RFC 3492 (punycode); Unicode TR39 (confusables; the few that are used against domain names)
#pragma once
#include "decoders/base/span.h"

#define LOOKALIKE_MAX       256 // bytes of a skeleton
#define LOOKALIKE_NAMES_MAX 64

// The skeleton of a canonical name: equal for names that look alike. Bytes written, at most LOOKALIKE_MAX; 0: it cannot be taken apart.
uint32_t lookalike_skeleton(struct span name, char out[LOOKALIKE_MAX]);
