// SPDX-License-Identifier: GPL-3.0-or-later
// Indicator: one thing a feed says is bad (or, in an allow list, good), in the canonical form in which feeds and traffic meet.
//
// Canonical values, by kind (bytes, never with a terminating zero; made by canonical.h)
//   ADDRESS    16 bytes (IPv4 as ::ffff:a.b.c.d)
//   NETWORK    16 bytes, host bits zero, and bits (of the 16-byte form: an IPv4 /24 is 120)
//   ENDPOINT   16 bytes and port
//   DOMAIN     A-labels in lower case, no dot at the end
//   URL        "host/path?query" without scheme, user and default port; a path alone ("/gate.php") is a URL of any host
//   hashes     raw bytes: MD5 16, SHA-1 20, SHA-256 32
//   JA3, JA3S  16 bytes (MD5); JA4 36 characters in lower case
//   USER_AGENT as sent; EMAIL "local@domain" in lower case
//
// Memory   plain values; spans borrow
#pragma once
#include "decoders/base/span.h"

enum indicator_kind {
	INDICATOR_ADDRESS,
	INDICATOR_NETWORK,
	INDICATOR_ENDPOINT,
	INDICATOR_DOMAIN,
	INDICATOR_URL,
	INDICATOR_FILE_MD5,
	INDICATOR_FILE_SHA1,
	INDICATOR_FILE_SHA256,
	INDICATOR_CERT_SHA1,
	INDICATOR_CERT_SHA256,
	INDICATOR_JA3,
	INDICATOR_JA3S,
	INDICATOR_JA4,
	INDICATOR_USER_AGENT,
	INDICATOR_EMAIL,
	INDICATOR_KINDS,
};
extern const char *const indicator_kind_names[INDICATOR_KINDS]; // "address", ..., as feeds, events and tools write them
extern const uint8_t indicator_kind_bytes[INDICATOR_KINDS];     // of a value; 0: from 1 to INDICATOR_VALUE_MAX

// Raw bytes, which people write in hex?
static inline bool indicator_is_hash(unsigned kind)
{
	return kind >= INDICATOR_FILE_MD5 && kind <= INDICATOR_JA3S;
}

enum indicator_flag {
	// DOMAIN: not the names below it; URL: not what lies below the path, nor names below the host (a query may follow)
	INDICATOR_EXACT = 1 << 0,
	INDICATOR_BELOW = 1 << 1,   // DOMAIN: only the names below it (RPZ "*.")
	INDICATOR_ALLOW = 1 << 2,   // of an allow list: wins over all that are not
	INDICATOR_DROP = 1 << 3,    // its feed asks for its traffic to be dropped in inline mode
	INDICATOR_EARLIER = 1 << 4, // first_seen_s is when we first read it: it may have been listed before
};

#define INDICATOR_VALUE_MAX      2048 // bytes; longer ones are refused by feeds and cut by traffic
#define INDICATOR_CONFIDENCE_MAX 100

struct indicator {
	struct span value;
	uint8_t kind;          // enum indicator_kind
	uint8_t flags;         // enum indicator_flag
	uint8_t bits;          // NETWORK
	uint8_t confidence;    // 1..100: how sure the feed is
	uint16_t port;         // ENDPOINT
	uint32_t first_seen_s; // of the Unix epoch: by the feed, or when it was first read; 0 unknown
	uint32_t expiry_s;     // no longer good from then on; 0 never
	struct span family;    // malware or campaign; may be empty
	struct span technique; // ATT&CK id; may be empty
};
