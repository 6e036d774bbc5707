// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/pattern_db.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <hs/hs.h>
#include <openssl/evp.h>

#define KEY_VERSION 2 // of what compile() makes from the same patterns

struct pattern_db {
	hs_database_t *database;
	size_t bytes;
	uint32_t count; // of patterns; numbers from there on are fillers'
	bool cached;
	atomic_uint holders;
};

struct pattern_scratch {
	hs_scratch_t *scratch;
};

// What the compiled form depends on: every pattern with its flags, the library and the CPU it is for.
static bool cache_key(const struct pattern *patterns, uint32_t count, uint8_t key[PATTERN_CACHE_KEY_BYTES])
{
	hs_platform_info_t platform = { 0 };
	static const uint32_t version = KEY_VERSION;
	unsigned size = 0;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	if (!hash || hs_populate_platform(&platform) != HS_SUCCESS ||
		EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(hash);
		return false;
	}
	EVP_DigestUpdate(hash, &version, sizeof(version));
	EVP_DigestUpdate(hash, hs_version(), strlen(hs_version()));
	EVP_DigestUpdate(hash, &platform, sizeof(platform));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t head[2] = { patterns[i].bytes.len, patterns[i].nocase };
		EVP_DigestUpdate(hash, head, sizeof(head));
		EVP_DigestUpdate(hash, patterns[i].bytes.data, patterns[i].bytes.len);
	}
	bool good = EVP_DigestFinal_ex(hash, key, &size) == 1;
	EVP_MD_CTX_free(hash);
	return good;
}

static bool cache_load(struct pattern_db *db, struct pattern_cache *cache, const uint8_t *key)
{
	size_t at, len;
	uint8_t *bytes = pattern_cache_load(cache, key, &at, &len);
	db->cached = bytes && hs_deserialize_database((const char *)bytes + at, len, &db->database) == HS_SUCCESS;
	free(bytes);
	return db->cached;
}

static void cache_store(const struct pattern_db *db, struct pattern_cache *cache, const uint8_t *key)
{
	char *bytes = NULL;
	size_t size = 0;
	if (hs_serialize_database(db->database, &bytes, &size) == HS_SUCCESS)
		pattern_cache_store(cache, key, bytes, size);
	free(bytes);
}

// Fillers ----------------------------------------------------------------------------------------------------------------------------
// Beside the matcher we want, Hyperscan makes a state machine of all literals for buffers of a few dozen bytes, unless a trie of them has more
// than 8,000 nodes. Just below that it takes 150 MB for a moment, and what comes out is a megabyte of states that scans no faster. Literals that
// make the trie too large spare both; they share their last bytes, so that scanning looks for one literal more.

#define TRIE_NODES_MAX   8000
#define TRIE_NODES_CHEAP 1200 // fewer cost less than 10 MB
#define FILLER_BYTES     64
#define FILLERS_MAX      160

static int by_text(const void *left, const void *right)
{
	const struct pattern *const *a = left, *const *b = right;
	uint32_t len = (*a)->bytes.len < (*b)->bytes.len ? (*a)->bytes.len : (*b)->bytes.len;
	int order = (*a)->nocase - (*b)->nocase;
	if (order == 0)
		order = memcmp((*a)->bytes.data, (*b)->bytes.data, len);
	return order ? order : (*a)->bytes.len < (*b)->bytes.len ? -1 : (*a)->bytes.len > (*b)->bytes.len;
}

// Nodes of the tries with case and without: what each literal adds to the one before it in order.
static void count_nodes(const struct pattern **sorted, uint32_t count, uint32_t nodes[2])
{
	nodes[0] = nodes[1] = 1;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t same = 0;
		const struct pattern *before = i ? sorted[i - 1] : NULL, *now = sorted[i];
		while (before && before->nocase == now->nocase && same < before->bytes.len && same < now->bytes.len &&
			before->bytes.data[same] == now->bytes.data[same])
			same++;
		nodes[now->nocase] += now->bytes.len - same;
	}
}

// How many fillers patterns want.
static uint32_t fillers_wanted(const struct pattern *patterns, uint32_t count)
{
	uint32_t nodes[2];
	const struct pattern **sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		return 0;
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = &patterns[i];
	qsort(sorted, count, sizeof(*sorted), by_text);
	count_nodes(sorted, count, nodes);
	free(sorted);
	if (nodes[0] > TRIE_NODES_MAX || nodes[1] > TRIE_NODES_MAX || nodes[0] + nodes[1] < TRIE_NODES_CHEAP)
		return 0;
	return (TRIE_NODES_MAX - nodes[0]) / (FILLER_BYTES - 2) + 2;
}

