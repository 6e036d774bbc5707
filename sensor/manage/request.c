// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/manage/request.h"
#include <jansson.h>
#include <string.h>

// A text without zeros that has room in out (size bytes).
static bool keep(const json_t *value, char *out, size_t size)
{
	size_t len = json_string_length(value);
	if (!json_is_string(value) || len >= size || strlen(json_string_value(value)) != len)
		return false;
	memcpy(out, json_string_value(value), len + 1);
	return true;
}

static const char *take_arguments(json_t *object, struct control_request *out)
{
	const char *key;
	json_t *value;
	if (!json_is_object(object))
		return "expected an object as arguments";
	json_object_foreach(object, key, value)
	{
		if (out->argument_count == REQUEST_ARGUMENTS_MAX)
			return "too many arguments";
		struct control_argument *argument = &out->arguments[out->argument_count++];
		if (strlen(key) >= sizeof(argument->name) || !keep(value, argument->value, sizeof(argument->value)))
			return "an argument is too long, or no text";
		memcpy(argument->name, key, strlen(key) + 1);
	}
	return NULL;
}

static const char *take_members(json_t *object, struct control_request *out)
{
	const char *key;
	json_t *value;
	if (!json_is_object(object) || json_object_size(object) == 0)
		return "expected a JSON object such as {\"command\":\"uptime\"}";
	json_object_foreach(object, key, value)
	{
		const char *reason = NULL;
		if (strcmp(key, "arguments") == 0)
			reason = take_arguments(value, out);
		else if (strcmp(key, "command") != 0 && strcmp(key, "version") != 0)
			reason = "unknown key; expected \"command\" and \"arguments\"";
		else if (!keep(value, key[0] == 'c' ? out->command : out->version, REQUEST_WORD_MAX))
			reason = "a value is too long, or no text";
		if (reason)
			return reason;
	}
	return NULL;
}

bool request_read(struct span line, struct control_request *out, const char **reason)
{
	json_error_t error;
	*out = (struct control_request) { 0 };
	json_t *object = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, &error);
	const char *fault =
		object ? take_members(object, out) : "expected one JSON object such as {\"command\":\"uptime\"}";
	json_decref(object);
	if (fault)
		*reason = fault;
	return !fault;
}

const char *request_argument(const struct control_request *request, const char *name)
{
	for (unsigned i = 0; i < request->argument_count; i++)
		if (strcmp(request->arguments[i].name, name) == 0)
			return request->arguments[i].value;
	return NULL;
}
