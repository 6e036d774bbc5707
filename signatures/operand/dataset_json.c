// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/dataset_json.h"
#include <jansson.h>
#include <stdlib.h>

#define KEY_MAX 256 // bytes of one step of a path

// The member that path leads to; *parent the object it is in, and name its key there.
static json_t *member_at(json_t *object, const char *path, json_t **parent, char name[KEY_MAX])
{
	for (;;) {
		size_t len = strcspn(path, ".");
		if (!json_is_object(object) || len >= KEY_MAX)
			return NULL;
		memcpy(name, path, len);
		name[len] = 0;
		*parent = object;
		object = json_object_get(object, name);
		if (!path[len] || !object)
			return object;
		path += len + 1;
	}
}

// NULL when good, else why the object is left out.
static const char *load_object(struct dataset *set, json_t *object, const struct dataset_json *how, bool *full)
{
	uint8_t bytes[DATASET_VALUE_MAX];
	char name[KEY_MAX], json[DATASET_JSON_MAX];
	json_t *parent, *value = member_at(object, how->value_key, &parent, name);
	if (!json_is_string(value))
		return "has no text at value_key";
	struct span text = span_of(json_string_value(value), json_string_length(value));
	uint32_t len = dataset_value_read(dataset_type(set), text, true, bytes);
	if (len == 0)
		return "has a value that is not of the set's type";
	if (how->remove_key)
		json_object_del(parent, name);
	size_t json_len = json_dumpb(object, json, sizeof(json), JSON_COMPACT);
	if (json_len == 0 || json_len > sizeof(json))
		return "is too long to be kept with its value";
	const struct dataset_found with = { 0, span_of(json, json_len) };
	uint64_t refused = dataset_refused(set);
	dataset_load(set, span_of(bytes, len), &with);
	*full = dataset_refused(set) != refused;
	return *full ? "finds no more room in the set (memcap)" : NULL;
}

static void tell(const struct dataset_json *how, uint32_t line, size_t number, const char *reason)
{
	char text[160];
	if (line)
		snprintf(text, sizeof(text), "the object %s; it is left out", reason);
	else
		snprintf(text, sizeof(text), "object %zu of the array %s; it is left out", number, reason);
	how->report(how->context, line, text);
}

static bool load_array(struct dataset *set, struct span text, const struct dataset_json *how)
{
	json_error_t error;
	char name[KEY_MAX];
	bool full = false;
	json_t *document = json_loadb((const char *)text.data, text.len, 0, &error), *parent;
	if (!document) {
		how->report(how->context, error.line > 0 ? (uint32_t)error.line : 0, error.text);
		return false;
	}
	json_t *array = how->array_key ? member_at(document, how->array_key, &parent, name) : document;
	bool good = json_is_array(array);
	if (!good)
		how->report(how->context, 0, how->array_key ? "there is no array at array_key" : "it is no array");
	for (size_t i = 0; good && i < json_array_size(array) && !full; i++) {
		const char *reason = load_object(set, json_array_get(array, i), how, &full);
		if (reason)
			tell(how, 0, i + 1, reason);
	}
	json_decref(document);
	return good && !full;
}

static bool load_lines(struct dataset *set, struct span text, const struct dataset_json *how)
{
	bool full = false;
	for (uint32_t number = 1; text.len && !full; number++) {
		json_error_t error;
		uint32_t end = span_find(text, '\n', 0);
		struct span line = span_trim(span_slice(text, 0, end));
		text = span_from(text, end < text.len ? end + 1 : end);
		if (line.len == 0 || (line.len == 1 && line.data[0] == '\r'))
			continue;
		json_t *object = json_loadb((const char *)line.data, line.len, 0, &error);
		const char *reason = object ? load_object(set, object, how, &full) : "is no JSON";
		if (reason)
			tell(how, number, 0, reason);
		json_decref(object);
	}
	return !full;
}

bool dataset_load_json(struct dataset *set, struct span text, const struct dataset_json *how)
{
	return how->lines ? load_lines(set, text, how) : load_array(set, text, how);
}

bool dataset_add_json(struct dataset *set, struct span value, struct span json)
{
	char text[DATASET_JSON_MAX];
	json_error_t error;
	json_t *object = json_loadb((const char *)json.data, json.len, 0, &error);
	size_t len = json_is_object(object) ? json_dumpb(object, text, sizeof(text), JSON_COMPACT) : 0;
	json_decref(object);
	const struct dataset_found with = { 0, span_of(text, len) };
	return len && len <= sizeof(text) && dataset_add(set, value, &with);
}
