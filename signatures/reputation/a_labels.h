// SPDX-License-Identifier: GPL-3.0-or-later
// A-labels: names that traffic has in Unicode (links of mails, Host fields of odd clients), as IDNA (RFC 5891) has them in DNS.
//
// Letters of Latin, Greek and Cyrillic become small ones, full-width ones and dots plain ones, as UTS 46 maps them; nothing is composed, and nothing else is
// mapped or checked: libidn2 does that for feeds, and allocates.
#pragma once
#include "decoders/base/span.h"

// name (UTF-8) into out (CANONICAL_NAME_MAX bytes). Bytes written; 0: it is no UTF-8, no name, or too long.
uint32_t a_labels(struct span name, uint8_t *out);
