// SPDX-License-Identifier: GPL-3.0-or-later
// Conditions on a buffer in words.
#include "signatures/check/describe_part.h"

#define CONTENT_SHOWN 64  // bytes
#define PATTERN_SHOWN 160 // of a pcre

static void value(struct words *words, const struct rule_value *number)
{
	if (number->var == RULE_NO_VAR)
		words_add(words, "%lld", (long long)number->number);
	else
		words_add(words, "(variable %d)", number->var + 1);
}

static void content_place(struct words *words, const struct match_content *content)
{
	if (content->startswith)
		words_add(words, " at its start");
	if (content->endswith)
		words_add(words, "%s at its end", content->startswith ? " and" : "");
	if (content->has_offset && (content->offset.var != RULE_NO_VAR || content->offset.number)) {
		words_add(words, " from byte ");
		value(words, &content->offset);
		words_add(words, " on");
	}
	if (content->has_depth && !content->startswith) {
		words_add(words, content->has_offset ? ", within " : " within its first ");
		value(words, &content->depth);
		words_add(words, " bytes");
	}
	if (content->has_distance) {
		words_add(words, " at least ");
		value(words, &content->distance);
		words_add(words, " bytes after the match before");
	}
	if (content->has_within) {
		words_add(words, content->has_distance ? ", and ending within " : " ending within ");
		value(words, &content->within);
		words_add(words, content->has_distance ? " bytes from there" : " bytes after the match before");
	}
}

static void content_words(struct words *words, const struct match *match)
{
	const struct match_content *content = &match->content;
	words_add(words, match->negated ? "does not contain " : "contains ");
	words_bytes(words, content->bytes, CONTENT_SHOWN);
	if (content->nocase)
		words_add(words, " in any case");
	content_place(words, content);
}

static void pcre_words(struct words *words, const struct match *match)
{
	words_add(words, "%s /%.*s/%s%s", match->negated ? "does not match" : "matches", PATTERN_SHOWN,
		match->pcre.pattern ? match->pcre.pattern : "", match->pcre.options & PCRE_NOCASE ? "i" : "",
		match->pcre.options & PCRE_RELATIVE ? " after the match before" : "");
}

static void byte_source(struct words *words, const struct match_byte *byte)
{
	static const char *const endians[] = { "", ", little-endian", ", in DCE order" };
	words_add(words, "the number in ");
	value(words, &byte->count);
	words_add(words, byte->string ? " digits" : " bytes");
	if (byte->string)
		words_add(words, byte->base == BYTE_HEX   ? " (hex)"
				 : byte->base == BYTE_OCT ? " (octal)"
							  : " (decimal)");
	words_add(words, " at offset ");
	value(words, &byte->offset);
	words_add(words, "%s%s", byte->relative ? " from the match before" : "",
		byte->endian < sizeof(endians) / sizeof(endians[0]) ? endians[byte->endian] : "");
	if (byte->bitmask)
		words_add(words, ", under mask 0x%llx", (unsigned long long)byte->bitmask);
}

static void byte_words(struct words *words, const struct match *match)
{
	static const char *const compares[] = { "equal to ", "other than ", "under ", "at most ", "over ", "at least ",
		"with bits of ", "different in a bit from ", "", "", "without bits of " };
	static const char *const maths[] = { "+", "-", "*", "/", "<<", ">>" };
	const struct match_byte *byte = &match->byte;
	switch (match->kind) {
	case MATCH_BYTE_TEST:
		words_add(words, "has ");
		byte_source(words, byte);
		words_add(words, " %s%s", match->negated || byte->negated_op ? "not " : "",
			byte->op < sizeof(compares) / sizeof(compares[0]) ? compares[byte->op] : "");
		value(words, &byte->value);
		return;
	case MATCH_BYTE_JUMP:
		words_add(words, "has room to jump by ");
		byte_source(words, byte);
		if (byte->multiplier > 1)
			words_add(words, " times %u", byte->multiplier);
		if (byte->post_offset)
			words_add(words, " and %d more", byte->post_offset);
		words_add(words, "%s%s", byte->align ? ", rounded up to 4" : "",
			byte->from_beginning ? " from the start"
			: byte->from_end     ? " back from the end"
					     : "");
		return;
	default:
		words_add(words, "has ");
		byte_source(words, byte);
		words_add(words, ", kept as variable %d", byte->result_var + 1);
		if (match->kind == MATCH_BYTE_MATH) {
			words_add(words, " after %s ",
				byte->op < sizeof(maths) / sizeof(maths[0]) ? maths[byte->op] : "?");
			value(words, &byte->value);
		}
	}
}

static void base64_words(struct words *words, const struct match_base64 *base64)
{
	words_add(words, "has base64 at offset %u%s", base64->offset, base64->relative ? " from the match before" : "");
	if (base64->bytes)
		words_add(words, ", %u bytes of it", base64->bytes);
}

static void isdataat_words(struct words *words, const struct match *match)
{
	words_add(words, match->negated ? "ends before " : "goes on for ");
	value(words, &match->isdataat.at);
	words_add(words, match->isdataat.relative ? " bytes after the match before" : " bytes");
}

void describe_match(struct words *words, const struct rule *rule, const struct match *match)
{
	switch (match->kind) {
	case MATCH_CONTENT: content_words(words, match); return;
	case MATCH_PCRE: pcre_words(words, match); return;
	case MATCH_ISDATAAT: isdataat_words(words, match); return;
	case MATCH_BYTE_TEST:
	case MATCH_BYTE_JUMP:
	case MATCH_BYTE_EXTRACT:
	case MATCH_BYTE_MATH: byte_words(words, match); return;
	case MATCH_BSIZE:
	case MATCH_URILEN:
		words_add(words, "length ");
		words_number(words, &match->number, match->negated, NULL);
		return;
	case MATCH_BASE64_DECODE: base64_words(words, &match->base64); return;
	case MATCH_ABSENT:
		words_add(words, match->absent.or_else ? "is absent, or what follows holds" : "is absent");
		return;
	default:
		words_add(words, "meets ");
		if (!describe_as_written(words, rule, match->column))
			words_add(words, "a condition of its own");
	}
}
