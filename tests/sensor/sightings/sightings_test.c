// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/config/config.h"
#include "sensor/files/files.h"
#include "sensor/sightings/sighting_batch.h"
#include "sensor/sightings/sighting_scan.h"
#include "sensor/sightings/sighting_store.h"
#include "sensor/sightings/sightings.h"
#include "signatures/heuristics/site_domains.h"
#include "signatures/reputation/named.h"
#include "signatures/reputation/store_build.h"

#define BUDGET (64u << 20)
#define NOW_S  1700000000u
#define DAY_S  86400u
#define SEED   7u

struct fixture {
	char folder[64], list[96], database[96];
	struct sensor_config config;
	unsigned alerts;
	bool refuse; // alerts
	uint64_t met_ns, domain, suppressed;
	struct address inside;
	char line[8192]; // of the last one
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	snprintf(f->folder, sizeof(f->folder), "/tmp/sightings-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->list, sizeof(f->list), "%s/list", f->folder);
	snprintf(f->database, sizeof(f->database), "%s/%s", f->folder, SIGHTINGS_FILE);
	config_init(&f->config);
	free(f->config.sightings.path);
	f->config.sightings.path = strdup(f->folder);
	log_set_level(LOG_ERROR);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	tree_remove(f->folder);
	config_fini(&f->config);
	free(f);
	return 0;
}

static struct address host_of(unsigned number)
{
	return address_v4((const uint8_t[4]) { 10, 0, (uint8_t)(number >> 8), (uint8_t)number });
}

static struct sighting name_met(const char *name, unsigned host, uint64_t at_s)
{
	return (struct sighting) {
		.key = store_key(INDICATOR_DOMAIN, span_text(name), 0, 0),
		.first_ns = at_s * NS_PER_S,
		.last_ns = at_s * NS_PER_S,
		.flow_id = at_s,
		.count = 1,
		.places = 1u << NAMED_TLS_SNI,
		.host = host_of(host),
		.far = address_v4((const uint8_t[4]) { 192, 0, 2, 1 }),
		.kind = INDICATOR_DOMAIN,
		.proto = 6,
		.len = (uint16_t)strlen(name),
	};
}

// The store -----------------------------------------------------------------------------------------------------------------------

static struct sighting_store *open_store(const struct fixture *f)
{
	enum sighting_fault fault;
	char error[256];
	struct sighting_store *store = sighting_store_open(f->folder, BUDGET, &fault, error, sizeof(error));
	if (!store)
		fail_msg("%s", error);
	return store;
}

// One row of its own run.
static void put(struct sighting_store *store, const char *name, unsigned host, uint64_t at_s)
{
	uint8_t key[SIGHTING_KEY_MAX];
	const struct sighting_seen seen = {
		.host = host_of(host),
		.far = address_v4((const uint8_t[4]) { 192, 0, 2, 1 }),
		.first_s = at_s,
		.last_s = at_s,
		.count = 1,
		.places = 1u << NAMED_TLS_SNI,
		.flows = { at_s },
		.flow_count = 1,
	};
	sighting_store_begin(store);
	sighting_store_put(store, span_of(key, sighting_key(INDICATOR_DOMAIN, span_text(name), key)), &seen);
	assert_int_equal(sighting_store_commit(store), SIGHTING_GOOD);
}

static unsigned merge_all(struct sighting_store *store, uint64_t oldest_s, uint64_t aged_s)
{
	enum sighting_fault fault;
	uint64_t removed = 0;
	while (sighting_store_merge(store, oldest_s, aged_s, &removed, &fault)) {
	}
	assert_int_equal(fault, SIGHTING_GOOD);
	return (unsigned)removed;
}

struct seen {
	struct span name;
	unsigned values, rows;
	struct sighting_seen last;
};

static bool take_value(void *context, unsigned kind, struct span value)
{
	struct seen *seen = context;
	assert_int_equal(kind, INDICATOR_DOMAIN);
	seen->values++;
	return !seen->name.len || span_equal(value, seen->name);
}

static void take_seen(void *context, const struct sighting_seen *one)
{
	struct seen *seen = context;
	seen->rows++;
	seen->last = *one;
}

// NULL: of all names.
static struct seen seen_of(struct sighting_store *store, const char *name)
{
	struct seen seen = { .name = name ? span_text(name) : span_of(NULL, 0) };
	struct sighting_place place = { 0 };
	sighting_store_begin(store);
	while (sighting_store_each(store, &place, 7, take_value, take_seen, &seen) == 7) {
	}
	assert_int_equal(sighting_store_commit(store), SIGHTING_GOOD);
	return seen;
}

static void rows_of_a_value_and_host_become_one(void **state)
{
	struct fixture *f = *state;
	struct sighting_store *store = open_store(f);
	put(store, "a.example", 1, NOW_S + 5);
	put(store, "a.example", 1, NOW_S);
	put(store, "a.example", 1, NOW_S + 9);
	put(store, "b.example", 2, NOW_S);
	sighting_store_close(store);
	store = open_store(f); // as the next run finds it
	struct seen seen = seen_of(store, "a.example");
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.values, 2);
	assert_int_equal(seen.last.first_s, NOW_S);
	assert_int_equal(seen.last.last_s, NOW_S + 9);
	assert_int_equal(seen.last.count, 3);
	assert_int_equal(seen.last.flow_count, 3);
	assert_int_equal(seen.last.flows[0], NOW_S + 9);
	assert_int_equal(sighting_store_newest_s(store), NOW_S + 9);
	sighting_store_close(store);
}

