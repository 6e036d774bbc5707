// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ldap/ldap_filter.h"
#include "decoders/app/ldap/ldap_message.h"

// Choices of Filter (RFC 4511 section 4.5.1).
enum {
	FILTER_AND = DER_CONTEXT_CONSTRUCTED | 0,
	FILTER_OR = DER_CONTEXT_CONSTRUCTED | 1,
	FILTER_NOT = DER_CONTEXT_CONSTRUCTED | 2,
	FILTER_EQUAL = DER_CONTEXT_CONSTRUCTED | 3,
	FILTER_SUBSTRINGS = DER_CONTEXT_CONSTRUCTED | 4,
	FILTER_GREATER = DER_CONTEXT_CONSTRUCTED | 5,
	FILTER_LESS = DER_CONTEXT_CONSTRUCTED | 6,
	FILTER_PRESENT = DER_CONTEXT | 7,
	FILTER_APPROX = DER_CONTEXT_CONSTRUCTED | 8,
	FILTER_EXTENSIBLE = DER_CONTEXT_CONSTRUCTED | 9,
};

struct text {
	uint8_t *out;
	uint32_t len, size;
};

static void put(struct text *text, uint8_t byte)
{
	if (text->len < text->size)
		text->out[text->len++] = byte;
}

static void put_string(struct text *text, const char *string)
{
	while (*string)
		put(text, (uint8_t)*string++);
}

static void put_name(struct text *text, struct span name)
{
	work_step(name.len);
	for (uint32_t i = 0; i < name.len && text->len < text->size; i++)
		put(text, name.data[i]);
}

// RFC 4515 section 3: what has a meaning of its own, and what is no text, is written as \ and two digits.
static void put_value(struct text *text, struct span value)
{
	static const char digits[] = "0123456789abcdef";
	work_step(value.len);
	for (uint32_t i = 0; i < value.len && text->len < text->size; i++) {
		uint8_t byte = value.data[i];
		if (byte >= ' ' && byte < 0x7f && byte != '*' && byte != '(' && byte != ')' && byte != '\\') {
			put(text, byte);
			continue;
		}
		put(text, '\\');
		put(text, (uint8_t)digits[byte >> 4]);
		put(text, (uint8_t)digits[byte & 15]);
	}
}

static void put_comparison(struct text *text, struct span inner, const char *sign)
{
	struct cursor c = cursor_on(inner);
	struct span name, value;
	if (!ldap_text_next(&c, &name))
		return;
	put_name(text, name);
	put_string(text, sign);
	if (ldap_text_next(&c, &value))
		put_value(text, value);
}

// Pieces with stars between: [0] first, [1] anywhere, [2] last.
static void put_substrings(struct text *text, struct span inner)
{
	struct cursor c = cursor_on(inner);
	struct span name, list;
	struct der piece;
	uint8_t last = 0;
	if (!ldap_text_next(&c, &name))
		return;
	put_name(text, name);
	put(text, '=');
	if (!der_expect(&c, DER_SEQUENCE, &list))
		return;
	c = cursor_on(list);
	while (der_next(&c, &piece) == DER_OK) {
		work_step(1);
		if (piece.tag != (DER_CONTEXT | 0))
			put(text, '*');
		put_value(text, piece.value);
		last = piece.tag;
	}
	if (last != (DER_CONTEXT | 2))
		put(text, '*');
}

// name:dn:rule:=value; name and rule may be absent.
static void put_extensible(struct text *text, struct span inner)
{
	struct cursor c = cursor_on(inner);
	struct der part;
	struct span rule = { 0 }, name = { 0 }, value = { 0 };
	bool dn = false;
	while (der_next(&c, &part) == DER_OK) {
		work_step(1);
		switch (part.tag) {
		case DER_CONTEXT | 1: rule = part.value; break;
		case DER_CONTEXT | 2: name = part.value; break;
		case DER_CONTEXT | 3: value = part.value; break;
		case DER_CONTEXT | 4: dn = part.value.len && part.value.data[0]; break;
		default: break;
		}
	}
	put_name(text, name);
	if (dn)
		put_string(text, ":dn");
	if (rule.len) {
		put(text, ':');
		put_name(text, rule);
	}
	put_string(text, ":=");
	put_value(text, value);
}

static void put_filter(struct text *text, const struct der *filter, unsigned depth)
{
	struct cursor c = cursor_on(filter->value);
	struct der inner;
	work_step(1);
	put(text, '(');
	switch (filter->tag) {
	case FILTER_AND:
	case FILTER_OR:
	case FILTER_NOT:
		put(text, filter->tag == FILTER_AND ? '&' : filter->tag == FILTER_OR ? '|' : '!');
		if (depth == LDAP_FILTER_DEPTH) {
			put_string(text, "...");
			break;
		}
		while (text->len < text->size && der_next(&c, &inner) == DER_OK)
			put_filter(text, &inner, depth + 1);
		break;
	case FILTER_EQUAL: put_comparison(text, filter->value, "="); break;
	case FILTER_GREATER: put_comparison(text, filter->value, ">="); break;
	case FILTER_LESS: put_comparison(text, filter->value, "<="); break;
	case FILTER_APPROX: put_comparison(text, filter->value, "~="); break;
	case FILTER_SUBSTRINGS: put_substrings(text, filter->value); break;
	case FILTER_EXTENSIBLE: put_extensible(text, filter->value); break;
	case FILTER_PRESENT:
		put_name(text, filter->value);
		put_string(text, "=*");
		break;
	default: put_string(text, "?"); break;
	}
	put(text, ')');
}

uint32_t ldap_filter_text(const struct der *filter, uint8_t *out, uint32_t size)
{
	struct text text = { out, 0, size };
	put_filter(&text, filter, 0);
	return text.len;
}
