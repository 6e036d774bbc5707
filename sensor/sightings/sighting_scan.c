// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_scan.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/sightings/host_filter.h"

// X(constant, text)
#define STATEMENTS(X)                                                                                               \
	X(RUNS, "SELECT id FROM run WHERE newest>=?1")                                                              \
	X(AT, "SELECT id, low, host, data FROM block WHERE run=?1 AND low<?2 ORDER BY low DESC, host DESC LIMIT 1") \
	X(NEXT, "SELECT id, low, host, data FROM block WHERE run=?1 AND (low, host)>(?2, ?3)"                       \
		" ORDER BY low, host LIMIT 1")                                                                      \
	/* the same with what says whose rows a block has; not in a database of the version before */               \
	X(HOSTS, "SELECT block.id, block.low, block.host, hosts.bits FROM block LEFT JOIN hosts ON "                \
		 "hosts.block=block.id"                                                                             \
		 " WHERE run=?1 AND (low, host)>(?2, ?3) ORDER BY low, host")                                       \
	X(DATA, "SELECT id, low, host, data FROM block WHERE id=?1")
#define STATEMENT_CONSTANT(constant, text) DO_##constant,
#define STATEMENT_TEXT(constant, text)     [DO_##constant] = text,
enum statement { STATEMENTS(STATEMENT_CONSTANT) STATEMENTS_END };
static const char *const statement_texts[STATEMENTS_END] = { STATEMENTS(STATEMENT_TEXT) };

// A run, with the block at hand and the row of it that comes next.
struct source {
	int64_t run, block; // block 0: none yet
	struct sighting_block_reader reader;
	struct sighting_seen seen;
	uint16_t low_len;
	uint8_t low[SIGHTING_KEY_MAX]; // of the block, with host: where it lies
	uint8_t host[16];
	uint8_t data[SIGHTING_BLOCK_MAX];
};

struct sighting_scan {
	sqlite3 *database;
	sqlite3_stmt *statements[STATEMENTS_END];
	struct source **sources; // made once
	uint32_t *heap;          // indices of sources that have a row, the least first
	uint32_t room, used;
	int code;
	uint16_t key_len, high_len;
	uint8_t key[SIGHTING_KEY_MAX], high[SIGHTING_KEY_MAX + 1];
	struct address host;
	unsigned host_bits; // 0: all hosts
	sighting_scan_done *done;
	void *context;
};

struct sighting_scan *sighting_scan_new(struct sqlite3 *database)
{
	struct sighting_scan *scan = calloc(1, sizeof(*scan));
	if (!scan)
		return NULL;
	scan->database = database;
	for (int i = 0; i < STATEMENTS_END; i++) {
		int code = sqlite3_prepare_v3(
			database, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT, &scan->statements[i], NULL);
		if (code == SQLITE_OK || (code == SQLITE_ERROR && i == DO_HOSTS))
			continue;
		sighting_scan_free(scan);
		return NULL;
	}
	return scan;
}

void sighting_scan_free(struct sighting_scan *scan)
{
	if (!scan)
		return;
	for (int i = 0; i < STATEMENTS_END; i++)
		sqlite3_finalize(scan->statements[i]);
	for (uint32_t i = 0; i < scan->room; i++)
		free(scan->sources[i]);
	free(scan->sources);
	free(scan->heap);
	free(scan);
}

int sighting_scan_code(const struct sighting_scan *scan)
{
	return scan->code;
}

void sighting_scan_tell_done(struct sighting_scan *scan, sighting_scan_done *done, void *context)
{
	scan->done = done;
	scan->context = context;
}

// Blocks ------------------------------------------------------------------------------------------------------------------------

// A column's bytes, if they are at most size. Their number; -1: too many.
static int copy_column(sqlite3_stmt *row, int column, void *out, int size)
{
	const void *blob = sqlite3_column_blob(row, column);
	int len = sqlite3_column_bytes(row, column);
	if (len > size)
		return -1;
	if (len)
		memcpy(out, blob, (size_t)len);
	return len;
}

