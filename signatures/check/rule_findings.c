// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/check/rule_findings.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include "signatures/check/checking.h"
#include "signatures/rule/rule_set.h"

#define ROW(constant, severity, id, what) [constant] = { id, severity, what },
const struct check rule_checks[] = { CHECKS(ROW)[CHECKS_END] = { NULL, 0, NULL } };

const char *check_severity_name(enum check_severity severity)
{
	static const char *const names[] = { "error", "warning", "info" };
	return names[severity];
}

void checking_found(struct checking *checking, enum check_number check, unsigned column, const char *format, ...)
{
	char reason[320];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	struct check_finding finding = { &rule_checks[check], checking->rule, column, reason };
	checking->sink(checking->context, &finding);
}

static struct span text_of(const struct checking *checking)
{
	return span_text(checking->rule->text ? checking->rule->text : "");
}

unsigned checking_column(const struct checking *checking, const char *name, unsigned nth)
{
	struct rule_option_text option;
	return rule_option_text_find(text_of(checking), name, NULL, nth, &option) ? option.offset + 1 : 0;
}

unsigned checking_header_column(const struct checking *checking, unsigned part)
{
	struct span text = text_of(checking);
	uint32_t at = 0;
	for (unsigned i = 0;; i++) {
		while (at < text.len && isspace(text.data[at]))
			at++;
		if (at == text.len || text.data[at] == '(')
			return 0;
		if (i == part)
			return at + 1;
		for (int open = 0; at < text.len && (open > 0 || !isspace(text.data[at])); at++)
			open += text.data[at] == '[' ? 1 : text.data[at] == ']' ? -1 : 0;
	}
}

static bool tables_make(struct checking *checking)
{
	const struct rule_set *set = checking->set;
	struct region *region = &checking->region;
	checking->flowbits = region_take(region, set->flowbit_count * sizeof(struct bit_use));
	checking->flowvars = region_take(region, set->flowvar_count * sizeof(struct bit_use));
	checking->xbits = region_take(region, set->xbit_count * sizeof(struct bit_use));
	return !region->failed && plans_build(&checking->plans, region, set);
}

bool rule_set_findings(const struct rule_set *set, check_sink *sink, void *context)
{
	struct checking checking = { .set = set, .sink = sink, .context = context };
	bool good = tables_make(&checking);
	for (uint32_t i = 0; good && i < set->count; i++)
		check_state_note(&checking, set->rules[i]);
	for (uint32_t i = 0; good && i < set->count; i++) {
		checking.rule = set->rules[i];
		check_header(&checking);
		check_pattern(&checking, &checking.plans.plans[i]);
		check_regex(&checking);
		check_state(&checking);
		check_meta(&checking);
	}
	plans_free(&checking.plans);
	region_free(&checking.region);
	return good;
}