static void merging_changes_nothing_of_what_is_read(void **state)
{
	struct fixture *f = *state;
	char name[32];
	struct sighting_store *store = open_store(f);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "n%u.example", i * 7 % 60);
		put(store, name, i % 4, NOW_S + i);
		if (i % 5 == 4)
			merge_all(store, 0, 0);
		assert_int_equal(sighting_store_newest_s(store), NOW_S + i);
	}
	merge_all(store, 0, 0);
	struct seen all = seen_of(store, NULL);
	assert_int_equal(all.values, 60);
	assert_int_equal(all.rows, 60); // a name is met by one host: 60 and 4 have a common divisor
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "n%u.example", i * 7 % 60);
		struct seen seen = seen_of(store, name);
		assert_int_equal(seen.rows, 1);
		assert_int_equal(seen.last.first_s, NOW_S + i);
		assert_int_equal(seen.last.last_s, NOW_S + i + (499 - i) / 60 * 60);
		assert_int_equal(seen.last.count, 1 + (499 - i) / 60);
		assert_int_equal(seen.last.flow_count, SIGHTING_FLOWS);
		assert_int_equal(seen.last.flows[0], seen.last.last_s);
		for (unsigned n = 1; n < SIGHTING_FLOWS; n++)
			assert_int_equal((seen.last.last_s - seen.last.flows[n]) % 60, 0);
	}
	sighting_store_close(store);
}

static void put_many(struct sighting_store *store, unsigned count, unsigned step, uint64_t at_s)
{
	uint8_t key[SIGHTING_KEY_MAX];
	struct sighting_seen seen = { .first_s = at_s, .last_s = at_s, .count = 1 };
	sighting_store_begin(store);
	for (unsigned i = 0; i < count; i++) {
		uint8_t value[SIGHTING_PLAIN_LEN] = { [10] = 0xff, [11] = 0xff };
		unsigned number = i * step;
		memcpy(value + 12,
			(const uint8_t[]) { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
				(uint8_t)number },
			4);
		seen.host = host_of(i % 3);
		sighting_store_put(store,
			span_of(key, sighting_key(INDICATOR_ADDRESS, span_of(value, sizeof(value)), key)), &seen);
	}
	assert_int_equal(sighting_store_commit(store), SIGHTING_GOOD);
}

static bool count_value(void *context, unsigned kind, struct span value)
{
	(void)kind;
	(void)value;
	((struct seen *)context)->values++;
	return true;
}

static struct seen all_addresses(struct sighting_store *store)
{
	struct seen seen = { 0 };
	struct sighting_place place = { 0 };
	sighting_store_begin(store);
	while (sighting_store_each(store, &place, 997, count_value, take_seen, &seen) == 997) {
	}
	assert_int_equal(sighting_store_commit(store), SIGHTING_GOOD);
	return seen;
}

