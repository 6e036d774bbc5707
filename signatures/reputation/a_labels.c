// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/a_labels.h"
#include <string.h>
#include "decoders/base/punycode.h"
#include "signatures/reputation/canonical.h"

#define LABEL_MAX 63
#define PREFIX    4u // "xn--"

// The code point at *at, which moves on; 0: none is there (RFC 3629).
static uint32_t next_point(struct span text, uint32_t *at)
{
	uint8_t first = text.data[(*at)++];
	if (first < 0x80)
		return first;
	unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	if (first < 0xc2 || first > 0xf4 || text.len - *at < more)
		return 0;
	uint32_t point = first & (0x3fu >> more);
	for (unsigned i = 0; i < more; i++) {
		uint8_t byte = text.data[(*at)++];
		if ((byte & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (byte & 0x3f);
	}
	return point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? 0 : point;
}

enum step { EACH, EVEN, ODD }; // which of a range are capitals

static const struct {
	uint16_t from, to;
	int16_t small; // what is added
	uint8_t step;
} capitals[] = {
	{ 'A', 'Z', 32, EACH },
	{ 0xc0, 0xd6, 32, EACH },
	{ 0xd8, 0xde, 32, EACH },
	{ 0x100, 0x137, 1, EVEN },
	{ 0x139, 0x148, 1, ODD },
	{ 0x14a, 0x177, 1, EVEN },
	{ 0x178, 0x178, -121, EACH },
	{ 0x179, 0x17e, 1, ODD },
	{ 0x218, 0x21b, 1, EVEN },
	{ 0x386, 0x386, 38, EACH },
	{ 0x388, 0x38a, 37, EACH },
	{ 0x38c, 0x38c, 64, EACH },
	{ 0x38e, 0x38f, 63, EACH },
	{ 0x391, 0x3ab, 32, EACH },
	{ 0x400, 0x40f, 80, EACH },
	{ 0x410, 0x42f, 32, EACH },
	{ 0x460, 0x481, 1, EVEN },
	{ 0x48a, 0x4bf, 1, EVEN },
	{ 0x1e00, 0x1e95, 1, EVEN },
	{ 0x1ea0, 0x1eff, 1, EVEN },
};

static uint32_t mapped(uint32_t point)
{
	if (point >= 0xff01 && point <= 0xff5e) // full width
		point -= 0xfee0;
	if (point == 0x3002 || point == 0xff61)
		return '.';
	for (size_t i = 0; i < sizeof(capitals) / sizeof(*capitals); i++)
		if (point >= capitals[i].from && point <= capitals[i].to)
			return capitals[i].step == EACH || (point & 1) == (capitals[i].step == ODD)
				       ? (uint32_t)((int32_t)point + capitals[i].small)
				       : point;
	return point;
}

static bool is_in_name(uint32_t point)
{
	return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '-' || point == '_' ||
	       point >= 0xa0;
}

// Behind a dot, unless it is the first. 0: it does not fit.
static uint32_t put_label(const uint32_t *points, unsigned count, bool plain, uint8_t *out, uint32_t len)
{
	uint8_t label[LABEL_MAX];
	uint32_t bytes = count;
	if (plain)
		for (unsigned i = 0; i < count; i++)
			label[i] = (uint8_t)points[i];
	else {
		memcpy(label, "xn--", PREFIX);
		bytes = punycode_encode(points, count, label + PREFIX, LABEL_MAX - PREFIX);
		bytes += bytes ? PREFIX : 0;
	}
	if (!bytes || CANONICAL_NAME_MAX - len < bytes + (len > 0))
		return 0;
	if (len)
		out[len++] = '.';
	memcpy(out + len, label, bytes);
	return len + bytes;
}

uint32_t a_labels(struct span name, uint8_t *out)
{
	uint32_t points[PUNYCODE_POINTS_MAX], len = 0;
	unsigned count = 0;
	bool plain = true;
	for (uint32_t at = 0; at < name.len;) {
		uint32_t point = mapped(next_point(name, &at));
		bool dot = point == '.';
		if (!dot) {
			if (!is_in_name(point) || count == PUNYCODE_POINTS_MAX)
				return 0;
			points[count++] = point;
			plain &= point < 0x80;
		}
		if (dot || at == name.len) {
			len = put_label(points, count, plain, out, len);
			if (!len)
				return 0;
			count = 0;
			plain = true;
		}
	}
	return len;
}
