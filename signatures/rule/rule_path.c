// SPDX-License-Identifier: GPL-3.0-or-later
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "signatures/rule/rule_dataset_build.h"

#define DATA_PRESET "/var/lib/sekisho"

// Not a device or a pipe, nor one of the kernel's (/proc/kmsg): they may never end.
bool rule_path_is_file(const char *path)
{
	struct stat info;
	struct statfs system;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode) && statfs(path, &system) == 0 &&
	       system.f_type != PROC_SUPER_MAGIC && system.f_type != SYSFS_MAGIC && system.f_type != DEBUGFS_MAGIC &&
	       system.f_type != TRACEFS_MAGIC;
}

static bool join(char *path, size_t size, struct span folder, struct span name)
{
	int n = snprintf(path, size, "%.*s/%.*s", (int)folder.len, (const char *)folder.data, (int)name.len,
		(const char *)name.data);
	return n > 0 && (size_t)n < size;
}

bool rule_path_read(struct rule_build *build, struct span name, char *path, size_t size)
{
	const char *slash = build->file ? strrchr(build->file, '/') : NULL, *folder = build->own->options.rule_path;
	bool relative = name.len && name.data[0] != '/';
	if (relative && slash && join(path, size, span_of(build->file, (size_t)(slash - build->file)), name) &&
		rule_path_is_file(path))
		return true;
	if (relative && folder && join(path, size, span_text(folder), name) && rule_path_is_file(path))
		return true;
	int n = snprintf(path, size, "%.*s", (int)name.len, (const char *)name.data);
	if (n > 0 && (size_t)n < size && (access(path, F_OK) != 0 || rule_path_is_file(path)))
		return true; // one that is not there is told when it is opened
	return rule_fail(build, "\"%.*s\" is no file to read from", SPAN_ARGS(name));
}

// Does a step of the path go up?
static bool goes_up(struct span name)
{
	for (uint32_t at = 0; at <= name.len;) {
		uint32_t end = span_find(name, '/', at);
		if (span_is(span_slice(name, at, end - at), ".."))
			return true;
		at = end + 1;
	}
	return false;
}

// The next step of a path, without "." and doubled slashes; empty at its end.
static struct span next_step(const char **at)
{
	struct span step;
	do {
		*at += strspn(*at, "/");
		step = span_of(*at, strcspn(*at, "/"));
		*at += step.len;
	} while (span_is(step, "."));
	return step;
}

// Is path in folder by its name?
static bool named_in(const char *path, const char *folder)
{
	for (;;) {
		struct span inner = next_step(&path), outer = next_step(&folder);
		if (!outer.len)
			return true;
		if (!span_equal(inner, outer))
			return false;
	}
}

// Is path in folder, by its name or by links on its way?
static bool lies_in(const char *path, const char *folder)
{
	struct stat goal, step;
	char part[4096];
	if (named_in(path, folder))
		return true;
	if (stat(folder, &goal) != 0)
		return false;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		int len = (int)(slash - path) + 1;
		if (snprintf(part, sizeof(part), "%.*s", len, path) >= (int)sizeof(part))
			return true;
		if (stat(part, &step) == 0 && step.st_dev == goal.st_dev && step.st_ino == goal.st_ino)
			return true;
	}
	return false;
}

bool rule_path_write(struct rule_build *build, struct span name, bool anywhere, char *path, size_t size)
{
	const char *folder = build->own->options.data_path;
	bool absolute = name.len && name.data[0] == '/';
	if (!anywhere && absolute)
		return rule_fail(build,
			"\"%.*s\": a rule may not say where outside default-data-dir to write "
			"(datasets.rules.allow-absolute-filenames)",
			SPAN_ARGS(name));
	if (!anywhere && goes_up(name))
		return rule_fail(build,
			"\"%.*s\": a rule may not leave default-data-dir by .. "
			"(datasets.rules.allow-absolute-filenames)",
			SPAN_ARGS(name));
	int n = absolute ? snprintf(path, size, "%.*s", (int)name.len, (const char *)name.data)
			 : snprintf(path, size, "%s/%.*s", folder ? folder : DATA_PRESET, (int)name.len,
				   (const char *)name.data);
	if (n <= 0 || (size_t)n >= size)
		return rule_fail(build, "the name of the file is too long");
	const char *keep_out = build->own->options.keep_out;
	if (keep_out && lies_in(path, keep_out))
		return rule_fail(build,
			"\"%.*s\": no set is written into rules.store, where installed rules and the record of "
			"changes are",
			SPAN_ARGS(name));
	return true;
}
