// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/check/words.h"
#include <stdarg.h>
#include <stdio.h>

#define LISTED_MAX 6 // addresses or ports named, the rest is counted

void words_begin(struct words *words, char *text, size_t size)
{
	*words = (struct words) { text, size, 0 };
	text[0] = 0;
}

void words_add(struct words *words, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(words->text + words->len, words->size - words->len, format, args);
	va_end(args);
	if (len < 0)
		return;
	words->len += (size_t)len;
	if (words->len >= words->size)
		words->len = words->size - 1;
}

void words_bytes(struct words *words, struct span bytes, uint32_t max)
{
	bool hex = false;
	words_add(words, "\"");
	for (uint32_t i = 0; i < bytes.len && i < max; i++) {
		uint8_t c = bytes.data[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '|' && c != '"' && c != ';' && c != ':' && c != '\\';
		if (plain) {
			words_add(words, "%s%c", hex ? "|" : "", c);
			hex = false;
			continue;
		}
		words_add(words, "%s%02x", hex ? " " : "|", c);
		hex = true;
	}
	words_add(words, "%s\"%s", hex ? "|" : "", bytes.len > max ? "..." : "");
}

static void words_value(struct words *words, uint64_t value, const struct field_name *names)
{
	for (; names && names->name; names++)
		if (names->value == value) {
			words_add(words, "%s", names->name);
			return;
		}
	words_add(words, "%llu", (unsigned long long)value);
}

void words_number(struct words *words, const struct number_match *match, bool negated, const struct field_name *names)
{
	static const char *const before[] = { [OP_EQ] = "is",
		[OP_NE] = "is not",
		[OP_LT] = "is under",
		[OP_LE] = "is at most",
		[OP_GT] = "is over",
		[OP_GE] = "is at least",
		[OP_AND] = "has bits of",
		[OP_OR] = "differs from",
		[OP_RANGE] = "is strictly between",
		[OP_RANGE_NOT] = "is not between",
		[OP_NAND] = "has no bits of" };
	if (match->op == OP_MASK_EQ || match->op == OP_MASK_NE) {
		words_add(words, "%sunder mask 0x%llx is %s", negated ? "not: " : "", (unsigned long long)match->low,
			match->op == OP_MASK_NE ? "not " : "");
		words_value(words, match->high, names);
		return;
	}
	if (match->op >= sizeof(before) / sizeof(before[0]))
		return;
	words_add(words, "%s%s ", negated ? "not: " : "", before[match->op]);
	words_value(words, match->low, names);
	if (match->op == OP_RANGE || match->op == OP_RANGE_NOT) {
		words_add(words, " and ");
		words_value(words, match->high, names);
	}
}

void words_addresses(struct words *words, const struct address_set *set)
{
	char low[ADDRESS_TEXT_SIZE], high[ADDRESS_TEXT_SIZE];
	if (set->any)
		words_add(words, "any address");
	for (uint32_t i = 0; i < set->count && i < LISTED_MAX; i++) {
		const struct address_range *range = &set->ranges[i];
		address_format(&range->low, true, low);
		address_format(&range->high, true, high);
		bool one = address_equal(&range->low, &range->high);
		words_add(words, "%s%s%s%s", i ? ", " : "", low, one ? "" : " to ", one ? "" : high);
	}
	if (set->count > LISTED_MAX)
		words_add(words, " and %u more", set->count - LISTED_MAX);
}

void words_ports(struct words *words, const struct port_set *set)
{
	if (set->any)
		words_add(words, "any port");
	for (uint32_t i = 0; i < set->count && i < LISTED_MAX; i++) {
		const struct port_range *range = &set->ranges[i];
		words_add(words, range->low == range->high ? "%s%u" : "%s%u to %u", i ? ", " : "", range->low,
			range->high);
	}
	if (set->count > LISTED_MAX)
		words_add(words, " and %u more", set->count - LISTED_MAX);
}
