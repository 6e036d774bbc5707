// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/filter.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sensor/files/files.h"
#include "sensor/packs/filter_match.h"
#include "sensor/packs/flowbit_needs.h"

#define FILE_MAX  ((size_t)16 << 20)
#define WORDS_MAX 6

enum filter_kind { FILTER_DISABLE, FILTER_ENABLE, FILTER_DROP, FILTER_MODIFY, FILTER_KINDS };
static const char *const kind_names[FILTER_KINDS] = { "disable", "enable", "drop", "modify" };

struct filter {
	struct filter_match match;
	pcre2_code *code;  // modify: what is replaced
	char *replacement; // in PCRE2's words; metadata-add: the entry
	bool metadata;
};

struct filters {
	struct filter *items[FILTER_KINDS];
	size_t counts[FILTER_KINDS];
};

void filters_free(struct filters *filters)
{
	for (unsigned kind = 0; filters && kind < FILTER_KINDS; kind++) {
		for (size_t i = 0; i < filters->counts[kind]; i++) {
			filter_match_fini(&filters->items[kind][i].match);
			pcre2_code_free(filters->items[kind][i].code);
			free(filters->items[kind][i].replacement);
		}
		free(filters->items[kind]);
	}
	free(filters);
}

// Splits as a shell would: quotes, and backslashes outside single quotes. Words are put into room (at least as long as text). Gives their number;
// WORDS_MAX + 1: too many, or an open quote.
static unsigned split_words(const char *text, char *room, const char *words[WORDS_MAX])
{
	unsigned count = 0;
	for (;;) {
		text += strspn(text, " \t");
		if (!*text)
			return count;
		if (count == WORDS_MAX)
			return WORDS_MAX + 1;
		words[count++] = room;
		char quote = 0;
		for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
			if (quote ? *text == quote : *text == '"' || *text == '\'') {
				quote = quote ? 0 : *text;
				continue;
			}
			bool escapes = *text == '\\' && text[1] &&
				       (quote == 0 || (quote == '"' && (text[1] == '"' || text[1] == '\\')));
			text += escapes;
			*room++ = *text;
		}
		*room++ = 0;
		if (quote)
			return WORDS_MAX + 1;
	}
}

// "${NAME}"; gives its length.
static size_t put_group(char *at, const char *name, size_t len)
{
	memcpy(at, "${", 2);
	memcpy(at + 2, name, len);
	at[2 + len] = '}';
	return len + 3;
}

// Python's \1, \g<name> and Oinkmaster's ${1} in PCRE2's words; a plain $ is one.
static char *read_replacement(const char *text)
{
	char *out = malloc(3 * strlen(text) + 8), *at = out;
	while (out && *text) {
		if (text[0] == '\\' && isdigit((unsigned char)text[1])) {
			size_t digits = isdigit((unsigned char)text[2]) ? 2 : 1;
			at += put_group(at, text + 1, digits);
			text += 1 + digits;
		} else if (text[0] == '\\' && text[1] == 'g' && text[2] == '<' && strchr(text, '>')) {
			size_t len = strcspn(text + 3, ">");
			at += put_group(at, text + 3, len);
			text += 4 + len;
		} else if (text[0] == '$' && text[1] == '{') {
			*at++ = *text++;
		} else if (text[0] == '$') {
			*at++ = '$';
			*at++ = *text++;
		} else {
			text += text[0] == '\\' && text[1];
			*at++ = *text++;
		}
	}
	if (out)
		*at = 0;
	return out;
}

static const char *read_modify(struct filter *filter, const char *line)
{
	const char *words[WORDS_MAX], *why = NULL, *from = NULL, *to = NULL, *match = NULL;
	char *room = malloc(2 * strlen(line) + 8), *entry = NULL;
	if (!room)
		return "no memory";
	unsigned count = split_words(line, room, words);
	if (count == 4 && strcmp(words[0], "metadata-add") == 0) {
		match = words[1];
		filter->metadata = true;
		if (asprintf(&entry, " metadata:%s %s;)", words[2], words[3]) < 0)
			entry = NULL;
		filter->replacement = entry;
	} else if (count == 3 || (count == 5 && strcmp(words[0], "modifysid") == 0)) {
		match = words[count == 5];
		from = words[count == 5 ? 2 : 1];
		to = words[count - 1];
	}
	if (!match)
		why = "expected MATCH \"REGEX\" \"REPLACEMENT\"";
	else if (!(why = filter_match_read(&filter->match, match)) && from) {
		filter->code = filter_regex(from, 0, &why);
		filter->replacement = read_replacement(to);
	}
	if (match && !why && !filter->replacement)
		why = "no memory";
	free(room);
	return why;
}

static bool add_filter(struct filters *filters, enum filter_kind kind, const char *name, unsigned number, char *line,
	struct pack_error *error)
{
	size_t count = filters->counts[kind];
	struct filter *items = filters->items[kind];
	if (count == FILTERS_MAX)
		return pack_fail(error, "%s: more than %u lines", name, FILTERS_MAX);
	if ((count & (count + 1)) == 0) {
		items = realloc(items, 2 * (count + 1) * sizeof(*items));
		if (!items)
			return pack_fail(error, "no memory");
		filters->items[kind] = items;
	}
	items[count] = (struct filter) { 0 };
	filters->counts[kind]++;
	const char *why =
		kind == FILTER_MODIFY ? read_modify(&items[count], line) : filter_match_read(&items[count].match, line);
	return !why || pack_fail(error, "%s:%u: %s", name, number, why);
}

