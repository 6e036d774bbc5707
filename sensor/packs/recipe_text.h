// SPDX-License-Identifier: GPL-3.0-or-later
// Recipe text: bytes that a recipe's application messages are put together from. Grows by malloc up to RECIPE_TEXT_MAX; over it failed sticks.
#pragma once
#include <stddef.h>
#include "sensor/files/yaml_tree.h"
#include "decoders/base/span.h"

#define RECIPE_TEXT_MAX (16u << 20)

struct recipe_text {
	uint8_t *bytes;
	size_t len, room;
	bool failed;
};

void recipe_text_fini(struct recipe_text *text);
void recipe_text_add(struct recipe_text *text, const void *bytes, size_t len);
void recipe_text_print(struct recipe_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
// With |hex| read. False: told.
bool recipe_text_add_escaped(struct recipe_text *text, const struct yaml_tree *tree, const struct yaml_node *node);

static inline struct span recipe_text_span(const struct recipe_text *text)
{
	return span_of(text->bytes, text->len);
}

// recipe_http.c, recipe_dns.c: one item of requests or queries as what the client and the server send.
bool recipe_http(
	const struct yaml_tree *tree, const struct yaml_node *item, const char *server, struct recipe_text sides[2]);
bool recipe_dns(const struct yaml_tree *tree, const struct yaml_node *item, uint16_t id, struct recipe_text sides[2]);
