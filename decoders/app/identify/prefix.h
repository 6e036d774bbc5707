// SPDX-License-Identifier: GPL-3.0-or-later
// Prefix: how probes compare the first bytes of a stream when not all of them are there yet.
//
// Threads      pure functions
#pragma once
#include "decoders/app/app_parser.h"

// YES: data starts with the len bytes; MORE: it could when more comes.
static inline enum app_probe prefix_bytes(struct span data, const void *bytes, uint32_t len)
{
	uint32_t have = data.len < len ? data.len : len;
	if (have && memcmp(data.data, bytes, have) != 0)
		return APP_PROBE_NO;
	return have == len ? APP_PROBE_YES : APP_PROBE_MORE;
}

static inline enum app_probe prefix_text(struct span data, const char *text)
{
	return prefix_bytes(data, text, (uint32_t)strlen(text));
}

static inline enum app_probe prefix_nocase(struct span data, const char *text)
{
	uint32_t len = (uint32_t)strlen(text), have = data.len < len ? data.len : len;
	if (have && strncasecmp((const char *)data.data, text, have) != 0)
		return APP_PROBE_NO;
	return have == len ? APP_PROBE_YES : APP_PROBE_MORE;
}

// YES when data starts with any of the words (NULL ends, case ignored), MORE when it still could.
static inline enum app_probe prefix_any(struct span data, const char *const *words)
{
	enum app_probe best = APP_PROBE_NO;
	for (; *words && best != APP_PROBE_YES; words++) {
		// Most differ in the first byte already, whatever its case (bit 5)
		if (data.len && (data.data[0] ^ (uint8_t) * *words) & ~0x20u)
			continue;
		enum app_probe one = prefix_nocase(data, *words);
		if (one != APP_PROBE_NO)
			best = one;
	}
	return best;
}
