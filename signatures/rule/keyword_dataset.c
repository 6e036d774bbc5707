// SPDX-License-Identifier: GPL-3.0-or-later
// dataset and datarep: sets of values, defined by the rule that names them first or by the setting datasets.NAME, and filled from files.
#include "decoders/base/option.h"
#include "signatures/operand/dataset.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SET_ROOM_BYTES (1u << 20) // for what rules add, when no memcap is given
#define LINE_COST      64         // bytes a line of a file takes at most beside its text

struct definition {
	struct span name, type, load, state;
	uint64_t memcap;
	bool scored;
};

// What the settings say of the set: type, load, state, memcap.
static const char *setting(const struct rule_build *build, struct span name, const char *key)
{
	const struct option_map *map = build->own->options.datasets;
	size_t len = strlen(key);
	for (size_t i = map ? map->count : 0; i-- > 0;) {
		struct span full = span_text(map->pairs[i].key);
		if (full.len == name.len + 1 + len && full.data[name.len] == '.' &&
			span_equal(span_slice(full, 0, name.len), name) && span_is(span_from(full, name.len + 1), key))
			return map->pairs[i].value;
	}
	return NULL;
}

static void settings_fill(struct rule_build *build, struct definition *definition)
{
	struct {
		const char *key;
		struct span *to;
	} const texts[] = { { "type", &definition->type }, { "load", &definition->load },
		{ "state", &definition->state } };
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *value = setting(build, definition->name, texts[i].key);
		if (value && texts[i].to->len == 0)
			*texts[i].to = text_trim(span_text(value));
	}
	const char *memcap = setting(build, definition->name, "memcap");
	if (memcap && definition->memcap == 0)
		text_size(span_text(memcap), &definition->memcap);
}

// Not a device or a pipe, which may never end.
static bool is_file(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

// A file given without folder lies beside the rule file, else under default-rule-path, else here.
static bool file_path(const struct rule_build *build, struct span name, char *path, size_t size)
{
	const char *slash = build->file ? strrchr(build->file, '/') : NULL, *folder = build->own->options.rule_path;
	int n = -1;
	if (name.data[0] != '/' && slash)
		n = snprintf(path, size, "%.*s/%.*s", (int)(slash - build->file), build->file, (int)name.len,
			(const char *)name.data);
	if (n > 0 && (size_t)n < size && is_file(path))
		return true;
	if (name.data[0] != '/' && folder) {
		n = snprintf(path, size, "%s/%.*s", folder, (int)name.len, (const char *)name.data);
		if (n > 0 && (size_t)n < size && is_file(path))
			return true;
	}
	n = snprintf(path, size, "%.*s", (int)name.len, (const char *)name.data);
	return n > 0 && (size_t)n < size && (access(path, R_OK) != 0 || is_file(path));
}

static void load_lines(struct rule_build *build, struct dataset *set, const char *path, struct span text, bool scored)
{
	for (uint32_t number = 1; text.len; number++) {
		uint32_t end = span_find(text, '\n', 0);
		struct span line = text_trim(span_slice(text, 0, end));
		text = span_from(text, end < text.len ? end + 1 : end);
		const char *reason = line.len && line.data[0] != '#' ? dataset_load_line(set, line, scored) : NULL;
		if (reason)
			rule_report(build->own, path, number, true, "%s; the line is left out", reason);
	}
}

static struct dataset *set_make(struct rule_build *build, const struct definition *definition)
{
	enum dataset_type type;
	char path[4096], error[256];
	struct span file = definition->load.len ? definition->load : definition->state;
	char *text = NULL;
	size_t len = 0;
	if (definition->type.len == 0) {
		rule_fail(
			build, "the set %.*s has no type, neither here nor in datasets.*", SPAN_ARGS(definition->name));
		return NULL;
	}
	if (!dataset_type_find(definition->type, &type)) {
		rule_fail(
			build, "\"%.*s\": expected type string, md5, sha256, ipv4 or ip", SPAN_ARGS(definition->type));
		return NULL;
	}
	if (file.len && !file_path(build, file, path, sizeof(path))) {
		rule_fail(build, "\"%.*s\" is no file to read values from", SPAN_ARGS(file));
		return NULL;
	}
	if (file.len) {
		text = rule_read_file(path, &len, error, sizeof(error));
		if (!text && definition->load.len) { // a state file need not be there yet
			rule_fail(build, "%.120s %.80s", path, error);
			return NULL;
		}
	}
	size_t lines = 1;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	struct dataset *set =
		dataset_new(type, (definition->memcap ? definition->memcap : SET_ROOM_BYTES) + len + lines * LINE_COST);
	if (!set)
		rule_fail(build, "there is no memory for the set");
	else if (text)
		load_lines(build, set, path, span_of(text, len), definition->scored);
	free(text);
	return set;
}

static struct dataset *set_find(struct rule_build *build, struct definition *definition)
{
	uint32_t number = rule_names_find(&build->own->datasets, definition->name);
	enum dataset_type type;
	if (number == UINT32_MAX) {
		settings_fill(build, definition);
		struct dataset *set = set_make(build, definition);
		if (set) {
			number = rule_names_add(&build->own->datasets, definition->name);
			build->own->datasets.values[number] = set;
		}
		return set;
	}
	struct dataset *set = build->own->datasets.values[number];
	if (definition->type.len && (!dataset_type_find(definition->type, &type) || type != dataset_type(set))) {
		rule_fail(build, "the set %.*s has another type where it was defined", SPAN_ARGS(definition->name));
		return NULL;
	}
	return set;
}

// The words after the name: "type string", "load FILE", "state FILE", "save FILE", "memcap N", "hashsize N".
static bool definition_words(struct rule_build *build, struct span rest, struct definition *definition)
{
	struct span part, word;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is(word, "type"))
			definition->type = part;
		else if (span_is(word, "load"))
			definition->load = part;
		else if (span_is(word, "state"))
			definition->state = part;
		else if (span_is(word, "memcap")) {
			if (!text_size(part, &definition->memcap) || definition->memcap == 0 ||
				definition->memcap > (UINT64_C(1) << 32))
				return rule_fail(build, "expected a size of at most 4 GiB after memcap");
		} else if (span_is(word, "format") && !span_is(part, "csv"))
			return rule_fail(build, "sets in %.*s are not there yet", SPAN_ARGS(part));
		else if (!span_is(word, "format") && !span_is(word, "hashsize") && !span_is(word, "save"))
			return rule_fail(build, "\"%.*s\" is no argument of it", SPAN_ARGS(word));
	}
	return definition->load.len == 0 || definition->state.len == 0 ||
	       rule_fail(build, "load and state exclude each other");
}

