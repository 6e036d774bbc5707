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
#define PART_BYTES    (64u << 10)  // read at once
#define INCLUDE_MAX   8            // files in files

// Reads what is not gzip'd as it is. NULL with the reason in error.
static gzFile open_file(const char *path, char *error, size_t size)
{
	struct stat info;
	errno = 0;
	gzFile file = stat(path, &info) == 0 && !S_ISDIR(info.st_mode) ? gzopen(path, "rb") : NULL;
	if (!file)
		snprintf(error, size, "cannot be read: %s", errno ? strerror(errno) : "it is no file");
	return file;
}

static void tell_bad_end(bool damaged, char *error, size_t size)
{
	snprintf(error, size, damaged ? "cannot be read: it is damaged" : "is larger than 512 MiB");
}

char *rule_read_file(const char *path, size_t *len, char *error, size_t size)
{
	gzFile file = open_file(path, error, size);
	if (!file)
		return NULL;
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
		tell_bad_end(got < 0, error, size);
		free(text);
		return NULL;
	}
	text[used] = 0;
	*len = used;
	return text;
}

char *rule_read_list(struct rule_set_private *own, const char *path, size_t *len)
{
	char error[256];
	char *text = rule_read_file(path, len, error, sizeof(error));
	if (!text)
		rule_report(own, path, 0, false, "%s", error);
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

// A part of a file: whole lines are taken from its front, more is read behind them.
struct lines {
	const char *path;
	char *text;
	size_t used, room, taken;
	uint32_t number; // of the line at taken
};

// Where the line of [at, end) that a backslash may continue over several ends, its newline included. NULL: not in there.
static char *line_end(char *at, char *end)
{
	for (char *from = at; from < end;) {
		char *stop = memchr(from, '\n', (size_t)(end - from)), *last = stop;
		while (last && last > from && last[-1] == '\r')
			last--;
		if (!last || last == from || last[-1] != '\\')
			return stop ? stop + 1 : NULL;
		from = stop + 1;
	}
	return NULL;
}

// Joins the lines of [from, end) in place and gives them to set.
static void take_joined(struct rule_set *set, struct lines *lines, char *from, char *end)
{
	char *out = from;
	uint32_t first = lines->number;
	for (char *at = from; at < end; lines->number++) {
		char *stop = memchr(at, '\n', (size_t)(end - at));
		char *next = stop ? stop + 1 : end;
		char *last = stop ? stop : end;
		while (last > at && last[-1] == '\r')
			last--;
		size_t part = (size_t)(last - at) - (stop && last > at && last[-1] == '\\');
		memmove(out, at, part);
		out += part;
		at = next;
	}
	*out = 0; // at most the line's end, which was read
	for (char *c = from; c < out; c++)
		if (*c == 0)
			*c = ' ';
	take_line(set, from, lines->path, first);
}

static void take_lines(struct rule_set *set, struct lines *lines, bool all)
{
	char *end = lines->text + lines->used, *next;
	for (char *at = lines->text + lines->taken; at < end; at = next) {
		next = line_end(at, end);
		if (!next && !all)
			break;
		next = next ? next : end;
		take_joined(set, lines, at, next);
		lines->taken = (size_t)(next - lines->text);
	}
	memmove(lines->text, lines->text + lines->taken, lines->used - lines->taken);
	lines->used -= lines->taken;
	lines->taken = 0;
}

// Reads and takes a part after the other, so that a large file is never in memory as a whole.
static bool take_file(struct rule_set *set, gzFile file, const char *path, char *error, size_t size)
{
	struct lines lines = { .path = path, .room = PART_BYTES, .number = 1 };
	size_t total = 0;
	int got = 0;
	lines.text = rule_malloc(lines.room + 1);
	while (total < RULE_FILE_MAX &&
		(got = gzread(file, lines.text + lines.used, (unsigned)(lines.room - lines.used))) > 0) {
		lines.used += (size_t)got;
		total += (size_t)got;
		take_lines(set, &lines, false);
		if (lines.used == lines.room) {
			lines.room *= 2;
			lines.text = rule_realloc(lines.text, lines.room + 1);
		}
	}
	bool good = got >= 0 && total < RULE_FILE_MAX;
	if (good)
		take_lines(set, &lines, true);
	else
		tell_bad_end(got < 0, error, size);
	free(lines.text);
	return good;
}

static bool load_one(struct rule_set *set, const char *path)
{
	struct rule_set_private *own = set->own;
	char error[256];
	if (own->include_depth >= INCLUDE_MAX) {
		rule_report(own, path, 0, false, "files include each other more than %d deep", INCLUDE_MAX);
		return false;
	}
	gzFile file = open_file(path, error, sizeof(error));
	own->include_depth++;
	bool good = file && take_file(set, file, path, error, sizeof(error));
	own->include_depth--;
	if (file)
		gzclose(file);
	if (!good)
		rule_report(own, path, 0, false, "%s", error);
	return good;
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
