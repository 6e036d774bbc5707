// SPDX-License-Identifier: GPL-3.0-or-later
// Lookup: is what traffic names in the store? In two steps: lookup_ahead when the value is read, which hashes it and asks memory for what is to be compared;
// lookup_find when the packet has been inspected, and memory has answered. A read of memory takes longer than all else of a lookup, and so nobody waits for it.
//
// Not here   a memory of what was asked for and not found: it costs a read of memory itself, as a worker has touched too much else in between for it to be
//            still near, and takes the mean up where the median goes down
// Memory     none
// Threads    any
#pragma once
#include "signatures/reputation/named.h"
#include "signatures/reputation/store.h"

struct lookup_ahead {
	bool asked;                       // false: it is not to be looked up
	struct store_ahead value, domain; // domain: of a mail address
};

// out: for lookup_find with the same store and allow, by named.ahead if allow is false.
void lookup_ahead(const struct store *store, bool allow, const struct named *named, struct lookup_ahead *out);
// allow: among the allow lists' entries, else among the others.
bool lookup_find(
	const struct store *store, bool allow, const struct named *named, uint32_t now_s, struct store_match *out);
