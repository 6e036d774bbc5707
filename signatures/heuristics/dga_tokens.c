// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/dga_model.h"
#include <string.h>
#include <strings.h>

// Classes of characters for n-grams of two and more.
enum { CODE_DIGIT = 26, CODE_HYPHEN = 27, CODE_OTHER = 28, CODE_EDGE = 29, CODES };
static_assert(CODES == DGA_CODES, "rows for all codes");

// What is learned of a shape is learned by length: names of 0 to 3 characters, 4 to 7, ... 28 and more.
static uint32_t length_class(uint32_t len)
{
	return len / 4 < 7 ? len / 4 : 7;
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static void put(struct dga_tokens *tokens, uint32_t row)
{
	if (tokens->count < DGA_TOKENS_MAX)
		tokens->row[tokens->count++] = (uint16_t)row;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint32_t code_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a');
	if (c >= '0' && c <= '9')
		return CODE_DIGIT;
	return c == '-' ? CODE_HYPHEN : CODE_OTHER;
}

static void put_singles(struct dga_tokens *tokens, const char *text, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		uint32_t code = code_of(text[i]);
		put(tokens, DGA_ROW_SINGLE + (code == CODE_DIGIT ? 26 + (uint32_t)(text[i] - '0')
						     : code < 26 ? code
								 : code + 9));
	}
}

// n-grams of 2 to 4, with the edges of the label as characters of their own.
static void put_grams(struct dga_tokens *tokens, const char *text, uint32_t len)
{
	uint32_t before[3] = { CODE_EDGE, CODE_EDGE, CODE_EDGE }; // the last three codes, latest first
	for (uint32_t i = 0; i <= len; i++) {
		uint32_t code = i < len ? code_of(text[i]) : CODE_EDGE;
		uint32_t three = (before[1] * DGA_CODES + before[0]) * DGA_CODES + code;
		put(tokens, DGA_ROW_PAIR + (before[0] << 5 | code));
		if (i >= 1)
			put(tokens, DGA_ROW_THREE + three);
		if (i >= 2)
			put(tokens, DGA_ROW_FOUR + (((before[2] << 15 | three) * 2654435761U) >> (32 - DGA_FOUR_BITS)));
		before[2] = before[1];
		before[1] = before[0];
		before[0] = code;
	}
}

struct shape {
	uint32_t letters, vowels, digits, hyphens, changes, run, longest_run, hex;
	uint32_t seen; // a bit a letter
};

static struct shape shape_of(const char *text, uint32_t len)
{
	struct shape s = { .hex = 1 };
	for (uint32_t i = 0; i < len; i++) {
		uint32_t code = code_of(text[i]);
		bool vowel = code < 26 && strchr("aeiouy", text[i]);
		s.letters += code < 26;
		s.vowels += vowel;
		s.digits += code == CODE_DIGIT;
		s.hyphens += code == CODE_HYPHEN;
		s.changes += i && (code == CODE_DIGIT) != (code_of(text[i - 1]) == CODE_DIGIT);
		s.run = code < 26 && !vowel ? s.run + 1 : 0;
		s.longest_run = s.run > s.longest_run ? s.run : s.longest_run;
		s.hex &= code < 6 || code == CODE_DIGIT;
		s.seen |= 1U << code;
	}
	return s;
}

static void put_shape(struct dga_tokens *tokens, const char *text, uint32_t len)
{
	struct shape s = shape_of(text, len);
	uint32_t class = length_class(len);
	put(tokens, DGA_ROW_LENGTH + at_most(len, 63));
	put(tokens, DGA_ROW_VOWELS + 17 * class + (s.letters ? s.vowels * 16 / s.letters : 0));
	put(tokens, DGA_ROW_RUN + 16 * class + at_most(s.longest_run, 15));
	put(tokens, DGA_ROW_DIGITS + 16 * class + at_most(s.digits, 15));
	put(tokens, DGA_ROW_CHANGES + 16 * class + at_most(s.changes, 15));
	put(tokens, DGA_ROW_DISTINCT + 32 * class + (uint32_t)__builtin_popcount(s.seen));
	put(tokens, DGA_ROW_HEX + 2 * class + s.hex);
	put(tokens, DGA_ROW_HYPHENS + at_most(s.hyphens, 7));
}

enum dga_suffix_kind dga_suffix_kind(const char *suffix, uint32_t len)
{
	static const char generic[][5] = { "com", "net", "org", "info", "biz", "edu", "gov", "mil", "int", "arpa" };
	uint32_t last = len;
	while (last && suffix[last - 1] != '.')
		last--;
	uint32_t last_len = len - last;
	if (!len)
		return DGA_SUFFIX_UNKNOWN;
	if (last_len == 2 && last) // "co.uk", "info.pl"; but not "ngrok.io", nor what has three labels
		return last <= 5 && !memchr(suffix, '.', last - 1) ? DGA_SUFFIX_COUNTRY_SECOND : DGA_SUFFIX_PRIVATE;
	if (last_len == 2)
		return DGA_SUFFIX_COUNTRY;
	if (last)
		return DGA_SUFFIX_PRIVATE;
	for (uint32_t i = 0; i < sizeof(generic) / sizeof(generic[0]); i++)
		if (strlen(generic[i]) == last_len && !strncasecmp(generic[i], suffix + last, last_len))
			return DGA_SUFFIX_GENERIC;
	return DGA_SUFFIX_NEW;
}

static void put_suffix(struct dga_tokens *tokens, const char *suffix, uint32_t len)
{
	enum dga_suffix_kind kind = dga_suffix_kind(suffix, len);
	uint32_t hash = 0;
	for (uint32_t i = len; i && suffix[i - 1] != '.' && len - i < DGA_LABEL_MAX; i--)
		hash = (hash ^ (uint8_t)lower(suffix[i - 1])) * 2654435761U;
	put(tokens, DGA_ROW_SUFFIX + kind);
	if (kind != DGA_SUFFIX_UNKNOWN)
		put(tokens, DGA_ROW_TLD + (hash >> 25));
}

void dga_tokens_of(
	struct dga_tokens *tokens, const char *label, uint32_t label_len, const char *suffix, uint32_t suffix_len)
{
	char text[DGA_LABEL_MAX];
	uint32_t len = at_most(label_len, DGA_LABEL_MAX);
	for (uint32_t i = 0; i < len; i++)
		text[i] = lower(label[i]);
	tokens->count = 0;
	put_singles(tokens, text, len);
	put_grams(tokens, text, len);
	put_shape(tokens, text, len);
	put_suffix(tokens, suffix, suffix_len);
}
