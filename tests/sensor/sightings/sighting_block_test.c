// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "sensor/sightings/sighting_block.h"
#include "signatures/reputation/indicator.h"

#define BASE_S 1700000000u

static struct sighting_block_writer writer;
static struct sighting_block_reader reader;

static struct span key_of(unsigned kind, const char *text, uint8_t out[SIGHTING_KEY_MAX])
{
	return span_of(out, sighting_key(kind, span_text(text), out));
}

static void expect_row(struct span key, const struct sighting_seen *expected)
{
	struct sighting_seen seen;
	assert_int_equal(sighting_block_next(&reader, &seen), SIGHTING_ROW);
	assert_true(span_equal(span_of(reader.key, reader.key_len), key));
	assert_true(address_equal(&seen.host, &expected->host) && address_equal(&seen.far, &expected->far));
	assert_int_equal(seen.first_s, expected->first_s);
	assert_int_equal(seen.last_s, expected->last_s);
	assert_int_equal(seen.count, expected->count);
	assert_int_equal(seen.places, expected->places);
	assert_int_equal(seen.proto, expected->proto);
	assert_int_equal(seen.flow_count, expected->flow_count);
	assert_memory_equal(seen.flows, expected->flows, expected->flow_count * sizeof(seen.flows[0]));
}

static void rows_come_out_as_they_went_in(void **state)
{
	(void)state;
	const struct address v4 = address_v4((const uint8_t[4]) { 10, 0, 0, 1 });
	const struct address v6 = address_v6((const uint8_t[16]) { 0x20, 1, 0xd, 0xb8, [15] = 7 });
	const struct {
		unsigned kind;
		const char *text;
		struct sighting_seen seen;
	} rows[] = {
		{ INDICATOR_DOMAIN, "example.com", { v4, v4, BASE_S, BASE_S, 1, 1, 0, 17, { 0 } } },
		{ INDICATOR_DOMAIN, "www.example.com", { v4, v6, BASE_S - 100000, BASE_S + 7, 90, 5, 1, 6, { 77 } } },
		{ INDICATOR_DOMAIN, "www.example.com",
			{ v6, v4, 1, BASE_S - 9, UINT64_MAX, UINT32_MAX, 4, 255, { UINT64_MAX, 2, 3, 4 } } },
		{ INDICATOR_URL, "example.com/a", { v6, v6, 0, 0, 0, 0, 2, 0, { 5, 6 } } },
		{ INDICATOR_URL, "example.com/ab", { v6, v6, BASE_S, 1ull << 40, 2, 0, 0, 0, { 0 } } },
	};
	uint8_t key[SIGHTING_KEY_MAX];
	struct sighting_seen none;
	sighting_block_begin(&writer, BASE_S, SIGHTING_BLOCK_BYTES);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(sighting_block_put(&writer, key_of(rows[i].kind, rows[i].text, key), &rows[i].seen));
	assert_int_equal(writer.oldest_s, 0);
	assert_true(writer.newest_s == 1ull << 40);
	assert_true(sighting_block_open(&reader, span_of(writer.data, writer.used)));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_row(key_of(rows[i].kind, rows[i].text, key), &rows[i].seen);
	assert_int_equal(sighting_block_next(&reader, &none), SIGHTING_ROWS_END);
	for (uint32_t len = 0; len < writer.used; len++) { // cut anywhere: rows, then an end or damage, nothing beyond
		enum sighting_block_row row = SIGHTING_ROW;
		if (!sighting_block_open(&reader, span_of(writer.data, len)))
			continue;
		while ((row = sighting_block_next(&reader, &none)) == SIGHTING_ROW) {
		}
		assert_true(row == SIGHTING_ROW_DAMAGED || row == SIGHTING_ROWS_END);
	}
}

static void a_full_block_refuses_and_its_rest_fits(void **state)
{
	(void)state;
	static struct sighting_block_writer rest;
	uint8_t key[SIGHTING_KEY_MAX];
	char text[400];
	struct sighting_seen seen = { .last_s = BASE_S, .first_s = BASE_S, .count = 1, .flow_count = 4 };
	uint32_t rows = 0;
	memset(text, 'x', sizeof(text));
	sighting_block_begin(&writer, BASE_S, SIGHTING_BLOCK_BYTES);
	do {
		snprintf(text + 380, 20, "%08u", ++rows);
		seen.host.bytes[15] = (uint8_t)rows;
	} while (sighting_block_put(&writer, key_of(INDICATOR_URL, text, key), &seen));
	assert_true(writer.used <= SIGHTING_BLOCK_BYTES && writer.used > SIGHTING_BLOCK_BYTES - SIGHTING_ROW_MAX);
	assert_int_equal(writer.rows, rows - 1);
	assert_true(sighting_block_open(&reader, span_of(writer.data, writer.used)));
	assert_int_equal(sighting_block_next(&reader, &seen), SIGHTING_ROW);
	sighting_block_begin(&rest, reader.base_s, SIGHTING_BLOCK_MAX);
	while (sighting_block_next(&reader, &seen) == SIGHTING_ROW)
		assert_true(sighting_block_put(&rest, span_of(reader.key, reader.key_len), &seen));
	assert_int_equal(rest.rows, writer.rows - 1);
	assert_true(rest.used < writer.used);
}

static void joined_rows_keep_the_newest_of_what_is_kept_once(void **state)
{
	(void)state;
	struct sighting_seen one = {
		.first_s = 10, .last_s = 20, .count = 3, .places = 1, .proto = 6, .flow_count = 3, .flows = { 3, 2, 1 }
	};
	const struct sighting_seen later = {
		.first_s = 15, .last_s = 30, .count = 2, .places = 4, .proto = 17, .flow_count = 2, .flows = { 9, 3 }
	};
	sighting_seen_join(&one, &later);
	assert_int_equal(one.first_s, 10);
	assert_int_equal(one.last_s, 30);
	assert_int_equal(one.count, 5);
	assert_int_equal(one.places, 5);
	assert_int_equal(one.proto, 17);
	assert_int_equal(one.flow_count, 4);
	assert_memory_equal(one.flows, ((const uint64_t[]) { 9, 3, 2, 1 }), sizeof(one.flows));
}

static void names_lie_with_those_below_them(void **state)
{
	(void)state;
	uint8_t a[SIGHTING_KEY_MAX], b[SIGHTING_KEY_MAX], c[SIGHTING_KEY_MAX], value[SIGHTING_VALUE_MAX];
	struct span name = key_of(INDICATOR_DOMAIN, "evil.example", a),
		    below = key_of(INDICATOR_DOMAIN, "a.evil.example", b),
		    other = key_of(INDICATOR_DOMAIN, "notevil.example", c);
	assert_true(sighting_key_compare(name, below) < 0 && sighting_key_compare(below, other) < 0);
	assert_int_equal(sighting_key_value(below, value), 14);
	assert_memory_equal(value, "a.evil.example", 14);
	assert_int_equal(sighting_key_value(span_of(a, 1), value), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_out_as_they_went_in),
		cmocka_unit_test(a_full_block_refuses_and_its_rest_fits),
		cmocka_unit_test(joined_rows_keep_the_newest_of_what_is_kept_once),
		cmocka_unit_test(names_lie_with_those_below_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
