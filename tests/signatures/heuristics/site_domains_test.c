// SPDX-License-Identifier: GPL-3.0-or-later
// Site domains: what is new, to whom it is told, what a flood cannot push out, and that all of it survives as bytes.
#include "signatures/heuristics/site_domains.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "decoders/base/clock.h"

#define DAY_S   86400u
#define START_S 1772524800u

static struct site_domains *make(uint64_t learn_s, uint64_t memory_bytes, uint64_t host_limit)
{
	const struct site_domains_config config = {
		.memory_bytes = memory_bytes, .learn_s = learn_s, .age_s = DAY_S, .host_limit = host_limit
	};
	struct site_domains *site = site_domains_new(&config);
	assert_non_null(site);
	return site;
}

static struct address host_of(const char *text)
{
	struct address address;
	assert_true(address_parse(text, &address));
	return address;
}

static void meet(struct site_domains *site, uint64_t key, const char *host, uint64_t at_s)
{
	const struct domain_met met = { .key = key, .ts_ns = at_s * NS_PER_S, .host = host_of(host) };
	site_domains_meet(site, &met);
}

static bool ask(struct site_domains *site, uint64_t key, const char *host, uint64_t at_s, enum told_if told_if,
	unsigned reasons, struct domain_known *known)
{
	const struct domain_asked asked = { .key = key,
		.ts_ns = at_s * NS_PER_S,
		.host = host_of(host),
		.told_if = (uint8_t)told_if,
		.reasons = (uint8_t)reasons };
	struct domain_known space;
	return site_domains_ask(site, &asked, known ? known : &space);
}

static void what_is_met_while_learning_is_never_new(void **state)
{
	struct site_domains *site = make(7 * DAY_S, 64 << 10, 1000);
	struct domain_known known;
	(void)state;
	meet(site, 1, "10.0.0.1", START_S);
	assert_true(ask(site, 1, "10.0.0.1", START_S, TOLD_ALWAYS, 0, &known));
	assert_true(known.learning && !known.is_new && known.first_s == START_S && known.hosts == 1);
	assert_false(ask(site, 1, "10.0.0.1", START_S, TOLD_IF_NEW, 0, NULL));
	meet(site, 2, "10.0.0.1", START_S + 7 * DAY_S - 1);
	assert_false(ask(site, 2, "10.0.0.1", START_S + 7 * DAY_S + 1, TOLD_IF_NEW, 0, NULL));
	meet(site, 3, "10.0.0.1", START_S + 7 * DAY_S);
	assert_true(ask(site, 3, "10.0.0.1", START_S + 7 * DAY_S, TOLD_IF_NEW, 0, &known));
	assert_true(known.is_new && !known.learning);
	assert_true(
		ask(site, 4, "10.0.0.1", START_S + 7 * DAY_S, TOLD_ALWAYS, 0, &known)); // never met: nothing is known
	assert_int_equal(known.first_s, 0);
	assert_false(ask(site, 4, "10.0.0.1", START_S + 7 * DAY_S, TOLD_IF_NEW, 0, &known));
	site_domains_free(site);
}

static void new_is_told_once_and_ends_with_its_age(void **state)
{
	struct site_domains *site = make(0, 64 << 10, 1000);
	struct domain_known known;
	(void)state;
	meet(site, 5, "10.0.0.1", START_S);
	assert_true(ask(site, 5, "10.0.0.1", START_S, TOLD_IF_NEW, 0, NULL));
	assert_false(ask(site, 5, "10.0.0.2", START_S + 1, TOLD_IF_NEW, 0, NULL));
	assert_true(ask(site, 5, "10.0.0.1", START_S + 2, TOLD_IF_NEW_AND_ODD, DOMAIN_RARE_TLD, NULL));
	assert_false(ask(site, 5, "10.0.0.1", START_S + 3, TOLD_IF_NEW_AND_ODD, DOMAIN_RARE_TLD, NULL));
	assert_true(ask(site, 5, "10.0.0.1", START_S + 4, TOLD_IF_NEW_AND_ODD, DOMAIN_RARE_TLD | DOMAIN_PROGRAM, NULL));
	assert_true(ask(site, 5, "10.0.0.1", START_S + DAY_S - 1, TOLD_ALWAYS, 0, &known) && known.is_new);
	assert_true(ask(site, 5, "10.0.0.1", START_S + DAY_S, TOLD_ALWAYS, 0, &known) && !known.is_new);
	assert_false(ask(site, 5, "10.0.0.1", START_S + DAY_S, TOLD_IF_NEW_AND_ODD, DOMAIN_DRAWN, NULL));
	site_domains_free(site);
}

