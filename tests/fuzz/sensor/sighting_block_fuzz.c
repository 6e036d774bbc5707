// SPDX-License-Identifier: GPL-3.0-or-later
// A block of sightings as a damaged database may have it: read; what was read in order is written and read again alike.
#include <stdlib.h>
#include <string.h>
#include "sensor/sightings/host_filter.h"
#include "sensor/sightings/sighting_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct sighting_block_writer *writer)
{
	struct sighting_block_reader reader;
	struct sighting_seen seen;
	uint32_t rows = 0;
	if (!sighting_block_open(&reader, span_of(writer->data, writer->used)))
		abort();
	while (sighting_block_next(&reader, &seen) == SIGHTING_ROW)
		rows++;
	if (rows != writer->rows || cursor_left(&reader.at))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sighting_block_reader reader;
	static struct sighting_block_writer writer;
	struct sighting_seen seen;
	const struct address host = address_v4((const uint8_t[4]) { 10, 0, 0, 1 });
	bool rest = size % 2;
	(void)host_filter_may_have(span_of(data, size), &host);
	if (size > SIGHTING_BLOCK_MAX || !sighting_block_open(&reader, span_of(data, size)))
		return 0;
	sighting_block_begin(&writer, reader.base_s, rest ? SIGHTING_BLOCK_MAX : SIGHTING_BLOCK_BYTES);
	while (sighting_block_next(&reader, &seen) == SIGHTING_ROW) {
		struct span key = span_of(reader.key, reader.key_len);
		uint8_t value[SIGHTING_VALUE_MAX];
		if (sighting_key_value(key, value) > sizeof(value))
			abort();
		struct sighting_seen joined = seen;
		sighting_seen_join(&joined, &seen);
		if (joined.flow_count > SIGHTING_FLOWS)
			abort();
		if (!sighting_block_put(&writer, key, &seen)) {
			if (rest)
				abort(); // what is left of a block always fits in one
			again(&writer);
			sighting_block_begin(&writer, reader.base_s, SIGHTING_BLOCK_BYTES);
		}
	}
	again(&writer);
	return 0;
}
