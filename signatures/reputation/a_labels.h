// SPDX-License-Identifier: GPL-3.0-or-later
// A-labels: names in Unicode, as feeds and people write them and links of mails and some clients have them, as IDNA (RFC 5891) has them in DNS.
//
// Mapped and composed as UTS 46 does it without transition (capitals of every script, full width, ligatures, dots of other scripts; sharp s stays), from a table
// of ours, as no packet may allocate. What may stand in a name is not checked, and what Unicode knows only since the table was made stays as it is: who registers
// names asks libidn2 for that (sensor/files/domain_text.h). What has no form in DNS is no label.
//
// Work      linear, but for marks and points of one label: squared, and there are at most 128
// Threads   any
#pragma once
#include "decoders/base/span.h"

// name (UTF-8) into out (CANONICAL_NAME_MAX bytes), without dots at its end. Bytes written; 0: it is no UTF-8, no name, or too long.
uint32_t a_labels(struct span name, uint8_t *out);
// The longest end of name that is good labels.
uint32_t a_labels_end(struct span name, uint8_t *out);