static void a_merge_stopped_in_the_middle_loses_nothing(void **state)
{
	struct fixture *f = *state;
	enum sighting_fault fault;
	uint64_t removed = 0;
	struct sighting_store *store = open_store(f);
	for (unsigned i = 0; i < 6; i++)
		put_many(store, 15000, i + 1, NOW_S + i);
	struct seen before = all_addresses(store);
	assert_true(before.values > 30000);
	unsigned slices = 0;
	while (sighting_store_merge(store, 0, 0, &removed, &fault)) {
		struct seen now = all_addresses(store);
		assert_int_equal(now.values, before.values);
		assert_int_equal(now.rows, before.rows);
		if (++slices == 2) { // as the next run goes on
			sighting_store_close(store);
			store = open_store(f);
			for (unsigned i = 0; i < 6; i++)
				put_many(store, 15000, i + 1, NOW_S + i);
		}
	}
	assert_int_equal(fault, SIGHTING_GOOD);
	assert_true(slices > 3);
	assert_int_equal(removed, 0);
	assert_int_equal(all_addresses(store).rows, before.rows);
	sighting_store_close(store);
}

static unsigned count_sql(const struct fixture *f, const char *sql)
{
	sqlite3 *database;
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_open(f->database, &database), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
	unsigned count = sqlite3_step(statement) == SQLITE_ROW ? (unsigned)sqlite3_column_int(statement, 0) : 0;
	sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	return count;
}

struct sum {
	uint64_t rows, count, keys;
};

// What a host (bits 0: any) met, as the database's reader finds it. among: rows of all, of which those are counted.
static struct sum sum_of(const struct fixture *f, const struct address *host, unsigned bits, bool among)
{
	sqlite3 *database;
	struct sighting_scan_range range = { .host = *host, .host_bits = among ? 0 : bits };
	struct sighting_seen seen;
	struct span key;
	struct sum sum = { 0 };
	assert_int_equal(sqlite3_open(f->database, &database), SQLITE_OK);
	struct sighting_scan *scan = sighting_scan_new(database);
	assert_non_null(scan);
	assert_int_equal(sighting_scan_seek(scan, &range), SQLITE_OK);
	while (sighting_scan_next(scan, &key, &seen)) {
		if (!address_in(&seen.host, host, bits))
			continue;
		sum.rows++;
		sum.count += seen.count;
		for (uint32_t i = 0; i < key.len; i++)
			sum.keys = sum.keys * 31 + key.data[i];
	}
	assert_int_equal(sighting_scan_code(scan), SQLITE_OK);
	sighting_scan_free(scan);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	return sum;
}

static void check_hosts(const struct fixture *f)
{
	for (unsigned i = 0; i < 60; i += 7) {
		const struct address host = host_of(i * 300);
		for (unsigned bits = 120; bits <= 128; bits += 4) {
			struct sum found = sum_of(f, &host, bits, false), want = sum_of(f, &host, bits, true);
			assert_memory_equal(&found, &want, sizeof(found));
			assert_true(found.rows);
		}
	}
	const struct address nobody = host_of(65000);
	assert_int_equal(sum_of(f, &nobody, 128, false).rows, 0);
}

// 60 hosts, each busy for a while.
static void put_hosts(struct sighting_store *store, unsigned run)
{
	uint8_t key[SIGHTING_KEY_MAX];
	char name[64];
	struct sighting_seen seen = { .first_s = NOW_S, .last_s = NOW_S + run, .count = 1 };
	sighting_store_begin(store);
	for (unsigned i = 0; i < 12000; i++) {
		snprintf(name, sizeof(name), "%06u.example", i * (run % 3 + 1));
		seen.host = host_of(i / 200 * 300);
		sighting_store_put(store, span_of(key, sighting_key(INDICATOR_URL, span_text(name), key)), &seen);
	}
	assert_int_equal(sighting_store_commit(store), SIGHTING_GOOD);
}

static void a_host_is_found_without_reading_what_others_met(void **state)
{
	struct fixture *f = *state;
	enum sighting_fault fault;
	uint64_t removed = 0;
	struct sighting_store *store = open_store(f);
	for (unsigned i = 0; i < 7; i++)
		put_hosts(store, i);
	check_hosts(f);
	assert_int_equal(count_sql(f, "SELECT count(*) FROM block"), count_sql(f, "SELECT count(*) FROM hosts"));
	assert_true(count_sql(f, "SELECT sum(length(bits)) FROM hosts") * 50 <
		    count_sql(f, "SELECT sum(length(data)) FROM block"));
	while (sighting_store_merge(store, 0, 0, &removed, &fault))
		check_hosts(f);
	assert_int_equal(count_sql(f, "SELECT count(*) FROM block"), count_sql(f, "SELECT count(*) FROM hosts"));
	sighting_store_trim(store, NOW_S + 100, 0, &fault);
	assert_int_equal(count_sql(f, "SELECT count(*) FROM hosts"), 0); // they go with their blocks
	sighting_store_close(store);
}

