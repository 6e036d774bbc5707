// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/ascii.h"
#include "signatures/reputation/a_labels.h"
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/canonical_part.h"

#define LABEL_MAX 63

struct span canonical_without_dots(struct span name)
{
	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

// Where the longest end of name begins that is whole good labels; name.len: there is none.
static uint32_t good_from(struct span name)
{
	uint32_t good = name.len, label = 0;
	for (uint32_t i = name.len; i-- > 0;) {
		uint8_t c = name.data[i];
		if (name.len - i > CANONICAL_NAME_MAX)
			return good;
		if (c == '.') {
			if (!label)
				return good;
			good = i + 1;
			label = 0;
		} else if (!(canonical_classes[c] & CANONICAL_NAME) || ++label > LABEL_MAX)
			return good;
	}
	return label ? 0 : good;
}

static bool is_unicode(struct span name)
{
	for (uint32_t i = 0; i < name.len; i++)
		if (name.data[i] >= 0x80)
			return true;
	return false;
}

uint32_t canonical_name(struct span name, uint8_t *out)
{
	name = canonical_without_dots(name);
	uint32_t good = good_from(name);
	if (good)
		return is_unicode(name) ? a_labels(name, out) : 0;
	ascii_lower_copy(out, name.data, name.len);
	return name.len;
}

uint32_t canonical_name_end(struct span name, uint8_t *out)
{
	name = canonical_without_dots(name);
	uint32_t good = good_from(name);
	if (good && is_unicode(name))
		return a_labels_end(name, out);
	name = span_from(name, good);
	ascii_lower_copy(out, name.data, name.len);
	return name.len;
}
