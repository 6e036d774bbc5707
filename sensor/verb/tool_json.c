// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/verb/tool_json.h"
#include <stdio.h>
#include <stdlib.h>

static json_t *value_of(struct span text)
{
	const char *data = text.data ? (const char *)text.data : "";
	json_t *value = json_stringn(data, text.len);
	if (value)
		return value;
	char *escaped = malloc((size_t)text.len * 4 + 1);
	size_t len = 0;
	for (uint32_t i = 0; escaped && i < text.len; i++) {
		uint8_t c = text.data[i];
		if (c < 0x80)
			escaped[len++] = (char)c;
		else
			len += (size_t)snprintf(escaped + len, 5, "\\x%02x", c);
	}
	value = escaped ? json_stringn(escaped, len) : json_null();
	free(escaped);
	return value;
}

void tool_json_span(json_t *object, const char *key, struct span text)
{
	json_object_set_new(object, key, value_of(text));
}

void tool_json_text(json_t *object, const char *key, const char *text)
{
	if (text)
		tool_json_span(object, key, span_text(text));
}

void tool_json_number(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

void tool_json_bool(json_t *object, const char *key, bool value)
{
	json_object_set_new(object, key, json_boolean(value));
}

void tool_json_add(json_t *array, const char *text)
{
	json_array_append_new(array, value_of(span_text(text)));
}

bool tool_json_print(json_t *document)
{
	bool good = json_dumpf(document, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
	json_decref(document);
	return good;
}
