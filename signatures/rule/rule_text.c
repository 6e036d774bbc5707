// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_text.h"
#include <ctype.h>

struct span text_trim(struct span text)
{
	while (text.len && isspace(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len && isspace(text.data[text.len - 1]))
		text.len--;
	return text;
}

bool text_line(struct span *rest, struct span *line)
{
	if (rest->len == 0)
		return false;
	uint32_t end = span_find(*rest, '\n', 0);
	*line = text_trim(span_slice(*rest, 0, end));
	*rest = span_from(*rest, end < rest->len ? end + 1 : end);
	if (line->len && line->data[0] == '#')
		line->len = 0;
	return true;
}

bool text_next(struct span *rest, char separator, struct span *part)
{
	if (!rest->data || rest->len == 0)
		return false;
	uint32_t at = span_find(*rest, (uint8_t)separator, 0);
	*part = text_trim(span_slice(*rest, 0, at));
	*rest = span_from(*rest, at < rest->len ? at + 1 : at);
	return true;
}

bool text_word(struct span *rest, struct span *word)
{
	*rest = text_trim(*rest);
	if (rest->len == 0)
		return false;
	uint32_t at = 0;
	while (at < rest->len && !isspace(rest->data[at]))
		at++;
	*word = span_slice(*rest, 0, at);
	*rest = text_trim(span_from(*rest, at));
	return true;
}

bool text_u64(struct span text, uint64_t *out)
{
	unsigned base = 10;
	uint32_t at = 0;
	if (text.len > 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'x') {
		base = 16;
		at = 2;
	}
	if (at == text.len)
		return false;
	uint64_t value = 0;
	for (; at < text.len; at++) {
		unsigned c = text.data[at], digit;
		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (base == 16 && isxdigit((int)c))
			digit = (c | 0x20) - 'a' + 10;
		else
			return false;
		if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
}

bool text_i64(struct span text, int64_t *out)
{
	bool minus = text.len && text.data[0] == '-';
	if (minus || (text.len && text.data[0] == '+'))
		text = span_from(text, 1);
	uint64_t value;
	if (!text_u64(text, &value) || value > INT64_MAX)
		return false;
	*out = minus ? -(int64_t)value : (int64_t)value;
	return true;
}

bool text_u32(struct span text, uint32_t *out)
{
	uint64_t value;
	if (!text_u64(text, &value) || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

bool text_size(struct span text, uint64_t *out)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = { { "kib", 10 }, { "mib", 20 }, { "gib", 30 }, { "kb", 10 }, { "mb", 20 }, { "gb", 30 },
		{ "b", 0 } };
	uint32_t digits = 0;
	while (digits < text.len && (isxdigit(text.data[digits]) || (digits == 1 && (text.data[1] | 0x20) == 'x')))
		digits++;
	if (text_u64(text, out))
		return true;
	for (digits = 0; digits < text.len && isdigit(text.data[digits]);)
		digits++;
	struct span unit = text_trim(span_from(text, digits));
	if (!text_u64(span_slice(text, 0, digits), out))
		return false;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (span_is_nocase(unit, units[i].name)) {
			if (*out > UINT64_MAX >> units[i].shift)
				return false;
			*out <<= units[i].shift;
			return true;
		}
	return false;
}

struct span text_unquote(struct span text)
{
	if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"')
		return span_slice(text, 1, text.len - 2);
	return text;
}

static bool number_of(struct span text, unsigned bits, const struct field_name *names, bool sizes, uint64_t *out)
{
	text = text_trim(text);
	for (unsigned i = 0; names && names[i].name; i++)
		if (span_is_nocase(text, names[i].name)) {
			*out = names[i].value;
			return true;
		}
	if (!(sizes ? text_size(text, out) : text_u64(text, out)))
		return false;
	return bits >= 64 || *out >> bits == 0;
}

// The operators in front, longest first.
static const struct {
	const char *text;
	uint8_t op;
} operators[] = {
	{ ">=", OP_GE },
	{ "<=", OP_LE },
	{ "!=", OP_NE },
	{ ">", OP_GT },
	{ "<", OP_LT },
	{ "=", OP_EQ },
	{ "&", OP_AND },
};

// "&MASK=VALUE" and "&MASK!=VALUE"; "&MASK" alone is left to the operators. False: none of these.
static bool mask_of(struct span text, unsigned bits, struct number_match *out)
{
	uint32_t equal = span_find(text, '=', 0);
	if (text.len == 0 || text.data[0] != '&' || equal == text.len)
		return false;
	bool not = text.data[equal - 1] == '!';
	out->op = not ? OP_MASK_NE : OP_MASK_EQ;
	return number_of(span_slice(text, 1, equal - 1 - not ), bits, NULL, false, &out->low) &&
	       number_of(span_from(text, equal + 1), bits, NULL, false, &out->high) && (out->high & ~out->low) == 0;
}

// Low and high of "N-M" and "N<>M". 0: no range, 1: range, -1: wrong.
static int range_of(
	struct span text, unsigned bits, const struct field_name *names, bool sizes, struct number_match *out)
{
	for (uint32_t i = 1; i < text.len; i++) {
		uint32_t skip = text.data[i] == '-'                                                  ? 1
				: i + 1 < text.len && text.data[i] == '<' && text.data[i + 1] == '>' ? 2
												     : 0;
		if (!skip)
			continue;
		if (!number_of(span_slice(text, 0, i), bits, names, sizes, &out->low) ||
			!number_of(span_from(text, i + skip), bits, names, sizes, &out->high))
			return skip == 2 ? -1 : 0; // a name may have a dash
		return out->high > out->low && out->high - out->low > 1 ? 1 : -1;
	}
	return 0;
}

const char *text_number_match(struct span text, unsigned bits, const struct field_name *names, bool sizes,
	struct number_match *out, bool *negated)
{
	*out = (struct number_match) { .op = OP_EQ };
	text = text_trim(text);
	if (number_of(text, bits, names, sizes, &out->low))
		return NULL;
	bool not = text.len > 1 && text.data[0] == '!' && text.data[1] != '=';
	if (not )
		text = text_trim(span_from(text, 1));
	if (mask_of(text, bits, out)) {
		if (not )
			*negated = !*negated;
		return NULL;
	}
	for (unsigned i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (span_starts(text, operators[i].text)) {
			if (!number_of(span_from(text, (uint32_t)strlen(operators[i].text)), bits, names, sizes,
				    &out->low))
				return "expected a number that fits after the operator";
			out->op = operators[i].op;
			if (not )
				*negated = !*negated;
			return NULL;
		}
	int range = range_of(text, bits, names, sizes, out);
	if (range < 0)
		return "expected a range of two numbers with at least one between them";
	if (range > 0) {
		out->op = not ? OP_RANGE_NOT : OP_RANGE;
		return NULL;
	}
	if (!number_of(text, bits, names, sizes, &out->low))
		return "expected a number (N, !N, <N, <=N, >N, >=N, N-M or N<>M) that fits the field";
	out->op = not ? OP_NE : OP_EQ;
	return NULL;
}
