// SPDX-License-Identifier: GPL-3.0-or-later
// Span: borrowed bytes. Whoever hands one out says until when it is valid.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct span {
	const uint8_t *data;
	uint32_t len;
};

static inline struct span span_of(const void *data, size_t len)
{
	return (struct span) { data, len > UINT32_MAX ? UINT32_MAX : (uint32_t)len };
}

static inline struct span span_text(const char *text)
{
	return span_of(text, strlen(text));
}

// The part from offset on, at most len bytes; empty when offset lies past the end.
static inline struct span span_slice(struct span whole, uint32_t offset, uint32_t len)
{
	if (offset > whole.len)
		return (struct span) { whole.data ? whole.data + whole.len : NULL, 0 };
	uint32_t left = whole.len - offset;
	return (struct span) { whole.data ? whole.data + offset : NULL, len < left ? len : left };
}

static inline struct span span_from(struct span whole, uint32_t offset)
{
	return span_slice(whole, offset, UINT32_MAX);
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
	return span_equal(a, span_text(text));
}

static inline bool span_is_nocase(struct span a, const char *text)
{
	return a.len == strlen(text) && (a.len == 0 || strncasecmp((const char *)a.data, text, a.len) == 0);
}

static inline bool span_starts(struct span a, const char *prefix)
{
	size_t len = strlen(prefix);
	return a.len >= len && (len == 0 || memcmp(a.data, prefix, len) == 0);
}

static inline bool span_starts_nocase(struct span a, const char *prefix)
{
	size_t len = strlen(prefix);
	return a.len >= len && (len == 0 || strncasecmp((const char *)a.data, prefix, len) == 0);
}

// Offset of byte in a at or after from; a.len when there is none.
static inline uint32_t span_find(struct span a, uint8_t byte, uint32_t from)
{
	if (from >= a.len)
		return a.len;
	const uint8_t *at = memchr(a.data + from, byte, a.len - from);
	return at ? (uint32_t)(at - a.data) : a.len;
}

// Without spaces and tabs at both ends.
static inline struct span span_trim(struct span a)
{
	while (a.len && (a.data[0] == ' ' || a.data[0] == '\t')) {
		a.data++;
		a.len--;
	}
	while (a.len && (a.data[a.len - 1] == ' ' || a.data[a.len - 1] == '\t'))
		a.len--;
	return a;
}
