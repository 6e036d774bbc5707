// SPDX-License-Identifier: GPL-3.0-or-later
// Resolved: which of the findings about one listed address is told, by what its host has resolved, when and to what.
#include "sensor/run/resolved.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "decoders/base/clock.h"

#define HOST  "10.0.0.1"
#define FAR   "203.0.113.9"
#define LEAST REPUTATION_RESOLVED_LEAST_S
#define MOST  REPUTATION_RESOLVED_MOST_S

struct fixture {
	struct resolved *resolved;
	struct record *record;
	char said[512];
	uint64_t counts[RESOLVED_COUNTERS_END], *next;
};

static void set_up(struct fixture *f)
{
	*f = (struct fixture) { .resolved = resolved_new(),
		.record = calloc(1, sizeof(*f->record) + sizeof(struct reputation_resolved)) };
	assert_non_null(f->resolved);
	assert_non_null(f->record);
}

static void tear_down(struct fixture *f)
{
	resolved_free(f->resolved);
	free(f->record);
}

static void answer(struct fixture *f, const char *host, const char *name, uint64_t at_s, uint32_t ttl_s, bool allowed)
{
	struct reputation_resolved given = { .ts_ns = at_s * NS_PER_S, .ttl_s = ttl_s, .allowed = allowed };
	given.len = (uint8_t)strlen(name);
	memcpy(given.name, name, given.len);
	assert_true(address_parse(host, &given.host) && address_parse(FAR, &given.address));
	memcpy(f->record->line, &given, sizeof(given));
	f->record->line_len = sizeof(given);
	resolved_take(f->resolved, f->record);
}

// Which finding about a session that began then is told: 'b'are, 'r'esolved, 'a'llowed.
static char told(struct fixture *f, const char *host, uint64_t began_s)
{
	char which = 0;
	struct record *record = f->record;
	record->began_ns = began_s * NS_PER_S;
	assert_true(address_parse(host, &record->inside) && address_parse(FAR, &record->src));
	record->dst = record->inside; // the packet may have gone either way
	for (unsigned far_end = FAR_END_BARE; far_end <= FAR_END_ALLOWED; far_end++) {
		char said[sizeof(f->said)];
		size_t len;
		record->far_end = (uint8_t)far_end;
		if (!resolved_find(f->resolved, record, said, sizeof(said), &len))
			continue;
		assert_int_equal(which, 0); // one of them
		which = " bra"[far_end];
		memcpy(f->said, said, len);
		f->said[len] = 0;
	}
	assert_int_not_equal(which, 0);
	return which;
}

static void a_session_after_an_answer_is_its_names(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	assert_int_equal(told(&f, HOST, 1000), 'b');
	assert_string_equal(f.said, "");
	answer(&f, HOST, "shop.example", 1000, 600, false);
	assert_int_equal(told(&f, HOST, 999), 'b'); // it began before
	assert_int_equal(told(&f, HOST, 1000), 'r');
	assert_string_equal(
		f.said, ",\"resolved_name\":\"shop.example\",\"resolved_at\":\"1970-01-01T00:16:40.000000+0000\"");
	assert_int_equal(told(&f, HOST, 1600), 'r');
	assert_int_equal(told(&f, HOST, 1601), 'b');
	assert_int_equal(told(&f, "10.0.0.2", 1001), 'b'); // another host
	tear_down(&f);
}

static void how_long_is_bounded_and_answers_join(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	answer(&f, HOST, "a.example", 1000, 1, false);
	assert_int_equal(told(&f, HOST, 1000 + LEAST), 'r');
	assert_int_equal(told(&f, HOST, 1001 + LEAST), 'b');
	answer(&f, HOST, "b.example", 1000 + LEAST, UINT32_MAX, false); // goes on
	assert_int_equal(told(&f, HOST, 1000), 'r');
	assert_non_null(strstr(f.said, "b.example"));
	assert_int_equal(told(&f, HOST, 1000 + LEAST + MOST), 'r');
	assert_int_equal(told(&f, HOST, 1001 + LEAST + MOST), 'b');
	answer(&f, HOST, "c.example", 90000, 60, false); // begins anew
	assert_int_equal(told(&f, HOST, 1000), 'b');
	assert_int_equal(told(&f, HOST, 90000), 'r');
	answer(&f, HOST, "d.example", 500, 60, false); // a capture of an earlier time
	assert_int_equal(told(&f, HOST, 500), 'r');
	assert_int_equal(told(&f, HOST, 90000), 'b');
	tear_down(&f);
}

static void note(void *context, const char *name, uint64_t value)
{
	struct fixture *f = context;
	assert_non_null(strstr(name, "reputation.resolved"));
	*f->next++ = value;
}

static void an_allowed_name_wins_while_it_lasts(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f);
	answer(&f, HOST, "own.example", 1000, 300, true);
	answer(&f, HOST, "a\"b\\c.example", 1100, 600, false);
	assert_int_equal(told(&f, HOST, 1300), 'a');
	assert_non_null(strstr(f.said, "own.example"));
	assert_int_equal(told(&f, HOST, 1301), 'r');
	assert_non_null(strstr(f.said, "a?b?c.example"));
	f.next = f.counts;
	resolved_counters(f.resolved, note, &f);
	assert_int_equal(f.counts[RESOLVED_COUNT_TAKEN], 2);
	assert_int_equal(f.counts[RESOLVED_COUNT_DOUBTFUL], 1);
	assert_int_equal(f.counts[RESOLVED_COUNT_ALLOWED], 1);
	tear_down(&f);
}

// A flood of answers costs old ones their place, not memory.
static void a_full_set_forgets_what_ends_first(void **state)
{
	struct fixture f;
	char host[16];
	unsigned kept = 0;
	(void)state;
	set_up(&f);
	answer(&f, HOST, "kept.example", 1000, 3600, false);
	for (unsigned i = 0; i < 4 * RESOLVED_ENTRIES; i++) {
		snprintf(host, sizeof(host), "10.%u.%u.%u", 1 + (i >> 16), i >> 8 & 255, i & 255);
		answer(&f, host, "flood.example", 1000, 1, false);
	}
	assert_int_equal(told(&f, HOST, 1001), 'r');
	for (unsigned i = 0; i < 4 * RESOLVED_ENTRIES; i++) {
		snprintf(host, sizeof(host), "10.%u.%u.%u", 1 + (i >> 16), i >> 8 & 255, i & 255);
		kept += told(&f, host, 1001) == 'r';
	}
	assert_true(kept < RESOLVED_ENTRIES && kept > RESOLVED_ENTRIES / 2);
	f.record->line_len = 7; // no answer
	resolved_take(f.resolved, f.record);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_after_an_answer_is_its_names),
		cmocka_unit_test(how_long_is_bounded_and_answers_join),
		cmocka_unit_test(an_allowed_name_wins_while_it_lasts),
		cmocka_unit_test(a_full_set_forgets_what_ends_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
