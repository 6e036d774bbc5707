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

bool audit_path(const struct pack_store *store, char out[PATH_BYTES])
{
	return path_join(out, store->root, "audit.jsonl");
}

static int open_log(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
}

bool audit_ready(const struct pack_store *store, struct pack_error *error)
{
	char path[PATH_BYTES];
	int fd = audit_path(store, path) ? open_log(path) : -1;
	if (fd < 0)
		return pack_fail(error, "%s/audit.jsonl: %s; what cannot be put on record is not done", store->root,
			strerror(errno));
	close(fd);
	return true;
}

// Paths and messages need not be UTF-8, or are cut within a character; the log is.
static json_t *text_of(const char *text)
{
	json_t *string = json_string(text ? text : "");
	if (string)
		return string;
	char *plain = strdup(text);
	for (char *at = plain; at && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	string = json_string(plain ? plain : "");
	free(plain);
	return string;
}

// Who: the user the process runs as, and behind sudo the one who asked. The latter is what the environment says.
static json_t *who(void)
{
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER"), *sudo_uid = getenv("SUDO_UID");
	json_t *object = json_object();
	json_object_set_new(object, "uid", json_integer((json_int_t)getuid()));
	if (user && user->pw_name)
		json_object_set_new(object, "user", text_of(user->pw_name));
	if (sudo)
		json_object_set_new(object, "sudo_user", text_of(sudo));
	if (sudo_uid)
		json_object_set_new(object, "sudo_uid", text_of(sudo_uid));
	return object;
}

static json_t *state(unsigned set, const char *version)
{
	if (!set)
		return json_null();
	return json_pack("{s:i, s:o}", "set", (int)set, "version", text_of(version));
}

bool audit_write(const struct pack_store *store, const struct audit_entry *entry, struct pack_error *error)
{
	char path[PATH_BYTES], when[32];
	time_t now = time(NULL);
	struct tm parts;
	gmtime_r(&now, &parts);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_t *root = json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o}", "time", when, "who",
		who(), "action", entry->action, "pack", text_of(entry->pack), "source", text_of(entry->source), "from",
		state(entry->from_set, entry->from_version), "to", state(entry->to_set, entry->to_version), "sha256",
		text_of(entry->sha256), "signed_by", text_of(entry->signed_by), "allow_unsigned",
		(int)entry->allowed_unsigned, "force", (int)entry->forced, "result", text_of(entry->result));
	char *text = root ? json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	json_decref(root);
	char *line = NULL;
	int len = text ? asprintf(&line, "%s\n", text) : -1;
	free(text);
	if (len < 0 || !audit_path(store, path))
		return pack_fail(error, "the audit log cannot be written: no memory");
	int fd = open_log(path);
	bool good = fd >= 0 && write_all(fd, line, (size_t)len) && fsync(fd) == 0;
	if (!good)
		pack_fail(error, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(line);
	return good;
}
