// SPDX-License-Identifier: GPL-3.0-or-later
// Store hash: the key of a value, made where it is asked for, without a call. Private to the folder.
//
// Threads   any
#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>
#include "decoders/base/span.h"
#include "signatures/reputation/indicator.h"

// A key from the hash of a value: what else tells indicators apart is mixed in.
static inline uint64_t store_hash(struct span value, uint64_t more)
{
	uint64_t key = (XXH3_64bits(value.data, value.len) ^ more) * 0x9fb21c651e98df25ull;
	key = (key ^ key >> 32) * 0xd6e8feb86659fd93ull;
	return key ^ key >> 32;
}

// What store_key mixes in.
static inline uint64_t store_more(enum indicator_kind kind, uint8_t bits, uint16_t port)
{
	return ((uint64_t)kind + 1) | (uint64_t)bits << 8 | (uint64_t)port << 16;
}

enum store_mark { STORE_MARK_HOST = 0xf0, STORE_MARK_ANYWHERE = 0xf1 };
// Only in the filter, for URLs: "some listed URL has this host" ("host:port"), "some listed URL of any host begins with this segment" ("/first").
static inline uint64_t store_mark_key(enum store_mark mark, struct span value)
{
	return store_hash(value, mark);
}
