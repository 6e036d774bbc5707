// SPDX-License-Identifier: GPL-3.0-or-later
// Punycode (RFC 3492), as labels of domain names use it, without their "xn--".
//
// Bounds       PUNYCODE_POINTS_MAX code points; work: at most that squared
#pragma once
#include "decoders/base/span.h"

#define PUNYCODE_POINTS_MAX 63

// A label behind "xn--" as code points. Their number; 0: it is none.
unsigned punycode_decode(struct span label, uint32_t out[PUNYCODE_POINTS_MAX]);
// Code points (up to 0x10ffff) as what stands behind "xn--". Bytes written; 0: they do not fit in size.
uint32_t punycode_encode(const uint32_t *points, unsigned count, uint8_t *out, uint32_t size);
