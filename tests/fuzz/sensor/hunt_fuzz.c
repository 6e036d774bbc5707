// SPDX-License-Identifier: GPL-3.0-or-later
// What sekisho hunt is asked for, as a file of indicators may have it: the first byte chooses the kind, the rest is the text.
#include <stdlib.h>
#include "sensor/hunt/hunt_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hunt_query query;
	char text[64] = "";
	uint64_t s;
	if (size < 1 || size > 65536)
		return 0;
	unsigned kind = data[0] % (INDICATOR_KINDS + 1u);
	memcpy(text, data + 1, size - 1 < sizeof(text) - 1 ? size - 1 : sizeof(text) - 1);
	(void)hunt_time_parse(text, 1800000000, &s);
	if (hunt_query_parse(span_of(data + 1, size - 1), kind, &query))
		return 0;
	if (!query.range_count || query.range_count > HUNT_RANGES_MAX || query.path_len > sizeof(query.path))
		abort();
	for (unsigned i = 0; i < query.range_count; i++) {
		const struct hunt_range *range = &query.ranges[i];
		uint32_t len = range->low_len < range->high_len ? range->low_len : range->high_len;
		int order = memcmp(range->low, range->high, len);
		if (range->kind >= INDICATOR_KINDS || range->low_len > sizeof(range->low) ||
			range->high_len > sizeof(range->high) || order > 0 ||
			(order == 0 && range->low_len >= range->high_len))
			abort();
	}
	return 0;
}
