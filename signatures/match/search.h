// SPDX-License-Identifier: GPL-3.0-or-later
// Search: where a byte string lies in another, with or without case.
//
// Bounds       time at most len(hay) * len(needle), in practice near len(hay) / 16
// Threads      pure
#pragma once
#include "decoders/base/ascii.h"
#include "decoders/base/span.h"

#define SEARCH_NONE UINT32_MAX

// Offset of the first needle in hay, SEARCH_NONE when there is none. nocase: needle must be lower case (ASCII). An empty needle is at 0.
uint32_t search_find(struct span hay, struct span needle, bool nocase);
// Is needle at hay.data (hay.len >= needle.len is tested)? nocase as above.
bool search_at(struct span hay, struct span needle, bool nocase);
