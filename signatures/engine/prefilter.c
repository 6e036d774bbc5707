// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/prefilter.h"
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

#define COMPILE_THREADS_MAX 8
#define LARGE_PATTERNS      150 // compiling more takes so much memory for a while that it is done one at a time

struct literal {
	struct span bytes;
	bool nocase;
	struct pattern_user user;
};

static int compare_text(const struct literal *a, const struct literal *b)
{
	if (a->nocase != b->nocase)
		return a->nocase ? 1 : -1;
	if (a->bytes.len != b->bytes.len)
		return a->bytes.len < b->bytes.len ? -1 : 1;
	return memcmp(a->bytes.data, b->bytes.data, a->bytes.len);
}

static int compare_literals(const void *left, const void *right)
{
	const struct literal *a = left, *b = right;
	int order = compare_text(a, b);
	return order ? order : a->user.rule < b->user.rule ? -1 : a->user.rule > b->user.rule;
}

// The database of these patterns: one that is there already, or a new one to compile. UINT32_MAX: no memory.
static uint32_t database_of(
	struct prefilter_store *store, const struct literal *literals, const uint32_t *firsts, uint32_t count)
{
	XXH3_state_t *state = XXH3_createState();
	if (!state)
		return UINT32_MAX;
	XXH3_128bits_reset(state);
	for (uint32_t i = 0; i < count; i++) {
		const struct literal *literal = &literals[firsts[i]];
		uint32_t head[2] = { literal->bytes.len, literal->nocase };
		XXH3_128bits_update(state, head, sizeof(head));
		XXH3_128bits_update(state, literal->bytes.data, literal->bytes.len);
	}
	XXH128_hash_t hash = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	for (uint32_t i = 0; i < store->count; i++)
		if (store->databases[i].hash[0] == hash.low64 && store->databases[i].hash[1] == hash.high64 &&
			store->databases[i].count == count)
			return i;
	struct prefilter_database *grown = realloc(store->databases, (store->count + 1) * sizeof(*grown));
	if (!grown)
		return UINT32_MAX;
	store->databases = grown;
	struct prefilter_database *database = &grown[store->count];
	*database = (struct prefilter_database) {
		.hash = { hash.low64, hash.high64 }, .count = count, .patterns = calloc(count, sizeof(struct pattern))
	};
	if (!database->patterns)
		return UINT32_MAX;
	for (uint32_t i = 0; i < count; i++)
		database->patterns[i] = (struct pattern) { literals[firsts[i]].bytes, literals[firsts[i]].nocase };
	store->patterns += count;
	return store->count++;
}

static bool fill(struct prefilter *prefilter, struct prefilter_store *store, struct region *region,
	struct literal *literals, uint32_t count)
{
	uint32_t *firsts = calloc(count + 1, sizeof(*firsts));
	uint32_t patterns = 0;
	if (!firsts)
		return false;
	qsort(literals, count, sizeof(*literals), compare_literals);
	for (uint32_t i = 0; i < count; i++)
		if (i == 0 || compare_text(&literals[i - 1], &literals[i]) != 0)
			firsts[patterns++] = i;
	firsts[patterns] = count;
	prefilter->database = database_of(store, literals, firsts, patterns);
	prefilter->starts = region_copy(region, firsts, (patterns + 1) * sizeof(*firsts));
	prefilter->users = region_take(region, count * sizeof(*prefilter->users));
	prefilter->min_len = UINT32_MAX;
	bool bounded = true;
	for (uint32_t i = 0; prefilter->users && i < count; i++) {
		const struct literal *literal = &literals[i];
		prefilter->users[i] = literal->user;
		prefilter->min_len = literal->bytes.len < prefilter->min_len ? literal->bytes.len : prefilter->min_len;
		prefilter->max_end =
			literal->user.max_end > prefilter->max_end ? literal->user.max_end : prefilter->max_end;
		bounded &= literal->user.max_end != 0;
	}
	prefilter->max_end = bounded ? prefilter->max_end : 0;
	free(firsts);
	return prefilter->database != UINT32_MAX && !region->failed;
}

struct prefilter *prefilter_add(struct prefilter_store *store, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count)
{
	struct prefilter *prefilter = region_take(region, sizeof(*prefilter));
	struct literal *literals = calloc(count, sizeof(*literals));
	bool good = prefilter && literals;
	for (uint32_t i = 0; good && i < count; i++) {
		const struct plan *plan = &plans->plans[rules[i]];
		literals[i] = (struct literal) { plan->pattern.bytes, plan->pattern.nocase,
			{ rules[i], plan->pattern.max_end } };
	}
	good = good && fill(prefilter, store, region, literals, count);
	free(literals);
	return good ? prefilter : NULL;
}

struct compile_job {
	struct prefilter_store *store;
	struct pattern_cache *cache;
	const uint32_t *order; // databases to make, the largest first
	uint32_t count;
	atomic_uint claimed, from_small;
	atomic_bool failed;
	char error[256];
};

static void compile_one(struct compile_job *job, struct prefilter_database *database)
{
	char error[256];
	database->db = pattern_db_build(database->patterns, database->count, job->cache, error, sizeof(error));
	if (!database->db && !atomic_exchange(&job->failed, true))
		snprintf(job->error, sizeof(job->error), "%s", error);
	free(database->patterns);
	database->patterns = NULL;
}

