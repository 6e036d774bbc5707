// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/pack.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/files/yaml_tree.h"

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), more = strlen(end);
	return len > more && strcmp(text + len - more, end) == 0;
}

bool pack_is_rule_file(const struct pack *pack, const char *path)
{
	return ends_with(path, ".rules") && (pack->rules_only || strncmp(path, "rules/", 6) == 0);
}

bool pack_is_test_file(const struct pack *pack, const char *path)
{
	return !pack->rules_only && strncmp(path, "tests/", 6) == 0 && ends_with(path, ".yaml") &&
	       !ends_with(path, ".recipe.yaml");
}

bool pack_name_good(const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && (i == 0 || !strchr("-_.", name[i])))
			return false;
	return len > 0 && len <= PACK_NAME_MAX;
}

int pack_version_compare(const char *a, const char *b)
{
	while (*a || *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			a += strspn(a, "0");
			b += strspn(b, "0");
			size_t la = strspn(a, "0123456789"), lb = strspn(b, "0123456789");
			int order = la != lb ? (la < lb ? -1 : 1) : strncmp(a, b, la);
			if (order)
				return order;
			a += la;
			b += lb;
		} else if (*a == *b) {
			a++;
			b++;
		} else {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		}
	}
	return 0;
}

static bool copy_text(
	const struct yaml_tree *tree, const char *key, bool needed, const char *text, char *out, size_t size)
{
	if (!text && !needed)
		return true;
	if (!text || !*text)
		return yaml_fail(tree, tree->root, "%s is missing", key);
	if (strlen(text) >= size)
		return yaml_fail(tree, yaml_get(tree->root, key), "%s is longer than %zu bytes", key, size - 1);
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20)
			return yaml_fail(tree, yaml_get(tree->root, key), "%s: one line of text", key);
	snprintf(out, size, "%s", text);
	return true;
}

static bool read_tree(struct pack *pack, const struct yaml_tree *tree)
{
	static const char *const keys[] = { "name", "version", "author", "minimum-sensor-version", "description",
		"license", "homepage", NULL };
	const char *name = NULL, *version = NULL, *author = NULL, *least = NULL;
	if (!yaml_only(tree, tree->root, keys) || !yaml_text(tree, tree->root, "name", &name) ||
		!yaml_text(tree, tree->root, "version", &version) || !yaml_text(tree, tree->root, "author", &author) ||
		!yaml_text(tree, tree->root, "minimum-sensor-version", &least) ||
		!copy_text(tree, "name", true, name, pack->name, sizeof(pack->name)) ||
		!copy_text(tree, "version", true, version, pack->version, sizeof(pack->version)) ||
		!copy_text(tree, "author", true, author, pack->author, sizeof(pack->author)))
		return false;
	if (!pack_name_good(name))
		return yaml_fail(tree, yaml_get(tree->root, "name"),
			"name: 1 to %d letters, digits, \"-\", \"_\" or \".\", a letter or digit first", PACK_NAME_MAX);
	if (strpbrk(version, " /"))
		return yaml_fail(tree, yaml_get(tree->root, "version"), "version: without spaces and slashes");
	if (least && pack_version_compare(least, SEKISHO_VERSION) > 0)
		return yaml_fail(tree, yaml_get(tree->root, "minimum-sensor-version"),
			"the pack needs Sekisho %s or later; this is %s", least, SEKISHO_VERSION);
	return true;
}

static bool read_description(struct pack *pack, struct pack_error *error)
{
	char path[PATH_BYTES], *bytes;
	size_t len;
	struct yaml_tree tree;
	if (!path_join(path, pack->root, "pack.yaml") || !file_read(path, YAML_BYTES_MAX, &bytes, &len, error))
		return false;
	bool good = yaml_tree_read(&tree, path, bytes, len, error);
	if (good) {
		good = read_tree(pack, &tree);
		yaml_tree_free(&tree);
	}
	free(bytes);
	return good;
}

static bool has_file(const struct pack *pack, const char *path)
{
	for (size_t i = 0; i < pack->files.count; i++)
		if (strcmp(pack->files.paths[i], path) == 0)
			return true;
	return false;
}

static bool check_files(struct pack *pack, const char *name, struct pack_error *error)
{
	bool rules = false;
	pack->rules_only = !has_file(pack, "pack.yaml");
	if (pack->rules_only && !name)
		return pack_fail(error, "%s: there is no pack.yaml", pack->root);
	if (!pack->rules_only && !read_description(pack, error))
		return false;
	if (pack->rules_only) {
		if (!pack_name_good(name))
			return pack_fail(
				error, "%s: not a name for a pack (letters, digits, \"-\", \"_\", \".\")", name);
		snprintf(pack->name, sizeof(pack->name), "%s", name);
	}
	for (size_t i = 0; i < pack->files.count; i++)
		rules |= pack_is_rule_file(pack, pack->files.paths[i]);
	return rules ||
	       pack_fail(error, "%s: there is no %s*.rules in it", pack->root, pack->rules_only ? "" : "rules/");
}

bool pack_open(struct pack *pack, const char *folder, const char *name, struct pack_error *error)
{
	*pack = (struct pack) { 0 };
	if (strlen(folder) >= PATH_BYTES - TREE_PATH_MAX - 2)
		return pack_fail(error, "%.100s...: the path is too long", folder);
	snprintf(pack->root, sizeof(pack->root), "%s", folder);
	size_t len = strlen(pack->root);
	while (len > 1 && pack->root[len - 1] == '/')
		pack->root[--len] = 0;
	if (!tree_list(pack->root, &pack->files, error))
		return false;
	if (check_files(pack, name, error))
		return true;
	pack_close(pack);
	return false;
}

void pack_close(struct pack *pack)
{
	tree_list_free(&pack->files);
}
