// SPDX-License-Identifier: GPL-3.0-or-later
// Clock: packet time in nanoseconds since 1970-01-01 UTC. Nothing on the packet path reads the machine's clock.
#pragma once
#include <stdint.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_US UINT64_C(1000)

static inline uint64_t ns_of(uint64_t seconds, uint64_t nanoseconds)
{
	return seconds * NS_PER_S + nanoseconds;
}
