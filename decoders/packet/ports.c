// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/ports.h"
#include <stdlib.h>
#include <string.h>

static bool add(struct ports *out, unsigned long low, unsigned long high)
{
	if (out->count == PORTS_MAX || low > high || high > UINT16_MAX)
		return false;
	out->ranges[out->count++] = (struct port_range) { (uint16_t)low, (uint16_t)high };
	return true;
}

// One entry: a port or a range, up to a comma, bracket or the end. Moves *text past it.
static bool add_entry(struct ports *out, const char **text)
{
	char *end;
	unsigned long low = strtoul(*text, &end, 10), high = low;
	if (end == *text)
		return false;
	if (*end == ':') {
		const char *from = end + 1;
		high = strtoul(from, &end, 10);
		if (end == from)
			high = UINT16_MAX;
	}
	*text = end;
	return add(out, low, high);
}

bool ports_parse(const char *text, uint16_t preset, struct ports *out)
{
	static const char blanks[] = " \t\"'[],";
	*out = (struct ports) { 0 };
	for (text = text ? text : "$"; *text;) {
		if (strchr(blanks, *text)) {
			text++;
		} else if (*text == '$') {
			if (!add(out, preset, preset))
				return false;
			text += strcspn(text, blanks);
		} else if (strncmp(text, "any", 3) == 0) {
			if (!add(out, 0, UINT16_MAX))
				return false;
			text += 3;
		} else if (!add_entry(out, &text)) {
			return false;
		}
	}
	return true;
}
