// SPDX-License-Identifier: GPL-3.0-or-later
// content, its modifiers, and what else looks at the place of a match: isdataat, bsize, absent, entropy.
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"
#include <ctype.h>
#include <stdlib.h>
#include "decoders/base/hex.h"

#define CONTENT_MAX 8192 // bytes as written

// Text with |41 42| and \; \: \" \\ as bytes; out has room for text.len. False with the reason noted.
bool rule_content_bytes(struct rule_build *build, struct span text, uint8_t *out, uint32_t *len)
{
	bool hex = false;
	int high = -1;
	uint32_t n = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (c == '|') {
			if (high >= 0)
				return rule_fail(build, "an odd number of hex digits between | and |");
			hex = !hex;
		} else if (hex) {
			int digit = hex_value(c);
			if (digit < 0 && !isspace(c))
				return rule_fail(build, "'%c' is no hex digit", c);
			if (digit >= 0 && high >= 0) {
				out[n++] = (uint8_t)(high << 4 | digit);
				high = -1;
			} else if (digit >= 0)
				high = digit;
		} else if (c == '\\') {
			if (i + 1 == text.len || !strchr(";:\"\\", text.data[i + 1]))
				return rule_fail(build, "a backslash stands before ; : \" or another backslash only");
			out[n++] = text.data[++i];
		} else if (c == '"') {
			return rule_fail(build, "a double quote inside is written \\\"");
		} else {
			out[n++] = c;
		}
	}
	*len = n;
	return !hex || rule_fail(build, "a | without its partner");
}

static bool content_add(struct rule_build *build, struct span text)
{
	uint8_t bytes[CONTENT_MAX];
	uint32_t len;
	if (text.len == 0)
		return rule_fail(build, "expected a text of at least one byte");
	if (text.len > sizeof(bytes))
		return rule_fail(build, "contents have at most %d bytes", CONTENT_MAX);
	if (!rule_content_bytes(build, text, bytes, &len))
		return false;
	if (len == 0)
		return rule_fail(build, "expected a text of at least one byte");
	struct match *match = build_match(build, MATCH_CONTENT);
	if (!match)
		return false;
	match->content.bytes =
		(struct span) { (const uint8_t *)rule_arena_text(build->arena, span_of(bytes, len)), len };
	match->content.offset.var = match->content.depth.var = match->content.distance.var = match->content.within.var =
		RULE_NO_VAR;
	build->last_content = (int)(match - build->matches);
	return true;
}

static bool parse_content(struct rule_build *build, const struct rule_option *option)
{
	return content_add(build, option->value);
}

// A number, or the name of a variable.
static bool modifier_value(
	struct rule_build *build, struct span text, int64_t low, int64_t high, struct rule_value *out)
{
	text = text_unquote(text);
	out->var = RULE_NO_VAR;
	if (text_i64(text, &out->number)) {
		if (out->number < low || out->number > high)
			return rule_fail(build, "expected a number from %lld to %lld", (long long)low, (long long)high);
		return true;
	}
	out->var = build_var_find(build, text);
	return out->var != RULE_NO_VAR ||
	       rule_fail(build, "\"%.*s\" is neither a number nor a variable set before", SPAN_ARGS(text));
}

enum { OFFSET, DEPTH, DISTANCE, WITHIN };

static bool parse_place(struct rule_build *build, const struct rule_option *option)
{
	int which = keyword_of(build)->detail;
	struct match *match = build_last_content(build, keyword_of(build)->name);
	if (!match)
		return false;
	struct match_content *content = &match->content;
	bool relative = which == DISTANCE || which == WITHIN;
	if (content->startswith)
		return rule_fail(build, "cannot be combined with startswith");
	if (relative ? content->has_offset || content->has_depth : content->has_distance || content->has_within)
		return rule_fail(build, "offset and depth count from the start, distance and within from the match "
					"before: one content takes one pair");
	bool *has = (bool *[]) { &content->has_offset, &content->has_depth, &content->has_distance,
		&content->has_within }[which];
	struct rule_value *value = (struct rule_value *[]) { &content->offset, &content->depth, &content->distance,
		&content->within }[which];
	if (*has)
		return rule_fail(build, "given twice for one content");
	*has = true;
	if (which == DISTANCE)
		return modifier_value(build, option->value, -(1 << 20), 1 << 20, value);
	if (!modifier_value(build, option->value, 0, which == WITHIN ? 1 << 20 : 65535, value))
		return false;
	if (which != OFFSET && value->var == RULE_NO_VAR && value->number < content->bytes.len)
		return rule_fail(build, "%lld is less than the content's %u bytes: it could never match",
			(long long)value->number, content->bytes.len);
	return true;
}

