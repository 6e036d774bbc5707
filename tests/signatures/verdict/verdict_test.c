// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signatures/verdict/verdict.h"

static struct rule rules[4];
static struct packet packet;
static struct flow flow;

static struct verdict decide(
	struct findings *findings, const uint8_t *actions, const uint8_t *where, unsigned count, bool drops)
{
	*findings = (struct findings) { .count = count, .max = 15 };
	packet = (struct packet) { .ip_version = 4 };
	flow = (struct flow) { 0 };
	for (unsigned i = 0; i < count; i++) {
		rules[i] = (struct rule) { .sid = i + 1,
			.action = actions[i],
			.index = i,
			.flags = actions[i] == RULE_PASS ? RULE_NOALERT : 0 };
		findings->items[i] = (struct finding) { .rule = &rules[i], .action = actions[i], .where = where[i] };
	}
	return verdict_decide(findings, &packet, &flow, drops, NULL);
}

static void a_pass_rule_ends_the_list(void **state)
{
	(void)state;
	struct findings findings;
	struct verdict verdict = decide(&findings, (uint8_t[]) { RULE_PASS, RULE_DROP, RULE_ALERT },
		(uint8_t[]) { FOUND_PACKET, FOUND_PACKET, FOUND_PACKET }, 3, true);
	assert_true(verdict.pass);
	assert_false(verdict.drop);
	assert_false(verdict.alerted);
	assert_false(flow.flags & FLOW_PASSED);
	decide(&findings, (uint8_t[]) { RULE_PASS }, (uint8_t[]) { FOUND_TX | FOUND_DROP_FLOW }, 1, true);
	assert_true(flow.flags & FLOW_PASSED);
}

static void a_drop_keeps_its_alerts_and_marks_the_flow(void **state)
{
	(void)state;
	struct findings findings;
	struct verdict verdict = decide(&findings, (uint8_t[]) { RULE_DROP, RULE_ALERT },
		(uint8_t[]) { FOUND_TX | FOUND_DROP_FLOW, FOUND_PACKET }, 2, true);
	assert_true(verdict.drop && verdict.alerted);
	assert_int_equal(verdict.reason, DROP_RULES);
	assert_ptr_equal(verdict.rule, &rules[0]);
	assert_true(flow.flags & FLOW_DROPPED);
	assert_false(findings.items[0].suppressed || findings.items[1].suppressed);
	verdict = decide(&findings, (uint8_t[]) { RULE_DROP }, (uint8_t[]) { FOUND_PACKET }, 1, false);
	assert_false(verdict.drop);
	assert_true(verdict.alerted);
	assert_false(flow.flags & FLOW_DROPPED);
	verdict = decide(&findings, (uint8_t[]) { RULE_DROP }, (uint8_t[]) { FOUND_TX | FOUND_DROP_FLOW }, 1, false);
	assert_false(verdict.drop);
	assert_true(flow.flags & FLOW_DROPPED);
}

static void a_pass_rule_after_a_drop_ends_the_list_and_undoes_nothing(void **state)
{
	(void)state;
	struct findings findings;
	struct verdict verdict = decide(&findings, (uint8_t[]) { RULE_DROP, RULE_PASS, RULE_ALERT },
		(uint8_t[]) { FOUND_PACKET, FOUND_TX | FOUND_DROP_FLOW, FOUND_PACKET }, 3, true);
	assert_true(verdict.drop);
	assert_false(flow.flags & FLOW_PASSED);
	assert_false(findings.items[0].suppressed);
	assert_true(findings.items[2].suppressed);
}

static void more_alerts_than_allowed_are_counted(void **state)
{
	(void)state;
	struct findings findings = { .count = 4, .max = 2 };
	packet = (struct packet) { .ip_version = 4 };
	for (unsigned i = 0; i < 4; i++) {
		rules[i] = (struct rule) { .sid = i + 1, .index = i, .action = i == 3 ? RULE_DROP : RULE_ALERT };
		findings.items[i] = (struct finding) { .rule = &rules[i], .action = rules[i].action };
	}
	struct verdict verdict = verdict_decide(&findings, &packet, NULL, true, NULL);
	assert_int_equal(findings.lost, 2);
	assert_true(verdict.drop); // an action holds, written or not
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_rule_ends_the_list),
		cmocka_unit_test(a_drop_keeps_its_alerts_and_marks_the_flow),
		cmocka_unit_test(a_pass_rule_after_a_drop_ends_the_list_and_undoes_nothing),
		cmocka_unit_test(more_alerts_than_allowed_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
