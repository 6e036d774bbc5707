// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds as an attacker may publish them: the first byte chooses the format (also gzip'd by the input itself), the rest is the file.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sensor/feeds/feed_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool look(void *context, const struct indicator *indicator)
{
	char text[INDICATOR_VALUE_MAX + 64];
	(void)context;
	if (indicator->kind >= INDICATOR_KINDS || !indicator->value.len || indicator->value.len > INDICATOR_VALUE_MAX)
		abort();
	(void)feed_value_text(indicator, text, sizeof(text));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feeds feeds = { 0 };
	struct feed_report report;
	struct pack_error error;
	char path[64];
	if (size < 2 || size > 65536)
		return 0;
	int fd = memfd_create("feed", 0);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1) || !feeds_add(&feeds, "fuzz", "-", false))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	feeds.items[0].format = (enum feed_format)(data[0] % FEED_FORMATS);
	feeds.items[0].max_bytes = 1 << 20;
	if (data[0] & 0x80)
		feeds.items[0].kind =
			data[0] >> 3 & 15 ? (uint8_t)((data[0] >> 3 & 15) % INDICATOR_KINDS) : INDICATOR_KINDS;
	(void)feed_read(&feeds.items[0], NULL, path, 1800000000, look, NULL, &report, &error);
	feeds_free(&feeds);
	close(fd);
	return 0;
}
