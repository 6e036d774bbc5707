// SPDX-License-Identifier: GPL-3.0-or-later
// Feed file: a feed's bytes, unpacked, as lines or whole; and what a reader shares: taking values, and noting what was refused.
//
// Memory   one line and one buffer, or the whole file (JSON)
// Threads  one a struct
#pragma once
#include <zlib.h>
#include "sensor/feeds/feed_value.h"

#define FEED_BUFFER 131072

struct feed_file {
	const struct feed *feed;
	const struct feed_site *site;
	const char *path, *name; // name: for messages, and its ending says the format: the URL it came from, or path
	uint32_t now_s;
	feed_give *give;
	void *context;
	struct feed_report *report;
	struct pack_error *error;
	gzFile file;
	uint64_t line, bytes; // read so far
	bool failed;          // error says why
	uint32_t at, len;     // of buffer
	uint8_t buffer[FEED_BUFFER];
	uint8_t text[FEED_LINE_MAX + 1];
	struct feed_value value;
};

bool feed_file_open(struct feed_file *file);
void feed_file_close(struct feed_file *file);
// The first bytes, without reading past them; "" when it is empty or cannot be read (failed).
struct span feed_file_head(struct feed_file *file);
// The next line without its end, zero-terminated, valid until the next call. False: the end, or failed. Longer lines than FEED_LINE_MAX are refused and left out.
bool feed_file_line(struct feed_file *file, struct span *line);
// All that is left, zero-terminated, for the caller to free. NULL: failed.
char *feed_file_whole(struct feed_file *file, uint64_t max, size_t *len);
bool feed_file_fail(struct feed_file *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

// What a reader knows of an entry beside its value. Texts may be empty; numbers 0: the feed's preset.
struct feed_entry {
	struct span value, family, technique;
	unsigned kind; // INDICATOR_KINDS: by its form
	uint16_t port; // with an address: an endpoint
	uint8_t confidence, flags;
	uint32_t first_seen_s, expiry_s;
};
// Gives the entry as an indicator, or notes why it cannot be taken. False: reading is to end (failed).
bool feed_file_take(struct feed_file *file, const struct feed_entry *entry);
void feed_file_refuse(struct feed_file *file, struct span text, const char *why);
// The feed's own scale to 1..100.
uint8_t feed_confidence(const struct feed *feed, double number);
// Seconds of the epoch, RFC 3339, "2026-11-22 01:02:03" or "2026-11-22" (UTC). 0: none of these.
uint32_t feed_time(struct span text);

// The readers, a file a format.
bool feed_read_lines(struct feed_file *file); // plain, hosts, iprep, dataset
bool feed_read_csv(struct feed_file *file);
bool feed_read_rpz(struct feed_file *file);
bool feed_read_stix(struct feed_file *file);
bool feed_read_misp(struct feed_file *file);
