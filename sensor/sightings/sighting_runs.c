// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of the sighting store: written, merged, forgotten.
#include "sensor/sightings/sighting_store_state.h"

#define LEVEL_BYTES  16384u // a run of the first level has at most; each level has RUNS_MERGED times the one below
#define FEWEST       3      // runs are worth a merge, where the budget allows no more
#define RUN_SHARE    16     // of the budget: no run grows beyond
#define SLICE_ROWS   20000  // of a merge
#define RUNS_MAX     256
#define LEVELS_MAX   16 // more than any budget has; a damaged file may say anything
#define SMALL_BLOCKS 2  // budget kept free, for what merging writes before it frees

// Writing -----------------------------------------------------------------------------------------------------------------------

static void bind_block(sqlite3_stmt *statement, int64_t first, const struct sighting_block_writer *block)
{
	sqlite3_bind_int64(statement, 1, first);
	sqlite3_bind_blob(statement, 2, block->low, block->low_len, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 3, block->low_host.bytes, sizeof(block->low_host.bytes), SQLITE_STATIC);
	sqlite3_bind_blob(statement, 4, block->data, (int)block->used, SQLITE_STATIC);
}

static void write_block(struct sighting_store *store)
{
	struct sighting_out *out = &store->out;
	bind_block(store->statements[DO_ADD_BLOCK], out->run, &out->block);
	sighting_store_run(store, DO_ADD_BLOCK);
	struct span hosts = host_filter_fold(&out->hosts);
	sqlite3_bind_int64(store->statements[DO_ADD_HOSTS], 1, sqlite3_last_insert_rowid(store->database));
	sqlite3_bind_blob(store->statements[DO_ADD_HOSTS], 2, hosts.data, (int)hosts.len, SQLITE_STATIC);
	sighting_store_run(store, DO_ADD_HOSTS);
	out->rows += out->block.rows;
	out->bytes += out->block.used;
	if (out->block.oldest_s < out->oldest_s)
		out->oldest_s = out->block.oldest_s;
	if (out->block.newest_s > out->newest_s)
		out->newest_s = out->block.newest_s;
	out->begun = false;
}

// run 0: a new one.
static void open_run(struct sighting_store *store, int64_t run)
{
	struct sighting_out *out = &store->out;
	if (!run) {
		sighting_store_run(store, DO_ADD_RUN);
		run = sqlite3_last_insert_rowid(store->database);
	}
	out->run = run;
	out->rows = out->bytes = out->newest_s = 0;
	out->oldest_s = INT64_MAX;
	out->begun = false;
}

void sighting_store_put(struct sighting_store *store, struct span key, const struct sighting_seen *seen)
{
	struct sighting_out *out = &store->out;
	if (store->fault != SIGHTING_GOOD)
		return; // commit tells
	if (!out->run)
		open_run(store, 0);
	bool put = out->begun && sighting_block_put(&out->block, key, seen);
	if (out->begun && !put)
		write_block(store);
	if (!put) {
		sighting_block_begin(&out->block, seen->last_s, SIGHTING_BLOCK_BYTES);
		host_filter_clear(&out->hosts);
		out->begun = put = sighting_block_put(&out->block, key, seen);
	}
	if (put)
		host_filter_add(&out->hosts, &seen->host);
}

void sighting_store_end_run(struct sighting_store *store)
{
	struct sighting_out *out = &store->out;
	if (!out->run)
		return;
	if (out->begun)
		write_block(store);
	sqlite3_stmt *statement = store->statements[DO_GROW_RUN];
	sqlite3_bind_int64(statement, 1, out->run);
	sqlite3_bind_int64(statement, 2, (int64_t)out->rows);
	sqlite3_bind_int64(statement, 3, (int64_t)out->bytes);
	sqlite3_bind_int64(statement, 4, (int64_t)out->oldest_s);
	sqlite3_bind_int64(statement, 5, (int64_t)out->newest_s);
	sighting_store_run(store, DO_GROW_RUN);
	out->run = 0;
}

static void run_with(struct sighting_store *store, enum sighting_statement which, int64_t number)
{
	sqlite3_bind_int64(store->statements[which], 1, number);
	sighting_store_run(store, which);
}

// Merging -----------------------------------------------------------------------------------------------------------------------

struct run {
	int64_t id;
	uint64_t bytes;
};

static unsigned level_of(uint64_t bytes)
{
	unsigned level = 0;
	for (uint64_t most = LEVEL_BYTES; bytes > most && level < LEVELS_MAX; most *= RUNS_MERGED)
		level++;
	return level;
}

// The smallest of a level's runs, which lie together, as many as may become one.
static bool choose_of(struct sighting_merging *merging, const struct run *runs, unsigned count, uint64_t most_bytes)
{
	uint64_t bytes = 0;
	merging->count = 0;
	if (count < RUNS_MERGED)
		return false;
	while (merging->count < RUNS_MERGED && bytes + runs[merging->count].bytes <= most_bytes) {
		bytes += runs[merging->count].bytes;
		merging->from[merging->count] = runs[merging->count].id;
		merging->count++;
	}
	if (merging->count < FEWEST)
		merging->count = 0;
	return merging->count;
}

