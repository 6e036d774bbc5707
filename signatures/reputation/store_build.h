// SPDX-License-Identifier: GPL-3.0-or-later
// Store build: makes the file that store.h reads from indicators in any order.
//
// Life cycle   store_build_new -> store_build_feed, store_build_add ... -> store_build_write -> store_build_free
// Memory       24 bytes an indicator while building, 8 more for URLs, 40 for networks (10 million: 250 MB); refuses past max_entries
// Threads      one
#pragma once
#include <stddef.h>
#include "signatures/reputation/indicator.h"

struct store_build;

struct store_build *store_build_new(uint64_t max_entries); // NULL: no memory
void store_build_free(struct store_build *build);
// Feeds have numbers from 0 in the order in which they are told. False: too many (65535), or no memory.
bool store_build_feed(struct store_build *build, const char *name, uint32_t *feed);
// NULL, or what is wrong. The value must be canonical. What it points to is not needed afterwards. Refused beside what has no right form: what says
// nothing (networks of fewer than 8 bits of IPv4 or 16 of IPv6, 4 and 7 in allow lists; the URL "/" of any host).
const char *store_build_add(struct store_build *build, uint32_t feed, const struct indicator *indicator);
// Written beside path and renamed over it when it is on disk. Entries that expired by now_s are left out. digest: kept in it (store_facts). False with the
// reason in error. Nothing can be added afterwards.
bool store_build_write(
	struct store_build *build, const char *path, uint64_t digest, uint32_t now_s, char *error, size_t size);

// Key of an indicator in every file (XXH3 of kind, value, bits, port; the hash is not seeded: files outlive runs).
uint64_t store_key(enum indicator_kind kind, struct span value, uint8_t bits, uint16_t port);
