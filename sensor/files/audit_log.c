// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/files/audit_log.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/write_all.h"

static int open_log(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
}

bool audit_log_ready(const char *path, struct pack_error *error)
{
	int fd = open_log(path);
	if (fd < 0)
		return pack_fail(error, "%s: %s; what cannot be put on record is not done", path, strerror(errno));
	close(fd);
	return true;
}

// Paths and messages need not be UTF-8, or are cut within a character; the log is.
json_t *audit_text(const char *text)
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
		json_object_set_new(object, "user", audit_text(user->pw_name));
	if (sudo)
		json_object_set_new(object, "sudo_user", audit_text(sudo));
	if (sudo_uid)
		json_object_set_new(object, "sudo_uid", audit_text(sudo_uid));
	return object;
}

void audit_user(char *out, size_t size)
{
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER");
	if (sudo && *sudo)
		snprintf(out, size, "%s", sudo);
	else if (user && user->pw_name)
		snprintf(out, size, "%s", user->pw_name);
	else
		snprintf(out, size, "%ld", (long)getuid());
}

bool audit_log_write(const char *path, const char *action, json_t *facts, struct pack_error *error)
{
	char when[32];
	time_t now = time(NULL);
	struct tm parts;
	gmtime_r(&now, &parts);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_t *root = json_pack("{s:s, s:o, s:s}", "time", when, "who", who(), "action", action);
	bool whole = root && facts && json_object_update(root, facts) == 0;
	char *text = whole ? json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	json_decref(root);
	json_decref(facts);
	char *line = NULL;
	int len = text ? asprintf(&line, "%s\n", text) : -1;
	free(text);
	if (len < 0)
		return pack_fail(error, "%s: cannot be written: no memory", path);
	int fd = open_log(path);
	bool good = fd >= 0 && write_all(fd, line, (size_t)len) && fsync(fd) == 0;
	if (!good)
		pack_fail(error, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(line);
	return good;
}
