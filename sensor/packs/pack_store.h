// SPDX-License-Identifier: GPL-3.0-or-later
// Pack store: the installed packs, a numbered set each time something changed. One folder:
//
//   current -> sets/000003             what the sensor reads: current/rules/PACK/*.rules (sensor/reload/rules_load.c)
//   sets/000003/set.json               the set's packs: name, version, source, SHA-256, who signed
//   sets/000003/packs/PACK/            each pack as it came
//   sets/000003/rules/PACK/            its rules after the filters
//   audit.jsonl                        every change and refused change, appended only
//   lock
//
// A set is made beside the others, synced to disk and renamed; then the link is replaced by rename. Whoever reads meanwhile has the old set or the
// new one. The last STORE_KEPT sets are kept.
//
// Life cycle   pack_store_open (takes the lock) -> ... -> pack_store_close
// Threads      one process at a time changes a store; reading needs no lock
#pragma once
#include "sensor/packs/pack.h"
#include "sensor/packs/signing.h"

#define STORE_KEPT      5
#define STORE_PACKS_MAX 64
#define STORE_SETS_MAX  256
#define SOURCE_MAX      2048

struct store_pack {
	char name[PACK_NAME_MAX + 1], version[65];
	char source[SOURCE_MAX]; // URL, or absolute path
	char sha256[SHA256_TEXT];
	char signed_by[KEY_TEXT_SIZE]; // "" unsigned
	char etag[256];                // "" none
	uint32_t rules;                // enabled ones as it came
	bool rules_only;
};

struct store_set {
	unsigned number; // 0: none
	char made[32];   // RFC 3339
	unsigned count;
	struct store_pack packs[STORE_PACKS_MAX];
};

struct pack_store {
	char root[PATH_BYTES];
	int lock; // -1: opened for reading
};

// change: makes the folder and takes the lock; false when another process has it.
bool pack_store_open(struct pack_store *store, const char *folder, bool change, struct pack_error *error);
void pack_store_close(struct pack_store *store);

// number 0: the current one; its number is 0 when nothing was installed yet.
bool pack_store_read_set(
	const struct pack_store *store, unsigned number, struct store_set *set, struct pack_error *error);
// Numbers of the sets there are, ascending; gives how many.
unsigned pack_store_sets(const struct pack_store *store, unsigned numbers[STORE_SETS_MAX]);
const struct store_pack *pack_store_find(const struct store_set *set, const char *name);

// Folder of the set's part: "packs/NAME", "rules", "".
bool pack_store_path(const struct pack_store *store, unsigned number, const char *part, char out[PATH_BYTES]);
// An empty folder to make the next set in; what an earlier run left is removed. set->number is filled.
bool pack_store_begin(
	const struct pack_store *store, struct store_set *set, char staging[PATH_BYTES], struct pack_error *error);
// Makes staging the current set and removes the oldest.
bool pack_store_commit(
	const struct pack_store *store, struct store_set *set, const char *staging, struct pack_error *error);
// Makes an earlier set the current one.
bool pack_store_switch(const struct pack_store *store, unsigned number, struct pack_error *error);
