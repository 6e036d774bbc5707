// SPDX-License-Identifier: GPL-3.0-or-later
// Hunt query: what a person asks for becomes ranges of what was seen, as it lies in the database.
//
// Understood   what feeds write (sensor/feeds/feed_value.h): a name (itself and all below; "*.name": only below), an address, with a port, a network, a URL (all that begins
//              so; a path alone: at any host), hashes, JA3, JA4, a mail address; a user agent (all that begin so) where there is a space in it or the kind says it.
//              A hash of 32 digits is asked for as MD5, JA3 and JA3S, one of 40 or 64 as file and certificate, unless the kind says which
// Memory       plain values
// Threads      any
#pragma once
#include <stdint.h>
#include "sensor/sightings/sighting.h"
#include "signatures/reputation/indicator.h"

#define HUNT_RANGES_MAX 4
#define HUNT_BLOB_MAX   (SIGHTING_VALUE_MAX + 1)

// low <= text < high, by bytes.
struct hunt_range {
	unsigned kind; // enum indicator_kind
	uint32_t low_len, high_len;
	uint8_t low[HUNT_BLOB_MAX], high[HUNT_BLOB_MAX];
};

struct hunt_query {
	unsigned range_count;
	uint32_t path_len; // a URL of any host: its path begins with path
	uint8_t path[SIGHTING_VALUE_MAX];
	struct hunt_range ranges[HUNT_RANGES_MAX];
};

// kind: enum indicator_kind, INDICATOR_KINDS: by the text's form. NULL, or what is wrong with it.
const char *hunt_query_parse(struct span text, unsigned kind, struct hunt_query *out);

// "203.0.113.0/24", of any width: nobody is to be protected from a question. False: it is not written so. *wrong: NULL, or what is wrong with it.
bool hunt_network_parse(struct span text, struct address *out, unsigned *bits, const char **wrong);

// "2026-11-22", "2026-11-22T10:00:00" (UTC), seconds of the Unix epoch (nine digits and more), or "90s", "30m", "12h", "7d" before now_s. False: none of these.
bool hunt_time_parse(const char *text, uint64_t now_s, uint64_t *out_s);
