// SPDX-License-Identifier: GPL-3.0-or-later
// Entries without a date of their own get one: what was known keeps its own, what is new has that of the reading, and an upper bound says that it is one.
#include "sensor/feeds/known_since.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "sensor/feeds/entry_file.h"

#define NOW   1800000000u
#define THEN  1700000000u
#define GIVEN 1600000000u

struct given {
	unsigned count;
	struct {
		char value[64];
		uint32_t first_seen_s;
		uint16_t port;
		bool earlier;
		uint32_t technique_len;
	} items[8];
};

struct place {
	char folder[64], path[128];
	struct pack_error error;
	struct given given;
};

static void begin(struct place *place)
{
	*place = (struct place) { .folder = "/tmp/known-test-XXXXXX" };
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/entries", place->folder);
}

static void end(struct place *place)
{
	unlink(place->path);
	assert_int_equal(rmdir(place->folder), 0);
}

static struct indicator name(const char *value, uint32_t first_seen_s, bool earlier)
{
	return (struct indicator) { .kind = INDICATOR_DOMAIN,
		.flags = earlier ? INDICATOR_EARLIER : 0,
		.confidence = 70,
		.value = span_text(value),
		.first_seen_s = first_seen_s };
}

static void write_last(struct place *place, const struct indicator *entries, unsigned count)
{
	struct entry_writer writer;
	assert_true(entry_writer_open(&writer, place->path, &place->error));
	for (unsigned i = 0; i < count; i++)
		assert_true(entry_writer_add(&writer, &entries[i]));
	assert_true(entry_writer_commit(&writer, &place->error));
}

static bool keep(void *context, const struct indicator *indicator)
{
	struct given *given = context;
	assert_true(given->count < 8 && indicator->value.len < 64);
	memcpy(given->items[given->count].value, indicator->value.data, indicator->value.len);
	given->items[given->count].first_seen_s = indicator->first_seen_s;
	given->items[given->count].port = indicator->port;
	given->items[given->count].earlier = indicator->flags & INDICATOR_EARLIER;
	given->items[given->count++].technique_len = indicator->technique.len;
	return true;
}

static void read_again(
	struct place *place, const char *entries, bool earlier, const struct indicator *lines, unsigned count)
{
	const struct known_basis basis = { .entries = entries, .now_s = NOW, .earlier = earlier };
	struct known_since *known = known_since_new(&basis, keep, &place->given);
	assert_non_null(known);
	place->given = (struct given) { 0 };
	for (unsigned i = 0; i < count; i++)
		assert_true(known_since_add(known, &lines[i]));
	assert_true(known_since_end(known));
	known_since_free(known);
	assert_int_equal(place->given.count, count);
}

static void expect_given(const struct place *place, unsigned at, const char *value, uint32_t first_seen_s, bool earlier)
{
	assert_string_equal(place->given.items[at].value, value);
	assert_int_equal(place->given.items[at].first_seen_s, first_seen_s);
	assert_int_equal(place->given.items[at].earlier, earlier);
}

static void what_was_known_keeps_its_date(void **state)
{
	struct place place;
	(void)state;
	begin(&place);
	const struct indicator last[] = { name("old.example", THEN, true), name("came.example", THEN + 5, false),
		name("twice.example", THEN + 9, false), name("twice.example", THEN + 7, true),
		name("undated.example", 0, false) };
	const struct indicator lines[] = { name("new.example", 0, false), name("came.example", 0, false),
		name("old.example", 0, false), name("came.example", GIVEN, false), name("twice.example", 0, false),
		name("undated.example", 0, false) };
	write_last(&place, last, 5);
	read_again(&place, place.path, false, lines, 6);
	expect_given(&place, 0, "new.example", NOW, false);
	expect_given(&place, 1, "came.example", THEN + 5, false);
	expect_given(&place, 2, "old.example", THEN, true);
	expect_given(&place, 3, "came.example", GIVEN, false); // as the feed says it
	expect_given(&place, 4, "twice.example", THEN + 7, true);
	expect_given(&place, 5, "undated.example", NOW, false);
	// New lines may be older than this reading
	read_again(&place, place.path, true, lines, 3);
	expect_given(&place, 0, "new.example", NOW, true);
	expect_given(&place, 1, "came.example", THEN + 5, false);
	end(&place);
}

static void the_first_reading_knows_an_upper_bound(void **state)
{
	struct place place;
	(void)state;
	begin(&place);
	const struct indicator lines[] = { name("one.example", 0, false), name("two.example", GIVEN, false) };
	read_again(&place, NULL, true, lines, 2);
	expect_given(&place, 0, "one.example", NOW, true);
	expect_given(&place, 1, "two.example", GIVEN, false);
	end(&place);
}

