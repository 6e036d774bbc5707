// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_json.h"
#include <stdlib.h>

// What a text would take as values: each has a byte or two in the text and up to some 250 in memory, so that a gzip file of 256 KB could ask for 10 GB.
static uint64_t weight_of(const char *bytes, size_t len)
{
	uint64_t weight = 0;
	bool text = false;
	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];
		if (text) {
			i += c == '\\';
			text = c != '"';
		} else if (c == '"') {
			text = true;
		} else if (c == '{' || c == '[') {
			weight += FEED_JSON_CONTAINER;
		} else {
			weight += c == ',';
		}
	}
	return weight;
}

json_t *feed_file_json(struct feed_file *file)
{
	size_t len;
	json_error_t fault;
	char *bytes = feed_file_whole(file, FEED_JSON_MAX, &len);
	if (!bytes)
		return NULL;
	json_t *root = NULL;
	if (weight_of(bytes, len) > FEED_JSON_WEIGHT)
		feed_file_fail(
			file, "more values than a file of indicators has: over %u million", FEED_JSON_WEIGHT / 1000000);
	else if (!(root = json_loadb(bytes, len, 0, &fault)))
		feed_file_fail(file, "line %d: not JSON: %s", fault.line, fault.text);
	free(bytes);
	return root;
}
