// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers of the trainer: the same for the same seed on every machine (xorshift64*; not for secrets).
#pragma once
#include <stdint.h>

struct random {
	uint64_t state; // not 0
};

static inline uint32_t random_next(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)(r->state * 2685821657736338717ULL >> 32);
}

// 0 to below - 1; below at least 1.
static inline uint32_t random_below(struct random *r, uint32_t below)
{
	return (uint32_t)((uint64_t)random_next(r) * below >> 32);
}

static inline double random_unit(struct random *r)
{
	return random_next(r) / 4294967296.0;
}