static void what_is_another_indicator_has_another_date(void **state)
{
	struct place place;
	(void)state;
	static const uint8_t address[16] = { [10] = 0xff, 0xff, 203, 0, 113, 0 };
	begin(&place);
	struct indicator endpoint = { .kind = INDICATOR_ENDPOINT,
		.confidence = 70,
		.port = 80,
		.first_seen_s = THEN,
		.value = span_of(address, 16) };
	struct indicator network = { .kind = INDICATOR_NETWORK,
		.confidence = 70,
		.bits = 120,
		.first_seen_s = THEN,
		.value = span_of(address, 16) };
	const struct indicator last[] = { endpoint, network };
	write_last(&place, last, 2);
	endpoint.first_seen_s = network.first_seen_s = 0;
	struct indicator lines[] = { endpoint, network, endpoint, network };
	lines[0].port = 81;
	lines[1].bits = 121;
	// Nor does what else is said of it make it another one
	lines[2].flags = INDICATOR_DROP;
	lines[3].confidence = 10;
	read_again(&place, place.path, false, lines, 4);
	static const uint32_t expected[] = { NOW, NOW, THEN, THEN };
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(place.given.items[i].first_seen_s, expected[i]);
	end(&place);
}

static void damaged_entries_are_as_none(void **state)
{
	struct place place;
	(void)state;
	begin(&place);
	const struct indicator last[] = { name("old.example", THEN, false), name("other.example", THEN, false) };
	const struct indicator lines[] = { name("old.example", 0, false) };
	write_last(&place, last, 2);
	assert_int_equal(truncate(place.path, 16 + 22 + 11 + 22), 0);
	read_again(&place, place.path, false, lines, 1);
	expect_given(&place, 0, "old.example", NOW, true);
	unlink(place.path);
	read_again(&place, place.path, false, lines, 1);
	expect_given(&place, 0, "old.example", NOW, true);
	end(&place);
}

static void texts_of_any_length_pass(void **state)
{
	struct place place;
	(void)state;
	begin(&place);
	static char text[4096];
	memset(text, 'T', sizeof(text));
	const struct indicator last[] = { name("old.example", THEN, false) };
	struct indicator lines[] = { name("old.example", 0, false), name("new.example", 0, false) };
	lines[0].technique = span_of((const uint8_t *)text, sizeof(text));
	write_last(&place, last, 1);
	read_again(&place, place.path, false, lines, 2);
	assert_int_equal(place.given.items[0].technique_len, ENTRY_TEXT_MAX);
	expect_given(&place, 0, "old.example", THEN, false);
	expect_given(&place, 1, "new.example", NOW, false);
	end(&place);
}

// Entry i of the last reading has the date THEN + i, the last one first; they are there again in order, and as many new ones.
#define MANY 100000u

struct many {
	uint32_t next;
};

static bool keep_many(void *context, const struct indicator *indicator)
{
	struct many *many = context;
	uint32_t number = many->next++;
	bool is_new = number >= MANY;
	assert_int_equal(indicator->first_seen_s, is_new ? NOW : THEN + number);
	assert_false(indicator->flags & INDICATOR_EARLIER);
	return true;
}

static struct indicator numbered(uint32_t number, char text[32], uint32_t first_seen_s)
{
	snprintf(text, 32, "n%u.example", number);
	return name(text, first_seen_s, false);
}

static void many_entries_have_their_places(void **state)
{
	struct place place;
	struct entry_writer writer;
	struct many many = { 0 };
	char text[32];
	(void)state;
	begin(&place);
	assert_true(entry_writer_open(&writer, place.path, &place.error));
	for (uint32_t i = MANY; i-- > 0;) {
		const struct indicator entry = numbered(i, text, THEN + i);
		assert_true(entry_writer_add(&writer, &entry));
	}
	assert_true(entry_writer_commit(&writer, &place.error));
	const struct known_basis basis = { .entries = place.path, .now_s = NOW };
	struct known_since *known = known_since_new(&basis, keep_many, &many);
	for (uint32_t i = 0; i < 2 * MANY; i++) {
		const struct indicator line = numbered(i, text, 0);
		assert_true(known_since_add(known, &line));
	}
	assert_true(known_since_end(known));
	assert_int_equal(many.next, 2 * MANY);
	known_since_free(known);
	end(&place);
}

static void it_ends_when_it_is_asked_to(void **state)
{
	struct place place;
	atomic_bool stop = true;
	(void)state;
	begin(&place);
	const struct indicator last[] = { name("old.example", THEN, false) };
	const struct indicator line = name("old.example", 0, false);
	write_last(&place, last, 1);
	const struct known_basis basis = { .entries = place.path, .now_s = NOW, .stop = &stop };
	struct known_since *known = known_since_new(&basis, keep, &place.given);
	assert_false(known_since_add(known, &line));
	known_since_free(known);
	end(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_known_keeps_its_date),
		cmocka_unit_test(the_first_reading_knows_an_upper_bound),
		cmocka_unit_test(what_is_another_indicator_has_another_date),
		cmocka_unit_test(damaged_entries_are_as_none),
		cmocka_unit_test(texts_of_any_length_pass),
		cmocka_unit_test(many_entries_have_their_places),
		cmocka_unit_test(it_ends_when_it_is_asked_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
