// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/files/yaml_tree.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

struct builder {
	struct yaml_tree *tree;
	struct yaml_node *open[YAML_DEPTH_MAX];
	unsigned depth, nodes, documents;
	const char *key; // read, its value comes next
	bool done;
};

bool yaml_fail(const struct yaml_tree *tree, const struct yaml_node *node, const char *format, ...)
{
	char reason[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return pack_fail(tree->error, "%.200s:%u: %s", tree->name, node ? node->line : 1, reason);
}

static bool fail_at(struct builder *builder, const yaml_mark_t *mark, const char *reason)
{
	return pack_fail(builder->tree->error, "%.200s:%zu:%zu: %.300s", builder->tree->name, mark->line + 1,
		mark->column + 1, reason);
}

static struct yaml_node *add_node(struct builder *builder, enum yaml_node_kind kind, const yaml_mark_t *mark)
{
	struct yaml_node *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;
	struct yaml_node *node =
		builder->nodes < YAML_NODES_MAX ? region_take(&builder->tree->region, sizeof(*node)) : NULL;
	if (!node) {
		fail_at(builder, mark, "too many values");
		return NULL;
	}
	builder->nodes++;
	*node = (struct yaml_node) { .kind = kind, .line = (uint32_t)mark->line + 1, .text = "", .key = "" };
	if (!parent) {
		builder->tree->root = node;
		return node;
	}
	if (parent->kind == YAML_NODE_MAP) {
		if (!builder->key) {
			fail_at(builder, mark, "expected a key, which is a text");
			return NULL;
		}
		node->key = builder->key;
		builder->key = NULL;
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->count++;
	return node;
}

static bool on_scalar(struct builder *builder, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct yaml_node *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;
	if (memchr(text, 0, len))
		return fail_at(builder, &event->start_mark, "text with a zero byte (write |00|)");
	const char *copy = region_copy(&builder->tree->region, text, len + 1);
	if (!copy)
		return fail_at(builder, &event->start_mark, "no memory");
	if (parent && parent->kind == YAML_NODE_MAP && !builder->key) {
		for (const struct yaml_node *node = parent->first; parent->count < 64 && node; node = node->next)
			if (strcmp(node->key, copy) == 0)
				return fail_at(builder, &event->start_mark, "a key is given twice");
		builder->key = copy;
		return true;
	}
	struct yaml_node *node = add_node(builder, YAML_NODE_TEXT, &event->start_mark);
	if (node)
		node->text = copy;
	return node != NULL;
}

static bool on_open(struct builder *builder, enum yaml_node_kind kind, const yaml_mark_t *mark)
{
	if (builder->depth == YAML_DEPTH_MAX)
		return fail_at(builder, mark, "nested too deep");
	struct yaml_node *node = add_node(builder, kind, mark);
	if (node)
		builder->open[builder->depth++] = node;
	return node != NULL;
}

static bool on_event(struct builder *builder, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return builder->documents++ == 0 || fail_at(builder, &event->start_mark, "more than one document");
	case YAML_SCALAR_EVENT: return on_scalar(builder, event);
	case YAML_SEQUENCE_START_EVENT: return on_open(builder, YAML_NODE_LIST, &event->start_mark);
	case YAML_MAPPING_START_EVENT: return on_open(builder, YAML_NODE_MAP, &event->start_mark);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: builder->depth--; return true;
	case YAML_ALIAS_EVENT: return fail_at(builder, &event->start_mark, "aliases are not supported");
	case YAML_STREAM_END_EVENT: builder->done = true; return true;
	default: return true;
	}
}

bool yaml_tree_read(struct yaml_tree *tree, const char *name, const void *bytes, size_t len, struct pack_error *error)
{
	struct builder builder = { .tree = tree };
	yaml_parser_t parser;
	*tree = (struct yaml_tree) { .name = name, .error = error };
	if (len > YAML_BYTES_MAX)
		return pack_fail(error, "%.200s: larger than %u bytes", name, YAML_BYTES_MAX);
	if (!yaml_parser_initialize(&parser))
		return pack_fail(error, "%.200s: no memory", name);
	yaml_parser_set_input_string(&parser, bytes, len);
	bool good = true;
	while (good && !builder.done) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			bool known = parser.problem_mark.line || parser.problem_mark.column;
			good = fail_at(&builder, known ? &parser.problem_mark : &parser.mark,
				parser.problem ? parser.problem : "not YAML");
			break;
		}
		good = on_event(&builder, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (good && !tree->root)
		good = pack_fail(error, "%.200s: is empty", name);
	if (!good)
		yaml_tree_free(tree);
	return good;
}

void yaml_tree_free(struct yaml_tree *tree)
{
	region_free(&tree->region);
	tree->root = NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_NODE_MAP)
		return NULL;
	for (const struct yaml_node *node = map->first; node; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

bool yaml_only(const struct yaml_tree *tree, const struct yaml_node *map, const char *const *keys)
{
	if (map->kind != YAML_NODE_MAP)
		return yaml_fail(tree, map, "expected \"key: value\" lines");
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		bool known = false;
		char all[256] = "";
		for (const char *const *key = keys; *key; key++) {
			known |= strcmp(node->key, *key) == 0;
			size_t len = strlen(all);
			snprintf(all + len, sizeof(all) - len, "%s%s", len ? ", " : "", *key);
		}
		if (!known)
			return yaml_fail(tree, node, "unknown key %.80s; known here: %s", node->key, all);
	}
	return true;
}

bool yaml_text(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, const char **out)
{
	const struct yaml_node *node = yaml_get(map, key);
	if (!node)
		return true;
	if (node->kind != YAML_NODE_TEXT)
		return yaml_fail(tree, node, "%s: expected a text", key);
	*out = node->text;
	return true;
}

static bool read_number(const char *text, uint64_t low, uint64_t high, uint64_t *out)
{
	char *end = NULL;
	errno = 0;
	uint64_t number = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
	if (!end || *end || errno || number < low || number > high)
		return false;
	*out = number;
	return true;
}

bool yaml_number_of(const struct yaml_tree *tree, const struct yaml_node *node, const char *text, uint64_t low,
	uint64_t high, uint64_t *out)
{
	return read_number(text, low, high, out) || yaml_fail(tree, node, "\"%.40s\" is not a number from %llu to %llu",
							    text, (unsigned long long)low, (unsigned long long)high);
}

bool yaml_number(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, uint64_t low,
	uint64_t high, uint64_t *out)
{
	const struct yaml_node *node = yaml_get(map, key);
	if (!node)
		return true;
	if (node->kind != YAML_NODE_TEXT)
		return yaml_fail(tree, node, "%s: expected a number", key);
	return read_number(node->text, low, high, out) ||
	       yaml_fail(tree, node, "%s: \"%.40s\" is not a number from %llu to %llu", key, node->text,
		       (unsigned long long)low, (unsigned long long)high);
}

bool yaml_seconds(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, double *out)
{
	const struct yaml_node *node = yaml_get(map, key);
	if (!node)
		return true;
	char *end = NULL;
	double value = node->kind == YAML_NODE_TEXT && node->text[0] ? strtod(node->text, &end) : -1;
	if (!end || *end || !isfinite(value) || value < 0 || value > 1e6)
		return yaml_fail(tree, node, "%s: expected seconds from 0 to 1000000", key);
	*out = value;
	return true;
}
