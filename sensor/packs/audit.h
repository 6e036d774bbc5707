// SPDX-License-Identifier: GPL-3.0-or-later
// Audit: who changed the installed packs, when, from what to what, and what was refused: JSON lines, appended and synced, never rewritten.
#pragma once
#include "sensor/packs/pack_store.h"

struct audit_entry {
	const char *action; // "install", "update", "rollback"
	const char *pack;   // "" of a rollback
	const char *source;
	unsigned from_set, to_set; // 0 none
	const char *from_version, *to_version;
	const char *sha256, *signed_by; // of the new one; "" unsigned
	bool forced, allowed_unsigned;
	const char *result; // "done", "unchanged", or the reason it was refused
};

// Can it be written? To be asked before a change.
bool audit_ready(const struct pack_store *store, struct pack_error *error);
bool audit_write(const struct pack_store *store, const struct audit_entry *entry, struct pack_error *error);
bool audit_path(const struct pack_store *store, char out[PATH_BYTES]);
