// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/fetch/fetch.h"
#include "sensor/files/files.h"
#include "sensor/files/yaml_tree.h"

#define FILE_MAX ((size_t)4 << 20)

const char *const feed_format_names[FEED_FORMATS] = {
	[FEED_AUTO] = "auto",
	[FEED_PLAIN] = "plain",
	[FEED_HOSTS] = "hosts",
	[FEED_CSV] = "csv",
	[FEED_RPZ] = "rpz",
	[FEED_STIX] = "stix",
	[FEED_MISP] = "misp",
	[FEED_IPREP] = "iprep",
	[FEED_DATASET] = "dataset",
};

const char *const feed_column_names[FEED_COLUMNS] = {
	[COLUMN_VALUE] = "value",
	[COLUMN_KIND] = "kind",
	[COLUMN_FAMILY] = "family",
	[COLUMN_CONFIDENCE] = "confidence",
	[COLUMN_FIRST_SEEN] = "first-seen",
	[COLUMN_EXPIRY] = "expiry",
	[COLUMN_TECHNIQUE] = "technique",
	[COLUMN_PORT] = "port",
};

static const struct feed preset = {
	.kind = INDICATOR_KINDS,
	.confidence = 70,
	.enabled = true,
	.separator = ',',
	.interval_s = 3600,
	.max_bytes = 1ull << 30,
	.least_percent = 50,
};

static const struct feed *find(const struct feeds *feeds, const char *name)
{
	for (unsigned i = 0; i < feeds->count; i++)
		if (strcmp(feeds->items[i].name, name) == 0)
			return &feeds->items[i];
	return NULL;
}

const struct feed *feeds_find(const struct feeds *feeds, const char *name)
{
	return find(feeds, name);
}

static struct feed *append(struct feeds *feeds)
{
	struct feed *items = realloc(feeds->items, (feeds->count + 1) * sizeof(*items));
	if (!items)
		return NULL;
	feeds->items = items;
	items[feeds->count] = preset;
	return &items[feeds->count++];
}

bool feeds_add(struct feeds *feeds, const char *name, const char *source, bool allow)
{
	struct feed *feed = append(feeds);
	if (!feed)
		return false;
	snprintf(feed->name, sizeof(feed->name), "%s", name);
	feed->allow = allow;
	feed->source = strdup(source);
	return feed->source != NULL;
}

void feeds_free(struct feeds *feeds)
{
	for (unsigned i = 0; i < feeds->count; i++)
		free(feeds->items[i].source);
	free(feeds->items);
	*feeds = (struct feeds) { 0 };
}

// Reading ------------------------------------------------------------------------------------------------------------------------

// A number with one of the units behind it; "s m h d w" or "KiB MiB GiB", without one it counts units of 1.
struct unit {
	const char *name;
	uint64_t factor;
};
static const struct unit times[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 }, { "w", 604800 },
	{ NULL, 0 } };
static const struct unit sizes[] = { { "", 1 }, { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 },
	{ NULL, 0 } };

static bool read_amount(const struct yaml_tree *tree, const struct yaml_node *map, const char *key,
	const struct unit *units, uint64_t high, uint64_t *out)
{
	const struct yaml_node *node = yaml_get(map, key);
	if (!node)
		return true;
	char *end = NULL;
	uint64_t number = isdigit((unsigned char)node->text[0]) ? strtoull(node->text, &end, 10) : 0;
	while (end && *end == ' ')
		end++;
	for (; end && units->name; units++)
		if (strcmp(end, units->name) == 0 && number <= high / units->factor) {
			*out = number * units->factor;
			return true;
		}
	return yaml_fail(tree, node, "%s: expected a number with its unit, such as %s", key,
		units == times || high < (1ull << 32) ? "30d or 12h" : "64 MiB");
}

static bool read_flag(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, bool *out)
{
	const struct yaml_node *node = yaml_get(map, key);
	if (!node)
		return true;
	bool yes = strcmp(node->text, "yes") == 0 || strcmp(node->text, "true") == 0;
	if (!yes && strcmp(node->text, "no") != 0 && strcmp(node->text, "false") != 0)
		return yaml_fail(tree, node, "%s: expected yes or no", key);
	*out = yes;
	return true;
}

