// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/canonical_part.h"
#include "decoders/base/hex.h"

#define LETTER (CANONICAL_UNRESERVED | CANONICAL_PATH | CANONICAL_QUERY | CANONICAL_NAME | CANONICAL_SCHEME)
#define PCHAR  (CANONICAL_PATH | CANONICAL_QUERY)
const uint8_t canonical_classes[256] = {
	['a' ... 'z'] = LETTER,
	['A' ... 'Z'] = LETTER,
	['0' ... '9'] = LETTER,
	['-'] = LETTER,
	['.'] = CANONICAL_UNRESERVED | PCHAR | CANONICAL_SCHEME,
	['_'] = CANONICAL_UNRESERVED | PCHAR | CANONICAL_NAME,
	['~'] = CANONICAL_UNRESERVED | PCHAR,
	['!'] = PCHAR,
	['$'] = PCHAR,
	['&'] = PCHAR,
	['\''] = PCHAR,
	['('] = PCHAR,
	[')'] = PCHAR,
	['*'] = PCHAR,
	['+'] = PCHAR | CANONICAL_SCHEME,
	[','] = PCHAR,
	[';'] = PCHAR,
	['='] = PCHAR,
	[':'] = PCHAR,
	['@'] = PCHAR,
	['/'] = PCHAR,
	['?'] = CANONICAL_QUERY,
};

void canonical_put(struct canonical_writer *w, const uint8_t *bytes, uint32_t len)
{
	if (w->full || INDICATOR_VALUE_MAX - w->len < len) {
		w->full = true;
		return;
	}
	memcpy(w->out + w->len, bytes, len);
	w->len += len;
}

void canonical_put_byte(struct canonical_writer *w, uint8_t byte)
{
	canonical_put(w, &byte, 1);
}

int canonical_percent(struct span text, uint32_t at)
{
	if (text.data[at] != '%' || text.len - at < 3)
		return -1;
	int high = hex_value(text.data[at + 1]), low = hex_value(text.data[at + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static void put_encoded(struct canonical_writer *w, uint8_t byte)
{
	static const uint8_t digits[] = "0123456789ABCDEF";
	canonical_put(w, (const uint8_t[]) { '%', digits[byte >> 4], digits[byte & 15] }, 3);
}

// What may stand there as it is, as much as fits.
static uint32_t put_run(struct canonical_writer *w, struct span text, uint8_t allowed)
{
	uint32_t len = 0, room = INDICATOR_VALUE_MAX - w->len;
	while (len < text.len && canonical_classes[text.data[len]] & allowed)
		len++;
	canonical_put(w, text.data, len < room ? len : room);
	w->full |= len > room;
	return len;
}

// A '%' that begins no escape is a byte that may not stand there.
void canonical_put_normal(struct canonical_writer *w, struct span text, uint8_t allowed)
{
	for (uint32_t i = 0; i < text.len && !w->full; i++) {
		i += put_run(w, span_from(text, i), allowed);
		if (i == text.len)
			return;
		int value = canonical_percent(text, i);
		i += value >= 0 ? 2 : 0;
		if (value >= 0 && canonical_classes[value] & CANONICAL_UNRESERVED)
			canonical_put_byte(w, (uint8_t)value);
		else
			put_encoded(w, value >= 0 ? (uint8_t)value : text.data[i]);
	}
}

// 1 or 2: the segment is "." or "..", in any encoding.
static unsigned dots_of(struct span segment)
{
	unsigned dots = 0;
	for (uint32_t i = 0; i < segment.len; i++, dots++) {
		bool escaped = canonical_percent(segment, i) == '.';
		if ((segment.data[i] != '.' && !escaped) || dots == 2)
			return 0;
		i += escaped ? 2 : 0;
	}
	return dots;
}

static void begin_segment(struct canonical_writer *w)
{
	canonical_put_byte(w, '/');
	w->beyond += w->full;
}

// What "/.." takes away: the segment before it. One that lies past the end counts too, or two thousand bytes and "/.." would hide what follows.
static void drop_segment(struct canonical_writer *w, uint32_t base)
{
	if (w->beyond) {
		w->beyond--;
		return;
	}
	w->full = false;
	while (w->len > base && w->out[--w->len] != '/')
		;
}

// A path that does not begin with '/' is taken as if it did.
void canonical_put_path(struct canonical_writer *w, struct span path)
{
	uint32_t base = w->len;
	if (!path.len)
		canonical_put_byte(w, '/');
	for (uint32_t i = 0, end; i < path.len; i = end) {
		uint32_t start = i + (path.data[i] == '/');
		end = span_find(path, '/', start);
		struct span segment = span_slice(path, start, end - start);
		unsigned dots = dots_of(segment);
		if (dots == 2)
			drop_segment(w, base);
		if (!dots || end == path.len)
			begin_segment(w);
		if (!dots)
			canonical_put_normal(w, segment, CANONICAL_PATH);
	}
}
