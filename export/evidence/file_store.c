// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evidence/file_store.h"
#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "export/evidence/file_shelf.h"

#define IDLE_MIN_NS 100000
#define IDLE_MAX_NS 5000000
#define BATCH       64

#define AT(member) offsetof(struct file_store_config, member)

static const struct option_choice policies[] = { { "oldest", SHELF_OLDEST }, { "refuse", SHELF_REFUSE }, { 0 } };

const struct option file_store_options[] = {
	{ "outputs.file-store.enabled", OPTION_BOOL, AT(enabled), "no", 0, 0, NULL, CHANGE_RESTART,
		"store the files that rules with filestore choose, by their SHA-256" },
	{ "outputs.file-store.version", OPTION_UINT, AT(version), "2", 2, 2, NULL, CHANGE_RESTART,
		"layout of the folder" },
	{ "outputs.file-store.dir", OPTION_STRING, AT(directory), "filestore", 0, 0, NULL, CHANGE_RESTART,
		"the folder; in that of -l when it has no path of its own" },
	{ "outputs.file-store.force-filestore", OPTION_BOOL, AT(force), "no", 0, 0, NULL, CHANGE_RESTART,
		"store every file, whatever rules choose" },
	{ "outputs.file-store.write-fileinfo", OPTION_BOOL, AT(write_info), "no", 0, 0, NULL, CHANGE_RESTART,
		"write the fileinfo event of a stored file beside it, as SHA256.SECONDS.ID.json" },
	{ "outputs.file-store.stream-depth", OPTION_SIZE, AT(depth), "1 MiB", 0, 0, NULL, CHANGE_RESTART,
		"bytes of a stream that are reassembled when a file in it is to be stored; 0 is without end, less than "
		"stream.reassembly.depth has no effect" },
	{ "outputs.file-store.budget", OPTION_SIZE, AT(budget), "4 GiB", 1 << 20, 0, NULL, CHANGE_RESTART,
		"bytes of disk the folder may take" },
	{ "outputs.file-store.when-full", OPTION_CHOICE, AT(policy), "oldest", 0, 0, policies, CHANGE_RESTART,
		"what gives way over the budget: oldest (what was not seen for longest is removed) or refuse (nothing "
		"more is stored)" },
	{ "outputs.file-store.queue", OPTION_SIZE, AT(queue), "16 MiB", 1 << 20, UINT64_C(1) << 32, NULL,
		CHANGE_RESTART, "bytes a worker may be ahead of the disk; files over it are not stored, and counted" },
	{ "outputs.file-store.max-open-files", OPTION_UINT, AT(open_max), "512", 1, FILE_STORE_OPEN_MAX, NULL,
		CHANGE_RESTART,
		"files of a worker that are followed at once (64 KiB each); more are not stored, and counted" },
	{ 0 },
};

// A file that grows. Its first bytes stay in memory: most files never chosen do not touch the disk.
struct growing {
	uint8_t *buffer; // FILE_STORE_BUFFER_BYTES; NULL: nothing came yet
	uint32_t used;
	bool lost; // over the budget, or failed: what else comes is passed over
};

struct file_store {
	struct file_store_config config;
	char directory[PATH_MAX];
	struct file_shelf *shelf;
	struct record_ring *const *rings;
	unsigned ring_count;
	struct growing *growing; // open_max a ring
	_Atomic uint64_t next_id;
	atomic_bool full;
	_Atomic uint64_t stored, known, evicted, over_budget, failed, files, bytes;
	pthread_t thread;
	bool started;
};

struct file_store *file_store_open(const struct file_store_config *config, const char *log_directory)
{
	struct file_store *store = calloc(1, sizeof(*store));
	if (!store) {
		log_error("file store: out of memory");
		return NULL;
	}
	store->config = *config;
	const char *dir = config->directory ? config->directory : "filestore";
	snprintf(store->directory, sizeof(store->directory), "%s%s%s",
		*dir == '/' ? "" : (log_directory ? log_directory : "."), *dir == '/' ? "" : "/", dir);
	store->shelf = file_shelf_open(store->directory, config->budget, (enum shelf_policy)config->policy);
	if (store->shelf)
		return store;
	free(store);
	return NULL;
}

static void count_result(struct file_store *store, enum shelf_result result)
{
	switch (result) {
	case SHELF_OK: store->stored++; break;
	case SHELF_KNOWN: store->known++; break;
	case SHELF_OVER_BUDGET: store->over_budget++; break;
	case SHELF_FAILED: store->failed++; break;
	}
}

static void publish_state(struct file_store *store)
{
	struct shelf_state state;
	file_shelf_state(store->shelf, &state);
	store->full = state.full;
	store->files = state.files;
	store->bytes = state.bytes;
	store->evicted = state.evicted;
}

static void lose(struct file_store *store, struct growing *growing, enum shelf_result result)
{
	growing->lost = true;
	growing->used = 0;
	count_result(store, result);
}

static void spill(struct file_store *store, struct growing *growing, uint32_t number)
{
	enum shelf_result result = file_shelf_append(store->shelf, number, span_of(growing->buffer, growing->used));
	growing->used = 0;
	if (result != SHELF_OK)
		lose(store, growing, result);
}

