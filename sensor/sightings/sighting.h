// SPDX-License-Identifier: GPL-3.0-or-later
// Sighting: one value that an inside host met, as a worker hands it over in a RECORD_SIGHTING.
//
// Value   canonical (indicator.h); an ADDRESS met with a port has it behind the 16 bytes, so that listed endpoints are found too. A URL longer than SIGHTING_VALUE_MAX is
//         cut before its query, then at that length
// Key     store_key of kind and value: two values of one key are one
//
// Memory  a record: the struct and len bytes behind it
// Threads plain values
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define SIGHTING_VALUE_MAX 512
#define SIGHTING_PLAIN_LEN 16 // of an address without a port
#define SIGHTING_FLOWS     4  // kept of a value and host

struct sighting {
	uint64_t key;
	uint64_t first_ns, last_ns; // packet time
	uint64_t flow_id;           // the last one
	uint64_t places;            // a bit an enum named_place
	uint32_t count;
	uint8_t kind;  // enum indicator_kind: ADDRESS, DOMAIN, URL, hashes ...
	uint8_t proto; // of the last flow
	uint16_t len;  // bytes of value that follow
	struct address host, far;
};

static inline struct span sighting_value(const struct sighting *sighting)
{
	return span_of(sighting + 1, sighting->len);
}
