// SPDX-License-Identifier: GPL-3.0-or-later
// What names a buffer: pkt_data, base64_decode and base64_data, transforms, and pcre, whose letters can name one. Sticky buffers and
// legacy modifiers themselves come from signatures/field and are taken by keyword.c.
#include "signatures/operand/pcre.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"
#include <ctype.h>

static bool parse_pkt_data(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	return build_sticky_place(build, PLACE_PAYLOAD);
}

static bool parse_base64_decode(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_match(build, MATCH_BASE64_DECODE);
	if (!match)
		return false;
	struct span rest = option->value, part, word;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is(word, "relative"))
			match->base64.relative = true;
		else if (!span_is(word, "bytes") && !span_is(word, "offset"))
			return rule_fail(build, "\"%.*s\": expected bytes N, offset N or relative", SPAN_ARGS(word));
		else if (!text_u32(part, span_is(word, "bytes") ? &match->base64.bytes : &match->base64.offset))
			return rule_fail(build, "expected a number after %.*s", SPAN_ARGS(word));
	}
	if (match->base64.relative)
		build_follow(build, match);
	build->base64_decoded = build->match_buffer[match - build->matches];
	return true;
}

static bool parse_base64_data(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	if (build->base64_decoded < 0)
		return rule_fail(build, "needs base64_decode before it");
	return build_sticky_place(build, PLACE_BASE64);
}

static bool parse_transform(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	return build_transform(build, (enum transform_kind)keyword_of(build)->detail) != NULL;
}

static bool parse_xor(struct rule_build *build, const struct rule_option *option)
{
	struct transform *transform = build_transform(build, TRANSFORM_XOR);
	if (!transform)
		return false;
	struct span text = option->value;
	uint8_t key[256];
	uint32_t n = 0;
	if (text.len == 0 || text.len % 2 || text.len / 2 > 255)
		return rule_fail(build, "expected a key of 1 to 255 bytes in hex digits");
	for (uint32_t i = 0; i < text.len; i += 2) {
		uint64_t byte;
		char pair[4] = { '0', 'x', (char)text.data[i], (char)text.data[i + 1] };
		if (!text_u64(span_of(pair, 4), &byte))
			return rule_fail(build, "expected a key of 1 to 255 bytes in hex digits");
		key[n++] = (uint8_t)byte;
	}
	transform->argument = (struct span) { (const uint8_t *)rule_arena_text(build->arena, span_of(key, n)), n };
	return true;
}

static bool parse_pcrexform(struct rule_build *build, const struct rule_option *option)
{
	struct transform *transform = build_transform(build, TRANSFORM_PCREXFORM);
	if (!transform)
		return false;
	if (option->value.len == 0)
		return rule_fail(build, "expected an expression");
	const char *text;
	transform->code = rule_code(build, option->value, 0, &text);
	if (!transform->code)
		return false;
	transform->argument = (struct span) { (const uint8_t *)text, option->value.len };
	return pcre_captures(transform->code) == 1 || rule_fail(build, "the expression captures exactly one group");
}

enum { BASE64_RFC4648, BASE64_RFC2045, BASE64_STRICT };

static bool parse_from_base64(struct rule_build *build, const struct rule_option *option)
{
	struct transform *transform = build_transform(build, TRANSFORM_FROM_BASE64);
	if (!transform)
		return false;
	struct span rest = option->value, part, word;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is(word, "mode")) {
			if (span_is_nocase(part, "rfc4648"))
				transform->mode = BASE64_RFC4648;
			else if (span_is_nocase(part, "rfc2045"))
				transform->mode = BASE64_RFC2045;
			else if (span_is_nocase(part, "strict"))
				transform->mode = BASE64_STRICT;
			else
				return rule_fail(
					build, "\"%.*s\": expected rfc4648, rfc2045 or strict", SPAN_ARGS(part));
		} else if (span_is(word, "bytes") || span_is(word, "offset")) {
			if (!text_u32(part, span_is(word, "bytes") ? &transform->bytes : &transform->offset) ||
				(span_is(word, "bytes") && transform->bytes == 0))
				return rule_fail(build, "expected a number after %.*s", SPAN_ARGS(word));
		} else {
			return rule_fail(build, "\"%.*s\": expected bytes N, offset N or mode NAME", SPAN_ARGS(word));
		}
	}
	return true;
}

static bool parse_unzip(struct rule_build *build, const struct rule_option *option)
{
	struct transform *transform = build_transform(build, (enum transform_kind)keyword_of(build)->detail);
	if (!transform)
		return false;
	uint64_t most = 1024;
	struct span rest = option->value, part, word;
	while (text_next(&rest, ',', &part)) {
		text_word(&part, &word);
		if (!span_is(word, "max-size") || !text_size(part, &most) || most == 0 || most > (16u << 20))
			return rule_fail(build, "expected max-size BYTES (up to 16 MiB)");
	}
	transform->bytes = (uint32_t)most;
	return true;
}

