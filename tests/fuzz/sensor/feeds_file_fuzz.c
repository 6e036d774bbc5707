// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a feeds file: refused with a reason and a place, or feeds that are within their bounds.
#include <stdlib.h>
#include "sensor/feeds/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feeds feeds;
	struct pack_error error = { "" };
	if (size > 16384)
		return 0;
	if (!feeds_read_bytes(&feeds, "/etc/feeds.yaml", data, size, &error)) {
		if (!error.text[0] || feeds.count)
			abort();
	} else {
		for (unsigned i = 0; i < feeds.count; i++) {
			const struct feed *feed = &feeds.items[i];
			if (!feed->name[0] || !feed->source || !feed->source[0] || feed->interval_s < 60 ||
				!feed->confidence || feed->confidence > INDICATOR_CONFIDENCE_MAX ||
				feed->kind > INDICATOR_KINDS || feed->format >= FEED_FORMATS ||
				feed->least_percent > 100 || feeds_find(&feeds, feed->name) != feed)
				abort();
		}
		feeds_free(&feeds);
	}
	return 0;
}