static void a_database_of_the_version_before_is_read_and_goes_on(void **state)
{
	struct fixture *f = *state;
	struct sighting_store *store = open_store(f);
	for (unsigned i = 0; i < 5; i++)
		put_hosts(store, i);
	sighting_store_close(store);
	count_sql(f, "DROP TRIGGER block_gone");
	count_sql(f, "DROP TABLE hosts");
	count_sql(f, "PRAGMA user_version=2");
	check_hosts(f); // as who may only read it
	store = open_store(f);
	assert_int_equal(count_sql(f, "PRAGMA user_version"), SIGHTINGS_VERSION);
	check_hosts(f);
	put_hosts(store, 5);
	assert_true(count_sql(f, "SELECT count(*) FROM hosts") > 0);
	check_hosts(f);
	merge_all(store, 0, 0);
	assert_int_equal(count_sql(f, "SELECT count(*) FROM block"), count_sql(f, "SELECT count(*) FROM hosts"));
	check_hosts(f);
	sighting_store_close(store);
	count_sql(f, "PRAGMA user_version=1");
	enum sighting_fault fault;
	char error[256];
	assert_null(sighting_store_open(f->folder, BUDGET, &fault, error, sizeof(error)));
	assert_int_equal(fault, SIGHTING_DAMAGED);
}

static void what_is_too_old_goes_with_its_values(void **state)
{
	struct fixture *f = *state;
	enum sighting_fault fault;
	char name[32];
	struct sighting_store *store = open_store(f);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "n%02u.example", i);
		put(store, name, i % 3, NOW_S + i);
	}
	assert_int_equal(seen_of(store, NULL).values, 40);
	assert_int_equal(sighting_store_trim(store, NOW_S + 10, 0, &fault), 10);
	assert_int_equal(merge_all(store, NOW_S + 10, 0), 0); // runs of both young and old
	assert_int_equal(merge_all(store, NOW_S + 30, NOW_S + 30),
		20 - (unsigned)sighting_store_trim(store, NOW_S + 30, 0, &fault));
	assert_int_equal(seen_of(store, NULL).values, 10);
	assert_int_equal(seen_of(store, "n29.example").rows, 0);
	assert_int_equal(seen_of(store, "n30.example").rows, 1);
	sighting_store_close(store);
}

static void the_budget_holds_and_the_oldest_go_first(void **state)
{
	struct fixture *f = *state;
	enum sighting_fault fault;
	char error[256], name[256];
	struct stat info;
	struct sighting_store *store = sighting_store_open(f->folder, 1u << 20, &fault, error, sizeof(error));
	assert_non_null(store);
	uint64_t removed = 0;
	for (unsigned i = 0; i < 200; i++) {
		removed += sighting_store_trim(store, 0, 200 * 300, &fault);
		assert_int_equal(fault, SIGHTING_GOOD);
		sighting_store_begin(store);
		for (unsigned n = 0; n < 200; n++) {
			uint8_t key[SIGHTING_KEY_MAX];
			struct sighting_seen seen = { .first_s = NOW_S + i, .last_s = NOW_S + i, .count = 1 };
			snprintf(name, sizeof(name), "%u%0100u.example", i, n);
			uint64_t mixed = (i * 200 + n) * 0x9e3779b97f4a7c15ull; // so that names share little
			snprintf(name + strlen(name), 32, ".%016llx", (unsigned long long)mixed);
			size_t len = sighting_key(INDICATOR_URL, span_text(name), key);
			snprintf((char *)key + 1, 9, "%08u", n);
			sighting_store_put(store, span_of(key, len), &seen);
		}
		assert_int_equal(sighting_store_commit(store), SIGHTING_GOOD);
		merge_all(store, 0, 0);
	}
	assert_true(removed > 1000 && removed < 39000);
	assert_int_equal(stat(f->database, &info), 0);
	assert_true(info.st_size <= 1 << 20);
	assert_int_equal(sighting_store_newest_s(store), NOW_S + 199);
	struct seen left = all_addresses(store);
	assert_int_equal(left.rows + removed, 200 * 200);
	assert_int_equal(left.rows, left.values);
	sighting_store_close(store);
}

