// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/a_labels.h"
#include <string.h>
#include "decoders/base/ascii.h"
#include "decoders/base/punycode.h"
#include "signatures/reputation/a_labels_form.h"
#include "signatures/reputation/canonical.h"

#define LABEL_MAX 63u
#define PREFIX    4u                       // "xn--"
#define TEXT_MAX  (4 * CANONICAL_NAME_MAX) // of a name in Unicode: longer ones are read from there on

struct name {
	uint8_t *out; // CANONICAL_NAME_MAX bytes
	uint32_t len;
	struct a_labels_form label; // being read
	bool bad;                   // it is no label
	bool hole;                  // an empty one lies before it
	bool broken;                // there was a bad one, or a hole: only what follows is good
};

// The code point at *at, which moves on; 0: none is there (RFC 3629). What follows a sequence that breaks off is not part of it.
static uint32_t next_point(struct span text, uint32_t *at)
{
	uint8_t first = text.data[(*at)++];
	if (first < 0x80)
		return ascii_lower(first);
	unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	if (first < 0xc2 || first > 0xf4)
		return 0;
	uint32_t point = first & (0x3fu >> more);
	for (unsigned i = 0; i < more; i++) {
		if (*at == text.len || (text.data[*at] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text.data[(*at)++] & 0x3f);
	}
	return point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? 0 : point;
}

static bool is_in_name(uint32_t point)
{
	return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '-' || point == '_' ||
	       point >= 0xa0;
}

// As DNS has it; 0: it does not fit, or no name has such points.
static uint32_t text_of(const struct a_labels_form *label, uint8_t out[LABEL_MAX])
{
	uint32_t high = 0;
	if (label->full || label->count > LABEL_MAX)
		return 0;
	for (unsigned i = 0; i < label->count; i++) {
		if (!is_in_name(label->points[i]))
			return 0;
		high |= label->points[i];
	}
	if (high >= 0x80) {
		memcpy(out, "xn--", PREFIX);
		uint32_t len = punycode_encode(label->points, label->count, out + PREFIX, LABEL_MAX - PREFIX);
		return len ? len + PREFIX : 0;
	}
	for (unsigned i = 0; i < label->count; i++)
		out[i] = (uint8_t)label->points[i];
	return label->count;
}

// Behind a dot, unless it is the first. What no longer fits goes from the front.
static void put_label(struct name *name, const uint8_t *text, uint32_t len)
{
	while (name->len && CANONICAL_NAME_MAX - name->len < len + 1) {
		uint32_t dot = span_find(span_of(name->out, name->len), '.', 0), cut = dot < name->len ? dot + 1 : dot;
		memmove(name->out, name->out + cut, name->len - cut);
		name->len -= cut;
		name->broken = true;
	}
	if (name->len)
		name->out[name->len++] = '.';
	memcpy(name->out + name->len, text, len);
	name->len += len;
}

// Empty ones at the end are none.
static void end_label(struct name *name)
{
	uint8_t text[LABEL_MAX];
	bool empty = !name->bad && !name->label.count && !name->label.full;
	uint32_t len = 0;
	if (!empty && !name->bad) {
		a_labels_form_compose(&name->label);
		len = text_of(&name->label, text);
	}
	if (!empty && (name->hole || !len)) {
		name->len = 0;
		name->broken = true;
	}
	if (len)
		put_label(name, text, len);
	name->hole = empty;
	name->bad = name->label.full = false;
	name->label.count = 0;
}

static void add_point(struct name *name, uint32_t point)
{
	uint32_t mapped[A_LABELS_EACH];
	unsigned count = 1;
	mapped[0] = point;
	if (point >= 0x80)
		count = a_labels_mapped(point, mapped);
	for (unsigned i = 0; i < count; i++) {
		if (mapped[i] == '.')
			end_label(name);
		else if (!mapped[i])
			name->bad = true;
		else
			a_labels_form_add(&name->label, mapped[i]);
	}
}

static void read_name(struct name *name, struct span text)
{
	for (uint32_t at = 0; at < text.len;)
		add_point(name, next_point(text, &at));
	end_label(name);
}

uint32_t a_labels(struct span text, uint8_t *out)
{
	struct name name = { .out = out };
	if (text.len > TEXT_MAX)
		return 0;
	read_name(&name, text);
	return name.broken ? 0 : name.len;
}

uint32_t a_labels_end(struct span text, uint8_t *out)
{
	struct name name = { .out = out, .bad = text.len > TEXT_MAX }; // the label that is cut is none
	if (name.bad)
		text = span_from(text, text.len - TEXT_MAX);
	read_name(&name, text);
	return name.len;
}
