// SPDX-License-Identifier: GPL-3.0-or-later
// Feed value: one value as people write it becomes a canonical indicator, or a reason why not.
//
// Understood   "203.0.113.7", "203.0.113.7:8080", "203.0.113.0/24", "2001:db8::/32", "[2001:db8::1]:443", "evil.example" and ".evil.example" (itself and below), "*.evil.example" (only below),
//              "http://evil.example/a", "evil.example/a", "/gate.php", MD5/SHA-1/SHA-256 in hex, JA3, JA4, "user@evil.example"; "hxxp", "h**p", "[.]", "(dot)", "{.}", "[at]", "[:]" and
//              their like are undone;
//              names in Unicode become A-labels (IDNA 2008, non-transitional; RFC 5891, UTS 46)
// Refused      public suffixes and their parents, networks of fewer than 8 bits of IPv4 or 16 of IPv6, addresses that belong to nobody on the
//              Internet, the site's own, URLs of a path of fewer than 4 bytes without a host, what is none of these
//
// Memory       the caller's struct; libidn2 allocates for names in Unicode
// Threads      any; no state
#pragma once
#include "sensor/feeds/feed_read.h"

struct feed_value {
	struct indicator indicator; // value points into bytes
	uint8_t bytes[INDICATOR_VALUE_MAX];
};

// kind: enum indicator_kind, INDICATOR_KINDS: by the text's form. NULL, or what is wrong with it. Fills value, kind, bits, port and EXACT/BELOW of
// out->indicator; the rest is the caller's. allow: entries of allow lists may be private addresses and the site's own.
const char *feed_value_parse(
	struct span text, unsigned kind, const struct feed_site *site, bool allow, struct feed_value *out);
// The indicator as text, as `sekisho intel` writes it; bytes written, out is terminated.
size_t feed_value_text(const struct indicator *indicator, char *out, size_t size);