static void who_met_it_is_counted_to_four(void **state)
{
	static const struct {
		const char *host;
		unsigned hosts;
	} steps[] = { { "10.0.0.1", 1 }, { "10.0.0.1", 1 }, { "10.0.0.2", 2 }, { "10.0.0.1", 2 }, { "10.0.0.3", 3 },
		{ "10.0.0.4", 4 }, { "10.0.0.5", 4 } };
	struct site_domains *site = make(0, 64 << 10, 1000);
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct domain_known known;
		meet(site, 9, steps[i].host, START_S + i);
		assert_true(ask(site, 9, steps[i].host, START_S + i, TOLD_ALWAYS, 0, &known));
		assert_int_equal(known.hosts, steps[i].hosts);
	}
	site_domains_free(site);
}

static void a_rare_domain_is_one_hosts_of_many(void **state)
{
	struct site_domains *site = make(0, 64 << 10, 1000);
	char host[32];
	(void)state;
	meet(site, 20, "10.0.0.1", START_S);
	meet(site, 21, "10.0.0.1", START_S);
	meet(site, 21, "10.0.0.2", START_S);
	assert_false(ask(site, 20, "10.0.0.1", START_S + DAY_S, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL)); // two hosts here
	for (unsigned i = 3; i <= SITE_BIG; i++) {
		snprintf(host, sizeof(host), "10.0.0.%u", i);
		meet(site, 100, host, START_S);
	}
	assert_false(ask(site, 20, "10.0.0.1", START_S + 1, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL)); // new: told as that
	assert_false(ask(site, 20, "10.0.0.2", START_S + DAY_S, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL));
	assert_false(ask(site, 21, "10.0.0.1", START_S + DAY_S, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL));
	assert_true(ask(site, 20, "10.0.0.1", START_S + DAY_S, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL));
	assert_false(ask(site, 20, "10.0.0.1", START_S + DAY_S, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL));
	site_domains_free(site);
}

// The same hosts after a restart are no others.
static void hosts_are_not_counted_anew_after_a_restart(void **state)
{
	char host[32];
	(void)state;
	for (unsigned hosts = SITE_BIG - 1; hosts <= SITE_BIG; hosts++) {
		struct site_domains *site = make(0, 64 << 10, 1000);
		for (unsigned start = 0; start < 3; start++) {
			for (unsigned i = 1; i <= hosts; i++) {
				snprintf(host, sizeof(host), "10.0.0.%u", i);
				meet(site, 100, host, START_S);
			}
			meet(site, 20, "10.0.0.1", START_S);
			size_t len;
			const char *reason;
			uint8_t *bytes = site_domains_pack(site, &len);
			assert_non_null(bytes);
			site_domains_free(site);
			site = make(0, 64 << 10, 1000);
			assert_true(site_domains_load(site, bytes, len, &reason));
			free(bytes);
		}
		assert_int_equal(ask(site, 20, "10.0.0.1", START_S + DAY_S, TOLD_IF_RARE, DOMAIN_PROGRAM, NULL),
			hosts == SITE_BIG);
		site_domains_free(site);
	}
}

static void a_resolver_is_not_told_for_those_it_asks_for(void **state)
{
	struct site_domains *site = make(0, 64 << 10, 1000);
	const struct address desk = host_of("10.0.0.1"), resolver = host_of("10.0.0.53"), far = host_of("192.0.2.1");
	struct domain_met asked = {
		.key = 1, .ts_ns = START_S * NS_PER_S, .host = desk, .far = resolver, .by_dns = true, .far_inside = true
	};
	struct domain_met on = { .key = 2, .ts_ns = START_S * NS_PER_S, .host = resolver, .far = far, .by_dns = true };
	struct domain_asked question = {
		.key = 2, .ts_ns = START_S * NS_PER_S, .host = resolver, .told_if = TOLD_IF_NEW, .by_dns = true
	};
	struct domain_known known;
	(void)state;
	site_domains_meet(site, &asked); // now it is known as one
	site_domains_meet(site, &on);
	assert_false(site_domains_ask(site, &question, &known));
	assert_int_equal(known.hosts, 0);
	question.host = desk;
	asked.key = 2;
	site_domains_meet(site, &asked);
	assert_true(site_domains_ask(site, &question, &known));
	assert_int_equal(known.hosts, 1);
	question.key = on.key = 3; // what it visits itself is its own
	question.host = resolver;
	question.by_dns = on.by_dns = false;
	site_domains_meet(site, &on);
	assert_true(site_domains_ask(site, &question, &known));
	site_domains_free(site);
}