// pcre -------------------------------------------------------------------------------------------------------------------------------------

// Letters after the expression that name a buffer, by the sticky name of it.
static const struct {
	char letter;
	const char *field;
} pcre_buffers[] = {
	{ 'U', "http.uri" },
	{ 'I', "http.uri.raw" },
	{ 'H', "http.header" },
	{ 'D', "http.header.raw" },
	{ 'M', "http.method" },
	{ 'C', "http.cookie" },
	{ 'K', "http.cookie" },
	{ 'P', "http.request_body" },
	{ 'Q', "file.data" },
	{ 'Y', "http.stat_msg" },
	{ 'S', "http.stat_code" },
	{ 'V', "http.user_agent" },
	{ 'W', "http.host" },
	{ 'Z', "http.host.raw" },
};

static bool pcre_letter(
	struct rule_build *build, char letter, unsigned *flags, struct match_pcre *pcre, const char **field)
{
	static const struct {
		char letter;
		unsigned flag, option;
	} letters[] = {
		{ 'i', PCRE_FLAG_CASELESS, PCRE_NOCASE },
		{ 'm', PCRE_FLAG_MULTILINE, 0 },
		{ 's', PCRE_FLAG_DOTALL, 0 },
		{ 'x', PCRE_FLAG_EXTENDED, 0 },
		{ 'A', PCRE_FLAG_ANCHORED, PCRE_ANCHORED },
		{ 'E', PCRE_FLAG_DOLLAR_ENDONLY, 0 },
		{ 'G', PCRE_FLAG_UNGREEDY, 0 },
		{ 'R', 0, PCRE_RELATIVE },
		{ 'B', 0, PCRE_RAWBYTES },
		{ 'O', 0, 0 },
	};
	for (unsigned i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == letter) {
			*flags |= letters[i].flag;
			pcre->options |= letters[i].option;
			return true;
		}
	for (unsigned i = 0; i < sizeof(pcre_buffers) / sizeof(pcre_buffers[0]); i++)
		if (pcre_buffers[i].letter == letter) {
			if (*field && strcmp(*field, pcre_buffers[i].field) != 0)
				return rule_fail(build, "two letters that each name a buffer");
			*field = pcre_buffers[i].field;
			return true;
		}
	return rule_fail(build, "'%c' is no letter of pcre", letter);
}

static bool capture_add(
	struct rule_build *build, struct match_pcre *pcre, uint8_t kind, unsigned group, struct span name)
{
	if (name.len == 0 || pcre->capture_count == sizeof(pcre->captures) / sizeof(pcre->captures[0]))
		return rule_fail(build, "expected at most %zu names to capture to",
			sizeof(pcre->captures) / sizeof(pcre->captures[0]));
	pcre->captures[pcre->capture_count].kind = kind;
	pcre->captures[pcre->capture_count].group = (uint8_t)group;
	pcre->captures[pcre->capture_count++].var = (uint16_t)rule_names_add(&build->own->flowvars, name);
	return true;
}

static const char *const capture_kinds[] = { "flow", "pkt", "alert" };

// "flow:name,pkt:name" after the letters, in the order of the groups.
static bool capture_list(struct rule_build *build, struct match_pcre *pcre, struct span list)
{
	struct span part;
	while (text_next(&list, ',', &part)) {
		uint32_t colon = span_find(part, ':', 0);
		uint8_t kind = 0;
		while (kind < 3 && !span_is(text_trim(span_slice(part, 0, colon)), capture_kinds[kind]))
			kind++;
		if (kind == 3)
			return rule_fail(
				build, "\"%.*s\": expected flow:NAME, pkt:NAME or alert:NAME", SPAN_ARGS(part));
		struct span name = text_trim(span_from(part, colon + 1));
		if (kind == CAPTURE_PACKET && pcre->capture_count == 0 && span_is(name, "key") && list.len)
			kind = CAPTURE_KEY; // pkt:key,pkt:value
		if (!capture_add(build, pcre, kind, pcre->capture_count + 1u, name))
			return false;
	}
	return pcre->capture_count <= pcre_captures(pcre->code) ||
	       rule_fail(build, "more names than the expression has groups");
}

// (?P<flow_name>...): the group's name says where it goes.
static bool capture_named(struct rule_build *build, struct match_pcre *pcre)
{
	for (unsigned i = 1; i <= pcre_captures(pcre->code); i++) {
		const char *name = pcre_capture_name(pcre->code, i);
		for (uint8_t kind = 0; name && kind < 3; kind++) {
			size_t len = strlen(capture_kinds[kind]);
			if (strncmp(name, capture_kinds[kind], len) == 0 && name[len] == '_' &&
				!capture_add(build, pcre, kind, i, span_text(name + len + 1)))
				return false;
		}
	}
	return true;
}

