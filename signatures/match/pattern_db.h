// SPDX-License-Identifier: GPL-3.0-or-later
// Pattern database: finds many literals in one pass over a buffer (Hyperscan), and keeps what it compiled on disk.
//
// Life cycle   pattern_db_build (or pattern_db_share of one there is) -> pattern_scratch_fit for every database a worker scans
//              -> pattern_db_scan ... -> pattern_db_free by each holder
// Memory       compiled form in malloc; while it is compiled about 15 MB more (5,000 literals)
// Threads      a database is read by all; a scratch belongs to one worker; databases may be built by several threads at once
#pragma once
#include "decoders/base/span.h"
#include "signatures/match/pattern_cache.h"

struct pattern {
	struct span bytes; // 1..255 bytes; lower case when nocase
	bool nocase;
};

struct pattern_db;
struct pattern_scratch;

// Numbers in hits are indexes in patterns. cache may be NULL. NULL with the reason in error.
struct pattern_db *pattern_db_build(
	const struct pattern *patterns, uint32_t count, struct pattern_cache *cache, char *error, size_t error_size);
// One more holder of db, which is freed with the last.
struct pattern_db *pattern_db_share(struct pattern_db *db);
void pattern_db_free(struct pattern_db *db);
size_t pattern_db_bytes(const struct pattern_db *db);
bool pattern_db_was_cached(const struct pattern_db *db);

// Makes or grows *scratch for db. False: no memory.
bool pattern_scratch_fit(struct pattern_scratch **scratch, const struct pattern_db *db);
void pattern_scratch_free(struct pattern_scratch *scratch);

// Called at most once a pattern and scan, at its first end (offset past its last byte).
typedef void pattern_hit(void *context, uint32_t number, uint32_t end);

// Scans data. hit must not scan with the same scratch.
void pattern_db_scan(const struct pattern_db *db, struct pattern_scratch *scratch, struct span data, pattern_hit *hit,
	void *context);
