// SPDX-License-Identifier: GPL-3.0-or-later
// Host filter: which hosts a block of sightings may have rows of, so that who asks for a host's need not read the others.
//
// Form     a Bloom filter of a power of two of bytes: three bits a host, folded to the smallest at which at most half of its bits are set. Of ten blocks without a host
//          about one is said to have it, at most; none with it is said not to
// Memory   plain values; a filter from disk is a span, which is not believed to be of any form
// Threads  one at a time
#pragma once
#include <stddef.h>
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define HOST_FILTER_BYTES_MAX 1024 // at most half full with all rows a block has room for
#define HOST_FILTER_BYTES_MIN 8

struct host_filter {
	uint8_t bytes[HOST_FILTER_BYTES_MAX];
};

void host_filter_clear(struct host_filter *filter);
void host_filter_add(struct host_filter *filter, const struct address *host);
// Its bytes, good until filter changes. After it only host_filter_clear.
struct span host_filter_fold(struct host_filter *filter);
// False: bytes (of host_filter_fold) say that host is not there. Bytes that are no filter may have everything.
bool host_filter_may_have(struct span bytes, const struct address *host);
