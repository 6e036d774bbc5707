// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/audit.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/write_all.h"

bool audit_path(const struct store *store, char out[PATH_BYTES])
{
	return path_join(out, store->root, "audit.jsonl");
}

// Who: the user the process runs as, and behind sudo the one who asked. The latter is what the environment says.
static json_t *who(void)
{
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER"), *sudo_uid = getenv("SUDO_UID");
	json_t *object = json_object();
	json_object_set_new(object, "uid", json_integer((json_int_t)getuid()));
	if (user && user->pw_name)
		json_object_set_new(object, "user", json_string(user->pw_name));
	if (sudo)
		json_object_set_new(object, "sudo_user", json_string(sudo));
	if (sudo_uid)
		json_object_set_new(object, "sudo_uid", json_string(sudo_uid));
	return object;
}

static json_t *state(unsigned set, const char *version)
{
	if (!set)
		return json_null();
	return json_pack("{s:i, s:s}", "set", (int)set, "version", version ? version : "");
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

bool audit_write(const struct store *store, const struct audit_entry *entry, struct pack_error *error)
{
	char path[PATH_BYTES], when[32];
	time_t now = time(NULL);
	struct tm parts;
	gmtime_r(&now, &parts);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_t *root = json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:b, s:b, s:s}", "time", when, "who",
		who(), "action", entry->action, "pack", or_empty(entry->pack), "source", or_empty(entry->source),
		"from", state(entry->from_set, entry->from_version), "to", state(entry->to_set, entry->to_version),
		"sha256", or_empty(entry->sha256), "signed_by", or_empty(entry->signed_by), "allow_unsigned",
		(int)entry->allowed_unsigned, "force", (int)entry->forced, "result", entry->result);
	char *text = root ? json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	json_decref(root);
	char *line = NULL;
	int len = text ? asprintf(&line, "%s\n", text) : -1;
	free(text);
	if (len < 0 || !audit_path(store, path)) {
		return pack_fail(error, "the audit log cannot be written: no memory, or a source that is not UTF-8");
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool good = fd >= 0 && write_all(fd, line, (size_t)len) && fsync(fd) == 0;
	if (!good)
		pack_fail(error, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(line);
	return good;
}
