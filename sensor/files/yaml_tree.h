// SPDX-License-Identifier: GPL-3.0-or-later
// YAML tree: a small YAML file as nodes, for pack.yaml, tests and recipes. Who reads it asks by key; keys nobody may use are refused by yaml_only.
//
// Life cycle   yaml_tree_read -> nodes, borrowed -> yaml_tree_free
// Bounds       YAML_BYTES_MAX bytes, YAML_NODES_MAX nodes, YAML_DEPTH_MAX levels; anchors, aliases and several documents are refused
#pragma once
#include "sensor/files/pack_error.h"
#include "signatures/engine/region.h"
#include <stdint.h>

#define YAML_BYTES_MAX (4u << 20)
#define YAML_NODES_MAX 100000
#define YAML_DEPTH_MAX 16

enum yaml_node_kind { YAML_NODE_TEXT, YAML_NODE_LIST, YAML_NODE_MAP };

struct yaml_node {
	enum yaml_node_kind kind;
	uint32_t line; // from 1
	uint32_t count;
	const char *key;  // in a map; "" in a list
	const char *text; // of a text, without zero bytes; "" of others
	struct yaml_node *first, *next, *last;
};

struct yaml_tree {
	const char *name; // of the file, for messages; borrowed
	struct yaml_node *root;
	struct region region;
	struct pack_error *error;
};

// False with the reason in error, which the tree keeps for the calls below. name and error are borrowed for its life.
bool yaml_tree_read(struct yaml_tree *tree, const char *name, const void *bytes, size_t len, struct pack_error *error);
void yaml_tree_free(struct yaml_tree *tree);

// "NAME:LINE: reason" into the tree's error; false.
bool yaml_fail(const struct yaml_tree *tree, const struct yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
// NULL: there is no such key.
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
// Every key of map is one of keys (NULL-terminated); map is a map.
bool yaml_only(const struct yaml_tree *tree, const struct yaml_node *map, const char *const *keys);
// The text at key; *out is left alone when there is none.
bool yaml_text(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, const char **out);
// A whole number from low to high.
bool yaml_number(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, uint64_t low,
	uint64_t high, uint64_t *out);
bool yaml_number_of(const struct yaml_tree *tree, const struct yaml_node *node, const char *text, uint64_t low,
	uint64_t high, uint64_t *out);
// Seconds, with a fraction, 0 to 1e6.
bool yaml_seconds(const struct yaml_tree *tree, const struct yaml_node *map, const char *key, double *out);
