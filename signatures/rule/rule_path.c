// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "signatures/rule/rule_dataset_build.h"

#define DATA_PRESET "/var/lib/sekisho"

// Not a device or a pipe, which may never end.
bool rule_path_is_file(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
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
	return (n > 0 && (size_t)n < size) || rule_fail(build, "the name of the file is too long");
}
