// SPDX-License-Identifier: GPL-3.0-or-later
// The file of a feed's entries: what is written comes back, what is damaged is told, and nothing is written through links.
#include "sensor/feeds/entry_file.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char folder[64], path[128];
	struct pack_error error;
};

static void begin(struct place *place)
{
	*place = (struct place) { .folder = "/tmp/entries-test-XXXXXX" };
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/entries", place->folder);
}

static void end(struct place *place)
{
	unlink(place->path);
	assert_int_equal(rmdir(place->folder), 0); // no staging file is left
}

static const uint8_t address[16] = { [10] = 0xff, 0xff, 203, 0, 113, 9 };

static void write_two(struct place *place)
{
	struct entry_writer writer;
	const struct indicator domain = { .kind = INDICATOR_DOMAIN,
		.flags = INDICATOR_EXACT,
		.confidence = 80,
		.value = span_text("evil.example"),
		.family = span_text("zeus"),
		.technique = span_text("T1071"),
		.first_seen_s = 1,
		.expiry_s = 4000000000u };
	const struct indicator endpoint = {
		.kind = INDICATOR_ENDPOINT, .confidence = 100, .bits = 128, .port = 65535, .value = span_of(address, 16)
	};
	assert_true(entry_writer_open(&writer, place->path, &place->error));
	assert_true(entry_writer_add(&writer, &domain) && entry_writer_add(&writer, &endpoint));
	assert_true(entry_writer_commit(&writer, &place->error));
}

static void what_is_written_comes_back(void **state)
{
	(void)state;
	struct place place;
	struct entry_reader reader;
	struct indicator got;
	begin(&place);
	write_two(&place);
	assert_true(entry_reader_open(&reader, place.path, &place.error));
	assert_int_equal(reader.count, 2);
	assert_true(entry_reader_next(&reader, &got, &place.error));
	assert_true(got.kind == INDICATOR_DOMAIN && got.flags == INDICATOR_EXACT && got.confidence == 80);
	assert_true(
		span_is(got.value, "evil.example") && span_is(got.family, "zeus") && span_is(got.technique, "T1071"));
	assert_true(got.first_seen_s == 1 && got.expiry_s == 4000000000u);
	assert_true(entry_reader_next(&reader, &got, &place.error));
	assert_true(got.kind == INDICATOR_ENDPOINT && got.port == 65535 && got.bits == 128 && !got.family.len);
	assert_true(span_equal(got.value, span_of(address, 16)));
	assert_false(entry_reader_next(&reader, &got, &place.error));
	assert_string_equal(place.error.text, "");
	entry_reader_close(&reader);
	end(&place);
}

// How many entries can be read of the file when byte at is value (or the file ends there, value < 0); *told: the error.
static unsigned read_damaged(struct place *place, long at, int value, bool *told)
{
	struct entry_reader reader;
	struct indicator got;
	unsigned count = 0;
	write_two(place);
	if (value < 0) {
		assert_int_equal(truncate(place->path, at), 0);
	} else {
		FILE *file = fopen(place->path, "r+b");
		assert_non_null(file);
		fseek(file, at, SEEK_SET);
		fputc(value, file);
		fclose(file);
	}
	place->error.text[0] = 0;
	if (entry_reader_open(&reader, place->path, &place->error)) {
		while (entry_reader_next(&reader, &got, &place->error)) {
			assert_true(got.kind < INDICATOR_KINDS && got.confidence <= 100 && got.bits <= 128);
			count++;
		}
		entry_reader_close(&reader);
	}
	*told = place->error.text[0];
	return count;
}

