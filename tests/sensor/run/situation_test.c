// SPDX-License-Identifier: GPL-3.0-or-later
// Situations: one alert of what all workers found, what was held back, and who else inside met the indicator.
#include "sensor/run/situation.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "decoders/base/clock.h"

#define HOUR_S 3600u

struct fixture {
	struct situations *situations;
	struct record *record;
	char line[2048];
};

static void set_up(struct fixture *f)
{
	f->situations = situations_new(HOUR_S);
	f->record = calloc(1, sizeof(*f->record) + 256);
	assert_non_null(f->situations);
	assert_non_null(f->record);
}

static void tear_down(struct fixture *f)
{
	situations_free(f->situations);
	free(f->record);
}

// What is put into the line of an alert of host about situation and indicator at that second; NULL: it was held back.
static const char *join(struct fixture *f, const char *host, uint64_t situation, uint64_t indicator, uint64_t second)
{
	static const char before[] = "{\"a\":1", after[] = "}\n";
	struct record *record = f->record;
	record->line_len = (uint32_t)sprintf(record->line, "%s%s", before, after);
	record->splice = sizeof(before) - 1;
	record->situation = situation;
	record->indicator = indicator;
	record->ts_ns = second * NS_PER_S;
	assert_true(address_parse(host, &record->inside));
	const struct record *out = situations_join(f->situations, record, "", 0);
	if (!out)
		return NULL;
	uint32_t put = out->line_len - record->line_len;
	assert_true(put < sizeof(f->line));
	assert_memory_equal(out->line, before, sizeof(before) - 1);
	assert_memory_equal(out->line + record->splice + put, after, sizeof(after) - 1);
	memcpy(f->line, out->line + record->splice, put);
	f->line[put] = 0;
	return f->line;
}

static void one_alert_an_hour_with_what_was_held_back(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 100000), ",\"other_hosts\":0");
	for (unsigned i = 1; i < 3600; i += 600)
		assert_null(join(&f, "10.0.0.1", 7, 9, 100000 + i));
	f.record->repeats = 4; // the worker itself held four back
	assert_null(join(&f, "10.0.0.1", 7, 9, 103599));
	f.record->repeats = 0;
	assert_int_equal(situations_held(f.situations), 7);
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 103600), ",\"other_hosts\":0,\"held_back\":11");
	assert_null(join(&f, "10.0.0.1", 7, 9, 103601));
	assert_non_null(join(&f, "10.0.0.1", 7, 9, 1000)); // a capture of an earlier day is another time
	tear_down(&f);
}

static void what_has_come_further_is_an_update(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 100), ",\"other_hosts\":0");
	assert_null(join(&f, "10.0.0.1", 7, 9, 101));
	f.record->level = 1;
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 102), ",\"other_hosts\":0,\"update\":true,\"held_back\":1");
	assert_null(join(&f, "10.0.0.1", 7, 9, 103));
	f.record->level = 0;
	assert_null(join(&f, "10.0.0.1", 7, 9, 104)); // asked for again: nothing new
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 3700), ",\"other_hosts\":0,\"held_back\":2");
	f.record->level = 1;
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 3701), ",\"other_hosts\":0,\"update\":true");
	f.record->level = 0;
	tear_down(&f);
}

static void hosts_and_situations_are_apart(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	assert_non_null(join(&f, "10.0.0.1", 7, 9, 100));
	assert_non_null(join(&f, "10.0.0.2", 7, 9, 100));
	assert_non_null(join(&f, "10.0.0.1", 8, 9, 100));
	assert_non_null(join(&f, "2001:db8::1", 7, 9, 100));
	assert_null(join(&f, "10.0.0.1", 7, 9, 101));
	assert_null(join(&f, "10.0.0.2", 7, 9, 101));
	assert_null(join(&f, "10.0.0.1", 8, 9, 101));
	tear_down(&f);
}