// What is to be merged next: a run that holds what is too old, alone; or runs of like size.
static bool choose(struct sighting_store *store, uint64_t aged_s)
{
	struct sighting_merging *merging = &store->merging;
	struct run runs[RUNS_MAX];
	unsigned count = 0, end;
	int64_t aged = 0;
	sqlite3_stmt *statement = store->statements[DO_RUNS];
	while (count < RUNS_MAX && sighting_store_step(store, DO_RUNS)) {
		runs[count++] = (struct run) { sqlite3_column_int64(statement, 0),
			(uint64_t)sqlite3_column_int64(statement, 1) };
		if ((uint64_t)sqlite3_column_int64(statement, 2) < aged_s)
			aged = runs[count - 1].id;
	}
	sqlite3_reset(statement);
	merging->into = 0;
	merging->count = aged != 0;
	merging->from[0] = aged;
	for (unsigned i = 0; i < count && !merging->count; i = end) {
		for (end = i; end < count && level_of(runs[end].bytes) == level_of(runs[i].bytes);)
			end++;
		choose_of(merging, &runs[i], end - i, store->max_bytes / RUN_SHARE);
	}
	return merging->count;
}

static void drop_block(void *context, int64_t block)
{
	run_with(context, DO_DROP_BLOCK, block);
}

// Blocks that a slice stopped in stay with their run, as what is left of them; so does what says whose rows they may have.
static void keep_rests(struct sighting_store *store)
{
	int64_t block;
	while (sighting_scan_rest(store->scan, &store->rest, &block)) {
		bind_block(store->statements[DO_CHANGE_BLOCK], block, &store->rest);
		sighting_store_run(store, DO_CHANGE_BLOCK);
	}
}

static void end_merge(struct sighting_store *store)
{
	struct sighting_merging *merging = &store->merging;
	for (unsigned i = 0; i < merging->count; i++)
		run_with(store, DO_DROP_RUN, merging->from[i]);
	run_with(store, DO_DROP_EMPTY_RUN, merging->into); // all was too old
	merging->count = 0;
}

static void merge_slice(struct sighting_store *store, uint64_t oldest_s, uint64_t *removed)
{
	struct sighting_merging *merging = &store->merging;
	const struct sighting_scan_range all = { .runs = merging->from, .count = merging->count };
	struct sighting_seen seen;
	struct span key;
	bool more = true;
	open_run(store, merging->into);
	merging->into = store->out.run;
	sighting_scan_tell_done(store->scan, drop_block, store);
	sighting_store_note(store, sighting_scan_seek(store->scan, &all));
	for (unsigned rows = 0; rows < SLICE_ROWS && more && store->fault == SIGHTING_GOOD; rows++) {
		more = sighting_scan_next(store->scan, &key, &seen);
		if (more && seen.last_s >= oldest_s)
			sighting_store_put(store, key, &seen);
		*removed += more && seen.last_s < oldest_s;
	}
	sighting_store_end_run(store);
	if (more)
		keep_rests(store);
	sighting_store_note(store, sighting_scan_code(store->scan));
	if (!more)
		end_merge(store);
}

bool sighting_store_merge(
	struct sighting_store *store, uint64_t oldest_s, uint64_t aged_s, uint64_t *removed, enum sighting_fault *fault)
{
	uint64_t forgotten = 0;
	*fault = SIGHTING_GOOD;
	if (!store->merging.count && !choose(store, aged_s))
		return false;
	sighting_store_begin(store);
	merge_slice(store, oldest_s, &forgotten);
	*fault = sighting_store_commit(store);
	if (*fault == SIGHTING_GOOD)
		*removed += forgotten;
	else
		store->merging.count = 0; // what was moved already is good; the rest is chosen again
	return *fault == SIGHTING_GOOD;
}

// Forgetting --------------------------------------------------------------------------------------------------------------------

uint64_t sighting_store_bytes(struct sighting_store *store)
{
	return (uint64_t)(sighting_store_ask(store, DO_PAGES) - sighting_store_ask(store, DO_FREE_PAGES)) *
	       SIGHTINGS_PAGE;
}

// The run in which nothing was seen for the longest time, where that is before oldest_s. False: there is none.
static bool drop_oldest(struct sighting_store *store, uint64_t oldest_s, uint64_t *rows)
{
	sqlite3_stmt *statement = store->statements[DO_OLDEST_RUN];
	bool found = sighting_store_step(store, DO_OLDEST_RUN);
	int64_t run = found ? sqlite3_column_int64(statement, 0) : 0;
	uint64_t count = found ? (uint64_t)sqlite3_column_int64(statement, 1) : 0;
	bool old = found && (uint64_t)sqlite3_column_int64(statement, 2) < oldest_s;
	sqlite3_reset(statement);
	if (!old || store->fault != SIGHTING_GOOD)
		return false;
	run_with(store, DO_DROP_BLOCKS, run);
	run_with(store, DO_DROP_RUN, run);
	store->merging.count = 0; // it may be one of those
	*rows += count;
	return store->fault == SIGHTING_GOOD;
}

uint64_t sighting_store_trim(
	struct sighting_store *store, uint64_t oldest_s, uint64_t room_bytes, enum sighting_fault *fault)
{
	uint64_t removed = 0, most = store->max_bytes - SMALL_BLOCKS * SIGHTING_BLOCK_MAX;
	sighting_store_begin(store);
	while (drop_oldest(store, oldest_s, &removed)) {
	}
	while (store->fault == SIGHTING_GOOD && sighting_store_bytes(store) + room_bytes > most &&
		drop_oldest(store, UINT64_MAX, &removed)) {
	}
	run_with(store, DO_EXPIRE_TOLD, (int64_t)oldest_s);
	*fault = sighting_store_commit(store);
	if (*fault != SIGHTING_GOOD)
		return 0;
	// Free pages are written again; a file that is mostly free is made smaller
	if (sighting_store_ask(store, DO_FREE_PAGES) > sighting_store_ask(store, DO_PAGES) / 2)
		sighting_store_run(store, DO_VACUUM);
	return removed;
}
