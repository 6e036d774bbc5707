// SPDX-License-Identifier: GPL-3.0-or-later
// Pattern cache: compiled databases kept in a folder from one start to the next, by what they were compiled from and for.
//
// Life cycle   pattern_cache_open -> load / store ... -> pattern_cache_close, which removes the oldest entries over the budget
// Trust        databases are run as they are, so the folder must be ours (or root's) and nobody else's to write in, it may not be a link, and an
//              entry counts only when its head, key, length and checksum are right: all others are as good as missing, and written anew
// Disk         an entry is written beside and renamed; none is written while the file system has less than 1/20 left. Several processes may
//              use a folder: they see whole entries only
// Threads      load and store may be called by several at once
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_CACHE_KEY_BYTES 32

struct pattern_cache;

// Makes directory (0700) when it is not there. NULL with the reason in error (size bytes): it cannot be used.
struct pattern_cache *pattern_cache_open(const char *directory, uint64_t budget_bytes, char *error, size_t size);
void pattern_cache_close(struct pattern_cache *cache); // NULL is allowed

// An entry's bytes, malloc'ed; the database begins at *at and has *len. NULL: not there, or not to be trusted.
uint8_t *pattern_cache_load(
	struct pattern_cache *cache, const uint8_t key[PATTERN_CACHE_KEY_BYTES], size_t *at, size_t *len);
// Failure only costs the next start time; the first one is logged.
void pattern_cache_store(
	struct pattern_cache *cache, const uint8_t key[PATTERN_CACHE_KEY_BYTES], const void *bytes, size_t len);