static void take_data(struct file_store *store, struct growing *growing, uint32_t number, struct span data)
{
	if (!growing->lost && !growing->buffer && !(growing->buffer = malloc(FILE_STORE_BUFFER_BYTES)))
		lose(store, growing, SHELF_FAILED);
	while (data.len && !growing->lost) {
		if (growing->used == FILE_STORE_BUFFER_BYTES)
			spill(store, growing, number);
		uint32_t room = FILE_STORE_BUFFER_BYTES - growing->used, part = data.len < room ? data.len : room;
		memcpy(growing->buffer + growing->used, data.data, part);
		growing->used += part;
		data = span_from(data, part);
	}
}

static void forget(struct growing *growing)
{
	free(growing->buffer);
	*growing = (struct growing) { 0 };
}

static void keep(struct file_store *store, struct growing *growing, uint32_t number, const uint8_t *sha256)
{
	if (!growing->lost && file_shelf_touch(store->shelf, sha256)) {
		file_shelf_discard(store->shelf, number);
		count_result(store, SHELF_KNOWN);
	} else {
		if (!growing->lost)
			spill(store, growing, number);
		if (!growing->lost)
			count_result(store, file_shelf_put(store->shelf, number, sha256));
	}
	forget(growing);
}

static void handle(struct file_store *store, unsigned ring, const struct record *record)
{
	struct file_store_message message;
	assert(record->line_len >= sizeof(message));
	memcpy(&message, record->line, sizeof(message));
	struct span rest =
		span_of((const uint8_t *)record->line + sizeof(message), record->line_len - (uint32_t)sizeof(message));
	assert(message.file <= store->config.open_max);
	uint32_t number = ring * (uint32_t)(store->config.open_max + 1) + message.file;
	struct growing *growing = &store->growing[number];
	switch ((enum file_store_kind)message.kind) {
	case FILE_STORE_DATA: take_data(store, growing, number, rest); return;
	case FILE_STORE_KEEP: keep(store, growing, number, message.sha256); break;
	case FILE_STORE_DROP:
		if (!growing->lost)
			file_shelf_discard(store->shelf, number);
		forget(growing);
		break;
	case FILE_STORE_NOTE:
		if (file_shelf_note(store->shelf, message.sha256, record->ts_ns / NS_PER_S, message.id, rest) ==
			SHELF_FAILED)
			store->failed++;
		break;
	}
	publish_state(store);
}

static bool all_closed(const struct file_store *store)
{
	for (unsigned i = 0; i < store->ring_count; i++)
		if (!record_ring_closed(store->rings[i]))
			return false;
	return true;
}

static void *run(void *argument)
{
	struct file_store *store = argument;
	long idle_ns = IDLE_MIN_NS;
	for (;;) {
		bool last = all_closed(store);
		unsigned taken = 0;
		for (unsigned i = 0; i < store->ring_count; i++) {
			const struct record *record;
			for (unsigned n = 0; n < BATCH && (record = record_ring_peek(store->rings[i])); n++, taken++) {
				handle(store, i, record);
				record_ring_release(store->rings[i]);
			}
		}
		if (last && !taken)
			break;
		if (!taken)
			nanosleep(&(struct timespec) { 0, idle_ns }, NULL);
		idle_ns = taken ? IDLE_MIN_NS : 2 * idle_ns > IDLE_MAX_NS ? IDLE_MAX_NS : 2 * idle_ns;
	}
	return NULL;
}

bool file_store_start(struct file_store *store, struct record_ring *const *rings, unsigned count)
{
	store->rings = rings;
	store->ring_count = count;
	store->growing = calloc((size_t)count * (store->config.open_max + 1), sizeof(*store->growing));
	publish_state(store);
	store->started = store->growing && pthread_create(&store->thread, NULL, run, store) == 0;
	if (!store->started)
		log_error("the file store could not be started");
	return store->started;
}

void file_store_join(struct file_store *store)
{
	if (store && store->started)
		pthread_join(store->thread, NULL);
	if (store)
		store->started = false;
}

void file_store_free(struct file_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; store->growing && i < (size_t)store->ring_count * (store->config.open_max + 1); i++)
		free(store->growing[i].buffer);
	free(store->growing);
	file_shelf_close(store->shelf);
	free(store);
}

uint64_t file_store_next_id(struct file_store *store)
{
	return atomic_fetch_add_explicit(&store->next_id, 1, memory_order_relaxed) + 1;
}

bool file_store_full(const struct file_store *store)
{
	return atomic_load_explicit(&store->full, memory_order_relaxed);
}

void file_store_counts(const struct file_store *store, struct file_store_counts *counts)
{
	*counts = (struct file_store_counts) {
		.stored = store->stored,
		.known = store->known,
		.evicted = store->evicted,
		.over_budget = store->over_budget,
		.failed = store->failed,
		.files = store->files,
		.bytes = store->bytes,
	};
}

const char *file_store_directory(const struct file_store *store)
{
	return store->directory;
}