// The block a bound statement finds. False: there is none, or a fault.
static bool fetch(struct sighting_scan *scan, struct source *source, enum statement which)
{
	sqlite3_stmt *statement = scan->statements[which];
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	if (found) {
		int low = copy_column(statement, 1, source->low, sizeof(source->low));
		int host = copy_column(statement, 2, source->host, sizeof(source->host));
		int data = copy_column(statement, 3, source->data, sizeof(source->data));
		source->block = sqlite3_column_int64(statement, 0);
		source->low_len = (uint16_t)(low > 0 ? low : 0);
		if (low < 1 || host != sizeof(source->host) || data < 1 ||
			!sighting_block_open(&source->reader, span_of(source->data, (size_t)data))) {
			scan->code = SQLITE_CORRUPT;
			found = false;
		}
	} else if (code != SQLITE_DONE) {
		scan->code = code;
	}
	sqlite3_reset(statement);
	return found;
}

static void bind_after(const struct source *source, sqlite3_stmt *statement)
{
	int host_len = source->block ? (int)sizeof(source->host) : 0;
	sqlite3_bind_int64(statement, 1, source->run);
	sqlite3_bind_blob(statement, 2, source->low, source->block ? source->low_len : 0, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 3, source->host, host_len, SQLITE_STATIC);
}

static bool is_in_range(const struct sighting_scan *scan, struct span key)
{
	return !scan->high_len || sighting_key_compare(key, span_of(scan->high, scan->high_len)) < 0;
}

static struct span column_of(sqlite3_stmt *row, int column)
{
	const void *blob = sqlite3_column_blob(row, column);
	return span_of(blob, blob ? (size_t)sqlite3_column_bytes(row, column) : 0);
}

// The next block that may have rows of the host: the others are not read.
static bool fetch_next_of_host(struct sighting_scan *scan, struct source *source)
{
	sqlite3_stmt *statement = scan->statements[DO_HOSTS];
	int64_t block = 0;
	int code;
	bind_after(source, statement);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW && is_in_range(scan, column_of(statement, 1)))
		if (host_filter_may_have(column_of(statement, 3), &scan->host)) {
			block = sqlite3_column_int64(statement, 0);
			break;
		}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		scan->code = code;
	sqlite3_reset(statement);
	sqlite3_bind_int64(scan->statements[DO_DATA], 1, block);
	return block && fetch(scan, source, DO_DATA);
}

static bool fetch_next(struct sighting_scan *scan, struct source *source)
{
	if (scan->host_bits == 128 && scan->statements[DO_HOSTS])
		return fetch_next_of_host(scan, source);
	bind_after(source, scan->statements[DO_NEXT]);
	return fetch(scan, source, DO_NEXT);
}

static struct span key_of(const struct source *source)
{
	return span_of(source->reader.key, source->reader.key_len);
}

// The next row of a run. False: it has no more in the range, or a fault.
static bool advance(struct sighting_scan *scan, struct source *source)
{
	for (;;) {
		enum sighting_block_row row = SIGHTING_ROWS_END;
		if (source->block)
			row = sighting_block_next(&source->reader, &source->seen);
		if (row == SIGHTING_ROW_DAMAGED)
			scan->code = SQLITE_CORRUPT;
		if (row == SIGHTING_ROW && !is_in_range(scan, key_of(source)))
			return false;
		if (row == SIGHTING_ROW && address_in(&source->seen.host, &scan->host, scan->host_bits))
			return true;
		if (source->block && row == SIGHTING_ROWS_END && scan->done)
			scan->done(scan->context, source->block);
		if (row == SIGHTING_ROW_DAMAGED || (row == SIGHTING_ROWS_END && !fetch_next(scan, source)))
			return false;
	}
}

// To the first row that is not before low: in the last block that begins before it, or after that.
static bool begin(struct sighting_scan *scan, struct source *source, struct span low)
{
	source->block = 0;
	if (low.len) {
		sqlite3_bind_int64(scan->statements[DO_AT], 1, source->run);
		sqlite3_bind_blob(scan->statements[DO_AT], 2, low.data, (int)low.len, SQLITE_STATIC);
		(void)fetch(scan, source, DO_AT);
	}
	while (!scan->code && advance(scan, source))
		if (sighting_key_compare(key_of(source), low) >= 0)
			return true;
	return false;
}

// The heap ----------------------------------------------------------------------------------------------------------------------

static int compare(const struct source *a, const struct source *b)
{
	int order = sighting_key_compare(key_of(a), key_of(b));
	if (order == 0)
		order = address_compare(&a->seen.host, &b->seen.host);
	if (order)
		return order;
	return a->seen.last_s > b->seen.last_s ? -1 : a->seen.last_s < b->seen.last_s; // whose flows are kept
}

static struct source *at_heap(const struct sighting_scan *scan, uint32_t place)
{
	return scan->sources[scan->heap[place]];
}