static void damage_is_told_at_each_byte(void **state)
{
	(void)state;
	enum { HEAD = 16, ENTRY = 22 };
	struct place place;
	bool told;
	struct stat info;
	begin(&place);
	write_two(&place);
	assert_int_equal(stat(place.path, &info), 0);
	for (long at = 0; at < info.st_size; at++) {
		assert_true(read_damaged(&place, at, -1, &told) < 2);
		assert_true(told);
		(void)read_damaged(&place, at, 0xff, &told); // stays in bounds
	}
	static const uint8_t heads[] = { 0, 2, 3 }; // kind, confidence, bits
	for (size_t i = 0; i < sizeof(heads); i++) {
		assert_int_equal(read_damaged(&place, HEAD + heads[i], 0xff, &told), 0);
		assert_true(told);
	}
	assert_int_equal(read_damaged(&place, HEAD, INDICATOR_ADDRESS, &told), 0); // of 12 bytes
	assert_true(told);
	end(&place);
}

// What an earlier version wrote: no dates but the feed's own.
static void entries_without_a_date_are_as_old_as_their_file(void **state)
{
	(void)state;
	struct place place;
	struct entry_reader reader;
	struct indicator got;
	begin(&place);
	write_two(&place);
	FILE *file = fopen(place.path, "r+b");
	assert_non_null(file);
	assert_int_equal(fwrite("SKIND1", 6, 1, file), 1);
	fclose(file);
	const struct timespec times[2] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };
	assert_int_equal(utimensat(AT_FDCWD, place.path, times, 0), 0);
	assert_true(entry_reader_open(&reader, place.path, &place.error));
	assert_true(entry_reader_next(&reader, &got, &place.error));
	assert_true(got.first_seen_s == 1 && got.flags == INDICATOR_EXACT);
	assert_true(entry_reader_next(&reader, &got, &place.error));
	assert_true(got.first_seen_s == 1700000000 && got.flags == INDICATOR_EARLIER);
	assert_false(entry_reader_next(&reader, &got, &place.error));
	assert_string_equal(place.error.text, "");
	entry_reader_close(&reader);
	end(&place);
}

// A number of entries that is no truth must not have anybody make room for them.
static void more_entries_than_the_file_has_room_for_are_told(void **state)
{
	(void)state;
	struct place place;
	struct entry_reader reader;
	begin(&place);
	write_two(&place);
	FILE *file = fopen(place.path, "r+b");
	assert_non_null(file);
	fseek(file, 8 + 6, SEEK_SET);
	fputc(1, file);
	fclose(file);
	assert_false(entry_reader_open(&reader, place.path, &place.error));
	assert_non_null(strstr(place.error.text, "truncated"));
	end(&place);
}

static void no_link_is_written_through(void **state)
{
	(void)state;
	struct place place;
	struct entry_writer writer;
	struct stat info;
	char victim[128], staging[160];
	begin(&place);
	snprintf(victim, sizeof(victim), "%s/victim", place.folder);
	snprintf(staging, sizeof(staging), "%s.new", place.path);
	fclose(fopen(victim, "w"));
	assert_int_equal(truncate(victim, 5), 0);
	assert_int_equal(symlink(victim, staging), 0);
	assert_false(entry_writer_open(&writer, place.path, &place.error));
	assert_int_equal(stat(victim, &info), 0);
	assert_int_equal(info.st_size, 5);
	unlink(staging);
	unlink(victim);
	end(&place);
}

static void an_aborted_writing_leaves_what_was(void **state)
{
	(void)state;
	struct place place;
	struct entry_writer writer;
	struct entry_reader reader;
	begin(&place);
	write_two(&place);
	assert_true(entry_writer_open(&writer, place.path, &place.error));
	entry_writer_abort(&writer);
	entry_writer_abort(&writer);
	assert_true(entry_reader_open(&reader, place.path, &place.error));
	assert_int_equal(reader.count, 2);
	entry_reader_close(&reader);
	end(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_comes_back),
		cmocka_unit_test(damage_is_told_at_each_byte),
		cmocka_unit_test(entries_without_a_date_are_as_old_as_their_file),
		cmocka_unit_test(more_entries_than_the_file_has_room_for_are_told),
		cmocka_unit_test(no_link_is_written_through),
		cmocka_unit_test(an_aborted_writing_leaves_what_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
