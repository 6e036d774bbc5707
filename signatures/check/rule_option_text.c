// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/check/rule_option_text.h"
#include <ctype.h>
#include <stddef.h>
#include "signatures/rule/rule_text.h"

// Options begin after the first "(" outside brackets.
static uint32_t options_start(struct span text)
{
	uint32_t at = 0;
	for (int open = 0; at < text.len; at++) {
		open += text.data[at] == '[' ? 1 : text.data[at] == ']' ? -1 : 0;
		if (text.data[at] == '(' && open <= 0)
			return at + 1;
	}
	return text.len;
}

bool rule_option_text_next(struct span text, uint32_t *at, struct rule_option_text *out)
{
	uint32_t from = *at ? *at : options_start(text), end;
	while (from < text.len && isspace(text.data[from]))
		from++;
	for (end = from; end < text.len && (text.data[end] != ';' || text.data[end - 1] == '\\');)
		end++;
	if (end >= text.len)
		return false;
	struct span whole = span_slice(text, from, end - from);
	uint32_t colon = span_find(whole, ':', 0);
	*out = (struct rule_option_text) { .name = text_trim(span_slice(whole, 0, colon)), .offset = from };
	if (colon < whole.len)
		out->value = text_trim(span_from(whole, colon + 1));
	out->len = text_trim(whole).len;
	*at = end + 1;
	return true;
}

bool rule_option_text_find(
	struct span text, const char *name, const char *alias, unsigned nth, struct rule_option_text *out)
{
	for (uint32_t at = 0; rule_option_text_next(text, &at, out);)
		if ((span_is_nocase(out->name, name) || (alias && span_is_nocase(out->name, alias))) && nth-- == 0)
			return true;
	return false;
}