// Helpers work up from the smallest, the caller's thread down from the largest: the memory that the large ones take while they are compiled is then
// not taken several times at once. Claims are counted first, so that the two never meet in one database.
static void *compile_small(void *argument)
{
	struct compile_job *job = argument;
	while (atomic_fetch_add(&job->claimed, 1) < job->count && !atomic_load(&job->failed)) {
		uint32_t at = job->count - 1 - atomic_fetch_add(&job->from_small, 1);
		compile_one(job, &job->store->databases[job->order[at]]);
	}
	return NULL;
}

static void compile_large(struct compile_job *job)
{
	for (uint32_t at = 0; atomic_fetch_add(&job->claimed, 1) < job->count && !atomic_load(&job->failed); at++) {
		compile_one(job, &job->store->databases[job->order[at]]);
		if (job->store->databases[job->order[at]].count >= LARGE_PATTERNS)
			malloc_trim(0);
	}
}

static const struct prefilter_database *find_same(
	const struct prefilter_store *store, const struct prefilter_database *wanted)
{
	for (uint32_t i = 0; store && i < store->count; i++)
		if (store->databases[i].hash[0] == wanted->hash[0] && store->databases[i].hash[1] == wanted->hash[1] &&
			store->databases[i].count == wanted->count)
			return &store->databases[i];
	return NULL;
}

static int larger_first(const void *left, const void *right, void *context)
{
	const struct prefilter_store *store = context;
	uint32_t a = store->databases[*(const uint32_t *)left].count,
		 b = store->databases[*(const uint32_t *)right].count;
	return a > b ? -1 : a < b;
}

// lean: one after the other; packets are being handled meanwhile, by rules that are in memory too.
static bool compile_all(struct compile_job *job, bool lean, char *error, size_t size)
{
	pthread_t threads[COMPILE_THREADS_MAX];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned wanted = cpus < 1 ? 1 : cpus > COMPILE_THREADS_MAX ? COMPILE_THREADS_MAX : (unsigned)cpus, started = 0;
	while (!lean && job->count > 2 && started + 1 < wanted &&
		pthread_create(&threads[started], NULL, compile_small, job) == 0)
		started++;
	compile_large(job);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (atomic_load(&job->failed))
		snprintf(error, size, "%s", job->error);
	return !atomic_load(&job->failed);
}

bool prefilter_compile(struct prefilter_store *store, const struct prefilter_store *like, struct pattern_cache *cache,
	char *error, size_t size)
{
	uint32_t *order = calloc(store->count + 1, sizeof(*order));
	struct compile_job job = { .store = store, .cache = cache, .order = order };
	if (!order) {
		snprintf(error, size, "no memory");
		return false;
	}
	for (uint32_t i = 0; i < store->count; i++) {
		struct prefilter_database *database = &store->databases[i];
		const struct prefilter_database *same = find_same(like, database);
		if (!same) {
			order[job.count++] = i;
			continue;
		}
		database->db = pattern_db_share(same->db);
		free(database->patterns);
		database->patterns = NULL;
		store->shared++;
	}
	if (like)
		malloc_trim(0); // what choosing them took, before compiling takes more
	qsort_r(order, job.count, sizeof(*order), larger_first, store);
	bool good = compile_all(&job, like != NULL, error, size);
	for (uint32_t i = 0; good && i < job.count; i++)
		store->cached += pattern_db_was_cached(store->databases[order[i]].db);
	free(order);
	malloc_trim(0);
	return good;
}

void prefilter_store_free(struct prefilter_store *store)
{
	for (uint32_t i = 0; i < store->count; i++) {
		pattern_db_free(store->databases[i].db);
		free(store->databases[i].patterns);
	}
	free(store->databases);
	*store = (struct prefilter_store) { 0 };
}

static int compare_numbers(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return a < b ? -1 : a > b;
}

void candidates_sort(struct candidates *candidates)
{
	if (candidates->count > 32) {
		qsort(candidates->list, candidates->count, sizeof(*candidates->list), compare_numbers);
		return;
	}
	for (uint32_t i = 1; i < candidates->count; i++) {
		uint32_t rule = candidates->list[i], at = i;
		for (; at > 0 && candidates->list[at - 1] > rule; at--)
			candidates->list[at] = candidates->list[at - 1];
		candidates->list[at] = rule;
	}
}

struct scanning {
	const struct prefilter *prefilter;
	struct candidates *candidates;
	uint64_t base;
};

static void on_hit(void *context, uint32_t number, uint32_t end)
{
	const struct scanning *scanning = context;
	const struct prefilter *prefilter = scanning->prefilter;
	for (uint32_t i = prefilter->starts[number]; i < prefilter->starts[number + 1]; i++)
		if (prefilter->users[i].max_end == 0 || scanning->base + end <= prefilter->users[i].max_end)
			candidates_add(scanning->candidates, prefilter->users[i].rule);
}

void prefilter_scan(const struct prefilter_store *store, const struct prefilter *prefilter,
	struct pattern_scratch *scratch, struct span data, uint64_t base, struct candidates *candidates)
{
	struct scanning scanning = { prefilter, candidates, base };
	pattern_db_scan(store->databases[prefilter->database].db, scratch, data, on_hit, &scanning);
}
