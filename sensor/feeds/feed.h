// SPDX-License-Identifier: GPL-3.0-or-later
// Feed: where indicators come from: an entry of the feeds file (reputation.feeds). docs/reputation.md has its keys, feed.c reads them.
//
// Life cycle   feeds_read -> borrowed -> feeds_free
// Bounds       FEEDS_MAX feeds; yaml_tree's limits on the file
// Memory       texts are the struct's own (feeds_free); FEEDS_MAX feeds at most
// Threads      one
#pragma once
#include "sensor/files/pack_error.h"
#include "signatures/reputation/indicator.h"

#define FEEDS_MAX     1024
#define FEED_NAME_MAX 64
#define FEED_TEXT_MAX 128 // family, technique, column names

enum feed_format {
	FEED_AUTO, // by name and first bytes
	FEED_PLAIN,
	FEED_HOSTS,
	FEED_CSV,
	FEED_RPZ,
	FEED_STIX,
	FEED_MISP,
	FEED_IPREP,
	FEED_DATASET,
	FEED_FORMATS,
};
extern const char *const feed_format_names[FEED_FORMATS];

enum feed_column {
	COLUMN_VALUE,
	COLUMN_KIND,
	COLUMN_FAMILY,
	COLUMN_CONFIDENCE,
	COLUMN_FIRST_SEEN,
	COLUMN_EXPIRY,
	COLUMN_TECHNIQUE,
	COLUMN_PORT,
	FEED_COLUMNS,
};
extern const char *const feed_column_names[FEED_COLUMNS];

struct feed {
	char name[FEED_NAME_MAX + 1];
	char *source;
	enum feed_format format;
	uint8_t kind;       // enum indicator_kind; INDICATOR_KINDS: by the value's form
	uint8_t confidence; // preset 70
	bool allow, drop, enabled, exact;
	bool is_list;   // of reputation.lists or reputation.allow: its source is its name in alerts
	char separator; // csv; preset ','
	char columns[FEED_COLUMNS][FEED_TEXT_MAX]; // csv: number or header's name; "" none
	uint32_t score_low, score_high; // confidence column: these become 1 and 100; both 0: it is a percentage
	char family[FEED_TEXT_MAX], technique[FEED_TEXT_MAX];
	uint64_t interval_s;     // between fetches of a URL; preset 3600
	uint64_t expire_after_s; // entries without an expiry of their own, after they were last in the feed; 0 never
	uint64_t max_bytes;      // of the file, unpacked; preset 1 GiB
	uint32_t least_percent;  // of the last good count a new one must have; preset 50
	uint32_t line;           // of the feeds file
	const char *origin;      // of what was fetched into source: its URL, for messages; NULL none; borrowed
	bool remote;             // others write it: what it allows is not allowed, unless allow says so
};

struct feeds {
	struct feed *items;
	unsigned count;
};

// False with "FILE:LINE: reason" in error; feeds is empty then.
bool feeds_read(struct feeds *feeds, const char *path, struct pack_error *error);
// The same of bytes; name stands for the path.
bool feeds_read_bytes(struct feeds *feeds, const char *name, const void *bytes, size_t len, struct pack_error *error);
void feeds_free(struct feeds *feeds);
// A plain feed of presets, for reputation.lists and reputation.allow and tools. False: no memory.
bool feeds_add(struct feeds *feeds, const char *name, const char *source, bool allow);
const struct feed *feeds_find(const struct feeds *feeds, const char *name); // NULL: none
