// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/install_rules.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "decoders/base/log.h"
#include "sensor/reload/rules_load.h"

#define ERRORS_SHOWN 5

struct set_rules {
	const char *staging;
	struct pack packs[STORE_PACKS_MAX];
	char *names[TREE_FILES_MAX]; // "PACK/FILE" of rule files, in the order read: what lines refer to
	size_t name_count;
	struct rule_lines lines;
};

// "rules/x/y.rules" becomes "x-y.rules": the sensor reads one level.
static bool output_name(const char *pack, const char *path, char out[PATH_BYTES])
{
	bool below = strncmp(path, "rules/", 6) == 0;
	int len = snprintf(out, PATH_BYTES, "%s/%s", pack, path + (below ? 6 : 0));
	for (char *at = strchr(out, '/') + 1; *at; at++)
		if (*at == '/')
			*at = '-';
	return len > 0 && len < PATH_BYTES;
}

static bool read_rules(struct set_rules *rules, const struct pack *pack, const char *path, struct pack_error *error)
{
	char full[PATH_BYTES], name[PATH_BYTES], *text;
	size_t len;
	if (rules->name_count == TREE_FILES_MAX || !path_join(full, pack->root, path) ||
		!output_name(pack->name, path, name) || !(rules->names[rules->name_count] = strdup(name)))
		return pack_fail(error, "%s: no memory, or too many files", pack->root);
	const char *kept = rules->names[rules->name_count++];
	for (size_t i = 0; i + 1 < rules->name_count; i++)
		if (strcmp(rules->names[i], kept) == 0)
			return pack_fail(error, "%s: two rule files would both be %s", pack->root, kept);
	if (!file_read(full, (size_t)512 << 20, &text, &len, error))
		return false;
	bool good = rule_lines_read(&rules->lines, kept, text, len, error);
	free(text);
	return good;
}

// Files that rules may refer to lie beside them.
static bool copy_data(
	const struct set_rules *rules, const struct pack *pack, const char *path, struct pack_error *error)
{
	char from[PATH_BYTES], to[PATH_BYTES], *bytes;
	size_t len;
	bool below = strncmp(path, "rules/", 6) == 0;
	if (!below && !pack->rules_only)
		return true;
	if (!path_join(from, pack->root, path) || snprintf(to, sizeof(to), "%s/rules/%s/%s", rules->staging, pack->name,
							  path + (below ? 6 : 0)) >= PATH_BYTES)
		return pack_fail(error, "%s: the path is too long", path);
	char *slash = strrchr(to, '/');
	*slash = 0;
	if (!folder_make(to, error))
		return false;
	*slash = '/';
	if (!file_read(from, (size_t)512 << 20, &bytes, &len, error))
		return false;
	bool good = file_write(to, bytes, len, 0644, error);
	free(bytes);
	return good;
}

static bool read_pack(struct set_rules *rules, struct pack *pack, struct pack_error *error)
{
	for (size_t i = 0; i < pack->files.count; i++) {
		const char *path = pack->files.paths[i];
		bool ignored = strcmp(path_base(path), "deleted.rules") == 0;
		if (pack_is_rule_file(pack, path) ? !ignored && !read_rules(rules, pack, path, error)
						  : !copy_data(rules, pack, path, error))
			return false;
	}
	return true;
}

static bool write_rules(struct set_rules *rules, struct pack_error *error)
{
	for (size_t i = 0; i < rules->name_count; i++) {
		char path[PATH_BYTES];
		size_t len;
		if (snprintf(path, sizeof(path), "%s/rules/%s", rules->staging, rules->names[i]) >= PATH_BYTES)
			return pack_fail(error, "%s: the path is too long", rules->names[i]);
		char *slash = strrchr(path, '/');
		*slash = 0;
		if (!folder_make(path, error))
			return false;
		*slash = '/';
		char *text = rule_lines_format(&rules->lines, rules->names[i], &len);
		bool good = text ? file_write(path, text, len, 0644, error) : pack_fail(error, "no memory");
		free(text);
		if (!good)
			return false;
	}
	return true;
}