static bool parse_nocase(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	struct match *match = build_last_content(build, "nocase");
	if (!match)
		return false;
	if (match->content.nocase)
		return rule_fail(build, "given twice for one content");
	match->content.nocase = true;
	uint8_t *bytes = (uint8_t *)(uintptr_t)match->content.bytes.data; // ours: from the arena, not shared yet
	for (uint32_t i = 0; i < match->content.bytes.len; i++)
		bytes[i] = (uint8_t)tolower(bytes[i]);
	return true;
}

static bool parse_startswith(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	struct match *match = build_last_content(build, "startswith");
	if (!match)
		return false;
	struct match_content *content = &match->content;
	if (content->startswith || content->has_depth || content->has_offset || content->has_within ||
		content->has_distance)
		return rule_fail(build, "cannot be combined with offset, depth, distance or within, nor given twice");
	content->startswith = content->has_depth = true;
	content->depth.number = content->bytes.len;
	return true;
}

static bool parse_endswith(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	struct match *match = build_last_content(build, "endswith");
	if (!match)
		return false;
	if (match->content.endswith)
		return rule_fail(build, "given twice for one content");
	match->content.endswith = true;
	return true;
}

static bool parse_fast_pattern(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_last_content(build, "fast_pattern");
	if (!match)
		return false;
	struct match_content *content = &match->content;
	bool placed = content->has_offset || content->has_depth || content->has_distance || content->has_within;
	if (match->negated && placed)
		return rule_fail(build, "a negated content with a place cannot be the fast pattern");
	if (content->fast_pattern || build->fast_patterns++)
		return rule_fail(build, "a rule has one fast pattern");
	content->fast_pattern = true;
	if (option->value.len == 0)
		return true;
	if (span_is(option->value, "only")) {
		if (match->negated || placed)
			return rule_fail(build, "\"only\" does not go with negation or a place");
		content->fast_pattern_only = true;
		return true;
	}
	struct span rest = option->value, offset, len;
	uint32_t from, count;
	if (!text_next(&rest, ',', &offset) || !text_next(&rest, ',', &len) || rest.len || !text_u32(offset, &from) ||
		!text_u32(len, &count) || count == 0)
		return rule_fail(build, "expected nothing, \"only\" or OFFSET,LENGTH");
	if (from > content->bytes.len || count > content->bytes.len - from)
		return rule_fail(build, "offset and length reach past the content's %u bytes", content->bytes.len);
	content->chop_offset = (uint16_t)from;
	content->chop_len = (uint16_t)count;
	return true;
}

static bool parse_rawbytes(struct rule_build *build, const struct rule_option *option)
{
	(void)option; // nothing here decodes a payload before it is looked at
	return build_last_content(build, "rawbytes") != NULL;
}

static bool parse_replace(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_last_content(build, "replace");
	if (!match)
		return false;
	uint8_t bytes[CONTENT_MAX];
	uint32_t len;
	if (option->value.len > sizeof(bytes) || !rule_content_bytes(build, option->value, bytes, &len))
		return rule_fail(build, "expected a text of at most %d bytes", CONTENT_MAX);
	if (match->negated || len != match->content.bytes.len)
		return rule_fail(build,
			"what replaces a content is as long as it (%u bytes), and the content is not negated",
			match->content.bytes.len);
	match->content.replace = true;
	build->needs_packet = true;
	return true;
}

