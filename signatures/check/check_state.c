// SPDX-License-Identifier: GPL-3.0-or-later
// Checks on what rules remember for each other, and on what a match does.
#include "signatures/check/checking.h"
#include "signatures/operand/dataset.h"
#include "signatures/rule/rule_set.h"

static bool reads_bit(const struct rule_test *test)
{
	return test->flowbits.op == BIT_ISSET || test->flowbits.op == BIT_ISNOTSET;
}

static void note_flowbits(struct checking *checking, const struct rule_test *test)
{
	for (unsigned i = 0; i < test->flowbits.count; i++) {
		struct bit_use *use = &checking->flowbits[test->flowbits.bits[i]];
		use->read |= reads_bit(test);
		use->set |= test->flowbits.op == BIT_SET || test->flowbits.op == BIT_TOGGLE;
	}
}

static void note_flowint(struct checking *checking, const struct rule_test *test)
{
	struct bit_use *use = &checking->flowvars[test->flowint.var];
	bool sets = test->flowint.op <= INT_SUB;
	use->set |= sets;
	use->read |= !sets;
	if (test->flowint.other != RULE_NO_VAR)
		checking->flowvars[test->flowint.other].read = true;
}

static void note(struct checking *checking, const struct rule_test *test)
{
	if (test->kind == TEST_FLOWBITS)
		note_flowbits(checking, test);
	if (test->kind == TEST_FLOWINT)
		note_flowint(checking, test);
	if (test->kind == TEST_XBITS) {
		struct bit_use *use = &checking->xbits[test->xbits.bit];
		use->read |= test->xbits.op == BIT_ISSET || test->xbits.op == BIT_ISNOTSET;
		use->set |= test->xbits.op == BIT_SET || test->xbits.op == BIT_TOGGLE;
	}
}

void check_state_note(struct checking *checking, const struct rule *rule)
{
	for (unsigned i = 0; i < rule->test_count; i++)
		note(checking, &rule->tests[i]);
	for (unsigned i = 0; i < rule->action_count; i++)
		note(checking, &rule->actions[i]);
}

static const char *name_of(const char *const *names, uint32_t count, uint32_t number)
{
	return names && number < count ? names[number] : "?";
}

static void unset_flowbits(struct checking *checking, const struct rule_test *test)
{
	const struct rule_set *set = checking->set;
	unsigned unset = 0, last = 0;
	for (unsigned i = 0; i < test->flowbits.count; i++)
		if (!checking->flowbits[test->flowbits.bits[i]].set) {
			unset++;
			last = test->flowbits.bits[i];
		}
	if (!unset)
		return;
	bool negated = test->flowbits.op == BIT_ISNOTSET, all = unset == test->flowbits.count;
	checking_found(checking, CHECK_FLOWBIT_UNSET, test->column, "no rule of the set sets the flow bit %s: %s",
		name_of(set->flowbit_names, set->flowbit_count, last),
		negated ? all ? "isnotset always holds" : "it is in the list in vain"
		: all   ? "the rule never matches"
			: "it is in the list in vain");
}

static void unset_others(struct checking *checking, const struct rule_test *test)
{
	const struct rule_set *set = checking->set;
	if (test->kind == TEST_FLOWINT && test->flowint.op > INT_SUB && !checking->flowvars[test->flowint.var].set)
		checking_found(checking, CHECK_FLOWBIT_UNSET, test->column,
			"no rule of the set gives the flow integer %s a value: %s",
			name_of(set->flowvar_names, set->flowvar_count, test->flowint.var),
			test->flowint.op == INT_NOTSET ? "notset always holds" : "the rule never matches");
	if (test->kind == TEST_XBITS && !checking->xbits[test->xbits.bit].set)
		checking_found(checking, CHECK_FLOWBIT_UNSET, test->column,
			"no rule of the set sets the host bit %s: %s",
			name_of(set->xbit_names, set->xbit_count, test->xbits.bit),
			test->xbits.op == BIT_ISNOTSET ? "isnotset always holds" : "the rule never matches");
}

