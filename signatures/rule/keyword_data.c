// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords with data of their own beside the rule: asn1, rpc.
#include "signatures/operand/asn1.h"
#include "signatures/operand/rpc.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"

static bool parse_asn1(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_match(build, MATCH_ASN1);
	if (!match)
		return false;
	struct match_asn1 *asn1 = rule_arena_take(build->arena, sizeof(*asn1));
	match->data = asn1;
	struct span rest = option->value, part, word;
	while (text_next(&rest, ',', &part)) {
		int64_t offset;
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is_nocase(word, "bitstring_overflow"))
			asn1->checks |= ASN1_BITSTRING_OVERFLOW;
		else if (span_is_nocase(word, "double_overflow"))
			asn1->checks |= ASN1_DOUBLE_OVERFLOW;
		else if (span_is_nocase(word, "oversize_length") && text_u32(part, &asn1->oversize))
			asn1->checks |= ASN1_OVERSIZE_LENGTH;
		else if ((span_is_nocase(word, "relative_offset") || span_is_nocase(word, "absolute_offset")) &&
			 text_i64(part, &offset) && offset >= -65535 && offset <= 65535) {
			asn1->checks |= span_is_nocase(word, "relative_offset") ? (uint8_t)ASN1_RELATIVE : 0;
			asn1->offset = (int32_t)offset;
		} else
			return rule_fail(build, "\"%.*s\" is no argument of asn1", SPAN_ARGS(word));
	}
	return (asn1->checks & ~ASN1_RELATIVE) != 0 ||
	       rule_fail(build, "expected bitstring_overflow, double_overflow or oversize_length N");
}

static bool parse_rpc(struct rule_build *build, const struct rule_option *option)
{
	struct match *match = build_match(build, MATCH_RPC);
	if (!match)
		return false;
	struct match_rpc *rpc = rule_arena_take(build->arena, sizeof(*rpc));
	uint32_t *const numbers[] = { &rpc->program, &rpc->version, &rpc->procedure };
	bool *const any[] = { NULL, &rpc->any_version, &rpc->any_procedure };
	struct span rest = option->value, part;
	match->data = rpc;
	rpc->any_version = rpc->any_procedure = true;
	for (unsigned i = 0; i < 3 && text_next(&rest, ',', &part); i++) {
		if (span_is(part, "*") && i)
			continue;
		if (!text_u32(part, numbers[i]))
			return rule_fail(build, "expected PROGRAM[,VERSION or *[,PROCEDURE or *]]");
		if (i)
			*any[i] = false;
	}
	build->needs_packet = true;
	return rest.len == 0 || rule_fail(build, "expected at most three numbers");
}

static bool parse_refused(struct rule_build *build, const struct rule_option *option)
{
	static const char *const reasons[] = {
		"scripts in rules are not run by this sensor",
	};
	(void)option;
	return rule_fail(build, "%s", reasons[keyword_of(build)->detail]);
}

const struct keyword keywords_data[] = {
	{ "asn1", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES, parse_asn1, 0 },
	{ "rpc", NULL, KEYWORD_NEEDS_VALUE, parse_rpc, 0 },
	{ "lua", "luajit", KEYWORD_NEEDS_VALUE | KEYWORD_NOT_DONE, parse_refused, 0 },
	{ "luaxform", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NOT_DONE, parse_refused, 0 },
	{ 0 },
};
