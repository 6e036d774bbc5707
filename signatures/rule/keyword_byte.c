// SPDX-License-Identifier: GPL-3.0-or-later
// byte_test, byte_jump, byte_extract, byte_math: numbers read from the bytes themselves.
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"

// A number within bounds, or a variable an earlier keyword set.
static bool value_of(
	struct rule_build *build, struct span text, int64_t low, int64_t high, const char *what, struct rule_value *out)
{
	out->var = RULE_NO_VAR;
	if (text_i64(text, &out->number)) {
		if (out->number < low || out->number > high)
			return rule_fail(build, "%s lies outside %lld to %lld", what, (long long)low, (long long)high);
		return true;
	}
	uint64_t large;
	if (high == INT64_MAX && text_u64(text, &large)) {
		out->number = (int64_t)large; // compared as unsigned 64 bits
		return true;
	}
	out->var = build_var_find(build, text);
	return out->var != RULE_NO_VAR ||
	       rule_fail(build, "%s: \"%.*s\" is neither a number nor a variable set before", what, SPAN_ARGS(text));
}

// What all four share after their own arguments. word: first word of part, part: the rest. -1 wrong, 0 none of these.
static int shared_flag(struct rule_build *build, struct span word, struct span part, struct match_byte *byte)
{
	static const struct {
		const char *name;
		uint8_t base;
	} bases[] = { { "hex", BYTE_HEX }, { "dec", BYTE_DEC }, { "oct", BYTE_OCT } };
	for (unsigned i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (span_is_nocase(word, bases[i].name)) {
			byte->base = bases[i].base;
			return 1;
		}
	if (span_is_nocase(word, "endian") && part.len)
		word = part;
	if (span_is_nocase(word, "relative"))
		byte->relative = true;
	else if (span_is_nocase(word, "string")) {
		byte->string = true;
		for (unsigned i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
			if (span_is_nocase(part, bases[i].name))
				byte->base = bases[i].base;
	} else if (span_is_nocase(word, "big"))
		byte->endian = BYTE_BIG;
	else if (span_is_nocase(word, "little"))
		byte->endian = BYTE_LITTLE;
	else if (span_is_nocase(word, "dce"))
		byte->endian = BYTE_DCE;
	else if (span_is_nocase(word, "bitmask")) {
		if (!text_u64(part, &byte->bitmask) || byte->bitmask > UINT32_MAX) {
			rule_fail(build, "expected a mask of up to 32 bits after bitmask");
			return -1;
		}
	} else
		return 0;
	return 1;
}

static bool finish(struct rule_build *build, struct match_byte *byte, unsigned most_binary)
{
	if (byte->relative)
		build_follow(build, &build->matches[build->match_count - 1]);
	if (byte->string && byte->base == BYTE_BINARY)
		byte->base = BYTE_DEC;
	if (!byte->string && byte->base != BYTE_BINARY)
		return rule_fail(build, "hex, dec and oct go with string");
	unsigned most = byte->string ? (byte->base == BYTE_HEX ? 14 : byte->base == BYTE_DEC ? 20 : 23) : most_binary;
	if (byte->count.var == RULE_NO_VAR && byte->count.number > most)
		return rule_fail(build, "at most %u bytes can be read this way", most);
	if (byte->endian == BYTE_DCE && byte->string)
		return rule_fail(build, "dce does not go with string");
	if (byte->endian == BYTE_DCE && !build_app_proto(build, APP_DCERPC, "dce"))
		return false;
	return true;
}

static struct match_byte *byte_start(struct rule_build *build, enum match_kind kind)
{
	struct match *match = build_match(build, kind);
	if (!match)
		return NULL;
	match->byte.result_var = RULE_NO_VAR;
	match->byte.count.var = match->byte.offset.var = match->byte.value.var = RULE_NO_VAR;
	match->byte.multiplier = 1;
	return &match->byte;
}

static bool test_operator(struct rule_build *build, struct span text, struct match_byte *byte)
{
	static const struct {
		const char *text;
		uint8_t op;
	} ops[] = { { "<", OP_LT }, { "<=", OP_LE }, { ">", OP_GT }, { ">=", OP_GE }, { "=", OP_EQ }, { "&", OP_AND },
		{ "^", OP_OR }, { "", OP_EQ } };
	struct span op = text;
	if (op.len && op.data[0] == '!') {
		byte->negated_op = true;
		op = text_trim(span_from(op, 1));
	} else if (op.len == 0) {
		return rule_fail(build, "expected an operator");
	}
	for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (span_is(op, ops[i].text)) {
			byte->op = ops[i].op;
			return true;
		}
	return rule_fail(build, "\"%.*s\" is no operator (<, <=, >, >=, =, &, ^, with ! before it)", SPAN_ARGS(text));
}

static bool parse_byte_test(struct rule_build *build, const struct rule_option *option)
{
	struct match_byte *byte = byte_start(build, MATCH_BYTE_TEST);
	if (!byte)
		return false;
	struct span rest = option->value, count, op, value, offset, part, word;
	if (!text_next(&rest, ',', &count) || !text_next(&rest, ',', &op) || !text_next(&rest, ',', &value) ||
		!text_next(&rest, ',', &offset))
		return rule_fail(build, "expected BYTES,OPERATOR,VALUE,OFFSET");
	if (!value_of(build, count, 0, 23, "bytes", &byte->count) || !test_operator(build, op, byte) ||
		!value_of(build, value, INT64_MIN, INT64_MAX, "value", &byte->value) ||
		!value_of(build, offset, INT32_MIN, INT32_MAX, "offset", &byte->offset))
		return false;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		int known = shared_flag(build, word, part, byte);
		if (known <= 0)
			return rule_fail(build, "\"%.*s\" is no argument of byte_test", SPAN_ARGS(word));
	}
	return finish(build, byte, 8);
}

static bool jump_flag(struct rule_build *build, struct span word, struct span part, struct match_byte *byte)
{
	int64_t post;
	if (span_is_nocase(word, "align"))
		byte->align = true;
	else if (span_is_nocase(word, "from_beginning"))
		byte->from_beginning = true;
	else if (span_is_nocase(word, "from_end"))
		byte->from_end = true;
	else if (span_is_nocase(word, "multiplier")) {
		if (!text_u32(part, &byte->multiplier) || byte->multiplier == 0 || byte->multiplier > 65535)
			return rule_fail(build, "expected 1 to 65535 after multiplier");
	} else if (span_is_nocase(word, "post_offset")) {
		if (!text_i64(part, &post) || post < -65535 || post > 65535)
			return rule_fail(build, "expected -65535 to 65535 after post_offset");
		byte->post_offset = (int32_t)post;
	} else
		return rule_fail(build, "\"%.*s\" is no argument of byte_jump", SPAN_ARGS(word));
	return true;
}

static bool parse_byte_jump(struct rule_build *build, const struct rule_option *option)
{
	struct match_byte *byte = byte_start(build, MATCH_BYTE_JUMP);
	if (!byte)
		return false;
	struct span rest = option->value, count, offset, part, word;
	if (!text_next(&rest, ',', &count) || !text_next(&rest, ',', &offset))
		return rule_fail(build, "expected BYTES,OFFSET");
	if (!value_of(build, count, 0, 23, "bytes", &byte->count) ||
		!value_of(build, offset, -65535, 65535, "offset", &byte->offset))
		return false;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		int known = shared_flag(build, word, part, byte);
		if (known < 0 || (known == 0 && !jump_flag(build, word, part, byte)))
			return false;
	}
	if (byte->from_beginning && byte->from_end)
		return rule_fail(build, "from_beginning and from_end exclude each other");
	return finish(build, byte, 8);
}