// W: the host is lower case, so an expression with upper case letters outside escapes never matches.
static bool has_upper(struct span pattern)
{
	for (uint32_t i = 0; i < pattern.len; i++) {
		if (pattern.data[i] == '\\')
			i++;
		else if (isupper(pattern.data[i]))
			return true;
	}
	return false;
}

static bool pcre_target(struct rule_build *build, struct match **match, const char *field)
{
	const struct field_buffer *buffer = field ? field_buffer_find(field) : NULL;
	if (field && !buffer)
		return rule_fail(build, "the buffer %s is not there yet", field);
	const struct field_buffer *active = build->has_pending    ? build->pending.field
					    : build->current >= 0 ? build->buffers[build->current].field
								  : NULL;
	bool body = buffer && active && strcmp(buffer->name, "file.data") == 0 &&
		    strcmp(active->name, "http.response_body") == 0;
	if (build->sticky && buffer && (active == buffer || body))
		buffer = NULL; // the letter says what the sticky buffer said
	if (buffer && build->sticky)
		return rule_fail(build, "a letter that names a buffer does not go with a sticky buffer");
	*match = build_match(build, MATCH_PCRE);
	if (!*match)
		return false;
	if (buffer) {
		int number = build_buffer_of(build, buffer);
		if (number < 0)
			return false;
		build->match_buffer[*match - build->matches] = (uint8_t)number;
	}
	return true;
}

static bool parse_pcre(struct rule_build *build, const struct rule_option *option)
{
	struct span text = option->value, list = { NULL, 0 };
	uint32_t end = 0;
	unsigned flags = 0;
	const char *field = NULL;
	for (uint32_t i = 1; i < text.len; i++)
		if (text.data[i] == '/' && text.data[i - 1] != '\\')
			end = i;
		else if (text.data[i] == '/' && i > 1 && text.data[i - 2] == '\\' && text.data[i - 1] == '\\')
			end = i;
	if (text.len < 2 || text.data[0] != '/' || end == 0)
		return rule_fail(build, "expected \"/EXPRESSION/LETTERS\"");
	struct match_pcre pcre = { 0 };
	struct span pattern = span_slice(text, 1, end - 1);
	for (uint32_t i = end + 1; i < text.len; i++) {
		if (text.data[i] == ',') {
			list = text_trim(span_from(text, i + 1));
			break;
		}
		if (!isspace(text.data[i]) && !pcre_letter(build, (char)text.data[i], &flags, &pcre, &field))
			return false;
	}
	if (field && strcmp(field, "http.host") == 0 && has_upper(pattern))
		return rule_fail(build, "the host is always lower case: upper case letters never match");
	struct match *match = NULL;
	if (!pcre_target(build, &match, field))
		return false;
	pcre.code = rule_code(build, pattern, flags, &pcre.pattern);
	if (!pcre.code)
		return false;
	if (!(list.len ? capture_list(build, &pcre, list) : capture_named(build, &pcre)))
		return false;
	match->pcre = pcre;
	return true;
}

const struct keyword keywords_buffer[] = {
	{ "pkt_data", "pkt.data", KEYWORD_NO_VALUE, parse_pkt_data, 0 },
	{ "base64_decode", NULL, 0, parse_base64_decode, 0 },
	{ "base64_data", NULL, KEYWORD_NO_VALUE, parse_base64_data, 0 },
	{ "pcre", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE | KEYWORD_QUOTES, parse_pcre, 0 },
	{ "strip_whitespace", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_STRIP_WHITESPACE },
	{ "compress_whitespace", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_COMPRESS_WHITESPACE },
	{ "to_lowercase", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_TO_LOWERCASE },
	{ "to_uppercase", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_TO_UPPERCASE },
	{ "to_md5", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_TO_MD5 },
	{ "to_sha1", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_TO_SHA1 },
	{ "to_sha256", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_TO_SHA256 },
	{ "dotprefix", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_DOTPREFIX },
	{ "domain", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_DOMAIN },
	{ "tld", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_TLD },
	{ "url_decode", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_URL_DECODE },
	{ "header_lowercase", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_HEADER_LOWERCASE },
	{ "strip_pseudo_headers", NULL, KEYWORD_NO_VALUE, parse_transform, TRANSFORM_STRIP_PSEUDO_HEADERS },
	{ "xor", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES, parse_xor, 0 },
	{ "pcrexform", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES, parse_pcrexform, 0 },
	{ "from_base64", NULL, KEYWORD_QUOTES, parse_from_base64, 0 },
	{ "gunzip", NULL, KEYWORD_QUOTES, parse_unzip, TRANSFORM_GUNZIP },
	{ "zlib_deflate", NULL, KEYWORD_QUOTES, parse_unzip, TRANSFORM_ZLIB_DEFLATE },
	{ 0 },
};
