// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/argument.h"
#include <ctype.h>

bool argument_next(struct span *rest, char separator, struct span *word)
{
	if (!rest->data)
		return false;
	uint32_t end = span_find(*rest, (uint8_t)separator, 0);
	*word = span_trim(span_slice(*rest, 0, end));
	*rest = end < rest->len ? span_from(*rest, end + 1) : (struct span) { NULL, 0 };
	return true;
}

bool argument_word(struct span *rest, struct span *word)
{
	uint32_t end = 0;
	*rest = span_trim(*rest);
	while (end < rest->len && !isspace(rest->data[end]))
		end++;
	*word = span_slice(*rest, 0, end);
	*rest = span_from(*rest, end);
	return end != 0;
}

bool argument_number(struct span text, uint64_t most, uint64_t *out)
{
	uint64_t value = 0;
	text = span_trim(text);
	bool hex = span_starts_nocase(text, "0x");
	unsigned base = hex ? 16 : 10;
	text = span_from(text, hex ? 2 : 0);
	if (text.len == 0 || text.len > 20)
		return false;
	for (uint32_t i = 0; i < text.len; i++) {
		if (!(hex ? isxdigit(text.data[i]) : isdigit(text.data[i])))
			return false;
		unsigned digit = isdigit(text.data[i]) ? text.data[i] - (unsigned)'0'
						       : (unsigned)tolower(text.data[i]) - 'a' + 10;
		if (value > (most - digit) / base || digit > most)
			return false;
		value = value * base + digit;
	}
	*out = value;
	return true;
}

// Where "<>" or "-" parts two numbers; 0 none.
static uint32_t range_sign(struct span text, uint32_t *len)
{
	for (uint32_t i = 1; i + 1 < text.len; i++) {
		*len = text.data[i] == '-' ? 1 : text.data[i] == '<' && text.data[i + 1] == '>' ? 2 : 0;
		if (*len)
			return i;
	}
	return 0;
}

bool argument_compare_read(struct span text, uint64_t most, struct argument_compare *out)
{
	static const struct {
		const char *sign;
		uint8_t op;
	} signs[] = { { "<=", ARGUMENT_LESS_EQUAL }, { ">=", ARGUMENT_MORE_EQUAL }, { "!=", ARGUMENT_NOT },
		{ "<", ARGUMENT_LESS }, { ">", ARGUMENT_MORE }, { "!", ARGUMENT_NOT }, { "=", ARGUMENT_EQUAL } };
	text = span_trim(text);
	*out = (struct argument_compare) { .op = ARGUMENT_EQUAL };
	for (unsigned i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (span_starts(text, signs[i].sign)) {
			out->op = signs[i].op;
			return argument_number(span_from(text, (uint32_t)strlen(signs[i].sign)), most, &out->low);
		}
	uint32_t len, at = range_sign(text, &len);
	if (!at)
		return argument_number(text, most, &out->low);
	out->op = ARGUMENT_BETWEEN;
	return argument_number(span_slice(text, 0, at), most, &out->low) &&
	       argument_number(span_from(text, at + len), most, &out->high) && out->high > out->low &&
	       out->high - out->low > 1;
}

bool argument_compare_holds(const struct argument_compare *compare, uint64_t value)
{
	switch ((enum argument_op)compare->op) {
	case ARGUMENT_EQUAL: return value == compare->low;
	case ARGUMENT_NOT: return value != compare->low;
	case ARGUMENT_LESS: return value < compare->low;
	case ARGUMENT_LESS_EQUAL: return value <= compare->low;
	case ARGUMENT_MORE: return value > compare->low;
	case ARGUMENT_MORE_EQUAL: return value >= compare->low;
	case ARGUMENT_BETWEEN: return value > compare->low && value < compare->high;
	}
	return false;
}

bool argument_yes_no(struct span text, bool *out)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = { { "yes", true }, { "true", true }, { "on", true }, { "1", true }, { "no", false },
		{ "false", false }, { "off", false }, { "0", false } };
	text = span_trim(text);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_is_nocase(text, words[i].word)) {
			*out = words[i].yes;
			return true;
		}
	return false;
}

const char *argument_text_parse(const char *arguments, void *data)
{
	struct argument_text *test = data;
	struct span text = span_trim(span_text(arguments));
	if (text.len && text.data[0] == '!') {
		test->negated = true;
		text = span_trim(span_from(text, 1));
	}
	if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"')
		text = span_slice(text, 1, text.len - 2);
	return argument_text_read(text, test);
}

const char *argument_text_read(struct span text, struct argument_text *test)
{
	if (text.len == 0)
		return "needs a text";
	if (text.len > sizeof(test->text))
		return "text is too long";
	memcpy(test->text, text.data, text.len);
	test->len = (uint8_t)text.len;
	return NULL;
}
