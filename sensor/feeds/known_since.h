// SPDX-License-Identifier: GPL-3.0-or-later
// Known since: dates the entries for which their feed gives no date, between reading a feed and writing its entries: what its last good entries had keeps
// the first seen it had there, what is new gets the time of this reading. A date that the feed gives itself stays.
//
// "Or earlier" INDICATOR_EARLIER marks a date that is an upper bound: of a feed's first reading ever, and when what is new may have come long before (basis).
//              It stays with the entry
// Life cycle   known_since_new -> known_since_add ... -> known_since_end -> known_since_free
// Memory       12 bytes for each of the last entries (a fingerprint of 31 bits at a place by 33 more, and the date), from the first entry without a date
//              until the end: less than half of what compiling takes. KNOWN_MAX entries: of a larger file nothing is known, and all is "or earlier".
//              That a new line is taken for a known one has a chance of one in a billion
// Time         linear: an entry of the last file has a place among KNOWN_PROBES, or is forgotten (then all that is new is "or earlier")
// Threads      one
// Safety       a damaged file of entries is told, and is as if there were none
#pragma once
#include <stdatomic.h>
#include "sensor/feeds/feed_read.h"

#define KNOWN_MAX    (64u << 20)
#define KNOWN_PROBES 512u

struct known_basis {
	const char *entries; // of the last good reading; NULL: there was none. Borrowed
	uint32_t now_s;      // date of what is new
	bool earlier;        // what is new may have been listed before now
	const atomic_bool *stop;
};

struct known_since;

// What is added comes out by give, in the order in which it came, and a little later.
struct known_since *known_since_new(const struct known_basis *basis, feed_give *give, void *context); // NULL: no memory
// A feed_give, with the struct known_since as its context. False: no memory, stopped, or give said so.
bool known_since_add(void *known, const struct indicator *indicator);
bool known_since_end(struct known_since *known); // gives what is left
void known_since_free(struct known_since *known);
