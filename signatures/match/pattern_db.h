// SPDX-License-Identifier: GPL-3.0-or-later
// Pattern database: finds all of many literals in one pass (Hyperscan).
//
// Life cycle   pattern_db_build -> pattern_scratch_fit for each -> pattern_db_scan ... -> pattern_db_free
// Memory       database: malloc at build; scratch: one a worker, grown to fit at start
// Cache        with a directory: the compiled form in a file named by a hash of patterns, CPU and Hyperscan's version, with a checksum;
//              a file that is truncated, altered or of another kind is built again and replaced
// Threads      a database is read by all; a scratch belongs to one worker
#pragma once
#include "decoders/base/span.h"

struct pattern {
	struct span bytes; // 1..255 bytes; lower case when nocase
	bool nocase;
};

struct pattern_db;
struct pattern_scratch;

// Numbers in hits are indexes in patterns. cache_dir may be NULL. NULL with the reason in error.
struct pattern_db *pattern_db_build(
	const struct pattern *patterns, uint32_t count, const char *cache_dir, char *error, size_t error_size);
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
