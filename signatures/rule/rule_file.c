// SPDX-License-Identifier: GPL-3.0-or-later
// Rule files: plain or gzip'd, one rule a line (a backslash at the end joins lines), "include FILE", patterns of names, folders.
#include "signatures/rule/rule_build.h"
#include "signatures/rule/rule_text.h"
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

#define RULE_FILE_MAX (512u << 20) // bytes, unpacked
#define INCLUDE_MAX   8            // files in files

char *rule_read_file(const char *path, size_t *len, char *error, size_t size)
{
	struct stat info;
	errno = 0;
	gzFile file = stat(path, &info) == 0 && !S_ISDIR(info.st_mode) ? gzopen(path, "rb")
								       : NULL; // reads what is not gzip'd as it is
	if (!file) {
		snprintf(error, size, "cannot be read: %s", errno ? strerror(errno) : "it is no file");
		return NULL;
	}
	size_t used = 0, room = 64u << 10;
	char *text = rule_malloc(room + 1);
	int got = 0;
	while (used < RULE_FILE_MAX && (got = gzread(file, text + used, (unsigned)(room - used))) > 0) {
		used += (size_t)got;
		if (used == room) {
			room *= 2;
			text = rule_realloc(text, room + 1);
		}
	}
	gzclose(file);
	if (got < 0 || used >= RULE_FILE_MAX) {
		snprintf(error, size, got < 0 ? "cannot be read: it is damaged" : "is larger than 512 MiB");
		free(text);
		return NULL;
	}
	text[used] = 0;
	*len = used;
	return text;
}

static bool load_one(struct rule_set *set, const char *path);

static bool load_include(struct rule_set *set, const char *text)
{
	struct span rest = span_text(text), word;
	text_word(&rest, &word);
	rest = text_unquote(rest);
	char path[4096];
	if (rest.len == 0 || rest.len >= sizeof(path))
		return false;
	memcpy(path, rest.data, rest.len);
	path[rest.len] = 0;
	return rule_set_load_file(set, path);
}

// One logical line; its text ends with a zero.
static void take_line(struct rule_set *set, char *text, const char *path, uint32_t number)
{
	struct span line = text_trim(span_text(text));
	if (line.len == 0 || line.data[0] == '#')
		return;
	((char *)(uintptr_t)line.data)[line.len] = 0;
	if (span_starts(line, "include ") || span_starts(line, "include\t")) {
		if (!load_include(set, (const char *)line.data))
			rule_report(set->own, path, number, false, "the file to include cannot be read");
		return;
	}
	rule_set_add(set, (const char *)line.data, path, number);
}

static void take_lines(struct rule_set *set, char *text, size_t len, const char *path)
{
	char *from = text, *end = text + len;
	uint32_t number = 1;
	while (from < end) {
		// Joins what a backslash continues in place
		char *out = from, *at = from;
		uint32_t first = number;
		for (;;) {
			char *stop = memchr(at, '\n', (size_t)(end - at));
			char *next = stop ? stop + 1 : end;
			char *last = stop ? stop : end;
			while (last > at && last[-1] == '\r')
				last--;
			bool more = stop && last > at && last[-1] == '\\';
			size_t part = (size_t)(last - at) - (more ? 1 : 0);
			memmove(out, at, part);
			out += part;
			at = next;
			number++;
			if (!more || at >= end)
				break;
		}
		*out = 0; // at most the line's end, which was read
		for (char *c = from; c < out; c++)
			if (*c == 0)
				*c = ' ';
		take_line(set, from, path, first);
		from = at;
	}
}

static bool load_one(struct rule_set *set, const char *path)
{
	struct rule_set_private *own = set->own;
	char error[256];
	size_t len;
	if (own->include_depth >= INCLUDE_MAX) {
		rule_report(own, path, 0, false, "files include each other more than %d deep", INCLUDE_MAX);
		return false;
	}
	char *text = rule_read_file(path, &len, error, sizeof(error));
	if (!text) {
		rule_report(own, path, 0, false, "%s", error);
		return false;
	}
	own->include_depth++;
	take_lines(set, text, len, path);
	own->include_depth--;
	free(text);
	return true;
}

bool rule_set_load_file(struct rule_set *set, const char *path)
{
	const char *folder = set->own->options.rule_path;
	char full[4096];
	struct stat info;
	bool beside = folder && path[0] != '/' && stat(path, &info) != 0;
	int len = snprintf(full, sizeof(full), "%s%s%s", beside ? folder : "", beside ? "/" : "", path);
	if (len < (int)sizeof(full) && stat(full, &info) == 0 && S_ISDIR(info.st_mode))
		len += snprintf(full + len, sizeof(full) - (size_t)len, "/*.rules");
	if (len >= (int)sizeof(full)) {
		rule_report(set->own, path, 0, false, "the name is too long");
		return false;
	}
	if (!strpbrk(full, "*?["))
		return load_one(set, full);
	glob_t found;
	bool good = true;
	if (glob(full, 0, NULL, &found) != 0) {
		rule_report(set->own, full, 0, false, "no file has such a name");
		return false;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		good = load_one(set, found.gl_pathv[i]) && good;
	globfree(&found);
	return good;
}