// What is set and never read is told once, at its first setter.
static void unread(struct checking *checking, const struct rule_test *test)
{
	const struct rule_set *set = checking->set;
	struct bit_use *use = NULL;
	const char *what = "", *name = "";
	if (test->kind == TEST_FLOWBITS && test->flowbits.op == BIT_SET) {
		use = &checking->flowbits[test->flowbits.bits[0]];
		what = "flow bit";
		name = name_of(set->flowbit_names, set->flowbit_count, test->flowbits.bits[0]);
	} else if (test->kind == TEST_FLOWINT) {
		use = &checking->flowvars[test->flowint.var];
		what = "flow integer";
		name = name_of(set->flowvar_names, set->flowvar_count, test->flowint.var);
	} else if (test->kind == TEST_XBITS && test->xbits.op == BIT_SET) {
		use = &checking->xbits[test->xbits.bit];
		what = "host bit";
		name = name_of(set->xbit_names, set->xbit_count, test->xbits.bit);
	}
	if (!use || use->read || use->told)
		return;
	use->told = true;
	checking_found(checking, CHECK_FLOWBIT_UNREAD, test->column, "no rule of the set reads the %s %s", what, name);
}

static bool has_dataset_action(const struct rule *rule)
{
	for (unsigned b = 0; b < rule->buffer_count; b++)
		for (unsigned i = 0; i < rule->buffers[b].match_count; i++) {
			const struct match *match = &rule->buffers[b].matches[i];
			if (match->kind != MATCH_DATASET || !match->data)
				continue;
			const struct match_dataset *dataset = match->data;
			if (dataset->op == DATASET_SET || dataset->op == DATASET_UNSET)
				return true;
		}
	return false;
}

static bool captures(const struct rule *rule)
{
	for (unsigned b = 0; b < rule->buffer_count; b++)
		for (unsigned i = 0; i < rule->buffers[b].match_count; i++)
			if (rule->buffers[b].matches[i].kind == MATCH_PCRE &&
				rule->buffers[b].matches[i].pcre.capture_count)
				return true;
	return false;
}

static void effects(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	bool silent = rule->flags & RULE_NOALERT && rule->action == RULE_ALERT;
	if (silent && rule->action_count == 0 && !rule->tag && !(rule->flags & (RULE_FILESTORE | RULE_BYPASS)) &&
		!has_dataset_action(rule) && !captures(rule)) {
		unsigned column = checking_column(checking, "noalert", 0);
		checking_found(checking, CHECK_NOALERT_IDLE, column,
			"noalert, and the rule sets no bit, fills no dataset, stores no file: it does nothing");
	}
	for (unsigned i = 0; i < rule->threshold_count; i++) {
		const struct rule_threshold *threshold = &rule->thresholds[i];
		unsigned column = checking_column(
			checking, threshold->type == THRESHOLD_DETECTION ? "detection_filter" : "threshold", 0);
		if (threshold->type == THRESHOLD_SUPPRESS || threshold->type == THRESHOLD_RATE)
			continue;
		if (silent && threshold->type != THRESHOLD_DETECTION)
			checking_found(checking, CHECK_THRESHOLD_IDLE, column,
				"the rule alerts never (noalert): there is nothing to limit");
		else if (threshold->type == THRESHOLD_THRESHOLD && threshold->count == 1)
			checking_found(checking, CHECK_THRESHOLD_IDLE, column,
				"type threshold with count 1 alerts at each match: it limits nothing (type limit "
				"does)");
		else if (threshold->type == THRESHOLD_BACKOFF && threshold->multiplier == 1)
			checking_found(checking, CHECK_THRESHOLD_IDLE, column, "backoff by 1 never backs off");
	}
}

void check_state(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	for (unsigned i = 0; i < rule->test_count; i++) {
		if (rule->tests[i].kind == TEST_FLOWBITS)
			unset_flowbits(checking, &rule->tests[i]);
		else
			unset_others(checking, &rule->tests[i]);
	}
	for (unsigned i = 0; i < rule->action_count; i++)
		unread(checking, &rule->actions[i]);
	effects(checking);
}
