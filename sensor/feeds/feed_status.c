// SPDX-License-Identifier: GPL-3.0-or-later
// state.json of a feed.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "sensor/feeds/feed_last.h"

#define STATUS_MAX ((size_t)64 << 10)

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	snprintf(out, size, "%s", text ? text : "");
}

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));
	return value > 0 ? (uint64_t)value : 0;
}

bool feed_status_read(const struct feed_state *state, const char *feed, struct feed_status *status)
{
	char path[PATH_BYTES], *bytes;
	struct pack_error error;
	size_t len, i;
	*status = (struct feed_status) { 0 };
	if (!feed_state_part(state, feed, "state.json", path) || !file_read(path, STATUS_MAX, &bytes, &len, &error))
		return false;
	json_t *root = json_loadb(bytes, len, 0, NULL);
	status->version = XXH3_64bits(bytes, len);
	free(bytes);
	if (!root)
		return false;
	copy_text(status->source, sizeof(status->source), root, "source");
	copy_text(status->etag, sizeof(status->etag), root, "etag");
	copy_text(status->modified, sizeof(status->modified), root, "modified");
	copy_text(status->error, sizeof(status->error), root, "error");
	const char *signature = json_string_value(json_object_get(root, "signature"));
	status->signature = signature ? strtoull(signature, NULL, 16) : 0;
	status->how = number(root, "how");
	status->read_s = (uint32_t)number(root, "read");
	status->good_s = (uint32_t)number(root, "good");
	if (!status->good_s) // of a version that did not keep it
		status->good_s = status->read_s;
	status->tried_s = (uint32_t)number(root, "tried");
	status->next_s = (uint32_t)number(root, "next");
	status->failures = (uint32_t)number(root, "failures");
	status->taken = number(root, "taken");
	status->refused = number(root, "refused");
	status->skipped = number(root, "skipped");
	status->lines = number(root, "lines");
	const json_t *list = json_object_get(root, "refusals"), *item;
	json_array_foreach(list, i, item) if (status->refusal_count < FEED_REFUSALS && json_string_value(item))
		snprintf(status->refusals[status->refusal_count++], sizeof(status->refusals[0]), "%s",
			json_string_value(item));
	json_decref(root);
	return status->read_s != 0;
}

// Of any bytes; what is not UTF-8 is shown as '?'.
static json_t *text_value(const char *text)
{
	json_t *value = json_string(text);
	char plain[2048];
	if (value)
		return value;
	snprintf(plain, sizeof(plain), "%s", text);
	for (char *at = plain; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return json_string(plain);
}

bool feed_status_write(
	const struct feed_state *state, const char *feed, const struct feed_status *status, struct pack_error *error)
{
	char path[PATH_BYTES], signature[24];
	json_t *refusals = json_array();
	snprintf(signature, sizeof(signature), "%016llx", (unsigned long long)status->signature);
	for (unsigned i = 0; i < status->refusal_count; i++)
		json_array_append_new(refusals, text_value(status->refusals[i]));
	json_t *root = json_pack("{s:o, s:o, s:o, s:s, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
		"source", text_value(status->source), "etag", text_value(status->etag), "modified",
		text_value(status->modified), "signature", signature, "how", (json_int_t)status->how, "error",
		text_value(status->error), "read", (json_int_t)status->read_s, "good", (json_int_t)status->good_s,
		"tried", (json_int_t)status->tried_s, "next", (json_int_t)status->next_s, "failures",
		(json_int_t)status->failures, "taken", (json_int_t)status->taken, "refused",
		(json_int_t)status->refused, "skipped", (json_int_t)status->skipped, "lines", (json_int_t)status->lines,
		"refusals", refusals);
	char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	bool good = text && feed_state_part(state, feed, "state.json", path) &&
		    file_replace(path, text, strlen(text), 0640, error);
	free(text);
	json_decref(root);
	return good;
}