// The text at key as one of names. *out is left alone when there is none.
static bool read_choice(const struct yaml_tree *tree, const struct yaml_node *map, const char *key,
	const char *const *names, unsigned count, unsigned *out)
{
	const struct yaml_node *node = yaml_get(map, key);
	char all[256] = "";
	if (!node)
		return true;
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(node->text, names[i]) == 0) {
			*out = i;
			return true;
		}
		size_t len = strlen(all);
		snprintf(all + len, sizeof(all) - len, "%s%s", len ? ", " : "", names[i]);
	}
	return yaml_fail(tree, node, "%s: expected one of %s", key, all);
}

static bool read_short(
	const struct yaml_tree *tree, const struct yaml_node *map, const char *key, char *out, size_t size)
{
	const char *text = NULL;
	if (!yaml_text(tree, map, key, &text))
		return false;
	if (text && strlen(text) >= size)
		return yaml_fail(tree, yaml_get(map, key), "%s: longer than %zu bytes", key, size - 1);
	if (text)
		snprintf(out, size, "%s", text);
	return true;
}

static bool read_columns(const struct yaml_tree *tree, const struct yaml_node *map, struct feed *feed)
{
	const struct yaml_node *columns = yaml_get(map, "columns");
	const char *keys[FEED_COLUMNS + 1] = { NULL };
	if (!columns)
		return true;
	memcpy(keys, feed_column_names, sizeof(feed_column_names));
	if (!yaml_only(tree, columns, keys))
		return false;
	for (unsigned i = 0; i < FEED_COLUMNS; i++)
		if (!read_short(tree, columns, keys[i], feed->columns[i], FEED_TEXT_MAX))
			return false;
	return feed->columns[COLUMN_VALUE][0] || yaml_fail(tree, columns, "columns: which one is the value is missing");
}

static bool read_name(
	const struct yaml_tree *tree, const struct yaml_node *map, const struct feeds *feeds, struct feed *feed)
{
	const struct yaml_node *node = yaml_get(map, "name");
	if (!node || !node->text[0])
		return yaml_fail(tree, map, "a feed needs a name");
	if (strspn(node->text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(node->text) || node->text[0] == '-' ||
		strlen(node->text) > FEED_NAME_MAX)
		return yaml_fail(tree, node, "name: expected at most %d of a to z, 0 to 9 and -", FEED_NAME_MAX);
	if (find(feeds, node->text) != NULL || strcmp(node->text, "local") == 0)
		return yaml_fail(tree, node, "name: there is a feed %.64s already", node->text);
	snprintf(feed->name, sizeof(feed->name), "%s", node->text);
	return true;
}

static bool read_source(const struct yaml_tree *tree, const struct yaml_node *map, struct feed *feed)
{
	const char *source = NULL;
	if (!yaml_text(tree, map, "source", &source))
		return false;
	if (!source || !source[0])
		return yaml_fail(tree, map, "feed %s needs a source: a URL, a file or a folder", feed->name);
	const char *slash = strrchr(tree->name, '/');
	char path[PATH_BYTES];
	if (fetch_is_url(source) || source[0] == '/' || !slash)
		snprintf(path, sizeof(path), "%s", source);
	else // beside the feeds file
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - tree->name), tree->name, source);
	feed->source = strdup(path);
	return feed->source || yaml_fail(tree, map, "out of memory");
}

static bool read_scores(const struct yaml_tree *tree, const struct yaml_node *map, struct feed *feed)
{
	const struct yaml_node *node = yaml_get(map, "scores");
	static const char *const keys[] = { "low", "high", NULL };
	uint64_t low = 1, high = 100;
	if (!node)
		return true;
	if (!yaml_only(tree, node, keys) || !yaml_number(tree, node, "low", 0, 1000000, &low) ||
		!yaml_number(tree, node, "high", 1, 1000000, &high))
		return false;
	if (low >= high)
		return yaml_fail(tree, node, "scores: low must be less than high");
	feed->score_low = (uint32_t)low;
	feed->score_high = (uint32_t)high;
	return true;
}