static bool parse_byte_extract(struct rule_build *build, const struct rule_option *option)
{
	struct match_byte *byte = byte_start(build, MATCH_BYTE_EXTRACT);
	if (!byte)
		return false;
	struct span rest = option->value, count, offset, name, part, word;
	if (!text_next(&rest, ',', &count) || !text_next(&rest, ',', &offset) || !text_next(&rest, ',', &name))
		return rule_fail(build, "expected BYTES,OFFSET,NAME");
	if (!value_of(build, count, 0, 23, "bytes", &byte->count) ||
		!value_of(build, offset, -65535, 65535, "offset", &byte->offset))
		return false;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		uint32_t align;
		int known = shared_flag(build, word, part, byte);
		if (known < 0)
			return false;
		if (known)
			continue;
		if (span_is_nocase(word, "align") && text_u32(part, &align) && (align == 2 || align == 4))
			byte->align_bytes = (uint8_t)align;
		else if (!span_is_nocase(word, "multiplier") || !text_u32(part, &byte->multiplier) ||
			 byte->multiplier == 0 || byte->multiplier > 65535)
			return rule_fail(build, "\"%.*s\": expected align 2, align 4, multiplier N or a way to read",
				SPAN_ARGS(word));
	}
	return build_var_set(build, name, &byte->result_var) && finish(build, byte, 8);
}