static bool build(struct set_rules *rules, const struct sensor_config *config, const struct store_set *set,
	const char *name, uint32_t *as_came, struct filter_counts *counts, struct pack_error *error)
{
	char path[PATH_BYTES];
	for (unsigned i = 0; i < set->count; i++) {
		size_t before = rules->lines.count;
		if (snprintf(path, sizeof(path), "%s/packs/%s", rules->staging, set->packs[i].name) >= PATH_BYTES ||
			!pack_open(&rules->packs[i], path, set->packs[i].name, error) ||
			!read_pack(rules, &rules->packs[i], error))
			return false;
		for (size_t k = before; k < rules->lines.count && strcmp(set->packs[i].name, name) == 0; k++)
			*as_came += rules->lines.items[k].rule && rules->lines.items[k].enabled;
	}
	const char *folder = config->rules.filters;
	struct filters *filters = filters_load(folder ? folder : "", error);
	if (!filters)
		return false;
	bool good = filters_apply(filters, &rules->lines, counts) || pack_fail(error, "no memory");
	filters_free(filters);
	return good && write_rules(rules, error);
}

bool install_write_rules(const struct sensor_config *config, const char *staging, const struct store_set *set,
	const char *name, uint32_t *as_came, struct filter_counts *counts, struct pack_error *error)
{
	struct set_rules *rules = calloc(1, sizeof(*rules));
	*as_came = 0;
	if (!rules)
		return pack_fail(error, "no memory");
	rules->staging = staging;
	bool good = build(rules, config, set, name, as_came, counts, error);
	rule_lines_free(&rules->lines);
	for (size_t i = 0; i < rules->name_count; i++)
		free(rules->names[i]);
	for (unsigned i = 0; i < set->count; i++)
		pack_close(&rules->packs[i]);
	free(rules);
	return good;
}

// Does it parse? -----------------------------------------------------------------------------------------------------------------

struct parse {
	uint32_t shown, count;
	const char *staging;
	struct pack_error *error;
};

static void on_error(void *context, const struct rule_error *fault)
{
	struct parse *parse = context;
	char text[768];
	if (fault->warning)
		return;
	const char *file = fault->file ? fault->file : "";
	size_t skip = strlen(parse->staging) + strlen("/rules/");
	snprintf(text, sizeof(text), "%s:%u:%u: %s%s%s", strlen(file) > skip ? file + skip : file, fault->line,
		fault->column, fault->keyword, fault->keyword[0] ? ": " : "", fault->reason);
	if (parse->count++ == 0)
		pack_fail(parse->error, "%s", text);
	if (parse->shown++ < ERRORS_SHOWN)
		log_error("%s", text);
}

bool install_parse_rules(const struct sensor_config *config, const char *staging, const struct store_set *set,
	uint32_t *loaded, uint32_t *refused, struct pack_error *error)
{
	struct parse parse = { .staging = staging, .error = error };
	struct rule_options options;
	rules_options(config, &options);
	options.action_order = NULL; // order and thresholds are the sensor's, not of what is installed
	options.threshold_file = NULL;
	options.on_error = on_error;
	options.on_error_context = &parse;
	struct rule_set *parsed = rule_set_new(&options);
	if (!parsed)
		return parse.count ? false : pack_fail(error, "the rules cannot be loaded");
	bool good = true;
	for (unsigned i = 0; good && i < set->count; i++) {
		char pattern[PATH_BYTES];
		good = snprintf(pattern, sizeof(pattern), "%s/rules/%s", staging, set->packs[i].name) < PATH_BYTES &&
		       rule_set_load_file(parsed, pattern);
	}
	good = rule_set_finish(parsed) && good;
	*loaded = parsed->count;
	*refused = parsed->failed;
	rule_set_free(parsed);
	return good || parse.count || pack_fail(error, "the rules cannot be loaded");
}