static bool parse_uricontent(struct rule_build *build, const struct rule_option *option)
{
	const struct field_buffer *uri = field_buffer_find("http.uri");
	if (!uri)
		return rule_fail(build, "the http parser is not there yet");
	if (build->sticky)
		return rule_fail(build, "cannot be used after a sticky buffer");
	if (!content_add(build, option->value))
		return false;
	int buffer = build_buffer_of(build, uri);
	if (buffer < 0)
		return false;
	build->match_buffer[build->last_content] = (uint8_t)buffer;
	return true;
}

static bool parse_isdataat(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_match(build, MATCH_ISDATAAT);
	if (!match)
		return false;
	struct span rest = option->value, part;
	if (!text_next(&rest, ',', &part))
		return rule_fail(build, "expected a number of bytes or a variable");
	if (!modifier_value(build, part, 0, 65535, &match->isdataat.at))
		return false;
	while (text_next(&rest, ',', &part)) {
		if (span_is(part, "relative"))
			match->isdataat.relative = true;
		else if (span_is(part, "rawbytes"))
			match->isdataat.rawbytes = true;
		else
			return rule_fail(build, "\"%.*s\": expected relative or rawbytes", SPAN_ARGS(part));
	}
	if (match->isdataat.relative)
		build_follow(build, match);
	return true;
}

static bool parse_bsize(struct rule_build *build, const struct rule_option *option)
{
	if (!build->sticky)
		return rule_fail(build, "needs a sticky buffer before it");
	struct match *match = build_match(build, MATCH_BSIZE);
	if (!match)
		return false;
	const char *reason = text_number_match(option->value, 64, NULL, true, &match->number, &match->negated);
	return !reason || rule_fail(build, "%s", reason);
}

// On the URI, whichever buffer stands before it.
// As numbers elsewhere; only a range with nothing in it, which rules that are about hold, is taken and said to be in vain.
static bool urilen_read(struct rule_build *build, struct span number, struct match *match)
{
	const char *reason = text_number_match(number, 16, NULL, false, &match->number, &match->negated);
	uint32_t low, high, at = span_find(number, '<', 0);
	if (!reason)
		return true;
	if (at + 1 >= number.len || number.data[at + 1] != '>' ||
		!text_u32(text_trim(span_slice(number, 0, at)), &low) ||
		!text_u32(text_trim(span_from(number, at + 2)), &high) || high != low + 1 || high > UINT16_MAX)
		return rule_fail(build, "%s", reason);
	match->number = (struct number_match) { .op = OP_RANGE, .low = low, .high = high };
	rule_warn(build, "no length lies between %u and %u: the rule never matches", low, high);
	return true;
}

static bool parse_urilen(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, number, kind = { NULL, 0 };
	text_next(&rest, ',', &number);
	text_next(&rest, ',', &kind);
	bool raw = span_is(kind, "raw");
	if (kind.len && !raw && !span_is(kind, "norm"))
		return rule_fail(build, "\"%.*s\": expected raw or norm", SPAN_ARGS(kind));
	const struct field_buffer *uri = field_buffer_find(raw ? "http.uri.raw" : "http.uri");
	if (!uri)
		return rule_fail(build, "the http parser does not offer the URI yet");
	int buffer = build_buffer_of(build, uri);
	if (buffer < 0 || !build_app_proto(build, APP_HTTP, "urilen"))
		return false;
	struct match *match = build_match_in(build, MATCH_URILEN, buffer);
	if (!match)
		return false;
	build->field_directions &= 1u << TO_SERVER;
	return urilen_read(build, number, match);
}

static bool parse_absent(struct rule_build *build, const struct rule_option *option)
{
	if (!build->sticky)
		return rule_fail(build, "needs a sticky buffer before it");
	if (!build->has_pending)
		return rule_fail(build, "is the first condition of its buffer");
	struct match *match = build_match(build, MATCH_ABSENT);
	if (!match)
		return false;
	match->absent.or_else = span_is(option->value, "or_else");
	return match->absent.or_else || option->value.len == 0 || rule_fail(build, "expected nothing or \"or_else\"");
}

static bool text_double(struct span text, double *out)
{
	char copy[32], *end;
	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	*out = strtod(copy, &end);
	return *end == 0;
}

