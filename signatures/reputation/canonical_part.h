// SPDX-License-Identifier: GPL-3.0-or-later
// Canonical part: what canonical.c puts a URL's one form together of: bytes as they may stand, the path, the host. For canonical*.c alone.
//
// Memory   nothing is allocated; a writer's out is the caller's, of INDICATOR_VALUE_MAX bytes
// Cost     linear in what is given
#pragma once
#include "signatures/reputation/canonical.h"

// What a byte may be in a URL (RFC 3986 2.2, 2.3, 3.3), and in a name.
enum canonical_class {
	CANONICAL_UNRESERVED = 1,
	CANONICAL_PATH = 2,
	CANONICAL_QUERY = 4,
	CANONICAL_NAME = 8,
	CANONICAL_SCHEME = 16,
};
extern const uint8_t canonical_classes[256]; // of enum canonical_class

struct canonical_writer {
	uint8_t *out;
	uint32_t len;
	uint32_t beyond; // segments of the path that begin past the end of out
	bool full;       // something did not fit: nothing more is written
};

void canonical_put(struct canonical_writer *w, const uint8_t *bytes, uint32_t len);
void canonical_put_byte(struct canonical_writer *w, uint8_t byte);
// The byte that "%xx" at offset at stands for; -1: it is no such thing.
int canonical_percent(struct span text, uint32_t at);
// text with its percent-encoding as it has to be (RFC 3986 6.2.2.1, 6.2.2.2); allowed: enum canonical_class of what may stand as it is.
void canonical_put_normal(struct canonical_writer *w, struct span text, uint8_t allowed);
// A path without its dot segments (RFC 3986 5.2.4); "/" for none.
void canonical_put_path(struct canonical_writer *w, struct span path);
// "host:port" without its user, and url's host, address and port; the scheme's own port is left out. loose: what is no name may still end in one, and a
// port that is none is passed over. False: it is no host.
bool canonical_put_authority(
	struct canonical_writer *w, struct span scheme, struct span authority, bool loose, struct canonical_url *url);
struct span canonical_without_dots(struct span name); // at its end
