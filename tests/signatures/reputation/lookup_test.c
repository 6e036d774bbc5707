// SPDX-License-Identifier: GPL-3.0-or-later
// Lookup: what is asked for ahead finds what is found at once. Named list: what is kept does not change.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "signatures/reputation/lookup.h"
#include "signatures/reputation/named_list.h"
#include "signatures/reputation/store_build.h"

static void add(struct store_build *build, const struct indicator *indicator)
{
	const char *wrong = store_build_add(build, 0, indicator);
	if (wrong)
		fail_msg("%s", wrong);
}

// A store of a domain that expires at 2000, an address with port 443, a mail address and the host of a URL.
static struct store *store_of(const char *domain)
{
	char path[64], error[256];
	uint32_t feed;
	struct store_build *build = store_build_new(100);
	assert_true(build && store_build_feed(build, "feed", &feed));
	struct address address = address_v4((const uint8_t[]) { 203, 0, 113, 5 });
	add(build, &(struct indicator) {
			   .kind = INDICATOR_DOMAIN, .confidence = 50, .expiry_s = 2000, .value = span_text(domain) });
	add(build, &(struct indicator) { .kind = INDICATOR_ENDPOINT,
			   .confidence = 50,
			   .port = 443,
			   .value = span_of(address.bytes, 16) });
	add(build, &(struct indicator) {
			   .kind = INDICATOR_EMAIL, .confidence = 50, .value = span_text("bad@mail.example") });
	add(build,
		&(struct indicator) { .kind = INDICATOR_URL, .confidence = 50, .value = span_text("url.example/a/b") });
	snprintf(path, sizeof(path), "/tmp/sekisho-lookup-test-%d", (int)getpid());
	if (!store_build_write(build, path, 1, 1, error, sizeof(error)))
		fail_msg("%s", error);
	store_build_free(build);
	struct store *store = store_open(path, error, sizeof(error));
	assert_non_null(store);
	unlink(path);
	return store;
}

static struct named named_text(enum indicator_kind kind, const char *text)
{
	return (struct named) { .kind = (uint8_t)kind, .value = span_text(text) };
}

// With and without asking ahead, which must come to the same.
static bool find(const struct store *store, struct named *named, uint32_t now_s)
{
	struct store_match match;
	struct lookup_ahead ahead;
	lookup_ahead(store, false, named, &ahead);
	named->ahead = &ahead;
	bool found = lookup_find(store, false, named, now_s, &match);
	named->ahead = NULL;
	assert_int_equal(lookup_find(store, false, named, now_s, &match), found);
	return found;
}

static void test_asked_for_ahead_is_found_all_the_same(void **state)
{
	(void)state;
	struct store *store = store_of("evil.example");
	struct named evil = named_text(INDICATOR_DOMAIN, "www.evil.example");
	struct named good = named_text(INDICATOR_DOMAIN, "www.good.example");
	struct named sender = named_text(INDICATOR_EMAIL, "bad@mail.example");
	struct named below = named_text(INDICATOR_EMAIL, "any@evil.example");
	struct named quoted = named_text(INDICATOR_EMAIL, "\"a@b\"@evil.example");
	struct named none = { .kind = INDICATOR_FILE_SHA256 };
	struct named url = named_text(INDICATOR_URL, "url.example/a/b"); // without its parts
	assert_true(find(store, &evil, 1000) && find(store, &sender, 1000) && find(store, &below, 1000));
	assert_true(find(store, &quoted, 1000));
	assert_false(find(store, &good, 1000) || find(store, &none, 1000) || find(store, &url, 1000));
	assert_false(find(store, &evil, 3000) || find(store, &below, 3000)); // expired
	store_close(store);
}

static void test_who_is_listed_with_a_port_is_found_with_it_alone(void **state)
{
	(void)state;
	struct store *store = store_of("evil.example");
	struct named end = { .kind = INDICATOR_ADDRESS, .port = 80 };
	end.address = address_v4((const uint8_t[]) { 203, 0, 113, 5 });
	end.value = span_of(end.address.bytes, 16);
	assert_false(find(store, &end, 1000));
	end.port = 443;
	assert_true(find(store, &end, 1000));
	end.port = 0;
	assert_false(find(store, &end, 1000));
	store_close(store);
}

static void test_what_is_kept_does_not_change(void **state)
{
	(void)state;
	static struct named_list list;
	struct store *store = store_of("evil.example");
	uint8_t bytes[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	assert_true(canonical_url(span_text("http://url.example/a/b?c=d"), bytes, &url));
	struct named named = { .kind = INDICATOR_URL, .place = NAMED_HTTP_URL, .value = url.whole, .url = &url };
	struct named *kept = named_list_add(&list, &named);
	memset(bytes, 'x', sizeof(bytes));
	memset(&url, 0, sizeof(url));
	assert_true(kept && span_is(kept->value, "url.example/a/b?c=d") && kept->place == NAMED_HTTP_URL);
	assert_true(span_is(kept->url->whole, "url.example/a/b?c=d") && span_is(kept->url->host, "url.example"));
	assert_true(span_is(kept->url->path, "/a/b") && span_is(kept->url->query, "c=d"));
	assert_true(find(store, kept, 1000));
	store_close(store);
}

static void test_a_full_list_says_so(void **state)
{
	(void)state;
	static struct named_list list;
	struct named named = named_text(INDICATOR_DOMAIN, "a.example"), none = { .kind = INDICATOR_USER_AGENT };
	char *large = calloc(1, NAMED_LIST_BYTES + 1);
	assert_non_null(large);
	assert_true(named_list_add(&list, &none) && !list.items[0].value.len);
	struct named whole = { .kind = INDICATOR_USER_AGENT, .value = span_of((uint8_t *)large, NAMED_LIST_BYTES) };
	assert_non_null(named_list_add(&list, &whole));
	assert_null(named_list_add(&list, &named));
	named_list_clear(&list);
	for (unsigned i = 0; i < NAMED_LIST_MAX; i++)
		assert_non_null(named_list_add(&list, &named));
	assert_null(named_list_add(&list, &named));
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_for_ahead_is_found_all_the_same),
		cmocka_unit_test(test_who_is_listed_with_a_port_is_found_with_it_alone),
		cmocka_unit_test(test_what_is_kept_does_not_change),
		cmocka_unit_test(test_a_full_list_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
