// SPDX-License-Identifier: GPL-3.0-or-later
// Filter: which entries `list` and `export` are about.
//
// Threads  one
#pragma once
#include "sensor/intel/intel.h"

struct intel_filter {
	const char *feed, *kind_name; // NULL: all
	bool allow, expired;
	unsigned kind;
	uint32_t now_s;
};

#define INTEL_FILTER_OPTIONS(filter)                                                                  \
	{ "feed", NULL, &(filter).feed, "only of this feed (local: what was added by hand)" },        \
		{ "kind", NULL, &(filter).kind_name, "only of this kind: address, domain, url ..." }, \
		{ "allow", &(filter).allow, NULL, "only what is allowed; else only what is listed" }, \
	{                                                                                             \
		"expired", &(filter).expired, NULL, "only what expired; else only what has not"       \
	}

// Reads what the options named. False: no such feed or kind (told).
bool intel_filter_ready(struct intel_filter *filter, const struct intel *intel);
bool intel_fits(const struct intel_filter *filter, const struct intel_entry *entry);
