// SPDX-License-Identifier: GPL-3.0-or-later
// Canonical: the one form of names and URLs in which feeds and traffic are compared.
//
// URLs   RFC 3986 6.2.2 and 6.2.3: scheme and host in lower case, "user:pass@", the scheme's default port and the fragment gone; percent-encoding
//        of unreserved characters undone, the rest's hex digits in upper case, bytes that may not stand in a URL encoded; dot segments removed, an empty
//        path is "/"; the host without dots at its end; IPv4 hosts in any of inet_aton's forms ("0x7f.1", "2130706433") as a dotted quad
// Names  lower case, no dots at the end; those in Unicode as A-labels (a_labels.h; names of feeds are brought to them by libidn2 before, which checks them, too)
// Cost   linear in what is given; nothing is allocated
// Threads pure functions
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"
#include "signatures/reputation/indicator.h"

#define CANONICAL_NAME_MAX 253 // bytes (RFC 1035 2.3.4, as text)

// Bytes written to out (CANONICAL_NAME_MAX); 0: name is no domain name (empty, too long, an empty label or one over 63 bytes, a byte that no name of
// traffic has: space, control, '/', ...; underscores are fine).
uint32_t canonical_name(struct span name, uint8_t *out);
// For names of traffic: the longest end of name that is a domain name, so that no odd, empty or endless label in front hides what it lies below.
uint32_t canonical_name_end(struct span name, uint8_t *out);

// What a URL is about, in canonical form. Spans point into the caller's buffer; host, path and query lie in whole, in that order.
struct canonical_url {
	struct span whole; // host[:port]/path?query, or /path?query when there is no host
	struct span host;  // name, or address as text (IPv6 without the brackets that whole has); empty: none
	struct span path;  // from '/', without query
	struct span query; // without '?'
	uint16_t port;     // 0: the scheme's own (no scheme given: 80 and 443 are)
	bool host_is_address;
	struct address address;
};
// A URL of a feed or of traffic (absolute, "//host/path", "host/path" or "/path"): false when it is none, or longer than out (INDICATOR_VALUE_MAX bytes)
// holds. Longer paths are cut only by canonical_request.
bool canonical_url(struct span text, uint8_t *out, struct canonical_url *url);
// The same of a link that traffic hands out ("http://host/path", or without "http://"), as browsers take it: who is named before '@' is no host, a backslash is a
// slash, a host that is no name is taken by its end, and what does not fit is cut. False: it has no host.
bool canonical_link(struct span text, uint8_t *out, struct canonical_url *url);
// The same from a request's host (Host field, with its port if any) and target (origin, authority or absolute form; the latter two win). What does not fit
// is cut, after dot segments are gone; a host that is no name is taken by its end, else left out. False: neither host nor target.
bool canonical_request(struct span host, struct span target, uint8_t *out, struct canonical_url *url);
