// SPDX-License-Identifier: GPL-3.0-or-later
// STIX pattern: the comparisons of an indicator's pattern that stand for one observable value each.
//
// Taken     comparisons with = and IN (and ISSUBSET of addresses) joined by OR, within and between observations; AND where it only says the same thing twice
//           (several hashes, a file's name beside its hash) or makes an endpoint (an address and dst_port)
// Refused   NOT, LIKE, MATCHES, ranges, FOLLOWEDBY and qualifiers, other ANDs: half of such a pattern would say something else
// Memory    the struct's: STIX_VALUES_MAX values
// Source    STIX 2.1, 9 (OASIS Standard, 2021)
#pragma once
#include "sensor/feeds/feed_file.h"

#define STIX_VALUES_MAX 64

struct stix_value {
	char text[INDICATOR_VALUE_MAX];
	unsigned kind; // enum indicator_kind, INDICATOR_KINDS: by its form
	uint16_t port;
};

struct stix_pattern {
	struct stix_value values[STIX_VALUES_MAX];
	unsigned count;
};

// NULL, or what cannot be taken.
const char *stix_pattern_parse(const char *text, struct stix_pattern *out);