static void what_is_no_database_is_damage(void **state)
{
	struct fixture *f = *state;
	enum sighting_fault fault;
	char error[256];
	FILE *file = fopen(f->database, "w");
	for (int i = 0; i < 5000; i++)
		fputs("no database ", file);
	fclose(file);
	assert_null(sighting_store_open(f->folder, BUDGET, &fault, error, sizeof(error)));
	assert_int_equal(fault, SIGHTING_DAMAGED);
}

static void what_a_damaged_run_says_of_itself_is_not_believed(void **state)
{
	struct fixture *f = *state;
	sqlite3 *database;
	struct sighting_store *store = open_store(f);
	for (unsigned i = 0; i < 8; i++)
		put(store, "a.example", i, NOW_S + i);
	assert_int_equal(sqlite3_open(f->database, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, "UPDATE run SET bytes=-id", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(database);
	alarm(60); // it went on for ever
	merge_all(store, 0, 0);
	alarm(0);
	assert_int_equal(seen_of(store, "a.example").rows, 8);
	sighting_store_close(store);
}

// Batch ---------------------------------------------------------------------------------------------------------------------------

static void a_batch_joins_sorts_and_says_when_it_is_full(void **state)
{
	(void)state;
	struct sighting_batch *batch = sighting_batch_new();
	struct {
		struct sighting sighting;
		char value[16];
	} met = { .value = "a.example" };
	met.sighting = name_met("a.example", 1, NOW_S);
	for (unsigned i = 0; i < 10; i++) {
		met.sighting.flow_id = i;
		assert_true(sighting_batch_add(batch, &met.sighting));
	}
	assert_int_equal(sighting_batch_count(batch), 1);
	struct span key, before;
	sighting_batch_sort(batch);
	const struct sighting_seen *seen = sighting_batch_row(batch, 0, &key);
	assert_int_equal(seen->count, 10);
	assert_int_equal(seen->flow_count, SIGHTING_FLOWS);
	assert_int_equal(seen->flows[0], 9);
	assert_int_equal(key.data[0], INDICATOR_DOMAIN);
	assert_memory_equal(key.data + 1, "elpmaxe.a", 9);
	for (unsigned i = 1; i < BATCH_ROWS; i++) {
		met.sighting.key = i;
		met.sighting.len = (uint16_t)snprintf(met.value, sizeof(met.value), "%u.ex", i * 7919 % 100003);
		assert_true(sighting_batch_add(batch, &met.sighting));
	}
	met.sighting.key = BATCH_ROWS;
	assert_false(sighting_batch_add(batch, &met.sighting));
	sighting_batch_sort(batch);
	for (unsigned i = 0; i < BATCH_ROWS; i++, before = key) {
		sighting_batch_row(batch, i, &key);
		assert_true(!i || sighting_key_compare(before, key) < 0);
	}
	sighting_batch_clear(batch);
	assert_true(sighting_batch_add(batch, &met.sighting));
	sighting_batch_free(batch);
}

// CPU time of a full batch. made: keys that somebody found who knows how slots were chosen when they had no seed.
static double fill(bool made)
{
	struct sighting_batch *batch = sighting_batch_new();
	struct sighting met = name_met("a", 1, NOW_S);
	uint64_t inverse = 1;
	for (unsigned i = 0; i < 6; i++)
		inverse *= 2 - 0xd6e8feb86659fd93ull * inverse;
	clock_t begun = clock();
	for (uint64_t i = 0; i < BATCH_ROWS; i++) {
		uint64_t mixed = met.host.halves[1] * 0x9e3779b97f4a7c15ull + met.host.halves[0];
		struct {
			struct sighting sighting;
			char value[8];
		} one = { met, "a" };
		one.sighting.key = made ? i * inverse ^ mixed : i * 0x9e3779b97f4a7c15ull;
		assert_true(sighting_batch_add(batch, &one.sighting));
	}
	sighting_batch_free(batch);
	return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

static void names_made_to_meet_cost_no_more(void **state)
{
	(void)state;
	double usual = fill(false), made = fill(true);
	if (made > 20 * usual + 0.01)
		fail_msg("%.3f s instead of %.3f", made, usual);
}

// The whole -----------------------------------------------------------------------------------------------------------------------

static struct reputation *listed(struct fixture *f, const char *const *names)
{
	struct store_build *build = store_build_new(10);
	char error[256];
	uint32_t feed;
	assert_true(store_build_feed(build, "feed-a", &feed));
	uint64_t digest = 1;
	for (; *names; names++, digest++) {
		const struct indicator indicator = {
			.kind = INDICATOR_DOMAIN, .value = span_text(*names), .confidence = 80
		};
		assert_null(store_build_add(build, feed, &indicator));
	}
	assert_true(store_build_write(build, f->list, digest, NOW_S, error, sizeof(error)));
	store_build_free(build);
	struct reputation *reputation = reputation_load(&f->config.reputation, f->list);
	assert_non_null(reputation);
	return reputation;
}

static bool take_alert(void *context, const struct record *record, uint64_t met_ns)
{
	struct fixture *f = context;
	f->alerts++;
	f->met_ns = met_ns;
	f->domain = record->domain;
	f->inside = record->inside;
	assert_true(record->splice > 0 && record->splice < record->line_len && record->situation == 0);
	snprintf(f->line, sizeof(f->line), "%.*s", (int)record->line_len, record->line);
	return !f->refuse;
}

// One run of the sensor, which sees names ("NAME@HOST"). Gives the number of alerts.
static unsigned run(struct fixture *f, struct reputation *reputation, uint64_t at_s, const char *const *names)
{
	const struct sightings_setup setup = {
		.config = &f->config.sightings, .eve = &f->config.eve, .domains = true, .domain_seed = SEED
	};
	uint64_t counts[SIGHTINGS_COUNTERS_END];
	struct sightings *sightings = sightings_new(&setup);
	struct record *record = calloc(1, sizeof(*record) + RECORD_LINE_MAX);
	assert_non_null(sightings);
	f->alerts = 0;
	if (reputation)
		sightings_look_back(sightings, reputation);
	assert_true(sightings_start(sightings));
	for (; names && *names; names++) {
		char name[64];
		unsigned host;
		assert_int_equal(sscanf(*names, "%63[^@]@%u", name, &host), 2);
		struct sighting sighting = name_met(name, host, at_s);
		memcpy(record->line, &sighting, sizeof(sighting));
		memcpy(record->line + sizeof(sighting), name, sighting.len);
		record->line_len = (uint32_t)sizeof(sighting) + sighting.len;
		sightings_take(sightings, record);
	}
	sightings_finish(sightings);
	sightings_told(sightings, take_alert, f);
	sightings_counts(sightings, counts);
	f->suppressed = counts[SIGHTINGS_COUNT_PAST_SUPPRESSED];
	sightings_free(sightings);
	free(record);
	return f->alerts;
}

static const char *const none[] = { NULL };

static void a_new_indicator_is_found_in_the_past_once(void **state)
{
	struct fixture *f = *state;
	const char *const seen[] = { "www.evil.example@1", "evil.example@1", "good.example@1", "evil.example@2", NULL };
	const char *const first[] = { "other.example", NULL },
			  *const second[] = { "other.example", "evil.example", NULL },
			  *const third[] = { "other.example", "evil.example", "good.example", NULL };
	struct reputation *one = listed(f, first), *two = listed(f, second), *three = listed(f, third);
	assert_int_equal(run(f, one, NOW_S, seen), 0);
	assert_int_equal(run(f, one, NOW_S, none), 0);
	assert_int_equal(run(f, two, NOW_S, none), 2); // a host is one alert, whatever names below it met
	assert_non_null(strstr(f->line, "\"retrospective\":true"));
	assert_non_null(strstr(f->line, "\"indicator\":\"evil.example\""));
	assert_non_null(strstr(f->line, "\"hosts\":2"));
	assert_non_null(strstr(f->line, "\"host\":\""));
	assert_non_null(strstr(f->line, "\"gid\":4001"));
	assert_non_null(strstr(f->line, "\"where\":\"tls sni\""));
	assert_int_equal(run(f, two, NOW_S, none), 0); // nothing is told twice, over runs too
	assert_int_equal(run(f, three, NOW_S, none), 1);
	assert_non_null(strstr(f->line, "\"indicator\":\"good.example\""));
	reputation_free(one);
	reputation_free(two);
	reputation_free(three);
}

static void an_alert_about_the_past_says_whose_domain_it_is_and_when_it_was_met(void **state)
{
	struct fixture *f = *state;
	const char *const seen[] = { "www.evil.example@5", NULL }, *const names[] = { "evil.example", NULL };
	struct reputation *listing = listed(f, names);
	const struct address host = host_of(5);
	run(f, NULL, NOW_S, seen);
	run(f, NULL, NOW_S + 100, seen);
	f->refuse = true;
	assert_int_equal(run(f, listing, NOW_S, none), 1);
	assert_int_equal(f->met_ns, NOW_S * NS_PER_S);
	assert_true(f->domain == site_domains_key(SEED, span_text("evil.example")));
	assert_true(address_equal(&f->inside, &host));
	assert_int_equal(f->suppressed, 1);
	f->refuse = false;
	assert_int_equal(run(f, listing, NOW_S, none), 0); // taken out counts as told
	reputation_free(listing);
}

static void what_was_told_live_is_not_told_again(void **state)
{
	struct fixture *f = *state;
	const char *const seen[] = { "evil.example@1", NULL };
	const char *const first[] = { "evil.example", NULL }, *const second[] = { "evil.example", "more.example",
		NULL };
	struct reputation *one = listed(f, first), *two = listed(f, second);
	assert_int_equal(run(f, one, NOW_S, seen), 0);
	assert_int_equal(run(f, two, NOW_S, none), 0);
	reputation_free(one);
	reputation_free(two);
}

static void hear_told(void *context, uint64_t indicator, const struct address *host, uint64_t at_s)
{
	assert_true(indicator == store_key(INDICATOR_DOMAIN, span_text("evil.example"), 0, 0));
	assert_int_equal(at_s, NOW_S);
	(void)host;
	++*(unsigned *)context;
}

static void the_next_run_knows_who_met_what(void **state)
{
	struct fixture *f = *state;
	const char *const seen[] = { "evil.example@1", "evil.example@2", "good.example@3", NULL };
	const char *const names[] = { "evil.example", NULL };
	struct reputation *one = listed(f, names);
	unsigned count = 0;
	run(f, one, NOW_S, seen);
	const struct sightings_setup setup = { .config = &f->config.sightings, .eve = &f->config.eve };
	struct sightings *sightings = sightings_new(&setup);
	sightings_remember(sightings, DAY_S, 100, hear_told, &count);
	assert_int_equal(count, 2);
	sightings_free(sightings);
	reputation_free(one);
}

static void a_damaged_database_is_moved_aside(void **state)
{
	struct fixture *f = *state;
	const char *const seen[] = { "a.example@1", NULL };
	struct tree_list list;
	struct pack_error error;
	FILE *file = fopen(f->database, "w");
	for (int i = 0; i < 5000; i++)
		fputs("no database ", file);
	fclose(file);
	log_set_level(LOG_ERROR);
	assert_int_equal(run(f, NULL, NOW_S, seen), 0);
	struct sighting_store *store = open_store(f);
	assert_int_equal(seen_of(store, "a.example").rows, 1);
	sighting_store_close(store);
	assert_true(tree_list(f->folder, &list, &error));
	unsigned aside = 0;
	for (size_t i = 0; i < list.count; i++)
		aside += strstr(list.paths[i], ".damaged-") != NULL;
	assert_int_equal(aside, 1);
	tree_list_free(&list);
}

static void a_folder_that_cannot_be_made_leaves_the_sensor_without(void **state)
{
	struct fixture *f = *state;
	free(f->config.sightings.path);
	f->config.sightings.path = strdup("/proc/nowhere/sightings");
	const struct sightings_setup setup = { .config = &f->config.sightings, .eve = &f->config.eve };
	assert_null(sightings_new(&setup));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_of_a_value_and_host_become_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(merging_changes_nothing_of_what_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_merge_stopped_in_the_middle_loses_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_host_is_found_without_reading_what_others_met, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_database_of_the_version_before_is_read_and_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_too_old_goes_with_its_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_budget_holds_and_the_oldest_go_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_database_is_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_damaged_run_says_of_itself_is_not_believed, set_up, tear_down),
		cmocka_unit_test(a_batch_joins_sorts_and_says_when_it_is_full),
		cmocka_unit_test(names_made_to_meet_cost_no_more),
		cmocka_unit_test_setup_teardown(a_new_indicator_is_found_in_the_past_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_alert_about_the_past_says_whose_domain_it_is_and_when_it_was_met, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_told_live_is_not_told_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_run_knows_who_met_what, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_database_is_moved_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_folder_that_cannot_be_made_leaves_the_sensor_without, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
