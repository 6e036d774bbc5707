// SPDX-License-Identifier: GPL-3.0-or-later
// Match: which entries name a value: exactly, from above it, around it, or as the beginning of its URL; and what the sensor would make of it.
//
// Life cycle   match_ask -> match_entry for each entry -> match_verdict
// Memory       plain values; a match_query borrows nothing (url and name point into its own bytes: it is not to be copied)
// Threads      any
#pragma once
#include "sensor/intel/intel.h"
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store.h"

struct match_query {
	struct feed_value value;
	struct canonical_url url; // of a URL: spans into value.bytes
	struct span name;         // the value if it is a domain, else a URL's host or a mail's domain; empty: none
	struct address address;
	bool has_address; // the value, or a URL's host
	uint8_t bits;     // of the address: 128, or a network's
};

// NULL, or why the text cannot be an indicator.
const char *match_ask(const char *text, unsigned kind, struct match_query *query);

enum match_how {
	MATCH_NOT,
	MATCH_ITSELF,
	MATCH_PARENT,    // a domain above it
	MATCH_NETWORK,   // a network around it
	MATCH_ENDPOINT,  // one of its ports
	MATCH_HOST,      // the host of the URL, or the domain of the mail address
	MATCH_BEGINNING, // of the URL
	MATCH_HOWS,
};
extern const char *const match_how_names[MATCH_HOWS];
enum match_how match_entry(const struct match_query *query, const struct indicator *indicator);

enum match_verdict {
	VERDICT_UNKNOWN,  // nothing stands for it
	VERDICT_ALERT,    // the sensor tells of it
	VERDICT_ALLOWED,  // an allow list stands against it
	VERDICT_DOUBTFUL, // below reputation.least-confidence
};
// What the sensor that looks up in store makes of it at now_s; entry: what decides, when something does.
enum match_verdict match_verdict(const struct store *store, const struct match_query *query, unsigned least_confidence,
	uint32_t now_s, struct store_entry *entry);