static bool match_make(struct rule_build *build, enum match_kind kind, const struct match_dataset *how,
	struct span rest, struct definition *definition)
{
	if (!build->sticky)
		return rule_fail(build, "needs a sticky buffer before it");
	struct match *match = build_match(build, kind);
	if (!match || !definition_words(build, rest, definition))
		return false;
	struct match_dataset *data = rule_arena_copy(build->arena, how, sizeof(*how));
	match->data = data;
	data->set = set_find(build, definition);
	return data->set != NULL;
}

static bool parse_dataset(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name ops[] = { { "set", DATASET_SET }, { "unset", DATASET_UNSET },
		{ "isset", DATASET_ISSET }, { "isnotset", DATASET_ISNOTSET }, { 0 } };
	struct span rest = option->value, op;
	struct definition definition = { 0 };
	struct match_dataset how = { 0 };
	unsigned i = 0;
	if (!text_next(&rest, ',', &op) || !text_next(&rest, ',', &definition.name) || definition.name.len == 0)
		return rule_fail(build, "expected set, unset, isset or isnotset and the name of a set");
	while (ops[i].name && !span_is(op, ops[i].name))
		i++;
	if (!ops[i].name)
		return rule_fail(build, "\"%.*s\": expected set, unset, isset or isnotset", SPAN_ARGS(op));
	how.op = (uint8_t)ops[i].value;
	return match_make(build, MATCH_DATASET, &how, rest, &definition);
}

static bool parse_datarep(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, op, score;
	struct definition definition = { .scored = true };
	struct match_dataset how = { .op = DATASET_SCORE };
	uint32_t value;
	if (!text_next(&rest, ',', &definition.name) || definition.name.len == 0 || !text_next(&rest, ',', &op) ||
		!text_next(&rest, ',', &score))
		return rule_fail(build, "expected NAME,OPERATOR,SCORE");
	if (!span_is(op, "<") && !span_is(op, ">") && !span_is(op, "=="))
		return rule_fail(build, "\"%.*s\": expected <, > or ==", SPAN_ARGS(op));
	if (!text_u32(score, &value) || value > UINT16_MAX)
		return rule_fail(build, "expected a score of 0 to 65535");
	how.compare = op.data[0];
	how.score = (uint16_t)value;
	return match_make(build, MATCH_DATAREP, &how, rest, &definition);
}

const struct keyword keywords_dataset[] = {
	{ "dataset", NULL, KEYWORD_NEEDS_VALUE, parse_dataset, 0 },
	{ "datarep", NULL, KEYWORD_NEEDS_VALUE, parse_datarep, 0 },
	{ 0 },
};