static bool math_operator(struct rule_build *build, struct span text, struct match_byte *byte)
{
	static const struct {
		const char *text;
		uint8_t op;
	} ops[] = { { "+", MATH_ADD }, { "-", MATH_SUB }, { "*", MATH_MUL }, { "/", MATH_DIV }, { "<<", MATH_LSHIFT },
		{ ">>", MATH_RSHIFT } };
	for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (span_is(text, ops[i].text)) {
			byte->op = ops[i].op;
			return true;
		}
	return rule_fail(build, "\"%.*s\" is no operator (+, -, *, /, <<, >>)", SPAN_ARGS(text));
}

static bool parse_byte_math(struct rule_build *build, const struct rule_option *option)
{
	enum { BYTES = 1, OFFSET = 2, OPER = 4, RVALUE = 8, RESULT = 16, ALL = 31 };
	struct match_byte *byte = byte_start(build, MATCH_BYTE_MATH);
	if (!byte)
		return false;
	struct span rest = option->value, part, word, result = { NULL, 0 };
	unsigned seen = 0;
	bool good = true;
	while (good && text_next(&rest, ',', &part)) {
		unsigned bit = 0;
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is_nocase(word, "bytes")) {
			bit = BYTES;
			good = value_of(build, part, 1, 10, "bytes", &byte->count);
		} else if (span_is_nocase(word, "offset")) {
			bit = OFFSET;
			good = value_of(build, part, -65535, 65535, "offset", &byte->offset);
		} else if (span_is_nocase(word, "oper")) {
			bit = OPER;
			good = math_operator(build, part, byte);
		} else if (span_is_nocase(word, "rvalue")) {
			bit = RVALUE;
			good = value_of(build, part, 0, UINT32_MAX, "rvalue", &byte->value);
		} else if (span_is_nocase(word, "result")) {
			bit = RESULT;
			result = part;
		} else if (shared_flag(build, word, part, byte) <= 0) {
			return rule_fail(build, "\"%.*s\" is no argument of byte_math", SPAN_ARGS(word));
		}
		if (seen & bit)
			return rule_fail(build, "%.*s is given twice", SPAN_ARGS(word));
		seen |= bit;
	}
	if (!good)
		return false;
	if (seen != ALL)
		return rule_fail(build, "expected bytes, offset, oper, rvalue and result");
	if (!byte->string && byte->count.var == RULE_NO_VAR && byte->count.number > 4)
		return rule_fail(build, "at most 4 bytes can be read this way");
	if ((byte->op == MATH_LSHIFT || byte->op == MATH_RSHIFT) && byte->count.var == RULE_NO_VAR &&
		byte->count.number > 4)
		return rule_fail(build, "a shift takes at most 4 bytes");
	return build_var_set(build, result, &byte->result_var) && finish(build, byte, 4);
}

const struct keyword keywords_byte[] = {
	{ "byte_test", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE, parse_byte_test, 0 },
	{ "byte_jump", NULL, KEYWORD_NEEDS_VALUE, parse_byte_jump, 0 },
	{ "byte_extract", NULL, KEYWORD_NEEDS_VALUE, parse_byte_extract, 0 },
	{ "byte_math", NULL, KEYWORD_NEEDS_VALUE, parse_byte_math, 0 },
	{ 0 },
};
