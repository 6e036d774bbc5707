// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a file of entries: read to its end or refused.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sensor/feeds/entry_file.h"
#include "sensor/feeds/feed_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct entry_reader reader;
	struct pack_error error;
	struct indicator indicator;
	char path[64], text[2 * INDICATOR_VALUE_MAX + 64];
	if (size > 65536)
		return 0;
	int fd = memfd_create("entries", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (entry_reader_open(&reader, path, &error)) {
		uint64_t count = 0;
		while (entry_reader_next(&reader, &indicator, &error)) {
			if (indicator.kind >= INDICATOR_KINDS || indicator.value.len > INDICATOR_VALUE_MAX)
				abort();
			if (feed_value_text(&indicator, text, sizeof(text)) >= sizeof(text))
				abort();
			count++;
		}
		if (count > size || (!error.text[0] && count != reader.count))
			abort();
		entry_reader_close(&reader);
	} else if (!error.text[0]) {
		abort();
	}
	close(fd);
	return 0;
}
