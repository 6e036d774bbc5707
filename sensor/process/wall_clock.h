// SPDX-License-Identifier: GPL-3.0-or-later
// Wall clock: the machine's own time, for what is not about packets (uptime, stats intervals, how long a run took). Any thread may call.
#pragma once
#include <time.h>
#include "decoders/base/clock.h"

// Nanoseconds since 1970-01-01 UTC.
static inline uint64_t wall_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return ns_of((uint64_t)now.tv_sec, (uint64_t)now.tv_nsec);
}

// Seconds since some moment in the past; never goes back.
static inline double monotonic_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