static bool read_feed(const struct yaml_tree *tree, const struct yaml_node *map, struct feeds *feeds)
{
	static const char *const keys[] = { "name", "source", "format", "kind", "columns", "separator", "confidence",
		"scores", "family", "technique", "action", "allow", "enabled", "exact", "interval", "expire-after",
		"max-size", "shrink-limit", NULL };
	static const char *const actions[] = { "alert", "drop" };
	const char *kinds[INDICATOR_KINDS + 1];
	if (!yaml_only(tree, map, keys))
		return false;
	memcpy(kinds, indicator_kind_names, sizeof(indicator_kind_names));
	kinds[INDICATOR_KINDS] = "auto";
	if (feeds->count == FEEDS_MAX)
		return yaml_fail(tree, map, "more than %d feeds", FEEDS_MAX);
	struct feed read = preset;
	if (!read_name(tree, map, feeds, &read))
		return false;
	struct feed *feed = append(feeds);
	if (!feed)
		return yaml_fail(tree, map, "out of memory");
	memcpy(feed->name, read.name, sizeof(feed->name));
	feed->line = map->line;
	unsigned format = FEED_AUTO, kind = INDICATOR_KINDS, action = 0;
	uint64_t confidence = feed->confidence, least = 100 - feed->least_percent;
	const char *separator = ",";
	if (!read_source(tree, map, feed) ||
		!read_choice(tree, map, "format", feed_format_names, FEED_FORMATS, &format) ||
		!read_choice(tree, map, "kind", kinds, INDICATOR_KINDS + 1, &kind) ||
		!read_choice(tree, map, "action", actions, 2, &action) || !read_columns(tree, map, feed) ||
		!yaml_number(tree, map, "confidence", 1, INDICATOR_CONFIDENCE_MAX, &confidence) ||
		!read_scores(tree, map, feed) || !read_short(tree, map, "family", feed->family, FEED_TEXT_MAX) ||
		!read_short(tree, map, "technique", feed->technique, FEED_TEXT_MAX) ||
		!read_flag(tree, map, "allow", &feed->allow) || !read_flag(tree, map, "enabled", &feed->enabled) ||
		!read_flag(tree, map, "exact", &feed->exact) ||
		!read_amount(tree, map, "interval", times, 366 * 86400, &feed->interval_s) ||
		!read_amount(tree, map, "expire-after", times, 3660ull * 86400, &feed->expire_after_s) ||
		!read_amount(tree, map, "max-size", sizes, 1ull << 36, &feed->max_bytes) ||
		!yaml_number(tree, map, "shrink-limit", 0, 100, &least) ||
		!yaml_text(tree, map, "separator", &separator))
		return false;
	if (strcmp(separator, "tab") == 0)
		separator = "\t";
	if (strlen(separator) != 1 || separator[0] == '"')
		return yaml_fail(tree, map, "separator: expected one character, or tab");
	if (feed->interval_s < 60)
		return yaml_fail(tree, map, "interval: at least 60s");
	if (format == FEED_DATASET && kind == INDICATOR_KINDS)
		return yaml_fail(tree, map, "kind: a dataset does not say of what kind its values are");
	feed->format = (enum feed_format)format;
	feed->kind = (uint8_t)kind;
	feed->drop = action == 1;
	feed->confidence = (uint8_t)confidence;
	feed->least_percent = (uint32_t)(100 - least);
	feed->separator = separator[0];
	return true;
}

bool feeds_read(struct feeds *feeds, const char *path, struct pack_error *error)
{
	char *bytes;
	size_t len;
	*feeds = (struct feeds) { 0 };
	if (!file_read(path, FILE_MAX, &bytes, &len, error))
		return false;
	bool good = feeds_read_bytes(feeds, path, bytes, len, error);
	free(bytes);
	return good;
}

bool feeds_read_bytes(struct feeds *feeds, const char *name, const void *bytes, size_t len, struct pack_error *error)
{
	static const char *const keys[] = { "feeds", NULL };
	struct yaml_tree tree;
	*feeds = (struct feeds) { 0 };
	if (!yaml_tree_read(&tree, name, bytes, len, error))
		return false;
	const struct yaml_node *list = NULL;
	bool good = yaml_only(&tree, tree.root, keys);
	if (good) {
		list = yaml_get(tree.root, "feeds");
		good = (list && list->kind == YAML_NODE_LIST) ||
		       yaml_fail(&tree, tree.root, "expected \"feeds:\" and a list");
	}
	for (const struct yaml_node *node = good ? list->first : NULL; good && node; node = node->next)
		good = read_feed(&tree, node, feeds);
	yaml_tree_free(&tree);
	if (!good)
		feeds_free(feeds);
	return good;
}
