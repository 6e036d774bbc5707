// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/lookalike.h"
#include "decoders/base/punycode.h"

static const struct {
	uint16_t from, to; // code points
	char latin;
} alike[] = {
	{ 0x00e0, 0x00e5, 'a' },
	{ 0x00e7, 0x00e7, 'c' },
	{ 0x00e8, 0x00eb, 'e' },
	{ 0x00ec, 0x00ef, 'i' },
	{ 0x00f1, 0x00f1, 'n' },
	{ 0x00f2, 0x00f6, 'o' },
	{ 0x00f8, 0x00f8, 'o' },
	{ 0x00f9, 0x00fc, 'u' },
	{ 0x00fd, 0x00fd, 'y' },
	{ 0x00ff, 0x00ff, 'y' },
	{ 0x0101, 0x0105, 'a' },
	{ 0x0107, 0x010d, 'c' },
	{ 0x010f, 0x0111, 'd' },
	{ 0x0113, 0x011b, 'e' },
	{ 0x011d, 0x0123, 'g' },
	{ 0x0129, 0x0131, 'i' },
	{ 0x0137, 0x0137, 'k' },
	{ 0x013a, 0x0142, 'l' },
	{ 0x0144, 0x0148, 'n' },
	{ 0x014d, 0x0151, 'o' },
	{ 0x0155, 0x0159, 'r' },
	{ 0x015b, 0x0161, 's' },
	{ 0x0163, 0x0167, 't' },
	{ 0x0169, 0x0173, 'u' },
	{ 0x017a, 0x017e, 'z' },
	{ 0x0251, 0x0251, 'a' },
	{ 0x0261, 0x0261, 'g' },
	{ 0x03b1, 0x03b1, 'a' },
	{ 0x03b5, 0x03b5, 'e' },
	{ 0x03b9, 0x03b9, 'i' },
	{ 0x03ba, 0x03ba, 'k' },
	{ 0x03bd, 0x03bd, 'v' },
	{ 0x03bf, 0x03bf, 'o' },
	{ 0x03c1, 0x03c1, 'p' },
	{ 0x03c5, 0x03c5, 'u' },
	{ 0x03c7, 0x03c7, 'x' },
	{ 0x0430, 0x0430, 'a' },
	{ 0x0435, 0x0435, 'e' },
	{ 0x043a, 0x043a, 'k' },
	{ 0x043c, 0x043c, 'm' },
	{ 0x043e, 0x043e, 'o' },
	{ 0x0440, 0x0440, 'p' },
	{ 0x0441, 0x0441, 'c' },
	{ 0x0442, 0x0442, 't' },
	{ 0x0443, 0x0443, 'y' },
	{ 0x0445, 0x0445, 'x' },
	{ 0x0455, 0x0455, 's' },
	{ 0x0456, 0x0457, 'i' },
	{ 0x0458, 0x0458, 'j' },
	{ 0x04bb, 0x04bb, 'h' },
	{ 0x0501, 0x0501, 'd' },
	{ 0x051b, 0x051b, 'q' },
	{ 0x051d, 0x051d, 'w' },
	{ 0x1e01, 0x1e01, 'a' },
	{ 0x1ea1, 0x1eb7, 'a' },
	{ 0x1eb9, 0x1ec7, 'e' },
	{ 0x1ecd, 0x1ee3, 'o' },
	{ 0x1ee5, 0x1ef1, 'u' },
};

// The letter it looks like; 0: none that we know.
static char latin_of(uint32_t point)
{
	if (point == '0')
		return 'o';
	if (point == '1' || point == 'i')
		return 'l';
	if (point < 0x80)
		return (char)point;
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (point >= alike[i].from && point <= alike[i].to)
			return alike[i].latin == 'i' ? 'l' : alike[i].latin;
	return 0;
}

static bool put_label(struct span label, char *out, uint32_t *len)
{
	uint32_t points[PUNYCODE_POINTS_MAX];
	unsigned count = 0;
	if (label.len > PUNYCODE_POINTS_MAX)
		return false;
	if (span_starts(label, "xn--")) {
		count = punycode_decode(span_from(label, 4), points);
		if (!count)
			return false;
	} else {
		for (; count < label.len; count++)
			points[count] = label.data[count];
	}
	for (unsigned i = 0; i < count; i++) {
		char c = latin_of(points[i]);
		if (!c || *len == LOOKALIKE_MAX)
			return false;
		if (c == 'n' && *len && out[*len - 1] == 'r') // "rn" is drawn as "m"
			out[*len - 1] = 'm';
		else
			out[(*len)++] = c;
	}
	return true;
}

uint32_t lookalike_skeleton(struct span name, char out[LOOKALIKE_MAX])
{
	uint32_t len = 0, at = 0;
	for (;;) {
		uint32_t end = span_find(name, '.', at);
		if (!put_label(span_slice(name, at, end - at), out, &len))
			return 0;
		if (end == name.len)
			return len;
		if (len == LOOKALIKE_MAX)
			return 0;
		out[len++] = '.';
		at = end + 1;
	}
}
