// SPDX-License-Identifier: GPL-3.0-or-later
// Captures: what the conditions of one rule took out of a buffer on the way (groups of pcre, the entropy that was worked out). They
// count once the whole rule matched.
//
// Life cycle   captures_reset before a rule's evaluation, capture_put while it runs, read after it
// Memory       fixed room, the caller's; what does not fit is left out and counted in lost
// Threads      one worker
#pragma once
#include "decoders/base/span.h"
#include "signatures/rule/rule.h"

#define CAPTURES_MAX      32
#define CAPTURE_BYTES_MAX (32u << 10) // of all captures of a rule

struct captures {
	uint32_t count, used, lost;
	struct capture {
		uint8_t kind; // enum capture_kind
		uint16_t var;
		struct span key; // pkt:key: the name is itself captured; else empty
		struct span text;
	} items[CAPTURES_MAX];
	uint8_t bytes[CAPTURE_BYTES_MAX];
};

static inline void captures_reset(struct captures *captures)
{
	captures->count = captures->used = 0;
}

// Copies text for var; what an earlier try of the same rule left there is replaced.
void capture_put(struct captures *captures, enum capture_kind kind, uint16_t var, struct span key, struct span text);
