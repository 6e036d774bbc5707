// SPDX-License-Identifier: GPL-3.0-or-later
// Checks on regular expressions: those that cannot be fast, and those that can be made very slow.
#include "signatures/check/checking.h"
#include "signatures/check/nested_repeat.h"
#include "signatures/operand/pcre.h"
#include <hs.h>

#define SHOWN 48 // bytes of a group

static bool hyperscan_takes(const struct match_pcre *pcre)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *reason = NULL;
	unsigned flags = HS_FLAG_ALLOWEMPTY | (pcre->options & PCRE_NOCASE ? HS_FLAG_CASELESS : 0);
	bool good = hs_expression_info(pcre->pattern, flags, &info, &reason) == HS_SUCCESS;
	free(info);
	hs_free_compile_error(reason);
	return good;
}

static void no_machine_code(struct checking *checking, const struct match *match)
{
	if (!match->pcre.code || pcre_is_jit(match->pcre.code))
		return;
	checking_found(checking, CHECK_PCRE_NO_JIT, match->column,
		hyperscan_takes(&match->pcre)
			? "PCRE2 makes no machine code of the expression: it is interpreted, and slow"
			: "neither PCRE2's machine code nor Hyperscan takes the expression: it is interpreted, and "
			  "slow");
}

static void nested(struct checking *checking, const struct match *match)
{
	struct span group;
	if (!match->pcre.pattern || !nested_repeat_find(span_text(match->pcre.pattern), &group))
		return;
	checking_found(checking, CHECK_PCRE_NESTED, match->column,
		"%.*s%s is a repetition of a repetition: on data that nearly matches, its steps double with each byte, "
		"up to "
		"pcre.match-limit; make the inner one possessive (++) or the group atomic (?>...)",
		(int)(group.len < SHOWN ? group.len : SHOWN), (const char *)group.data, group.len > SHOWN ? "..." : "");
}

void check_regex(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	for (unsigned b = 0; b < rule->buffer_count; b++)
		for (unsigned i = 0; i < rule->buffers[b].match_count; i++) {
			const struct match *match = &rule->buffers[b].matches[i];
			if (match->kind != MATCH_PCRE)
				continue;
			no_machine_code(checking, match);
			nested(checking, match);
			bool first = true;
			for (unsigned k = 0; k < i; k++)
				first &= rule->buffers[b].matches[k].kind == MATCH_BSIZE ||
					 rule->buffers[b].matches[k].kind == MATCH_URILEN;
			if (first && match->pcre.options & PCRE_RELATIVE)
				checking_found(checking, CHECK_PCRE_RELATIVE, match->column,
					"R counts from the match before, and there is none in this buffer: it counts "
					"from the "
					"start");
		}
}