static void sift(struct sighting_scan *scan, uint32_t place)
{
	for (uint32_t child; (child = 2 * place + 1) < scan->used; place = child) {
		if (child + 1 < scan->used && compare(at_heap(scan, child + 1), at_heap(scan, child)) < 0)
			child++;
		if (compare(at_heap(scan, place), at_heap(scan, child)) <= 0)
			return;
		uint32_t index = scan->heap[place];
		scan->heap[place] = scan->heap[child];
		scan->heap[child] = index;
	}
}

// The first source gives its next row, or is done.
static void pass(struct sighting_scan *scan)
{
	if (!advance(scan, at_heap(scan, 0)))
		scan->heap[0] = scan->heap[--scan->used];
	sift(scan, 0);
}

// A run more to read from.
static struct source *make_source(struct sighting_scan *scan, uint32_t index)
{
	if (index < scan->room)
		return scan->sources[index];
	struct source **sources = realloc(scan->sources, (index + 1) * sizeof(*sources));
	if (sources)
		scan->sources = sources;
	uint32_t *heap = realloc(scan->heap, (index + 1) * sizeof(*heap));
	if (heap)
		scan->heap = heap;
	if (!sources || !heap || !(sources[index] = malloc(sizeof(**sources)))) {
		scan->code = SQLITE_NOMEM;
		return NULL;
	}
	scan->room = index + 1;
	return sources[index];
}

static void add_run(struct sighting_scan *scan, uint32_t *count, int64_t run)
{
	struct source *source = scan->code ? NULL : make_source(scan, *count);
	if (!source)
		return;
	source->run = run;
	++*count;
}

int sighting_scan_seek(struct sighting_scan *scan, const struct sighting_scan_range *range)
{
	sqlite3_stmt *statement = scan->statements[DO_RUNS];
	uint32_t count = 0;
	int code = SQLITE_DONE;
	scan->code = SQLITE_OK;
	scan->used = 0;
	scan->host = range->host;
	scan->host_bits = range->host_bits;
	scan->high_len = (uint16_t)(range->high.len < sizeof(scan->high) ? range->high.len : sizeof(scan->high));
	if (scan->high_len)
		memcpy(scan->high, range->high.data, scan->high_len);
	for (unsigned i = 0; range->runs && i < range->count; i++)
		add_run(scan, &count, range->runs[i]);
	if (!range->runs) {
		sqlite3_bind_int64(statement, 1, (int64_t)range->newest_s);
		while ((code = sqlite3_step(statement)) == SQLITE_ROW)
			add_run(scan, &count, sqlite3_column_int64(statement, 0));
		sqlite3_reset(statement);
	}
	if (code != SQLITE_DONE)
		scan->code = code;
	for (uint32_t i = 0; i < count && !scan->code; i++)
		if (begin(scan, scan->sources[i], range->low))
			scan->heap[scan->used++] = i;
	for (uint32_t place = scan->used / 2; place-- > 0;)
		sift(scan, place);
	return scan->code;
}

bool sighting_scan_next(struct sighting_scan *scan, struct span *key, struct sighting_seen *seen)
{
	if (!scan->used || scan->code)
		return false;
	const struct source *first = at_heap(scan, 0);
	scan->key_len = first->reader.key_len;
	memcpy(scan->key, first->reader.key, scan->key_len);
	*key = span_of(scan->key, scan->key_len);
	*seen = first->seen;
	pass(scan);
	while (scan->used && !scan->code) {
		first = at_heap(scan, 0);
		if (!address_equal(&first->seen.host, &seen->host) || !span_equal(key_of(first), *key))
			break;
		sighting_seen_join(seen, &first->seen);
		pass(scan);
	}
	return !scan->code;
}

bool sighting_scan_rest(struct sighting_scan *scan, struct sighting_block_writer *writer, int64_t *block)
{
	if (!scan->used || scan->code)
		return false;
	struct source *source = at_heap(scan, --scan->used); // the order is of no use any more
	enum sighting_block_row row = SIGHTING_ROW;
	sighting_block_begin(writer, source->reader.base_s, SIGHTING_BLOCK_MAX);
	for (; row == SIGHTING_ROW; row = sighting_block_next(&source->reader, &source->seen))
		if (!sighting_block_put(writer, key_of(source), &source->seen))
			row = SIGHTING_ROW_DAMAGED;
	if (row == SIGHTING_ROW_DAMAGED)
		scan->code = SQLITE_CORRUPT;
	*block = source->block;
	return !scan->code;
}
