// SPDX-License-Identifier: GPL-3.0-or-later
// ASN.1: what the asn1 keyword looks for in BER-encoded bytes: lengths and encodings that overflowed decoders once.
//
// Threads      const after parsing
#pragma once
#include "decoders/base/span.h"

enum asn1_check {
	ASN1_BITSTRING_OVERFLOW = 1 << 0, // more unused bits announced than the string has
	ASN1_DOUBLE_OVERFLOW = 1 << 1,    // a REAL longer than its text can be
	ASN1_OVERSIZE_LENGTH = 1 << 2,    // a length over oversize
	ASN1_RELATIVE = 1 << 3,           // offset counts from the match before
};

struct match_asn1 {
	uint8_t checks;    // enum asn1_check
	uint32_t oversize; // bytes
	int32_t offset;    // from the start, or from the match before
};

// Walks the objects in data (64 at most, depth first) from the offset asn1 says; at is where the match before ended. True when one of the
// checks finds what it looks for.
bool asn1_match(const struct match_asn1 *asn1, struct span data, uint32_t at);