static void filler_make(uint8_t filler[FILLER_BYTES], uint32_t number)
{
	static const uint8_t end[8] = { 0xf1, 0x07, 0xe9, 0x13, 0xd3, 0x1b, 0xc1, 0x25 };
	memset(filler, 0xfd, FILLER_BYTES);
	filler[0] = (uint8_t)(0x80 | number >> 7);
	filler[1] = (uint8_t)(0x80 | (number & 0x7f));
	memcpy(filler + FILLER_BYTES - sizeof(end), end, sizeof(end));
}

static bool compile(
	struct pattern_db *db, const struct pattern *patterns, uint32_t count, char *error, size_t error_size)
{
	uint32_t fillers = fillers_wanted(patterns, count), all;
	fillers = fillers < FILLERS_MAX ? fillers : FILLERS_MAX;
	all = count + fillers;
	uint8_t(*texts_of_fillers)[FILLER_BYTES] = calloc(fillers + 1, sizeof(*texts_of_fillers));
	const char **texts = calloc(all, sizeof(*texts));
	unsigned *flags = calloc(all, sizeof(*flags)), *ids = calloc(all, sizeof(*ids));
	size_t *lens = calloc(all, sizeof(*lens));
	hs_compile_error_t *reason = NULL;
	hs_error_t result = HS_NOMEM;
	if (texts && flags && ids && lens && texts_of_fillers) {
		for (uint32_t i = 0; i < all; i++) {
			bool filler = i >= count;
			if (filler)
				filler_make(texts_of_fillers[i - count], i - count);
			texts[i] = filler ? (const char *)texts_of_fillers[i - count]
					  : (const char *)patterns[i].bytes.data;
			lens[i] = filler ? FILLER_BYTES : patterns[i].bytes.len;
			flags[i] = HS_FLAG_SINGLEMATCH | (!filler && patterns[i].nocase ? HS_FLAG_CASELESS : 0);
			ids[i] = i;
		}
		result =
			hs_compile_lit_multi(texts, flags, ids, lens, all, HS_MODE_BLOCK, NULL, &db->database, &reason);
	}
	if (result != HS_SUCCESS)
		snprintf(error, error_size, "Hyperscan: %s", reason ? reason->message : "no memory");
	hs_free_compile_error(reason);
	free(texts_of_fillers);
	free(texts);
	free(flags);
	free(ids);
	free(lens);
	return result == HS_SUCCESS;
}

struct pattern_db *pattern_db_build(
	const struct pattern *patterns, uint32_t count, struct pattern_cache *cache, char *error, size_t error_size)
{
	uint8_t key[PATTERN_CACHE_KEY_BYTES];
	struct pattern_db *db = calloc(1, sizeof(*db));
	if (!db) {
		snprintf(error, error_size, "no memory");
		return NULL;
	}
	db->count = count;
	atomic_init(&db->holders, 1);
	bool cached = cache && cache_key(patterns, count, key);
	if (!cached || !cache_load(db, cache, key)) {
		if (!compile(db, patterns, count, error, error_size)) {
			free(db);
			return NULL;
		}
		if (cached)
			cache_store(db, cache, key);
	}
	hs_database_size(db->database, &db->bytes);
	return db;
}

struct pattern_db *pattern_db_share(struct pattern_db *db)
{
	atomic_fetch_add(&db->holders, 1);
	return db;
}

void pattern_db_free(struct pattern_db *db)
{
	if (!db || atomic_fetch_sub(&db->holders, 1) != 1)
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
	uint32_t count;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	const struct scan *scan = context;
	(void)from;
	(void)flags;
	if (id < scan->count)
		scan->hit(scan->context, id, (uint32_t)to);
	return 0;
}

void pattern_db_scan(
	const struct pattern_db *db, struct pattern_scratch *scratch, struct span data, pattern_hit *hit, void *context)
{
	struct scan scan = { hit, context, db->count };
	if (data.len == 0)
		return;
	hs_scan(db->database, (const char *)data.data, data.len, 0, scratch->scratch, on_match, &scan);
}
