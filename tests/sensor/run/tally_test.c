// SPDX-License-Identifier: GPL-3.0-or-later
// The tally counts events by type, alerts by rule and hosts once, however many there are.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include "sensor/run/tally.h"

static struct record record_of(enum record_type type, const char *name)
{
	struct record record = { .type = (uint8_t)type };
	snprintf(record.app_type, sizeof(record.app_type), "%s", name);
	return record;
}

static void test_hosts_are_counted_once(void **state)
{
	(void)state;
	struct tally tally = { 0 };
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 1; i <= 5000; i++) {
			struct record record = record_of(RECORD_FLOW, "flow");
			record.has_host = true;
			record.host = address_v4((uint8_t[]) { 10, 0, (uint8_t)(i >> 8), (uint8_t)i });
			tally_record(&tally, &record);
		}
	}
	assert_int_equal(tally.host_count, 5000);
	assert_int_equal(tally.events, 10000);
	assert_int_equal(tally.types[0].count, 10000);
	tally_fini(&tally);
}

static void test_alerts_are_sorted_by_severity_then_count(void **state)
{
	(void)state;
	enum { RULES = 1000 };
	static struct rule rules[RULES];
	struct tally tally = { 0 };
	for (unsigned i = 0; i < RULES; i++) {
		rules[i].sid = i + 1;
		struct record record = record_of(RECORD_ALERT, "alert");
		record.rule = &rules[i];
		record.severity = (uint8_t)(1 + i % 3);
		for (unsigned n = 0; n <= i % 5; n++)
			tally_record(&tally, &record);
	}
	tally_sort(&tally);
	assert_int_equal(tally.alert_count, RULES);
	for (unsigned i = 1; i < RULES; i++) {
		const struct tally_alert *before = &tally.alerts[i - 1], *here = &tally.alerts[i];
		assert_true(before->severity <= here->severity);
		assert_true(before->severity < here->severity || before->count >= here->count);
	}
	assert_int_equal(tally.severities[1] + tally.severities[2] + tally.severities[3], tally.events);
	tally_fini(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts_are_counted_once),
		cmocka_unit_test(test_alerts_are_sorted_by_severity_then_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