static void a_proxy_is_not_told_for_those_it_visits_for(void **state)
{
	struct site_domains *site = make(0, 64 << 10, 1000);
	const struct address desk = host_of("10.0.0.1"), proxy = host_of("10.0.0.80"), far = host_of("192.0.2.1");
	struct domain_met asked = {
		.ts_ns = START_S * NS_PER_S, .host = desk, .far = proxy, .by_proxy = true, .far_inside = true
	};
	struct domain_met on = { .key = 2, .ts_ns = START_S * NS_PER_S, .host = proxy, .far = far };
	struct domain_asked question = { .key = 2, .ts_ns = START_S * NS_PER_S, .host = proxy, .told_if = TOLD_IF_NEW };
	struct domain_known known;
	(void)state;
	site_domains_meet(site, &asked); // now it is known as one
	assert_int_equal(site_domains_count(site), 0);
	site_domains_meet(site, &on);
	assert_false(site_domains_ask(site, &question, &known));
	asked.key = 2;
	question.host = desk;
	site_domains_meet(site, &asked);
	assert_true(site_domains_ask(site, &question, &known));
	assert_int_equal(known.hosts, 1);
	site_domains_free(site);
}

static void a_host_adds_no_more_than_its_limit_a_day(void **state)
{
	struct site_domains *site = make(0, 1 << 20, 50);
	const uint64_t *counters = site_domains_counters(site);
	(void)state;
	for (uint64_t key = 1; key <= 80; key++)
		meet(site, key << 20, "10.0.0.66", START_S + key);
	assert_int_equal(site_domains_count(site), 50);
	assert_int_equal(counters[SITE_COUNT_OVER_LIMIT], 30);
	assert_false(ask(site, 80u << 20, "10.0.0.66", START_S + 81, TOLD_IF_NEW, 0, NULL));
	meet(site, 80u << 20, "10.0.0.2", START_S + 90); // others' limits are their own
	assert_true(ask(site, 80u << 20, "10.0.0.2", START_S + 90, TOLD_IF_NEW, 0, NULL));
	meet(site, 79u << 20, "10.0.0.66", START_S + DAY_S); // and a day's is the day's
	assert_int_equal(site_domains_count(site), 52);
	site_domains_free(site);
}

static void of_one_host_a_hundred_are_told_a_day(void **state)
{
	struct site_domains *site = make(0, 1 << 20, 1000);
	unsigned told = 0;
	(void)state;
	for (uint64_t key = 1; key <= 150; key++) {
		meet(site, key << 20, "10.0.0.66", START_S + key);
		told += ask(site, key << 20, "10.0.0.66", START_S + key, TOLD_IF_NEW, 0, NULL);
	}
	assert_int_equal(told, SITE_TOLD_MAX);
	assert_int_equal(site_domains_counters(site)[SITE_COUNT_UNTOLD], 50);
	site_domains_free(site);
}

// 64 KiB are 341 sets of eight: 20,000 names of a day, after 400 that came back on another day.
static void a_flood_does_not_push_out_what_is_used(void **state)
{
	struct site_domains *site = make(DAY_S, 64 << 10, 1u << 20);
	struct domain_known known;
	unsigned lost = 0;
	(void)state;
	for (unsigned day = 0; day < 2; day++)
		for (uint64_t key = 1; key <= 400; key++)
			meet(site, key << 8, "10.0.0.1", START_S + day * DAY_S + key);
	for (uint64_t key = 1000; key < 21000; key++)
		meet(site, key << 8, "10.0.0.66", START_S + 5 * DAY_S + key);
	for (uint64_t key = 1; key <= 400; key++) {
		assert_true(ask(site, key << 8, "10.0.0.1", START_S + 6 * DAY_S, TOLD_ALWAYS, 0, &known));
		lost += !known.first_s;
	}
	assert_int_equal(lost, 0);
	assert_true(site_domains_counters(site)[SITE_COUNT_FORGOTTEN] > 10000);
	site_domains_free(site);
}

