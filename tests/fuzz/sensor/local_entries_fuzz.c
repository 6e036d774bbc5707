// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the file of what was added by hand: entries that can be compiled and shown, or a refusal with its line.
#include <stdlib.h>
#include <string.h>
#include "sensor/feeds/local_entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *context, const struct local_entry *entry)
{
	static struct feed_value value, again;
	char text[2 * INDICATOR_VALUE_MAX + 64];
	++*(size_t *)context;
	if (!entry->value[0] || entry->kind >= INDICATOR_KINDS || !entry->confidence || entry->confidence > 100)
		abort();
	if (local_indicator(entry, NULL, &value))
		return true;
	const struct indicator *indicator = &value.indicator;
	uint32_t len = indicator_kind_bytes[indicator->kind];
	if (!indicator->value.len || indicator->value.len > INDICATOR_VALUE_MAX || (len && indicator->value.len != len))
		abort();
	size_t written = feed_value_text(indicator, text, sizeof(text));
	if (written >= sizeof(text) || strlen(text) > written)
		abort();
	// What is written is read as the same again: `intel add` stores the text
	bool allow = indicator->flags & INDICATOR_ALLOW;
	if (feed_value_parse(span_of(text, written), indicator->kind, NULL, allow, &again) ||
		!span_equal(again.indicator.value, indicator->value) || again.indicator.bits != indicator->bits ||
		again.indicator.port != indicator->port)
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pack_error error = { "" };
	size_t count = 0;
	if (size > 65536)
		return 0;
	char *bytes = malloc(size + 1);
	if (!bytes)
		abort();
	memcpy(bytes, data, size);
	bytes[size] = 0;
	if (!local_read_bytes("local.jsonl", bytes, size, take, &count, &error) && !error.text[0])
		abort();
	if (count > size)
		abort();
	free(bytes);
	return 0;
}
