// SPDX-License-Identifier: GPL-3.0-or-later
// Domain text: names as people and feeds write them, brought to the form that traffic has.
#pragma once
#include <stdint.h>

// name in lower case, as A-labels (RFC 5890; libidn2), without dots at its end, into out (CANONICAL_NAME_MAX bytes, not terminated). Bytes written; 0: it is no
// domain name.
uint32_t domain_from_text(const char *name, uint8_t *out);
