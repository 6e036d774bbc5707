// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_dataset_build.h"
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/option.h"
#include "signatures/operand/dataset_json.h"
#include "signatures/rule/rule_text.h"

#define MEMCAP_PRESET         (UINT64_C(100) << 20)
#define HASHSIZE_PRESET       2048
#define SINGLE_HASHSIZE_LIMIT 262144
#define TOTAL_HASHSIZES_LIMIT 67108864
#define PATH_BYTES            4096

// Settings ----------------------------------------------------------------------------------------------------------------------------

// Groups of datasets.* that are no sets.
static const char *const reserved[] = { "defaults", "limits", "rules" };

static bool is_reserved(struct span name)
{
	for (unsigned i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (span_is(name, reserved[i]))
			return true;
	return false;
}

// datasets.NAME.KEY; NULL: not set. The last one counts.
static const char *setting(const struct rule_set_private *own, struct span name, const char *key)
{
	const struct option_map *map = own->options.datasets;
	size_t len = strlen(key);
	for (size_t i = map ? map->count : 0; i-- > 0;) {
		struct span full = span_text(map->pairs[i].key);
		if (full.len == name.len + 1 + len && full.data[name.len] == '.' &&
			span_equal(span_slice(full, 0, name.len), name) && span_is(span_from(full, name.len + 1), key))
			return map->pairs[i].value;
	}
	return NULL;
}

static uint64_t setting_size(const struct rule_set_private *own, const char *group, const char *key, uint64_t preset)
{
	const char *value = setting(own, span_text(group), key);
	uint64_t size;
	return value && text_size(text_trim(span_text(value)), &size) ? size : preset;
}

static bool setting_yes(const struct rule_set_private *own, const char *key, bool preset)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	const char *value = setting(own, span_text("rules"), key);
	for (unsigned i = 0; value && i < sizeof(yes) / sizeof(yes[0]); i++)
		if (span_is_nocase(text_trim(span_text(value)), yes[i]))
			return true;
	return value ? false : preset;
}

// What a rule leaves open, the settings may say.
static void settings_fill(struct rule_build *build, struct dataset_definition *definition)
{
	static const char *const keys[] = { "type", "load", "save", "state", "memcap", "hashsize", "format",
		"value_key", "array_key", "remove_key" };
	struct dataset_definition said = { 0 };
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = setting(build->own, definition->name, keys[i]);
		bool known;
		if (value)
			dataset_definition_word(build, &said, span_text(keys[i]), text_trim(span_text(value)), &known);
	}
	if (definition->type.len == 0)
		definition->type = said.type;
	if (definition->load.len == 0 && definition->save.len == 0 && definition->state.len == 0 &&
		(said.load.len || said.save.len || said.state.len)) {
		definition->load = said.load;
		definition->save = said.save;
		definition->state = said.state;
		definition->configured = true;
	}
	if (definition->memcap == 0)
		definition->memcap = said.memcap;
	if (definition->hashsize == 0)
		definition->hashsize = said.hashsize;
	if (!definition->has_format && said.has_format) {
		definition->format = said.format;
		definition->value_key = said.value_key;
		definition->array_key = said.array_key;
		definition->remove_key |= said.remove_key;
	}
}

bool dataset_definition_word(struct rule_build *build, struct dataset_definition *definition, struct span word,
	struct span value, bool *known)
{
	const struct {
		const char *name;
		struct span *to;
	} texts[] = { { "type", &definition->type }, { "load", &definition->load }, { "save", &definition->save },
		{ "state", &definition->state }, { "value_key", &definition->value_key },
		{ "array_key", &definition->array_key } };
	*known = true;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (span_is(word, texts[i].name)) {
			*texts[i].to = value;
			return value.len != 0 || rule_fail(build, "%s needs a value", texts[i].name);
		}
	if (span_is(word, "memcap"))
		return (text_size(value, &definition->memcap) && definition->memcap &&
			       definition->memcap <= (UINT64_C(1) << 32)) ||
		       rule_fail(build, "expected a size of at most 4 GiB after memcap");
	if (span_is(word, "hashsize"))
		return (text_u64(value, &definition->hashsize) && definition->hashsize) ||
		       rule_fail(build, "expected a number after hashsize");
	if (span_is(word, "remove_key")) {
		definition->remove_key = value.len == 0 || !span_is_nocase(value, "no");
		return true;
	}
	*known = span_is(word, "format");
	if (!*known)
		return false;
	definition->has_format = true;
	definition->format = span_is(value, "json")                                   ? DATASET_JSON
			     : span_is(value, "ndjson") || span_is(value, "jsonline") ? DATASET_NDJSON
										      : DATASET_CSV;
	return definition->format != DATASET_CSV || span_is(value, "csv") ||
	       rule_fail(build, "\"%.*s\": expected format csv, json or ndjson", SPAN_ARGS(value));
}

