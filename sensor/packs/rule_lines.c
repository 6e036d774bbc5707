// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/rule_lines.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const actions[] = { "alert", "pass", "drop", "reject", "rejectsrc", "rejectdst", "rejectboth", "log",
	"config", "sdrop", "activate", "dynamic" };

static struct span trim(const char *text, size_t len)
{
	while (len && isspace((unsigned char)text[0])) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return span_of(text, len);
}

bool rule_line_option(const char *text, size_t *at, struct span *name, struct span *value)
{
	const char *start = *at ? text + *at : strchr(text, '(');
	if (!start)
		return false;
	if (*at == 0)
		start++;
	const char *end = start, *colon = NULL;
	for (; *end && *end != ';'; end++) { // quotes do not hide a ";": rules escape it
		if (*end == '\\' && end[1])
			end++;
		else if (*end == ':' && !colon)
			colon = end;
	}
	if (!*end) // what is after the last ";"
		return false;
	*name = trim(start, (size_t)((colon ? colon : end) - start));
	*value = colon ? trim(colon + 1, (size_t)(end - colon - 1)) : (struct span) { NULL, 0 };
	*at = (size_t)(end + 1 - text);
	return true;
}

static bool read_number(struct span text, uint32_t *out)
{
	uint64_t number = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		if (!isdigit(text.data[i]) || number > UINT32_MAX)
			return false;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	*out = (uint32_t)number;
	return text.len && number <= UINT32_MAX;
}

// Fills what a rule is known by. False: the text is no rule with a sid.
static bool read_rule(const char *text, struct rule_line *line)
{
	size_t len = strlen(text), word = strcspn(text, " \t");
	bool known = false;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		known |= strlen(actions[i]) == word && strncmp(actions[i], text, word) == 0;
	if (!known || len == 0 || text[len - 1] != ')')
		return false;
	struct span name, value;
	uint32_t gid = 1, sid = 0, rev = 0;
	for (size_t at = 0; rule_line_option(text, &at, &name, &value);) {
		if (span_is(name, "sid") && !read_number(value, &sid))
			return false;
		if (span_is(name, "gid") && !read_number(value, &gid))
			return false;
		if (span_is(name, "rev"))
			(void)read_number(value, &rev);
	}
	line->gid = gid;
	line->sid = sid;
	line->rev = rev;
	return sid != 0;
}

bool rule_line_replace(struct rule_line *line, char *text)
{
	struct rule_line read = *line;
	if (strchr(text, '\n') || !read_rule(text, &read)) {
		free(text);
		return false;
	}
	free(line->text);
	*line = read;
	line->text = text;
	return true;
}

bool rule_line_is_noalert(const struct rule_line *line)
{
	struct span name, value;
	for (size_t at = 0; rule_line_option(line->text, &at, &name, &value);)
		if (span_is(name, "noalert") || (span_is(name, "flowbits") && span_is(value, "noalert")))
			return true;
	return false;
}

static struct rule_line *add_line(struct rule_lines *lines, struct pack_error *error)
{
	if (lines->count == RULE_LINES_MAX) {
		pack_fail(error, "more than %u lines of rules", RULE_LINES_MAX);
		return NULL;
	}
	if (lines->count == lines->room) {
		size_t room = 2 * lines->room + 64;
		struct rule_line *items = realloc(lines->items, room * sizeof(*items));
		if (!items) {
			pack_fail(error, "no memory");
			return NULL;
		}
		lines->items = items;
		lines->room = room;
	}
	lines->items[lines->count] = (struct rule_line) { 0 };
	return &lines->items[lines->count++];
}

// text: a logical line, owned from here on.
static bool take_line(struct rule_lines *lines, const char *file, uint32_t number, uint32_t taken, char *text,
	struct pack_error *error)
{
	struct rule_line *line = add_line(lines, error);
	if (!line) {
		free(text);
		return false;
	}
	*line = (struct rule_line) { .text = text, .file = file, .line = number, .lines = taken };
	struct span whole = trim(text, strlen(text)), rest = whole;
	while (rest.len && (rest.data[0] == '#' || isspace(rest.data[0])))
		rest = span_from(rest, 1);
	if (rest.len == 0)
		return true;
	bool commented = rest.data != whole.data;
	char *bare = strndup((const char *)rest.data, rest.len);
	if (!bare)
		return pack_fail(error, "no memory");
	if (!read_rule(bare, line)) {
		free(bare);
		return commented || pack_fail(error, "%s:%u: is neither a rule with a sid nor a comment", file, number);
	}
	free(text);
	line->text = bare;
	line->rule = true;
	line->enabled = !commented;
	return true;
}

bool rule_lines_read(struct rule_lines *lines, const char *file, const char *text, size_t len, struct pack_error *error)
{
	uint32_t number = 1;
	if (memchr(text, 0, len))
		return pack_fail(error, "%s: holds a zero byte, which no rule file has", file);
	for (size_t at = 0; at < len;) {
		char *joined = malloc(len - at + 1 < 65536 ? len - at + 1 : 65536);
		size_t used = 0, room = len - at + 1 < 65536 ? len - at + 1 : 65536;
		uint32_t taken = 0;
		bool more = joined != NULL;
		if (!joined)
			return pack_fail(error, "no memory");
		while (more && at < len) {
			const char *end = memchr(text + at, '\n', len - at);
			size_t part = end ? (size_t)(end - text) - at : len - at, keep = part;
			while (keep && isspace((unsigned char)text[at + keep - 1]))
				keep--;
			more = keep && text[at + keep - 1] == '\\';
			keep -= more;
			if (used + keep >= room) {
				free(joined);
				return pack_fail(error, "%s:%u: a rule of more than %u bytes", file, number, 65535);
			}
			memcpy(joined + used, text + at, keep);
			used += keep;
			at += part + (end != NULL);
			taken++;
		}
		joined[used] = 0;
		char *fitted = realloc(joined, used + 1);
		if (!take_line(lines, file, number, taken, fitted ? fitted : joined, error))
			return false;
		number += taken;
	}
	return true;
}

void rule_lines_free(struct rule_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i].text);
	free(lines->items);
	*lines = (struct rule_lines) { 0 };
}

// With "noalert;" before its sid.
static void print_noalert(FILE *out, const char *text)
{
	struct span name, value;
	for (size_t at = 0, before = 0; rule_line_option(text, &at, &name, &value); before = at)
		if (span_is(name, "sid")) {
			size_t from = before ? before : (size_t)(strchr(text, '(') + 1 - text);
			fprintf(out, "%.*s noalert;%s", (int)from, text, text + from);
			return;
		}
	fputs(text, out);
}

char *rule_lines_format(const struct rule_lines *lines, const char *file, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	if (!out)
		return NULL;
	for (size_t i = 0; i < lines->count; i++) {
		const struct rule_line *line = &lines->items[i];
		if (strcmp(line->file, file) != 0)
			continue;
		if (line->rule && !line->enabled)
			fputs("# ", out);
		if (line->rule && line->enabled && line->noalert && !rule_line_is_noalert(line))
			print_noalert(out, line->text);
		else
			fputs(line->text, out);
		for (uint32_t k = 0; k < line->lines; k++)
			fputc('\n', out);
	}
	fclose(out);
	return text;
}
