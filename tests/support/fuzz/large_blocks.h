// SPDX-License-Identifier: GPL-3.0-or-later
// What a fuzz target that makes whole tables for every input calls around one; see large_blocks.c. In targets it is linked into only.
#pragma once

void large_blocks_begin(void);
// Aborts when a large block was kept.
void large_blocks_end(void);
