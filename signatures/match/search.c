// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/search.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool equal_nocase(const uint8_t *text, const uint8_t *lower, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (ascii_lower(text[i]) != lower[i])
			return false;
	return true;
}

bool search_at(struct span hay, struct span needle, bool nocase)
{
	if (hay.len < needle.len)
		return false;
	if (needle.len == 0)
		return true;
	return nocase ? equal_nocase(hay.data, needle.data, needle.len)
		      : memcmp(hay.data, needle.data, needle.len) == 0;
}

static uint32_t find_slow(struct span hay, struct span needle, bool nocase, uint32_t from)
{
	for (uint32_t at = from; hay.len - at >= needle.len; at++)
		if (search_at(span_from(hay, at), needle, nocase))
			return at;
	return SEARCH_NONE;
}

#ifdef __SSE2__
// Positions where first and last byte fit, sixteen at a time; the bytes between are compared only there.
static uint32_t find_wide(struct span hay, struct span needle, bool nocase)
{
	uint8_t first = needle.data[0], last = needle.data[needle.len - 1];
	bool fold_first = nocase && ascii_alpha(first), fold_last = nocase && ascii_alpha(last);
	__m128i first16 = _mm_set1_epi8((char)first), last16 = _mm_set1_epi8((char)last);
	__m128i fold_first16 = _mm_set1_epi8(fold_first ? 0x20 : 0), fold_last16 = _mm_set1_epi8(fold_last ? 0x20 : 0);
	uint32_t at = 0, tail = needle.len - 1;
	for (; hay.len - at >= tail + 16; at += 16) {
		__m128i a = _mm_loadu_si128((const __m128i *)(const void *)(hay.data + at));
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(hay.data + at + tail));
		__m128i fit = _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(a, fold_first16), first16),
			_mm_cmpeq_epi8(_mm_or_si128(b, fold_last16), last16));
		unsigned mask = (unsigned)_mm_movemask_epi8(fit);
		for (; mask; mask &= mask - 1) {
			uint32_t found = at + (uint32_t)__builtin_ctz(mask);
			if (search_at(span_from(hay, found), needle, nocase))
				return found;
		}
	}
	return find_slow(hay, needle, nocase, at);
}
#endif

uint32_t search_find(struct span hay, struct span needle, bool nocase)
{
	if (needle.len == 0)
		return 0;
	if (hay.len < needle.len)
		return SEARCH_NONE;
	if (needle.len == 1 && !(nocase && ascii_alpha(needle.data[0]))) {
		uint32_t at = span_find(hay, needle.data[0], 0);
		return at == hay.len ? SEARCH_NONE : at;
	}
#ifdef __SSE2__
	return find_wide(hay, needle, nocase);
#else
	return find_slow(hay, needle, nocase, 0);
#endif
}
