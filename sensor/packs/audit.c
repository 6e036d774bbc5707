// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/audit.h"
#include "sensor/files/audit_log.h"

bool audit_path(const struct pack_store *store, char out[PATH_BYTES])
{
	return path_join(out, store->root, "audit.jsonl");
}

bool audit_ready(const struct pack_store *store, struct pack_error *error)
{
	char path[PATH_BYTES];
	return audit_path(store, path) ? audit_log_ready(path, error) : pack_fail(error, "the path is too long");
}

static json_t *state(unsigned set, const char *version)
{
	if (!set)
		return json_null();
	return json_pack("{s:i, s:o}", "set", (int)set, "version", audit_text(version));
}

bool audit_write(const struct pack_store *store, const struct audit_entry *entry, struct pack_error *error)
{
	char path[PATH_BYTES];
	json_t *facts = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o}", "pack", audit_text(entry->pack),
		"source", audit_text(entry->source), "from", state(entry->from_set, entry->from_version), "to",
		state(entry->to_set, entry->to_version), "sha256", audit_text(entry->sha256), "signed_by",
		audit_text(entry->signed_by), "allow_unsigned", (int)entry->allowed_unsigned, "force",
		(int)entry->forced, "result", audit_text(entry->result));
	if (!audit_path(store, path)) {
		json_decref(facts);
		return pack_fail(error, "the path is too long");
	}
	return audit_log_write(path, entry->action, facts, error);
}