// Loading -----------------------------------------------------------------------------------------------------------------------------

struct report {
	struct rule_build *build;
	const char *path;
};

static void on_object(void *context, uint32_t line, const char *reason)
{
	const struct report *report = context;
	rule_report(report->build->own, report->path, line, false, "%s", reason);
}

static bool load_lines(struct rule_build *build, struct dataset *set, const char *path, struct span text)
{
	for (uint32_t number = 1; text.len; number++) {
		uint32_t end = span_find(text, '\n', 0);
		struct span line = text_trim(span_slice(text, 0, end));
		text = span_from(text, end < text.len ? end + 1 : end);
		const char *reason = line.len && line.data[0] != '#' ? dataset_load_line(set, line) : NULL;
		if (reason && dataset_refused(set))
			return rule_fail(build, "%.120s:%u: %s", path, number, reason);
		if (reason)
			rule_report(build->own, path, number, false, "%s; the line is left out", reason);
	}
	return true;
}

static bool load_text(struct rule_build *build, struct dataset *set, const struct dataset_definition *definition,
	const char *path, struct span text)
{
	if (definition->format == DATASET_CSV)
		return load_lines(build, set, path, text);
	char value_key[256], array_key[256];
	snprintf(value_key, sizeof(value_key), "%.*s", (int)definition->value_key.len,
		(const char *)definition->value_key.data);
	snprintf(array_key, sizeof(array_key), "%.*s", (int)definition->array_key.len,
		(const char *)definition->array_key.data);
	struct report report = { build, path };
	const struct dataset_json how = {
		.value_key = value_key,
		.array_key = array_key[0] ? array_key : NULL,
		.lines = definition->format == DATASET_NDJSON,
		.remove_key = definition->remove_key,
		.report = on_object,
		.context = &report,
	};
	return dataset_load_json(set, text, &how) || rule_fail(build, "%.120s cannot be loaded", path);
}

