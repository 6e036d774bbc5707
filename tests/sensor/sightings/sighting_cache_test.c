// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "decoders/base/clock.h"
#include "sensor/sightings/sighting_cache.h"

struct heard {
	bool full;
	unsigned values, nothing; // with and without their bytes
	uint64_t met;             // sum of counts
	struct sighting last;
};

static bool hear(void *context, const struct sighting *sighting, struct span value)
{
	struct heard *heard = context;
	if (heard->full)
		return false;
	heard->values += value.len != 0;
	heard->nothing += value.len == 0;
	heard->met += sighting->count;
	heard->last = *sighting;
	return true;
}

static bool meet(struct sighting_cache *cache, uint64_t value, uint64_t flow, uint64_t now_s)
{
	const struct sighting sighting = {
		.key = value * 0x9e3779b97f4a7c15ull,
		.first_ns = now_s * NS_PER_S,
		.last_ns = now_s * NS_PER_S,
		.flow_id = flow,
		.count = 1,
		.places = 1,
		.host = { .bytes = { [15] = 1 } },
	};
	return sighting_cache_take(cache, &sighting, span_text("value"));
}

static void a_value_is_said_once_and_its_repetitions_as_one_count(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	for (uint64_t flow = 1; flow <= 1000; flow++)
		assert_true(meet(cache, 7, flow, 100));
	assert_int_equal(heard.values, 1);
	for (uint64_t s = 100; s < 100 + 2 * SIGHTING_SWEEP_S; s++)
		sighting_cache_tick(cache, s * NS_PER_S);
	assert_int_equal(heard.values, 2);
	assert_int_equal(heard.met, 1000);
	assert_int_equal(heard.last.flow_id, 1000);
	sighting_cache_flush(cache);
	assert_int_equal(heard.values, 2);
	sighting_cache_free(cache);
}

static void a_flow_counts_once_however_often_it_names_a_value(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	for (int i = 0; i < 50; i++)
		meet(cache, 7, 1, 100);
	sighting_cache_flush(cache);
	assert_int_equal(heard.met, 1);
	sighting_cache_free(cache);
}

static void eviction_loses_no_count(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	uint64_t flow = 0, values = 4 * CACHE_SETS * CACHE_WAYS;
	for (uint64_t value = 0; value < values; value++)
		for (unsigned n = 0; n < 3; n++)
			meet(cache, value, ++flow, 100 + value / 1000);
	sighting_cache_flush(cache);
	assert_int_equal(heard.met, flow);
	assert_int_equal(heard.values, 2 * values);
	assert_int_equal(heard.nothing, 0);
	sighting_cache_free(cache);
}

static void what_could_not_be_said_is_said_later(void **state)
{
	(void)state;
	struct heard heard = { .full = true };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	assert_false(meet(cache, 7, 1, 100));
	heard.full = false;
	assert_true(meet(cache, 7, 2, 101));
	assert_int_equal(heard.values, 1); // it was not taken for known
	heard.full = true;
	assert_true(meet(cache, 7, 3, 102));
	sighting_cache_flush(cache);
	heard.full = false;
	sighting_cache_flush(cache);
	assert_int_equal(heard.met, 2);
	sighting_cache_free(cache);
}

static bool meet_long(struct sighting_cache *cache, uint64_t value, uint64_t flow)
{
	uint8_t bytes[SIGHTING_VALUE_MAX];
	memset(bytes, (int)value, sizeof(bytes));
	const struct sighting sighting = { .key = value * 0x9e3779b97f4a7c15ull, .flow_id = flow, .count = 1 };
	return sighting_cache_take(cache, &sighting, span_of(bytes, sizeof(bytes)));
}

static void long_values_are_said_whole_as_long_as_there_is_room_for_them(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	unsigned values = CACHE_BYTES / SIGHTING_VALUE_MAX;
	for (uint64_t flow = 1; flow <= 2; flow++)
		for (unsigned value = 1; value <= values; value++)
			assert_true(meet_long(cache, value, flow));
	sighting_cache_flush(cache);
	assert_int_equal(heard.met, 2 * values);
	assert_int_equal(heard.values, 2 * values);
	assert_int_equal(heard.nothing, 0);
	sighting_cache_free(cache);
}

static void a_value_whose_bytes_are_gone_waits_until_it_is_met_again(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	unsigned values = 2 * CACHE_BYTES / SIGHTING_VALUE_MAX;
	meet_long(cache, 1, 1);
	meet_long(cache, 1, 2);
	for (unsigned value = 2; value <= values; value++)
		meet_long(cache, value, 1);
	assert_int_equal(heard.met, values);
	for (uint64_t s = 0; s < 2 * SIGHTING_SWEEP_S; s++)
		sighting_cache_tick(cache, s * NS_PER_S);
	assert_int_equal(heard.met, values);
	meet_long(cache, 1, 3);
	sighting_cache_flush(cache);
	assert_int_equal(heard.met, values + 2);
	assert_int_equal(heard.nothing, 0);
	sighting_cache_free(cache);
}

static void a_place_that_is_new_is_said(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct sighting_cache *cache = sighting_cache_new(hear, &heard);
	struct sighting sighting = { .key = 7, .first_ns = 1, .last_ns = 1, .flow_id = 1, .count = 1, .places = 1 };
	sighting_cache_take(cache, &sighting, span_text("value"));
	sighting.places = 4;
	sighting_cache_take(cache, &sighting, span_text("value"));
	sighting_cache_flush(cache);
	assert_int_equal(heard.values, 2);
	assert_int_equal(heard.last.places, 5);
	assert_int_equal(heard.met, 1);
	sighting_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_said_once_and_its_repetitions_as_one_count),
		cmocka_unit_test(a_flow_counts_once_however_often_it_names_a_value),
		cmocka_unit_test(eviction_loses_no_count),
		cmocka_unit_test(what_could_not_be_said_is_said_later),
		cmocka_unit_test(long_values_are_said_whole_as_long_as_there_is_room_for_them),
		cmocka_unit_test(a_value_whose_bytes_are_gone_waits_until_it_is_met_again),
		cmocka_unit_test(a_place_that_is_new_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
