// SPDX-License-Identifier: GPL-3.0-or-later
// Proves in fuzz builds that work is linear: what the steps of decoders/base/steps.h come to between the two calls. Other builds check nothing.
#pragma once
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/steps.h"

#define WORK_A_BYTE 200
#define WORK_FREE   20000 // of small inputs, and of opening and closing

static inline void work_begin(void)
{
#ifdef SEKISHO_COUNT_STEPS
	work_steps = 0;
#endif
}

// Aborts when it was too much for size bytes.
static inline void work_check(size_t size)
{
#ifdef SEKISHO_COUNT_STEPS
	if (work_steps > WORK_FREE + (uint64_t)size * WORK_A_BYTE) {
		fprintf(stderr, "%llu steps for %zu bytes\n", (unsigned long long)work_steps, size);
		abort();
	}
#else
	(void)size;
#endif
}
