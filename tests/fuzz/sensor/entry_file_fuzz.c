// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a file of entries: read to its end or refused; and as the last reading of a feed, of which its lines have their dates.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/feeds/entry_file.h"
#include "sensor/feeds/feed_value.h"
#include "sensor/feeds/known_since.h"

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct dating {
	uint32_t given, added;
	uint32_t most_s[INPUT_MAX / 22]; // of what was added: the latest date that it may get
};

static bool look_at(void *context, const struct indicator *indicator)
{
	struct dating *dating = context;
	if (!indicator->first_seen_s || indicator->first_seen_s > dating->most_s[dating->given++])
		abort();
	return true;
}

// The entries of path, read again without their dates: each gets its own, or an earlier one of the same indicator. A damaged file is as none.
static void read_again(const char *path, bool sound)
{
	static struct entry_reader reader;
	static struct dating dating;
	struct pack_error error;
	struct indicator indicator;
	const struct known_basis basis = { .entries = path, .now_s = UINT32_MAX };
	struct known_since *known = known_since_new(&basis, look_at, &dating);
	log_set_level(LOG_ERROR); // damage is what this is about
	dating.given = dating.added = 0;
	if (!known || !entry_reader_open(&reader, path, &error))
		abort();
	while (entry_reader_next(&reader, &indicator, &error)) {
		uint32_t since_s = sound ? indicator.first_seen_s : 0;
		dating.most_s[dating.added++] = since_s ? since_s : UINT32_MAX;
		indicator.first_seen_s = 0;
		if (!known_since_add(known, &indicator))
			abort();
	}
	if (!known_since_end(known) || dating.given != dating.added)
		abort();
	known_since_free(known);
	entry_reader_close(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct entry_reader reader;
	struct pack_error error;
	struct indicator indicator;
	char path[64], text[2 * INDICATOR_VALUE_MAX + 64];
	if (size > INPUT_MAX)
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
		read_again(path, !error.text[0]);
	} else if (!error.text[0]) {
		abort();
	}
	close(fd);
	return 0;
}