static void the_memory_survives_as_bytes(void **state)
{
	struct site_domains *site = make(DAY_S, 64 << 10, 1000), *next;
	struct domain_known known;
	const char *reason;
	size_t len;
	(void)state;
	for (uint64_t key = 1; key <= 500; key++)
		meet(site, key << 8, "10.0.0.1", START_S + key);
	meet(site, 7, "10.0.0.1", START_S + 2 * DAY_S);
	assert_true(ask(site, 7, "10.0.0.1", START_S + 2 * DAY_S, TOLD_IF_NEW, 0, NULL));
	uint8_t *bytes = site_domains_pack(site, &len);
	assert_non_null(bytes);
	next = make(DAY_S, 32 << 10, 1000); // another size
	assert_true(site_domains_load(next, bytes, len, &reason));
	assert_int_equal(site_domains_seed(next), site_domains_seed(site));
	assert_int_equal(site_domains_count(next), 501);
	assert_true(ask(next, 8 << 8, "10.0.0.1", START_S + 2 * DAY_S, TOLD_ALWAYS, 0, &known));
	assert_true(known.first_s == START_S + 8 && !known.is_new && !known.learning);
	assert_true(ask(next, 7, "10.0.0.1", START_S + 2 * DAY_S + 5, TOLD_ALWAYS, 0, &known) && known.is_new);
	assert_false(ask(next, 7, "10.0.0.1", START_S + 2 * DAY_S + 5, TOLD_IF_NEW, 0, &known)); // told before
	site_domains_free(next);
	free(bytes);
	site_domains_free(site);
}

static void damaged_bytes_are_refused(void **state)
{
	struct site_domains *site = make(0, 64 << 10, 1000), *next = make(0, 64 << 10, 1000);
	const char *reason;
	size_t len;
	(void)state;
	for (uint64_t key = 1; key <= 5; key++)
		meet(site, key << 8, "10.0.0.1", START_S + key);
	uint8_t *bytes = site_domains_pack(site, &len);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *part = malloc(cut ? cut : 1);
		memcpy(part, bytes, cut);
		assert_false(site_domains_load(next, part, cut, &reason));
		free(part);
	}
	for (size_t at = 0; at < len; at++) {
		bytes[at] ^= 0x40;
		assert_false(site_domains_load(next, bytes, len, &reason));
		assert_non_null(reason);
		bytes[at] ^= 0x40;
	}
	assert_int_equal(site_domains_count(next), 0);
	assert_true(site_domains_load(next, bytes, len, &reason));
	free(bytes);
	site_domains_free(next);
	site_domains_free(site);
}

static void names_have_the_key_of_their_registered_domain(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { "www.example.co.uk", "example.co.uk" },
		{ "example.com", "example.com" }, { "a.someone.github.io", "someone.github.io" },
		{ "www.ck", "www.ck" }, { "a.b.kawasaki.jp", "a.b.kawasaki.jp" } };
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_true(site_domains_key_of_name(5, span_text(pairs[i][0])) ==
			    site_domains_key(5, span_text(pairs[i][1])));
	assert_true(site_domains_key(5, span_text("a.example")) != site_domains_key(6, span_text("a.example")));
	for (const char *const *name = (const char *const[]) { "", "com", "co.uk", "b.kawasaki.jp", NULL }; *name;
		name++)
		assert_int_equal(site_domains_key_of_name(5, span_text(*name)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_the_key_of_their_registered_domain),
		cmocka_unit_test(what_is_met_while_learning_is_never_new),
		cmocka_unit_test(new_is_told_once_and_ends_with_its_age),
		cmocka_unit_test(who_met_it_is_counted_to_four),
		cmocka_unit_test(a_rare_domain_is_one_hosts_of_many),
		cmocka_unit_test(hosts_are_not_counted_anew_after_a_restart),
		cmocka_unit_test(a_resolver_is_not_told_for_those_it_asks_for),
		cmocka_unit_test(a_proxy_is_not_told_for_those_it_visits_for),
		cmocka_unit_test(a_host_adds_no_more_than_its_limit_a_day),
		cmocka_unit_test(of_one_host_a_hundred_are_told_a_day),
		cmocka_unit_test(a_flood_does_not_push_out_what_is_used),
		cmocka_unit_test(the_memory_survives_as_bytes),
		cmocka_unit_test(damaged_bytes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
