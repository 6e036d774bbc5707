// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/recipe_text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/hex.h"

void recipe_text_fini(struct recipe_text *text)
{
	free(text->bytes);
	*text = (struct recipe_text) { 0 };
}

void recipe_text_add(struct recipe_text *text, const void *bytes, size_t len)
{
	if (text->failed || text->len + len > RECIPE_TEXT_MAX) {
		text->failed = true;
		return;
	}
	if (text->len + len > text->room) {
		size_t room = 2 * (text->len + len) + 256;
		uint8_t *more = realloc(text->bytes, room);
		if (!more) {
			text->failed = true;
			return;
		}
		text->bytes = more;
		text->room = room;
	}
	if (len)
		memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
}

void recipe_text_print(struct recipe_text *text, const char *format, ...)
{
	char *line = NULL;
	va_list arguments;
	va_start(arguments, format);
	int len = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (len >= 0)
		recipe_text_add(text, line, (size_t)len);
	else
		text->failed = true;
	if (len >= 0)
		free(line);
}

bool recipe_text_add_escaped(struct recipe_text *text, const struct yaml_tree *tree, const struct yaml_node *node)
{
	if (node->kind != YAML_NODE_TEXT)
		return yaml_fail(tree, node, "expected a text");
	bool hex = false;
	int high = -1;
	for (const char *at = node->text; *at; at++) {
		if (*at == '|') {
			if (high >= 0)
				return yaml_fail(tree, node, "half a byte before |");
			hex = !hex;
		} else if (!hex) {
			recipe_text_add(text, at, 1);
		} else if (*at != ' ') {
			int digit = hex_value((uint8_t)*at);
			if (digit < 0)
				return yaml_fail(
					tree, node, "\"%c\" between | and | is not hex (a | itself is |7c|)", *at);
			uint8_t byte = (uint8_t)((high < 0 ? 0 : high << 4) | digit);
			if (high >= 0)
				recipe_text_add(text, &byte, 1);
			high = high < 0 ? digit : -1;
		}
	}
	if (hex)
		return yaml_fail(tree, node, "a | is not closed");
	return !text->failed || yaml_fail(tree, node, "more than %u bytes", RECIPE_TEXT_MAX);
}
