// SPDX-License-Identifier: GPL-3.0-or-later
// Feed read: turns a feed's file, of any format, into canonical indicators. Nothing a feed says is trusted: what is too wide, too short, a public
// suffix, or the site's own is refused with its reason; a file that is not what it should be is refused as a whole.
//
// Memory       lines: FEED_LINE_MAX and what zlib takes, however large the file. JSON formats are read whole: at most FEED_JSON_MAX bytes
// Time         linear in the unpacked bytes
// Threads      any; no state
// Formats      RFC 4180 (CSV); draft-vixie-dnsop-dns-rpz; STIX 2.1; MISP core format; Suricata's iprep and dataset files; gzip of any of them
#pragma once
#include <stdio.h>
#include "decoders/base/address.h"
#include "sensor/feeds/feed.h"

#define FEED_LINE_MAX 65536          // bytes; a longer line is refused, without being kept
#define FEED_JSON_MAX (256ull << 20) // bytes of a STIX or MISP file, unpacked
#define FEED_REFUSALS 8              // told with their place; the rest is counted
#define FEED_REFUSED_MAX \
	50 // percent of lines: above it the file is not what it says, and is refused (once 20 lines were refused)

// What belongs to the site: no feed may list it. Spans and arrays are borrowed.
struct feed_site {
	const char *const *own_domains; // canonical, NULL-terminated; NULL none
	bool (*is_own)(void *context, const struct address *first,
		unsigned bits); // does the network touch the site's own public ones? NULL: no
	void *context;
	uint64_t digest; // of all that: feeds are read again when it changed
};

struct feed_refusal {
	uint64_t line; // of the file, from 1
	bool object;   // JSON: which object or attribute, from 1
	char text[200];
};

const char *feed_refusal_place(const struct feed_refusal *refusal); // what its number counts: "line", "object"

struct feed_report {
	uint64_t lines;   // or JSON objects, that should give something
	uint64_t taken;   // indicators given
	uint64_t refused; // lines that cannot be taken
	uint64_t
		skipped; // known, and not for us: MISP attributes without to_ids, revoked or expired objects, RPZ's own records
	struct feed_refusal refusals[FEED_REFUSALS];
	unsigned refusal_count;
	enum feed_format format; // that it was read as
};

// Takes one indicator; it and what it points to are good for the call. False ends the reading (no memory).
typedef bool feed_give(void *context, const struct indicator *indicator);

// Reads one file at path for feed. False with "PATH[:LINE]: reason" in error: it cannot be opened, is binary, truncated, longer than feed->max_bytes,
// not of the format, or mostly refused; what was given before that is to be thrown away. report is filled in either case.
bool feed_read(const struct feed *feed, const struct feed_site *site, const char *path, uint32_t now_s, feed_give *give,
	void *context, struct feed_report *report, struct pack_error *error);
