// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/pattern_db.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <hs/hs.h>
#include <openssl/evp.h>

#define CACHE_MAGIC        "sekisho-hs-1"
#define CACHE_HEADER_BYTES (sizeof(CACHE_MAGIC) + 32)

struct pattern_db {
	hs_database_t *database;
	size_t bytes;
	bool cached;
};

struct pattern_scratch {
	hs_scratch_t *scratch;
};

// What the compiled form depends on: every pattern with its flags, the library and the CPU it is for.
static bool cache_key(const struct pattern *patterns, uint32_t count, char hex[65])
{
	hs_platform_info_t platform = { 0 };
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	if (!hash || hs_populate_platform(&platform) != HS_SUCCESS ||
		EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(hash);
		return false;
	}
	EVP_DigestUpdate(hash, hs_version(), strlen(hs_version()));
	EVP_DigestUpdate(hash, &platform, sizeof(platform));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t head[2] = { patterns[i].bytes.len, patterns[i].nocase };
		EVP_DigestUpdate(hash, head, sizeof(head));
		EVP_DigestUpdate(hash, patterns[i].bytes.data, patterns[i].bytes.len);
	}
	EVP_DigestFinal_ex(hash, digest, &size);
	EVP_MD_CTX_free(hash);
	for (unsigned i = 0; i < 32; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
	return true;
}

static uint8_t *file_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (fd < 0)
		return NULL;
	uint8_t *bytes = NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
		(bytes = malloc((size_t)status.st_size))) {
		size_t have = 0;
		ssize_t got;
		while (have < (size_t)status.st_size &&
			(got = read(fd, bytes + have, (size_t)status.st_size - have)) > 0)
			have += (size_t)got;
		*size = have;
	}
	close(fd);
	return bytes;
}

static bool cache_load(struct pattern_db *db, const char *path)
{
	size_t size = 0;
	uint8_t digest[EVP_MAX_MD_SIZE];
	uint8_t *bytes = file_read(path, &size);
	bool good = bytes && size > CACHE_HEADER_BYTES && memcmp(bytes, CACHE_MAGIC, sizeof(CACHE_MAGIC)) == 0 &&
		    EVP_Digest(bytes + CACHE_HEADER_BYTES, size - CACHE_HEADER_BYTES, digest, NULL, EVP_sha256(),
			    NULL) == 1 &&
		    memcmp(digest, bytes + sizeof(CACHE_MAGIC), 32) == 0 &&
		    hs_deserialize_database((const char *)bytes + CACHE_HEADER_BYTES, size - CACHE_HEADER_BYTES,
			    &db->database) == HS_SUCCESS;
	free(bytes);
	db->cached = good;
	return good;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	while (len) {
		ssize_t put = write(fd, at, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

// Written beside and renamed, so that a reader never sees half a file. Failure only costs the next start time.
static void cache_store(const struct pattern_db *db, const char *path)
{
	char beside[4200];
	char *bytes = NULL;
	size_t size = 0;
	uint8_t digest[EVP_MAX_MD_SIZE];
	if (hs_serialize_database(db->database, &bytes, &size) != HS_SUCCESS)
		return;
	snprintf(beside, sizeof(beside), "%s.%ld", path, (long)getpid());
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd >= 0) {
		bool good = EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL) == 1 &&
			    write_all(fd, CACHE_MAGIC, sizeof(CACHE_MAGIC)) && write_all(fd, digest, 32) &&
			    write_all(fd, bytes, size);
		good = close(fd) == 0 && good;
		if (!good || rename(beside, path) != 0)
			unlink(beside);
	}
	free(bytes);
}

static bool compile(
	struct pattern_db *db, const struct pattern *patterns, uint32_t count, char *error, size_t error_size)
{
	const char **texts = calloc(count, sizeof(*texts));
	unsigned *flags = calloc(count, sizeof(*flags)), *ids = calloc(count, sizeof(*ids));
	size_t *lens = calloc(count, sizeof(*lens));
	hs_compile_error_t *reason = NULL;
	hs_error_t result = HS_NOMEM;
	if (texts && flags && ids && lens) {
		for (uint32_t i = 0; i < count; i++) {
			texts[i] = (const char *)patterns[i].bytes.data;
			lens[i] = patterns[i].bytes.len;
			flags[i] = HS_FLAG_SINGLEMATCH | (patterns[i].nocase ? HS_FLAG_CASELESS : 0);
			ids[i] = i;
		}
		result = hs_compile_lit_multi(
			texts, flags, ids, lens, count, HS_MODE_BLOCK, NULL, &db->database, &reason);
	}
	if (result != HS_SUCCESS)
		snprintf(error, error_size, "Hyperscan: %s", reason ? reason->message : "no memory");
	hs_free_compile_error(reason);
	free(texts);
	free(flags);
	free(ids);
	free(lens);
	return result == HS_SUCCESS;
}

struct pattern_db *pattern_db_build(
	const struct pattern *patterns, uint32_t count, const char *cache_dir, char *error, size_t error_size)
{
	char path[4096], hex[65];
	struct pattern_db *db = calloc(1, sizeof(*db));
	if (!db) {
		snprintf(error, error_size, "no memory");
		return NULL;
	}
	bool cache = cache_dir && cache_key(patterns, count, hex) &&
		     snprintf(path, sizeof(path), "%s/%s.hs", cache_dir, hex) < (int)sizeof(path);
	if (!cache || !cache_load(db, path)) {
		if (!compile(db, patterns, count, error, error_size)) {
			free(db);
			return NULL;
		}
		if (cache)
			cache_store(db, path);
	}
	hs_database_size(db->database, &db->bytes);
	return db;
}

void pattern_db_free(struct pattern_db *db)
{
	if (!db)
		return;
	hs_free_database(db->database);
	free(db);
}

size_t pattern_db_bytes(const struct pattern_db *db)
{
	return db->bytes;
}

bool pattern_db_was_cached(const struct pattern_db *db)
{
	return db->cached;
}

bool pattern_scratch_fit(struct pattern_scratch **scratch, const struct pattern_db *db)
{
	if (!*scratch && !(*scratch = calloc(1, sizeof(**scratch))))
		return false;
	return hs_alloc_scratch(db->database, &(*scratch)->scratch) == HS_SUCCESS;
}

void pattern_scratch_free(struct pattern_scratch *scratch)
{
	if (!scratch)
		return;
	hs_free_scratch(scratch->scratch);
	free(scratch);
}

struct scan {
	pattern_hit *hit;
	void *context;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	const struct scan *scan = context;
	(void)from;
	(void)flags;
	scan->hit(scan->context, id, (uint32_t)to);
	return 0;
}

void pattern_db_scan(
	const struct pattern_db *db, struct pattern_scratch *scratch, struct span data, pattern_hit *hit, void *context)
{
	struct scan scan = { hit, context };
	if (data.len == 0)
		return;
	hs_scan(db->database, (const char *)data.data, data.len, 0, scratch->scratch, on_match, &scan);
}
