// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of feeds between runs: good ones replace what there was, bad ones do not, and nothing goes by itself.
#include "sensor/feeds/feed_state.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "sensor/feeds/entry_file.h"
#include "sensor/feeds/local_entries.h"
#include "signatures/reputation/store.h"

#define NOW 1800000000u
#define DAY 86400u

struct bench {
	char folder[64], source[96];
	struct feed_state state;
	struct feeds feeds;
	struct feed *feed;
	struct feed_status status;
	struct pack_error error;
	unsigned version; // of the source: its time changes with it, however fast the test is
};

static void begin(struct bench *bench)
{
	*bench = (struct bench) { 0 };
	snprintf(bench->folder, sizeof(bench->folder), "/tmp/feed-state-test-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->source, sizeof(bench->source), "%s/source", bench->folder);
	char root[80];
	snprintf(root, sizeof(root), "%s/state", bench->folder);
	assert_true(feed_state_open(&bench->state, root, true, &bench->error));
	assert_true(feeds_add(&bench->feeds, "one", bench->source, false));
	bench->feed = &bench->feeds.items[0];
}

static void end(struct bench *bench)
{
	feed_state_close(&bench->state);
	feeds_free(&bench->feeds);
	tree_remove(bench->folder);
}

static void write_names(struct bench *bench, unsigned count, const char *word)
{
	FILE *file = fopen(bench->source, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < count; i++)
		fprintf(file, "%s%u.example.com\n", word, i);
	fclose(file);
	const struct timespec times[2] = { { .tv_sec = 1000 + ++bench->version }, { .tv_sec = 1000 + bench->version } };
	assert_int_equal(utimensat(AT_FDCWD, bench->source, times, 0), 0);
}

static enum feed_outcome update(struct bench *bench, bool force, uint32_t now_s)
{
	const struct fetch_config fetch = { .max_bytes = 1 << 20, .timeout_s = 5 };
	if (!fetch_is_url(bench->feed->source))
		return feed_state_update(&bench->state, bench->feed, NULL, NULL, force, now_s, &bench->status);
	struct feed_fetched fetched;
	feed_state_fetch(&bench->state, bench->feed, NULL, &fetch, force, now_s, &fetched);
	enum feed_outcome outcome =
		feed_state_update(&bench->state, bench->feed, NULL, &fetched, force, now_s, &bench->status);
	feed_fetched_drop(&fetched);
	return outcome;
}

static uint64_t compile(struct bench *bench, uint32_t now_s, bool *changed)
{
	struct feed_compiled compiled;
	if (!feed_state_compile(&bench->state, &bench->feeds, now_s, NULL, &compiled, &bench->error))
		fail_msg("%s", bench->error.text);
	if (changed)
		*changed = compiled.changed;
	return compiled.entries;
}

static bool finds(struct bench *bench, const char *name, bool allow, uint32_t now_s)
{
	char path[PATH_BYTES], reason[256];
	struct store_match match;
	assert_true(feed_state_path(&bench->state, "indicators", path));
	struct store *store = store_open(path, reason, sizeof(reason));
	if (!store)
		fail_msg("%s", reason);
	bool found = store_match_domain(store, allow, span_text(name), now_s, &match);
	store_close(store);
	return found;
}

static void a_feed_is_read_when_it_changed(void **state)
{
	struct bench bench;
	bool changed;
	(void)state;
	begin(&bench);
	assert_int_equal(update(&bench, false, NOW), FEED_MISSING);
	assert_non_null(strstr(bench.status.error, "No such file"));
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	assert_int_equal(bench.status.taken, 30);
	assert_int_equal(compile(&bench, NOW, &changed), 30);
	assert_true(changed);
	assert_int_equal(update(&bench, false, NOW + 1), FEED_SAME);
	compile(&bench, NOW + 1, &changed);
	assert_false(changed);
	// Read otherwise: everything again
	bench.feed->confidence = 33;
	assert_int_equal(update(&bench, false, NOW + 2), FEED_FRESH);
	compile(&bench, NOW + 2, &changed);
	assert_true(changed);
	// Another site, whose domain is in it
	static const char *const own[] = { "bad3.example.com", NULL };
	const struct feed_site site = { .own_domains = own, .digest = 77 };
	assert_int_equal(
		feed_state_update(&bench.state, bench.feed, &site, NULL, false, NOW + 3, &bench.status), FEED_FRESH);
	assert_int_equal(bench.status.taken, 29);
	assert_string_equal(bench.status.refusals[0], "line 4: bad3.example.com: the site's own domain");
	end(&bench);
}

static void what_was_good_stays_when_a_feed_fails(void **state)
{
	struct bench bench;
	(void)state;
	begin(&bench);
	write_names(&bench, 100, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	write_names(&bench, 49, "worse");
	assert_int_equal(update(&bench, false, NOW + 1), FEED_KEPT);
	assert_non_null(strstr(bench.status.error, "49 entries after 100: shrank"));
	assert_int_equal(bench.status.failures, 1);
	assert_int_equal(update(&bench, false, NOW + 2), FEED_KEPT);
	assert_int_equal(bench.status.failures, 2);
	assert_int_equal(bench.status.read_s, NOW);
	assert_int_equal(compile(&bench, NOW, NULL), 100);
	assert_true(finds(&bench, "bad99.example.com", false, NOW));
	unlink(bench.source);
	assert_int_equal(update(&bench, false, NOW + 3), FEED_KEPT);
	write_names(&bench, 0, "");
	assert_int_equal(update(&bench, true, NOW + 4), FEED_KEPT); // not even when it is forced
	assert_non_null(strstr(bench.status.error, "nothing in it"));
	write_names(&bench, 49, "worse");
	assert_int_equal(update(&bench, true, NOW + 5), FEED_FRESH);
	assert_int_equal(bench.status.failures, 0);
	assert_string_equal(bench.status.error, "");
	compile(&bench, NOW, NULL);
	assert_false(finds(&bench, "bad99.example.com", false, NOW));
	// What is known of it is on disk
	struct feed_status again;
	assert_true(feed_status_read(&bench.state, "one", &again));
	assert_int_equal(again.taken, 49);
	assert_string_equal(again.source, bench.source);
	end(&bench);
}

static void shrinking_is_judged_by_the_feeds_own_limit(void **state)
{
	struct bench bench;
	(void)state;
	begin(&bench);
	bench.feed->least_percent = 90;
	write_names(&bench, 100, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	write_names(&bench, 89, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_KEPT);
	write_names(&bench, 90, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	bench.feed->least_percent = 0;
	write_names(&bench, 1, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	write_names(&bench, 19, "bad"); // so few entries may come and go
	bench.feed->least_percent = 50;
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	write_names(&bench, 2, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	end(&bench);
}

static void failures_of_a_url_wait_longer_and_longer(void **state)
{
	struct bench bench;
	char url[160];
	(void)state;
	begin(&bench);
	snprintf(url, sizeof(url), "file://%s", bench.source);
	free(bench.feed->source);
	bench.feed->source = strdup(url);
	bench.feed->interval_s = 3600;
	uint32_t now_s = NOW, before = 0;
	for (unsigned i = 0; i < 12; i++) {
		assert_int_equal(update(&bench, false, now_s), FEED_MISSING);
		assert_true(bench.status.tried);
		uint32_t wait = bench.status.next_s - now_s;
		assert_true(wait >= before && wait <= DAY);
		assert_true(i || wait <= 3600);
		before = wait;
		assert_int_equal(update(&bench, false, now_s + 1), FEED_MISSING); // not due
		assert_false(bench.status.tried);
		now_s = bench.status.next_s;
	}
	assert_int_equal(before, DAY);
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, now_s - 1), FEED_MISSING);
	assert_int_equal(update(&bench, true, now_s - 1), FEED_FRESH);
	assert_int_equal(bench.status.next_s, now_s - 1 + 3600);
	assert_int_equal(update(&bench, false, now_s), FEED_SAME);
	assert_false(bench.status.tried);
	// A clock that was wrong does not keep a feed from ever being tried
	assert_int_equal(update(&bench, false, now_s - 10 * DAY), FEED_SAME);
	assert_true(bench.status.tried);
	write_names(&bench, 31, "bad");
	assert_int_equal(update(&bench, false, now_s - 20 * DAY), FEED_FRESH);
	end(&bench);
}

static unsigned files_in(struct bench *bench, const char *part)
{
	struct tree_list list = { 0 };
	char path[PATH_BYTES];
	unsigned count = 0;
	assert_true(path_join(path, bench->state.root, "feeds/one"));
	assert_true(tree_list(path, &list, &bench->error));
	for (size_t i = 0; i < list.count; i++)
		count += strncmp(list.paths[i], part, strlen(part)) == 0;
	tree_list_free(&list);
	return count;
}

static void fetch_one(struct bench *bench, struct feed_fetched *fetched, uint32_t now_s)
{
	const struct fetch_config fetch = { .max_bytes = 1 << 20, .timeout_s = 5 };
	feed_state_fetch(&bench->state, bench->feed, NULL, &fetch, false, now_s, fetched);
	assert_true(fetched->due);
}

static enum feed_outcome place(struct bench *bench, struct feed_fetched *fetched, bool force, uint32_t now_s)
{
	enum feed_outcome outcome =
		feed_state_update(&bench->state, bench->feed, NULL, fetched, force, now_s, &bench->status);
	feed_fetched_drop(fetched);
	return outcome;
}

// Two processes fetch at the same time; who is second to take the lock finds another state than that which he fetched for.
static void who_is_overtaken_while_he_fetches_gives_way(void **state)
{
	struct bench bench;
	struct feed_fetched mine, other;
	char url[160];
	(void)state;
	begin(&bench);
	snprintf(url, sizeof(url), "file://%s", bench.source);
	free(bench.feed->source);
	bench.feed->source = strdup(url);
	write_names(&bench, 30, "old");
	fetch_one(&bench, &mine, NOW);
	write_names(&bench, 40, "new");
	fetch_one(&bench, &other, NOW);
	assert_int_equal(files_in(&bench, "fetched-"), 2);
	assert_int_equal(place(&bench, &other, false, NOW + 1), FEED_FRESH);
	assert_int_equal(place(&bench, &mine, false, NOW + 2), FEED_SAME);
	assert_false(bench.status.tried);
	assert_int_equal(bench.status.taken, 40);
	assert_int_equal(files_in(&bench, "fetched-"), 0);
	// Who insists gets what he fetched
	fetch_one(&bench, &mine, NOW + DAY);
	write_names(&bench, 50, "newer");
	fetch_one(&bench, &other, NOW + DAY);
	assert_int_equal(place(&bench, &other, false, NOW + DAY), FEED_FRESH);
	assert_int_equal(place(&bench, &mine, true, NOW + DAY), FEED_FRESH);
	assert_int_equal(bench.status.taken, 40);
	// The other failed: what was fetched is good
	fetch_one(&bench, &mine, NOW + 2 * DAY);
	unlink(bench.source);
	fetch_one(&bench, &other, NOW + 2 * DAY);
	assert_int_equal(other.result, FETCH_FAILED);
	assert_int_equal(place(&bench, &other, false, NOW + 2 * DAY), FEED_KEPT);
	assert_int_equal(place(&bench, &mine, false, NOW + 2 * DAY), FEED_FRESH);
	assert_int_equal(bench.status.taken, 50);
	// A failure does not undo what another process brought meanwhile
	fetch_one(&bench, &mine, NOW + 3 * DAY);
	assert_int_equal(mine.result, FETCH_FAILED);
	write_names(&bench, 60, "newest");
	fetch_one(&bench, &other, NOW + 3 * DAY);
	assert_int_equal(place(&bench, &other, false, NOW + 3 * DAY), FEED_FRESH);
	assert_int_equal(place(&bench, &mine, false, NOW + 3 * DAY), FEED_SAME);
	assert_int_equal(bench.status.taken, 60);
	assert_int_equal(bench.status.failures, 0);
	end(&bench);
}

// A process that was ended amid a transfer cannot clean up after itself.
static void what_a_dead_process_was_fetching_goes(void **state)
{
	struct bench bench;
	struct feed_fetched mine;
	char url[160], path[PATH_BYTES];
	(void)state;
	begin(&bench);
	snprintf(url, sizeof(url), "file://%s", bench.source);
	free(bench.feed->source);
	bench.feed->source = strdup(url);
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	static const char *const names[] = { "feeds/one/fetched-old", "feeds/one/fetched-now" };
	for (unsigned i = 0; i < 2; i++) {
		assert_true(path_join(path, bench.state.root, names[i]));
		assert_true(file_write(path, "x", 1, 0600, &bench.error));
		const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
		assert_int_equal(i ? 0 : utimensat(AT_FDCWD, path, times, 0), 0);
	}
	fetch_one(&bench, &mine, NOW + DAY);
	assert_int_equal(files_in(&bench, "fetched-"), 2);
	assert_int_equal(files_in(&bench, "fetched-old"), 0);
	feed_fetched_drop(&mine);
	end(&bench);
}

static void another_source_of_the_same_name_begins_anew(void **state)
{
	struct bench bench;
	(void)state;
	begin(&bench);
	write_names(&bench, 100, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	char other[128];
	snprintf(other, sizeof(other), "%s/other", bench.folder);
	assert_int_equal(rename(bench.source, other), 0);
	write_names(&bench, 25, "new");
	free(bench.feed->source);
	bench.feed->source = strdup(other);
	assert_int_equal(rename(bench.source, other), 0);
	assert_int_equal(
		update(&bench, false, NOW), FEED_FRESH); // a quarter of the old one, which says nothing of this one
	assert_int_equal(bench.status.taken, 25);
	// Entries that somebody removed are read again though the source is as it was
	char entries[PATH_BYTES];
	assert_true(feed_state_entries(&bench.state, "one", entries));
	unlink(entries);
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	end(&bench);
}

static void entries_expire_and_are_renewed_while_the_feed_has_them(void **state)
{
	struct bench bench;
	(void)state;
	begin(&bench);
	bench.feed->expire_after_s = 8 * DAY;
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	compile(&bench, NOW, NULL);
	assert_true(finds(&bench, "bad1.example.com", false, NOW + 8 * DAY - 1));
	assert_false(finds(&bench, "bad1.example.com", false, NOW + 8 * DAY)); // without a rebuild
	assert_int_equal(update(&bench, false, NOW + DAY), FEED_SAME);
	assert_int_equal(update(&bench, false, NOW + 3 * DAY), FEED_FRESH); // it still has them
	compile(&bench, NOW + 3 * DAY, NULL);
	assert_true(finds(&bench, "bad1.example.com", false, NOW + 10 * DAY));
	end(&bench);
}

// When name is listed since by the feed's entries; *earlier: or earlier.
static uint32_t listed_since(struct bench *bench, const char *name, bool *earlier)
{
	static struct entry_reader reader;
	char path[PATH_BYTES];
	struct indicator got;
	uint32_t since_s = 0;
	assert_true(feed_state_entries(&bench->state, "one", path));
	assert_true(entry_reader_open(&reader, path, &bench->error));
	while (entry_reader_next(&reader, &got, &bench->error))
		if (span_is(got.value, name)) {
			since_s = got.first_seen_s;
			*earlier = got.flags & INDICATOR_EARLIER;
		}
	entry_reader_close(&reader);
	return since_s;
}

static void expect_since(struct bench *bench, const char *name, uint32_t since_s, bool earlier)
{
	char path[PATH_BYTES], reason[256];
	struct store_match match;
	bool told = !earlier;
	assert_int_equal(listed_since(bench, name, &told), since_s);
	assert_int_equal(told, earlier);
	compile(bench, NOW, NULL); // and so what alerts say
	assert_true(feed_state_path(&bench->state, "indicators", path));
	struct store *store = store_open(path, reason, sizeof(reason));
	assert_non_null(store);
	assert_true(store_match_domain(store, false, span_text(name), NOW, &match));
	assert_int_equal(match.entry.first_seen_s, since_s);
	assert_int_equal(!!(match.entry.flags & INDICATOR_EARLIER), earlier);
	store_close(store);
}

static void a_line_is_listed_since_it_was_first_read(void **state)
{
	struct bench bench;
	(void)state;
	begin(&bench);
	// The first reading knows no more than that
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	expect_since(&bench, "bad29.example.com", NOW, true);
	write_names(&bench, 32, "bad");
	assert_int_equal(update(&bench, false, NOW + DAY), FEED_FRESH);
	expect_since(&bench, "bad29.example.com", NOW, true);
	expect_since(&bench, "bad31.example.com", NOW + DAY, false);
	// A failure forgets nothing
	write_names(&bench, 2, "bad");
	assert_int_equal(update(&bench, false, NOW + 2 * DAY), FEED_KEPT);
	expect_since(&bench, "bad31.example.com", NOW + DAY, false);
	// What goes and comes back is new; what stays stays
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW + 2 * DAY), FEED_FRESH);
	write_names(&bench, 31, "bad");
	assert_int_equal(update(&bench, false, NOW + 3 * DAY), FEED_FRESH);
	expect_since(&bench, "bad30.example.com", NOW + 3 * DAY, false);
	expect_since(&bench, "bad29.example.com", NOW, true);
	// Nobody looked for a week: what is new came within it
	write_names(&bench, 32, "bad");
	assert_int_equal(update(&bench, false, NOW + 10 * DAY), FEED_FRESH);
	expect_since(&bench, "bad31.example.com", NOW + 10 * DAY, true);
	// Looked at without anything new: that counts
	assert_int_equal(update(&bench, false, NOW + 20 * DAY), FEED_SAME);
	write_names(&bench, 33, "bad");
	assert_int_equal(update(&bench, false, NOW + 21 * DAY), FEED_FRESH);
	expect_since(&bench, "bad32.example.com", NOW + 21 * DAY, false);
	// Read otherwise: what was refused before may be old
	write_names(&bench, 34, "bad");
	bench.feed->confidence = 33;
	assert_int_equal(update(&bench, false, NOW + 22 * DAY), FEED_FRESH);
	expect_since(&bench, "bad33.example.com", NOW + 22 * DAY, true);
	expect_since(&bench, "bad32.example.com", NOW + 21 * DAY, false);
	expect_since(&bench, "bad29.example.com", NOW, true);
	end(&bench);
}

static void a_date_that_the_feed_gives_wins(void **state)
{
	struct bench bench;
	(void)state;
	begin(&bench);
	bench.feed->format = FEED_CSV;
	snprintf(bench.feed->columns[COLUMN_VALUE], FEED_TEXT_MAX, "1");
	snprintf(bench.feed->columns[COLUMN_FIRST_SEEN], FEED_TEXT_MAX, "2");
	static const char *const readings[] = { "a.example.com,2026-01-02\nb.example.com,\n",
		"a.example.com,2026-01-03\nb.example.com,2026-01-04\nc.example.com,\n",
		"a.example.com,\nb.example.com,\nc.example.com,\n" };
	for (unsigned i = 0; i < 3; i++) {
		assert_true(file_write(bench.source, readings[i], strlen(readings[i]), 0600, &bench.error));
		assert_int_equal(update(&bench, true, NOW + i), FEED_FRESH);
		expect_since(&bench, "a.example.com", i ? 1767398400 : 1767312000, false);
		expect_since(&bench, "b.example.com", i ? 1767484800 : NOW, !i);
		if (i)
			expect_since(&bench, "c.example.com", NOW + 1, false);
	}
	end(&bench);
}

static void a_folder_is_all_its_files(void **state)
{
	struct bench bench;
	char path[128];
	(void)state;
	begin(&bench);
	assert_int_equal(mkdir(bench.source, 0755), 0);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/list%u", bench.source, i);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "a%u.example.com\nb%u.example.com\n", i, i);
		fclose(file);
	}
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	assert_int_equal(bench.status.taken, 6);
	assert_int_equal(update(&bench, false, NOW), FEED_SAME);
	unlink(path);
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	assert_int_equal(bench.status.taken, 4);
	end(&bench);
}

static struct local_entry by_hand(const char *value, bool allow, uint32_t expiry_s)
{
	struct local_entry entry = { .kind = INDICATOR_DOMAIN,
		.confidence = 90,
		.allow = allow,
		.expiry_s = expiry_s,
		.added_s = NOW,
		.by = "test" };
	snprintf(entry.value, sizeof(entry.value), "%s", value);
	return entry;
}

static void what_is_added_by_hand_is_compiled_too(void **state)
{
	struct bench bench;
	unsigned removed;
	bool changed;
	(void)state;
	begin(&bench);
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	struct local_entry entry = by_hand("bad1.example.com", true, 0),
			   other = by_hand("mine.example.org", false, NOW + DAY);
	assert_true(local_add(&bench.state, &entry, NOW, &bench.error));
	assert_true(local_add(&bench.state, &other, NOW, &bench.error));
	assert_true(local_add(&bench.state, &other, NOW, &bench.error)); // in its place
	assert_int_equal(compile(&bench, NOW, NULL), 32);
	assert_true(finds(&bench, "www.bad1.example.com", true, NOW));
	assert_true(finds(&bench, "mine.example.org", false, NOW));
	assert_false(finds(&bench, "mine.example.org", false, NOW + DAY));
	snprintf(other.note, sizeof(other.note), "\xff");
	assert_false(local_add(&bench.state, &other, NOW, &bench.error)); // and nothing is lost by it
	assert_true(local_remove(&bench.state, "bad1.example.com", &removed, &bench.error));
	assert_int_equal(removed, 1);
	assert_true(local_remove(&bench.state, "bad1.example.com", &removed, &bench.error));
	assert_int_equal(removed, 0);
	assert_int_equal(compile(&bench, NOW, &changed), 31);
	assert_true(changed);
	assert_true(finds(&bench, "mine.example.org", false, NOW));
	end(&bench);
}

static void what_a_url_ends_in_says_its_format(void **state)
{
	struct bench bench;
	char path[128], url[160];
	(void)state;
	begin(&bench);
	snprintf(path, sizeof(path), "%s/list.v2.csv", bench.folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("value,family\nevil.example.com,zeus\n", file);
	fclose(file);
	snprintf(url, sizeof(url), "file://%s", path);
	free(bench.feed->source);
	bench.feed->source = strdup(url);
	snprintf(bench.feed->columns[COLUMN_VALUE], FEED_TEXT_MAX, "value");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	assert_int_equal(bench.status.taken, 1);
	assert_int_equal(bench.status.refused, 0);
	end(&bench);
}

static void one_process_at_a_time_changes_the_folder(void **state)
{
	struct bench bench;
	struct feed_state other;
	(void)state;
	begin(&bench);
	assert_false(feed_state_open(&other, bench.state.root, true, &bench.error));
	assert_non_null(strstr(bench.error.text, "another sekisho"));
	assert_true(feed_state_open(&other, bench.state.root, false, &bench.error));
	feed_state_close(&other);
	feed_state_close(&bench.state);
	assert_true(feed_state_open(&other, bench.state.root, true, &bench.error));
	feed_state_close(&other);
	end(&bench);
}

static void damaged_entries_are_put_aside_and_the_feed_is_read_anew(void **state)
{
	struct bench bench;
	struct feed_compiled compiled;
	char path[PATH_BYTES];
	(void)state;
	begin(&bench);
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	compile(&bench, NOW, NULL);
	assert_true(feed_state_entries(&bench.state, "one", path));
	struct stat info;
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(truncate(path, info.st_size - 3), 0);
	assert_true(feed_state_compile(&bench.state, &bench.feeds, NOW, NULL, &compiled, &bench.error));
	assert_int_equal(compiled.entries, 29); // what is whole
	assert_int_not_equal(access(path, F_OK), 0);
	strcat(path, ".damaged");
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(update(&bench, false, NOW + 1), FEED_FRESH); // though the source is the same
	compile(&bench, NOW + 1, NULL);
	assert_true(finds(&bench, "bad1.example.com", false, NOW + 1));
	assert_true(finds(&bench, "bad29.example.com", false, NOW + 1));
	end(&bench);
}

// Nothing is wrong with them.
static void entries_that_cannot_be_opened_now_stay(void **state)
{
	struct bench bench;
	struct feed_compiled compiled;
	struct rlimit files, none;
	char path[PATH_BYTES];
	(void)state;
	begin(&bench);
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	assert_true(feed_state_entries(&bench.state, "one", path));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	none = (struct rlimit) { 0, files.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	bool good = feed_state_compile(&bench.state, &bench.feeds, NOW, NULL, &compiled, &bench.error);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	assert_false(good);
	assert_int_equal(access(path, F_OK), 0);
	compile(&bench, NOW, NULL);
	assert_true(finds(&bench, "bad29.example.com", false, NOW));
	end(&bench);
}

static void a_damaged_compiled_file_is_made_anew(void **state)
{
	struct bench bench;
	struct feed_compiled compiled;
	struct store *store = NULL;
	struct store_facts facts;
	char path[PATH_BYTES];
	bool changed;
	(void)state;
	begin(&bench);
	write_names(&bench, 30, "bad");
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	compile(&bench, NOW, NULL);
	assert_true(feed_state_path(&bench.state, "indicators", path));
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, -3, SEEK_END), 0);
	assert_int_equal(fputc('x', file), 'x');
	fclose(file);
	compile(&bench, NOW, &changed); // nobody wants to look into it
	assert_false(changed);
	assert_true(feed_state_compile(&bench.state, &bench.feeds, NOW, &store, &compiled, &bench.error));
	assert_true(compiled.changed);
	assert_non_null(store);
	store_facts(store, &facts);
	assert_int_equal(facts.entries, 30);
	store_close(store);
	assert_true(feed_state_compile(&bench.state, &bench.feeds, NOW, &store, &compiled, &bench.error));
	assert_false(compiled.changed);
	store_close(store);
	assert_true(finds(&bench, "bad1.example.com", false, NOW));
	end(&bench);
}

static void an_update_that_is_stopped_has_not_begun(void **state)
{
	struct bench bench;
	atomic_bool stop = true;
	(void)state;
	begin(&bench);
	write_names(&bench, 30, "bad");
	bench.state.stop = &stop;
	assert_int_equal(update(&bench, false, NOW), FEED_MISSING);
	assert_false(feed_status_read(&bench.state, "one", &bench.status));
	stop = false;
	assert_int_equal(update(&bench, false, NOW), FEED_FRESH);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_is_read_when_it_changed),
		cmocka_unit_test(what_was_good_stays_when_a_feed_fails),
		cmocka_unit_test(shrinking_is_judged_by_the_feeds_own_limit),
		cmocka_unit_test(failures_of_a_url_wait_longer_and_longer),
		cmocka_unit_test(who_is_overtaken_while_he_fetches_gives_way),
		cmocka_unit_test(what_a_dead_process_was_fetching_goes),
		cmocka_unit_test(another_source_of_the_same_name_begins_anew),
		cmocka_unit_test(entries_expire_and_are_renewed_while_the_feed_has_them),
		cmocka_unit_test(a_line_is_listed_since_it_was_first_read),
		cmocka_unit_test(a_date_that_the_feed_gives_wins),
		cmocka_unit_test(a_folder_is_all_its_files),
		cmocka_unit_test(what_is_added_by_hand_is_compiled_too),
		cmocka_unit_test(what_a_url_ends_in_says_its_format),
		cmocka_unit_test(one_process_at_a_time_changes_the_folder),
		cmocka_unit_test(damaged_entries_are_put_aside_and_the_feed_is_read_anew),
		cmocka_unit_test(entries_that_cannot_be_opened_now_stay),
		cmocka_unit_test(a_damaged_compiled_file_is_made_anew),
		cmocka_unit_test(an_update_that_is_stopped_has_not_begun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
