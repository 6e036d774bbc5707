// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/filter_match.h"
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MAX 1000

pcre2_code *filter_regex(const char *pattern, uint32_t options, const char **why)
{
	int code;
	PCRE2_SIZE at;
	pcre2_code *compiled = pcre2_compile(
		(PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (!compiled)
		*why = "the regular expression has an error";
	else
		(void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
	return compiled;
}

// "2019401", "1:2019401", "1:2019401:2". False: something else is there.
static bool read_id(const char *text, size_t len, struct rule_id *id)
{
	uint32_t numbers[3];
	unsigned count = 0;
	for (size_t at = 0; at <= len; at++, count++) {
		uint64_t number = 0;
		size_t digits = 0;
		for (; at < len && isdigit((unsigned char)text[at]) && number <= UINT32_MAX; at++, digits++)
			number = number * 10 + (uint64_t)(text[at] - '0');
		if (count == 3 || !digits || number > UINT32_MAX || (at < len && text[at] != ':'))
			return false;
		numbers[count] = (uint32_t)number;
	}
	*id = (struct rule_id) { 1, numbers[0], 0, count == 3 };
	if (count >= 2) {
		id->gid = numbers[0];
		id->sid = numbers[1];
	}
	if (count == 3)
		id->rev = numbers[2];
	return true;
}

// Several with commas.
static bool read_ids(struct filter_match *match, const char *text)
{
	match->ids = calloc(IDS_MAX, sizeof(*match->ids));
	while (match->ids && match->id_count < IDS_MAX) {
		struct span rest = span_text(text), entry = span_slice(rest, 0, span_find(rest, ',', 0));
		text += entry.len;
		entry = span_trim(entry);
		if (!read_id((const char *)entry.data, entry.len, &match->ids[match->id_count++]))
			return false;
		if (!*text++)
			return true;
	}
	return false;
}

static const char *read_metadata(struct filter_match *match, const char *text)
{
	text += strspn(text, " \t");
	size_t key = strcspn(text, " \t");
	const char *value = text + key + strspn(text + key, " \t");
	if (!key || !*value)
		return "expected metadata:KEY VALUE";
	match->kind = MATCH_METADATA;
	match->pattern = strndup(text, key);
	match->value = strdup(value);
	return match->pattern && match->value ? NULL : "no memory";
}

const char *filter_match_read(struct filter_match *match, const char *text)
{
	const char *why = NULL;
	*match = (struct filter_match) { 0 };
	if (strcmp(text, "*") == 0)
		return NULL;
	if (strncmp(text, "re:", 3) == 0) {
		match->kind = MATCH_REGEX;
		match->code = filter_regex(text + 3 + strspn(text + 3, " \t"), PCRE2_CASELESS, &why);
		return why;
	}
	if (strncmp(text, "group:", 6) == 0 || strncmp(text, "filename:", 9) == 0) {
		const char *pattern = strchr(text, ':') + 1;
		match->kind = text[0] == 'g' ? MATCH_GROUP : MATCH_FILE;
		match->pattern = strdup(pattern + strspn(pattern, " \t"));
		return match->pattern ? NULL : "no memory";
	}
	if (strncmp(text, "metadata:", 9) == 0)
		return read_metadata(match, text + 9);
	size_t len = strlen(text);
	if (len > 6 && strcmp(text + len - 6, ".rules") == 0) {
		match->kind = MATCH_GROUP;
		match->pattern = strdup(text);
		return match->pattern ? NULL : "no memory";
	}
	match->kind = MATCH_IDS;
	return read_ids(match, text) ? NULL
				     : "expected SID, GID:SID, GID:SID:REV, re:, group:, filename:, metadata: or *";
}

void filter_match_fini(struct filter_match *match)
{
	free(match->ids);
	free(match->pattern);
	free(match->value);
	pcre2_code_free(match->code);
	*match = (struct filter_match) { 0 };
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

// file is "PACK/NAME"; vendors' archives have it as "rules/NAME".
static bool file_holds(const char *pattern, const char *file)
{
	char path[512];
	const char *base = base_of(file);
	snprintf(path, sizeof(path), "rules/%s", base);
	return fnmatch(pattern, file, 0) == 0 || fnmatch(pattern, base, 0) == 0 || fnmatch(pattern, path, 0) == 0;
}

static bool group_holds(const char *pattern, const char *file)
{
	char stem[256];
	const char *base = base_of(file), *dot = strrchr(base, '.');
	size_t len = dot ? (size_t)(dot - base) : strlen(base);
	if (fnmatch(pattern, base, 0) == 0)
		return true;
	if (len >= sizeof(stem))
		return false;
	memcpy(stem, base, len);
	stem[len] = 0;
	return fnmatch(pattern, stem, 0) == 0;
}

// An entry "key value ..." of the rule's metadata, separated by commas.
static bool metadata_holds(const struct filter_match *match, const struct rule_line *line)
{
	struct span name, value;
	for (size_t at = 0; rule_line_option(line->text, &at, &name, &value);) {
		while (span_is(name, "metadata") && value.len) {
			uint32_t end = span_find(value, ',', 0);
			struct span entry = span_trim(span_slice(value, 0, end));
			uint32_t key = span_find(entry, ' ', 0);
			struct span word = span_trim(span_from(entry, key));
			value = span_from(value, end + 1);
			if (span_is_nocase(span_slice(entry, 0, key), match->pattern) &&
				span_is_nocase(word, match->value))
				return true;
		}
	}
	return false;
}

bool filter_match_holds(const struct filter_match *match, const struct rule_line *line, pcre2_match_data *data)
{
	switch (match->kind) {
	case MATCH_ALL_RULES: return true;
	case MATCH_IDS:
		for (size_t i = 0; i < match->id_count; i++)
			if (match->ids[i].sid == line->sid && match->ids[i].gid == line->gid &&
				(!match->ids[i].has_rev || match->ids[i].rev == line->rev))
				return true;
		return false;
	case MATCH_REGEX:
		return pcre2_match(match->code, (PCRE2_SPTR)line->text, strlen(line->text), 0, 0, data, NULL) >= 0;
	case MATCH_FILE: return file_holds(match->pattern, line->file);
	case MATCH_GROUP: return group_holds(match->pattern, line->file);
	default: return metadata_holds(match, line);
	}
}