static void who_else_met_it_is_told(void **state)
{
	struct fixture f;
	struct address early;
	char host[16];
	(void)state;
	set_up(&f);
	(void)join(&f, "10.0.0.1", 7, 9, 100);
	assert_string_equal(join(&f, "10.0.0.2", 7, 9, 200), ",\"other_hosts\":1,\"others\":[\"10.0.0.1\"]");
	assert_string_equal(join(&f, "10.0.0.2", 8, 9, 300), ",\"other_hosts\":1,\"others\":[\"10.0.0.1\"]");
	assert_string_equal(join(&f, "10.0.0.2", 8, 10, 100000), ",\"other_hosts\":0"); // of another indicator
	assert_string_equal(join(&f, "10.0.0.3", 7, 9, 301 + TOUCH_KEEP_S), ",\"other_hosts\":0"); // too long ago
	assert_true(address_parse("10.9.9.9", &early));                                            // before this run
	situations_remember(f.situations, 77, &early, 50 * NS_PER_S);
	assert_string_equal(join(&f, "10.0.0.1", 70, 77, 100), ",\"other_hosts\":1,\"others\":[\"10.9.9.9\"]");
	for (unsigned i = 1; i <= 20; i++) { // more than are remembered are counted
		snprintf(host, sizeof(host), "10.1.0.%u", i);
		(void)join(&f, host, 71, 78, 100 + i);
	}
	assert_non_null(strstr(join(&f, "10.1.1.1", 71, 78, 200), "\"other_hosts\":20,"));
	for (unsigned i = 1; i <= 200; i++) { // the same again are no more
		snprintf(host, sizeof(host), "10.1.0.%u", 1 + i % 20);
		(void)join(&f, host, 71, 78, 300 + i * HOUR_S);
	}
	assert_non_null(strstr(join(&f, "10.1.0.1", 71, 78, 300 + 210 * HOUR_S), "\"other_hosts\":20,"));
	for (unsigned i = 0; i < 200; i++) {
		snprintf(host, sizeof(host), "10.2.0.%u", i);
		(void)join(&f, host, 72, 79, 100 + i);
	}
	assert_non_null(strstr(join(&f, "10.1.1.1", 72, 79, 400), "\"other_hosts\":64,"));
	// Two weeks later nobody is known any more
	assert_string_equal(join(&f, "10.1.1.1", 72, 79, 500 + TOUCH_KEEP_S), ",\"other_hosts\":0");
	assert_string_equal(
		join(&f, "10.1.1.2", 72, 79, 501 + TOUCH_KEEP_S), ",\"other_hosts\":1,\"others\":[\"10.1.1.1\"]");
	tear_down(&f);
}

static void a_line_without_a_place_is_written_as_it_is(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	strcpy(f.record->line, "{}\n");
	f.record->line_len = 3;
	f.record->situation = f.record->indicator = 5;
	f.record->ts_ns = NS_PER_S;
	assert_ptr_equal(situations_join(f.situations, f.record, "", 0), f.record);
	tear_down(&f);
}

// As the scan detector says it: since when, until when, and how often in all.
static void what_began_is_counted(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	f.record->began_ns = 90 * NS_PER_S;
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 100),
		",\"first_seen\":\"1970-01-01T00:01:30.000000+0000\",\"last_seen\":\"1970-01-01T00:01:40.000000+0000\","
		"\"count\":1,\"other_hosts\":0");
	f.record->began_ns = 200 * NS_PER_S;
	f.record->repeats = 3; // a worker counted these
	assert_null(join(&f, "10.0.0.1", 7, 9, 200));
	f.record->repeats = 0;
	f.record->began_ns = 3700 * NS_PER_S;
	assert_string_equal(join(&f, "10.0.0.1", 7, 9, 3701),
		",\"first_seen\":\"1970-01-01T00:01:30.000000+0000\",\"last_seen\":\"1970-01-01T01:01:41.000000+0000\","
		"\"count\":6,\"other_hosts\":0,\"held_back\":4");
	tear_down(&f);
}

static void what_more_is_known_comes_first(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	(void)join(&f, "10.0.0.1", 7, 9, 100);
	f.record->ts_ns = 8000 * NS_PER_S;
	const struct record *out = situations_join(f.situations, f.record, ",\"b\":2", 6);
	assert_non_null(out);
	assert_int_equal(strncmp(out->line, "{\"a\":1,\"b\":2,\"other_hosts\":0}", 29), 0);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_alert_an_hour_with_what_was_held_back),
		cmocka_unit_test(what_has_come_further_is_an_update),
		cmocka_unit_test(hosts_and_situations_are_apart),
		cmocka_unit_test(who_else_met_it_is_told),
		cmocka_unit_test(a_line_without_a_place_is_written_as_it_is),
		cmocka_unit_test(what_began_is_counted),
		cmocka_unit_test(what_more_is_known_comes_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
