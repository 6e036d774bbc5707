// SPDX-License-Identifier: GPL-3.0-or-later
// Entries added by hand: added, replaced, removed, expired; a damaged file is never rewritten.
#include "sensor/feeds/local_entries.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>
#include "sensor/files/files.h"

struct place {
	char folder[64];
	struct feed_state state;
	struct pack_error error;
	char all[1024]; // "VALUE CONFIDENCE;" each
};

static void begin(struct place *place)
{
	*place = (struct place) { .folder = "/tmp/local-test-XXXXXX" };
	assert_non_null(mkdtemp(place->folder));
	assert_true(feed_state_open(&place->state, place->folder, true, &place->error));
}

static void end(struct place *place)
{
	feed_state_close(&place->state);
	tree_remove(place->folder);
}

static bool note(void *context, const struct local_entry *entry)
{
	struct place *place = context;
	size_t len = strlen(place->all);
	snprintf(place->all + len, sizeof(place->all) - len, "%s%s %u;", entry->allow ? "+" : "", entry->value,
		entry->confidence);
	return true;
}

static const char *all(struct place *place)
{
	place->all[0] = 0;
	return local_read(&place->state, note, place, &place->error) ? place->all : "?";
}

static bool add(struct place *place, const char *value, bool allow, uint8_t confidence, uint32_t expiry_s)
{
	static struct local_entry entry; // large
	entry = (struct local_entry) {
		.kind = INDICATOR_DOMAIN, .allow = allow, .confidence = confidence, .expiry_s = expiry_s
	};
	snprintf(entry.value, sizeof(entry.value), "%s", value);
	return local_add(&place->state, &entry, 1000, &place->error);
}

static void added_replaced_and_removed(void **state)
{
	(void)state;
	struct place place;
	unsigned removed;
	begin(&place);
	assert_string_equal(all(&place), "");
	assert_true(add(&place, "a.example", false, 50, 2000) && add(&place, "b.example", false, 60, 0));
	assert_true(add(&place, "a.example", true, 70, 0)); // allowing it is another entry
	assert_true(add(&place, "a.example", false, 80, 0));
	assert_string_equal(all(&place), "b.example 60;+a.example 70;a.example 80;");
	assert_true(local_remove(&place.state, "a.example", &removed, &place.error));
	assert_int_equal(removed, 2);
	assert_true(local_remove(&place.state, "a.example", &removed, &place.error));
	assert_int_equal(removed, 0);
	assert_string_equal(all(&place), "b.example 60;");
	assert_true(add(&place, "c.example", false, 90, 999)); // expired: gone with the next change
	assert_true(add(&place, "d.example", false, 90, 1001));
	assert_string_equal(all(&place), "b.example 60;d.example 90;");
	end(&place);
}

static void a_damaged_file_is_left_alone(void **state)
{
	(void)state;
	static const char *const tails[] = { "{\"value\":\"x.example\"}\n", "no JSON\n", "[]\n",
		"{\"value\":\"\",\"kind\":\"domain\"}\n", "\0\0\0\n" };
	struct place place;
	unsigned removed;
	char path[PATH_BYTES], *bytes;
	size_t len, before;
	begin(&place);
	assert_true(feed_state_path(&place.state, "local.jsonl", path));
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		unlink(path);
		assert_true(add(&place, "a.example", false, 50, 0));
		FILE *file = fopen(path, "ab");
		assert_non_null(file);
		fwrite(tails[i], 1, *tails[i] ? strlen(tails[i]) : 4, file);
		before = (size_t)ftell(file);
		fclose(file);
		place.error.text[0] = 0;
		assert_string_equal(all(&place), "?");
		assert_non_null(strstr(place.error.text, "local.jsonl"));
		assert_false(add(&place, "b.example", false, 50, 0));
		assert_false(local_remove(&place.state, "a.example", &removed, &place.error));
		assert_true(file_read(path, 4096, &bytes, &len, &place.error));
		assert_int_equal(len, before);
		free(bytes);
	}
	assert_false(add(&place, "b\xff.example", false, 50, 0)); // not UTF-8
	end(&place);
}

static void two_do_not_change_them_at_once(void **state)
{
	(void)state;
	struct place place;
	struct feed_state other;
	begin(&place);
	assert_false(feed_state_open(&other, place.folder, true, &place.error));
	assert_non_null(strstr(place.error.text, "another sekisho"));
	end(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added_replaced_and_removed),
		cmocka_unit_test(a_damaged_file_is_left_alone),
		cmocka_unit_test(two_do_not_change_them_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