struct filters *filters_add(
	struct filters *filters, const char *kind_name, const char *name, const char *text, struct pack_error *error)
{
	unsigned kind = 0, number = 0;
	char *copy = strdup(text), *at = copy;
	if (!filters)
		filters = calloc(1, sizeof(*filters));
	while (kind < FILTER_KINDS && strcmp(kind_names[kind], kind_name) != 0)
		kind++;
	bool good = copy && filters && kind < FILTER_KINDS;
	if (!good)
		pack_fail(error, "%s: no memory", name);
	for (char *line; good && (line = strsep(&at, "\n"));) {
		number++;
		char *remark = strstr(line, " #");
		if (remark)
			*remark = 0;
		line += strspn(line, " \t\r");
		size_t len = strlen(line);
		while (len && isspace((unsigned char)line[len - 1]))
			line[--len] = 0;
		if (len && *line != '#')
			good = add_filter(filters, (enum filter_kind)kind, name, number, line, error);
	}
	free(copy);
	if (good)
		return filters;
	filters_free(filters);
	return NULL;
}

struct filters *filters_load(const char *folder, struct pack_error *error)
{
	struct filters *filters = calloc(1, sizeof(*filters));
	if (!filters)
		pack_fail(error, "no memory");
	for (unsigned kind = 0; filters && kind < FILTER_KINDS; kind++) {
		char path[PATH_BYTES], *text;
		size_t len;
		snprintf(path, sizeof(path), "%.4000s/%s.conf", folder, kind_names[kind]);
		if (access(path, F_OK) != 0)
			continue;
		if (!file_read(path, FILE_MAX, &text, &len, error)) {
			filters_free(filters);
			return NULL;
		}
		filters = filters_add(filters, kind_names[kind], path, text, error);
		free(text);
	}
	return filters;
}

// Application --------------------------------------------------------------------------------------------------------------------

static char *substitute(const struct filter *filter, const char *text, pcre2_match_data *data)
{
	PCRE2_SIZE len = 2 * strlen(text) + 4096;
	char *out = malloc(len);
	int count = out ? pcre2_substitute(filter->code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0,
				  PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_UNSET_EMPTY, data, NULL,
				  (PCRE2_SPTR)filter->replacement, PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)out, &len)
			: -1;
	if (count > 0)
		return out;
	free(out);
	return NULL;
}

// Before the closing bracket.
static char *add_metadata(const struct filter *filter, const char *text)
{
	char *out = NULL;
	size_t len = strlen(text);
	if (len == 0 || asprintf(&out, "%.*s%s", (int)(len - 1), text, filter->replacement) < 0)
		return NULL;
	return out;
}

static bool modify(const struct filter *filter, struct rule_line *line, pcre2_match_data *data)
{
	if (filter->metadata) {
		char *text = add_metadata(filter, line->text);
		return text && rule_line_replace(line, text);
	}
	char *written = NULL;
	if (asprintf(&written, "%s%s", line->enabled ? "" : "# ", line->text) < 0)
		return false;
	char *text = substitute(filter, written, data);
	free(written);
	size_t mark = text ? strspn(text, "# \t") : 0;
	bool enabled = !text || !memchr(text, '#', mark);
	char *bare = text ? strdup(text + mark) : NULL;
	free(text);
	if (!bare || !rule_line_replace(line, bare))
		return false;
	line->enabled = enabled;
	return true;
}

static bool make_drop(struct rule_line *line)
{
	char *text = NULL;
	size_t action = strcspn(line->text, " \t");
	if (asprintf(&text, "drop%s", line->text + action) < 0)
		return false;
	return rule_line_replace(line, text);
}

static bool some_holds(
	const struct filters *filters, enum filter_kind kind, const struct rule_line *line, pcre2_match_data *data)
{
	for (size_t i = 0; i < filters->counts[kind]; i++)
		if (filter_match_holds(&filters->items[kind][i].match, line, data))
			return true;
	return false;
}

static void apply_one(
	const struct filters *filters, struct rule_line *line, struct filter_counts *counts, pcre2_match_data *data)
{
	bool before = line->enabled, modified = false;
	if (line->enabled && some_holds(filters, FILTER_DISABLE, line, data))
		line->enabled = false;
	if (!line->enabled && some_holds(filters, FILTER_ENABLE, line, data))
		line->enabled = true;
	counts->disabled += before && !line->enabled;
	counts->enabled += !before && line->enabled;
	if (filters->counts[FILTER_DROP] && !rule_line_is_noalert(line) && some_holds(filters, FILTER_DROP, line, data))
		counts->dropped += make_drop(line);
	for (size_t i = 0; i < filters->counts[FILTER_MODIFY]; i++)
		if (filter_match_holds(&filters->items[FILTER_MODIFY][i].match, line, data))
			modified |= modify(&filters->items[FILTER_MODIFY][i], line, data);
	counts->modified += modified;
}

bool filters_apply(const struct filters *filters, struct rule_lines *lines, struct filter_counts *counts)
{
	pcre2_match_data *data = pcre2_match_data_create(32, NULL);
	*counts = (struct filter_counts) { 0 };
	for (size_t i = 0; data && i < lines->count; i++)
		if (lines->items[i].rule)
			apply_one(filters, &lines->items[i], counts, data);
	bool good = data && flowbit_needs(lines, &counts->for_flowbits);
	pcre2_match_data_free(data);
	return good;
}
