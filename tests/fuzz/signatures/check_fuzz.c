// SPDX-License-Identifier: GPL-3.0-or-later
// Any rules that parse: every check and every description of them ends, within its room.
#include <stdlib.h>
#include "signatures/check/explain.h"
#include "signatures/check/nested_repeat.h"
#include "signatures/check/rule_findings.h"
#include "signatures/rule/rule_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_finding(void *context, const struct check_finding *finding)
{
	const struct rule_set *set = context;
	if (!finding->reason[0] || finding->rule->index >= set->count ||
		finding->column > strlen(finding->rule->text) + 1)
		abort();
}

static void describe_all(const struct rule_set *set, const struct explain *explain, const struct rule *rule)
{
	struct rule_part parts[RULE_PARTS_MAX];
	struct explain_group groups[8];
	char text[200];
	unsigned count = explain_order(explain, rule, parts, RULE_PARTS_MAX);
	if (count != rule_parts(rule, parts, RULE_PARTS_MAX))
		abort();
	for (unsigned i = 0; i < count; i++)
		if (strlen(rule_part_describe(set, rule, &parts[i], text, 1 + i % sizeof(text))) > i % sizeof(text))
			abort();
	for (unsigned i = 0; i < rule->action_count; i++)
		rule_action_describe(set, rule, i, text, sizeof(text));
	if (explain_groups(explain, rule, groups, 8) > 8)
		abort();
	explain_pattern(explain, rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rule_options options = { .keep_text = true };
	struct rule_set *set = rule_set_new(&options);
	char *text = malloc(size + 1);
	struct span group;
	if (!set || !text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	nested_repeat_find(span_of(text, size), &group);
	uint32_t line = 1;
	for (char *at = text, *next; at && at < text + size && line < 64; at = next, line++) {
		char *end = memchr(at, '\n', (size_t)(text + size - at));
		next = end ? end + 1 : NULL;
		if (end)
			*end = 0;
		rule_set_add(set, at, "fuzz", line);
	}
	rule_set_finish(set);
	struct explain *explain = explain_new(set);
	if (!explain || !rule_set_findings(set, on_finding, set))
		abort();
	for (uint32_t i = 0; i < set->count; i++)
		describe_all(set, explain, set->rules[i]);
	explain_free(explain);
	rule_set_free(set);
	free(text);
	return 0;
}
