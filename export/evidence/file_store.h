// SPDX-License-Identifier: GPL-3.0-or-later
// File store: a thread that puts carried files on disk (file_shelf.h). Workers hand bytes over through a ring each and never wait for the disk:
// what the ring has no room for is lost and counted, but for capture files, whose worker waits.
//
// Life cycle   file_store_open -> file_store_start -> workers' rings are filled, and closed -> file_store_join -> file_store_free
// Memory       a ring a worker (outputs.file-store.queue), and FILE_STORE_BUFFER_BYTES for every file that grows, max-open-files a worker
// Threads      one of its own; file_store_full and file_store_counts may be called by any
#pragma once
#include "decoders/base/option.h"
#include "decoders/base/span.h"
#include "export/record/record.h"

#define FILE_STORE_BUFFER_BYTES (64u << 10)
#define FILE_STORE_CHUNK_BYTES  (128u << 10) // of a file in one message
#define FILE_STORE_OPEN_MAX     65535

struct file_store_config {
	bool enabled;      // outputs.file-store.enabled
	char *directory;   // .dir
	uint64_t version;  // .version: 2
	bool force;        // .force-filestore: every file
	bool write_info;   // .write-fileinfo
	uint64_t depth;    // .stream-depth: of flows whose file is stored; 0 unlimited
	uint64_t budget;   // .budget, bytes
	int policy;        // .when-full, enum shelf_policy
	uint64_t queue;    // .queue, bytes a worker
	uint64_t open_max; // .max-open-files, a worker
};
extern const struct option file_store_options[];

// A message to the store: the line of a record begins with this; bytes follow.
enum file_store_kind { FILE_STORE_DATA, FILE_STORE_KEEP, FILE_STORE_DROP, FILE_STORE_NOTE };
struct file_store_message {
	uint32_t kind;
	uint32_t file;      // the worker's number of a growing file, 1 to open_max
	uint8_t sha256[32]; // KEEP, NOTE
	uint64_t id;        // NOTE
};

struct file_store;

// rings[0..count) are the workers', borrowed. log_directory: where a dir without a path of its own lies. NULL with the reason logged.
struct file_store *file_store_open(const struct file_store_config *config, const char *log_directory);
bool file_store_start(struct file_store *store, struct record_ring *const *rings, unsigned count);
// Waits until the rings are closed and all is written.
void file_store_join(struct file_store *store);
void file_store_free(struct file_store *store);

// The number of a stored file, over all workers.
uint64_t file_store_next_id(struct file_store *store);
// outputs.file-store.when-full: refuse, and the budget is spent.
bool file_store_full(const struct file_store *store);

struct file_store_counts {
	uint64_t stored;
	uint64_t known;        // there already
	uint64_t evicted;      // stored ones removed for room
	uint64_t over_budget;  // not stored
	uint64_t failed;       // not stored: the disk did not take them
	uint64_t files, bytes; // in the folder
};
void file_store_counts(const struct file_store *store, struct file_store_counts *counts);
const char *file_store_directory(const struct file_store *store);