static uint32_t lines_of(struct span text)
{
	uint32_t lines = 1;
	for (uint32_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n' || text.data[i] == '{';
	return lines;
}

// The set of the generation before, whose changes go on.
static const struct dataset *set_before(
	const struct rule_build *build, const struct dataset_definition *definition, enum dataset_type type)
{
	const struct rule_set *before = build->own->options.like;
	uint32_t number = before ? rule_names_find(&before->own->datasets, definition->name) : UINT32_MAX;
	const struct rule_dataset *known = number != UINT32_MAX ? before->own->datasets.values[number] : NULL;
	return known && known->format == definition->format && dataset_type(known->set) == type ? known->set : NULL;
}

static bool sizes_fill(struct rule_build *build, struct dataset_definition *definition)
{
	struct rule_set_private *own = build->own;
	if (definition->memcap == 0)
		definition->memcap = setting_size(own, "defaults", "memcap", MEMCAP_PRESET);
	uint64_t hashsize = definition->hashsize ? definition->hashsize
						 : setting_size(own, "defaults", "hashsize", HASHSIZE_PRESET);
	uint64_t single = setting_size(own, "limits", "single-hashsize", SINGLE_HASHSIZE_LIMIT);
	uint64_t total = setting_size(own, "limits", "total-hashsizes", TOTAL_HASHSIZES_LIMIT);
	if (single && hashsize > single)
		return rule_fail(build, "hashsize %llu is over datasets.limits.single-hashsize (%llu)",
			(unsigned long long)hashsize, (unsigned long long)single);
	if (total && (hashsize > total || own->dataset_hashsizes > total - hashsize))
		return rule_fail(build, "hashsize %llu takes all sets over datasets.limits.total-hashsizes (%llu)",
			(unsigned long long)hashsize, (unsigned long long)total);
	definition->hashsize = hashsize;
	own->dataset_hashsizes += hashsize;
	return true;
}

static struct dataset *set_make(struct rule_build *build, struct dataset_definition *definition, const char *path,
	bool must_exist, enum dataset_type type)
{
	char error[256], *text = NULL;
	size_t len = 0;
	if (path && (must_exist || rule_path_is_file(path))) {
		text = rule_read_file(path, &len, error, sizeof(error));
		if (!text) {
			rule_fail(build, "%.120s %.80s", path, error);
			return NULL;
		}
	}
	struct dataset *set = NULL;
	if (sizes_fill(build, definition)) {
		const struct dataset_options options = {
			.type = type,
			.memcap_bytes = definition->memcap,
			.hashsize = definition->hashsize > UINT32_MAX ? UINT32_MAX : (uint32_t)definition->hashsize,
			.expected = text ? lines_of(span_of(text, len)) : 0,
			.before = set_before(build, definition, type),
		};
		set = dataset_new(&options);
		if (!set)
			rule_fail(build, "there is no memory for the set");
	}
	if (set && text && !load_text(build, set, definition, path, span_of(text, len))) {
		dataset_free(set);
		set = NULL;
	}
	free(text);
	return set;
}

// Definitions -------------------------------------------------------------------------------------------------------------------------

static const char *kept_path(struct rule_build *build, const char *path)
{
	return path[0] ? rule_arena_text(build->arena, span_text(path)) : NULL;
}

// The paths of a definition; "" none. A state file that is not there yet may have a first version beside the rules.
static bool paths_find(struct rule_build *build, const struct dataset_definition *definition, char load[PATH_BYTES],
	char save[PATH_BYTES])
{
	struct span to = definition->state.len ? definition->state : definition->save;
	bool anywhere = definition->configured || setting_yes(build->own, "allow-absolute-filenames", false);
	load[0] = save[0] = 0;
	if (to.len && !definition->configured && !setting_yes(build->own, "allow-write", true))
		return rule_fail(build, "rules may not write sets (datasets.rules.allow-write)");
	if (to.len && !rule_path_write(build, to, anywhere, save, PATH_BYTES))
		return false;
	if (definition->load.len)
		return rule_path_read(build, definition->load, load, PATH_BYTES);
	if (definition->state.len)
		memcpy(load, save, PATH_BYTES);
	return true;
}

static bool definition_good(
	struct rule_build *build, const struct dataset_definition *definition, enum dataset_type *type)
{
	bool json = definition->format != DATASET_CSV;
	if (definition->type.len == 0)
		return rule_fail(
			build, "the set %.*s has no type, neither here nor in datasets.*", SPAN_ARGS(definition->name));
	if (!dataset_type_find(definition->type, type))
		return rule_fail(
			build, "\"%.*s\": expected type string, md5, sha256, ipv4 or ip", SPAN_ARGS(definition->type));
	if (definition->state.len && (definition->load.len || definition->save.len))
		return rule_fail(build, "state stands for load and save, which exclude it");
	if (json && definition->load.len == 0)
		return rule_fail(build, "a set in JSON needs load");
	if (json && (definition->save.len || definition->state.len))
		return rule_fail(build, "a set in JSON is read only: no save and no state");
	if (json && definition->value_key.len == 0)
		return rule_fail(build, "a set in JSON needs value_key");
	return true;
}

static bool path_fits(struct rule_build *build, const char *what, const char *known, const char *asked)
{
	return (known ? strcmp(known, asked) == 0 : asked[0] == 0) ||
	       rule_fail(build, "the set was defined with %s %.80s, not %.80s", what, known ? known : "of nothing",
		       asked);
}

static struct dataset *set_known(
	struct rule_build *build, const struct dataset_definition *definition, const struct rule_dataset *known)
{
	enum dataset_type type;
	char load[PATH_BYTES], save[PATH_BYTES];
	if (definition->type.len && (!dataset_type_find(definition->type, &type) || type != dataset_type(known->set))) {
		rule_fail(build, "the set %.*s is of type %s where it was defined", SPAN_ARGS(definition->name),
			dataset_type_name(dataset_type(known->set)));
		return NULL;
	}
	if (definition->load.len == 0 && definition->save.len == 0 && definition->state.len == 0)
		return known->set;
	if (definition->format != known->format) {
		rule_fail(build, "the set %.*s has another format where it was defined", SPAN_ARGS(definition->name));
		return NULL;
	}
	if (!paths_find(build, definition, load, save) || !path_fits(build, "load", known->load, load) ||
		!path_fits(build, "save", known->save, save))
		return NULL;
	return known->set;
}

struct dataset *rule_dataset_take(struct rule_build *build, struct dataset_definition *definition)
{
	struct rule_set_private *own = build->own;
	enum dataset_type type;
	char load[PATH_BYTES], save[PATH_BYTES], first[PATH_BYTES];
	uint32_t number = rule_names_find(&own->datasets, definition->name);
	if (number != UINT32_MAX && own->datasets.values[number])
		return set_known(build, definition, own->datasets.values[number]);
	if (is_reserved(definition->name)) {
		rule_fail(build, "datasets.%.*s is no set", SPAN_ARGS(definition->name));
		return NULL;
	}
	settings_fill(build, definition);
	if (!definition_good(build, definition, &type) || !paths_find(build, definition, load, save))
		return NULL;
	const char *from = load[0] ? load : NULL;
	if (definition->state.len && !rule_path_is_file(load) &&
		rule_path_read(build, definition->state, first, sizeof(first)))
		from = first;
	struct dataset *set = set_make(build, definition, from, definition->load.len != 0, type);
	if (!set)
		return NULL;
	struct rule_dataset *kept = rule_arena_take(build->arena, sizeof(*kept));
	*kept = (struct rule_dataset) { set, kept_path(build, load), kept_path(build, save), definition->format };
	number = rule_names_add(&own->datasets, definition->name);
	own->datasets.values[number] = kept;
	return set;
}

// datasets.KEY as a set and what is said of it. False: neither.
static bool key_split(struct span key, struct span *name, struct span *word)
{
	uint32_t dot = key.len;
	while (dot > 0 && key.data[dot - 1] != '.')
		dot--;
	*name = span_slice(key, 0, dot ? dot - 1 : 0);
	*word = span_from(key, dot);
	return name->len && word->len;
}

void rule_datasets_configure(struct rule_set *set)
{
	struct rule_set_private *own = set->own;
	struct rule_build *build = own->build;
	const struct option_map *map = own->options.datasets;
	for (size_t i = 0; map && i < map->count; i++) {
		struct dataset_definition definition = { 0 };
		struct span key = span_text(map->pairs[i].key), name, word;
		bool known;
		build->error = (struct rule_error) { 0 };
		if (span_is(key, "enabled") || !key_split(key, &name, &word) || is_reserved(name))
			continue;
		bool good = dataset_definition_word(
			build, &definition, word, text_trim(span_text(map->pairs[i].value)), &known);
		if (!good && !known)
			rule_fail(build, "is no setting of a set");
		if (good && span_is(word, "type")) {
			definition = (struct dataset_definition) { .name = name, .configured = true };
			good = rule_dataset_take(build, &definition) != NULL;
		}
		if (!good)
			rule_report(own, NULL, 0, false, "datasets.%s: %s", map->pairs[i].key, build->error.reason);
	}
}

void rule_datasets_free(struct rule_set_private *own)
{
	for (uint32_t i = 0; i < own->datasets.count; i++)
		if (own->datasets.values[i])
			dataset_free(((struct rule_dataset *)own->datasets.values[i])->set);
	rule_names_fini(&own->datasets);
}