static bool entropy_value(struct rule_build *build, struct span text, struct match_entropy *entropy)
{
	static const struct {
		const char *text;
		uint8_t op;
	} ops[] = { { ">=", OP_GE }, { "<=", OP_LE }, { "!=", OP_NE }, { ">", OP_GT }, { "<", OP_LT }, { "=", OP_EQ },
		{ "!", OP_NE }, { "", OP_EQ } };
	bool outside = text.len && text.data[0] == '!';
	for (uint32_t i = 1; i + 1 < text.len; i++)
		if (text.data[i] == '-' || (text.data[i] == '<' && text.data[i + 1] == '>')) {
			entropy->op = outside ? OP_RANGE_NOT : OP_RANGE;
			struct span high = text_trim(span_from(text, i + (text.data[i] == '-' ? 1 : 2)));
			struct span low = text_trim(span_from(span_slice(text, 0, i), outside));
			return (text_double(low, &entropy->value) && text_double(high, &entropy->high)) ||
			       rule_fail(build, "\"%.*s\" is no range", SPAN_ARGS(text));
		}
	for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (span_starts(text, ops[i].text)) {
			entropy->op = ops[i].op;
			return text_double(
				       text_trim(span_from(text, (uint32_t)strlen(ops[i].text))), &entropy->value) ||
			       rule_fail(build,
				       "\"%.*s\": expected a number of bits (0.0 to 8.0) with an operator before it",
				       SPAN_ARGS(text));
		}
	return false;
}

static bool parse_entropy(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_match(build, MATCH_ENTROPY);
	if (!match)
		return false;
	struct match_entropy *entropy = &match->entropy;
	struct span rest = option->value, part, word;
	bool has_value = false;
	while (text_next(&rest, ',', &part)) {
		text_word(&part, &word);
		if (span_is(word, "bytes") || span_is(word, "offset")) {
			if (!text_u32(part, span_is(word, "bytes") ? &entropy->bytes : &entropy->offset))
				return rule_fail(build, "expected a number after %.*s", SPAN_ARGS(word));
		} else if (span_is(word, "value")) {
			has_value = true;
			if (!entropy_value(build, part, entropy))
				return false;
		} else {
			return rule_fail(build, "\"%.*s\": expected bytes, offset or value", SPAN_ARGS(word));
		}
	}
	return has_value || rule_fail(build, "expected a value to compare with");
}

const struct keyword keywords_content[] = {
	{ "content", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE | KEYWORD_QUOTES | KEYWORD_MUST_QUOTE, parse_content,
		0 },
	{ "uricontent", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE | KEYWORD_QUOTES | KEYWORD_MUST_QUOTE,
		parse_uricontent, 0 },
	{ "offset", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_MODIFIER | KEYWORD_QUOTES, parse_place, OFFSET },
	{ "depth", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_MODIFIER | KEYWORD_QUOTES, parse_place, DEPTH },
	{ "distance", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_MODIFIER | KEYWORD_QUOTES, parse_place, DISTANCE },
	{ "within", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_MODIFIER | KEYWORD_QUOTES, parse_place, WITHIN },
	{ "nocase", NULL, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, parse_nocase, 0 },
	{ "startswith", NULL, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, parse_startswith, 0 },
	{ "endswith", NULL, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, parse_endswith, 0 },
	{ "fast_pattern", NULL, KEYWORD_MODIFIER, parse_fast_pattern, 0 },
	{ "rawbytes", NULL, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, parse_rawbytes, 0 },
	{ "replace", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_MODIFIER | KEYWORD_QUOTES | KEYWORD_MUST_QUOTE, parse_replace,
		0 },
	{ "isdataat", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE | KEYWORD_QUOTES, parse_isdataat, 0 },
	{ "bsize", NULL, KEYWORD_NEEDS_VALUE, parse_bsize, 0 },
	{ "urilen", NULL, KEYWORD_NEEDS_VALUE, parse_urilen, 0 },
	{ "absent", NULL, 0, parse_absent, 0 },
	{ "entropy", NULL, KEYWORD_NEEDS_VALUE, parse_entropy, 0 },
	{ 0 },
};
