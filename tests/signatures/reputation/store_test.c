// SPDX-License-Identifier: GPL-3.0-or-later
// Store: what is found and what is not, what feeds say together, what damaged files come to.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store_state.h"

#define NOW 1000u

// One line of a feed. Addresses as text; value for the rest.
struct line {
	const char *value;
	uint8_t kind, flags, bits, confidence;
	uint16_t port;
	unsigned feed;
	uint32_t first_seen_s, expiry_s;
	const char *family, *technique;
};

static const char *add_line(struct store_build *build, const struct line *line)
{
	struct address address;
	struct indicator indicator = {
		.value = span_text(line->value),
		.kind = line->kind,
		.flags = line->flags,
		.bits = line->bits,
		.confidence = line->confidence ? line->confidence : 50,
		.port = line->port,
		.first_seen_s = line->first_seen_s,
		.expiry_s = line->expiry_s,
		.family = span_text(line->family ? line->family : ""),
		.technique = span_text(line->technique ? line->technique : ""),
	};
	if (line->kind <= INDICATOR_ENDPOINT) {
		assert_true(address_parse(line->value, &address));
		indicator.value = span_of(address.bytes, 16);
	}
	return store_build_add(build, line->feed, &indicator);
}

static struct store_build *build_of(const struct line *lines, unsigned count)
{
	static const char *const names[] = { "feed-a", "feed-b", "feed-c" };
	struct store_build *build = store_build_new(1000000);
	assert_non_null(build);
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t feed;
		assert_true(store_build_feed(build, names[i], &feed));
		assert_int_equal(feed, i);
	}
	for (unsigned i = 0; i < count; i++) {
		const char *wrong = add_line(build, &lines[i]);
		if (wrong)
			fail_msg("%s: %s", lines[i].value, wrong);
	}
	return build;
}

static void path_of(char path[64])
{
	snprintf(path, 64, "/tmp/sekisho-store-test-%d", (int)getpid());
}

static struct store *open_built(struct store_build *build)
{
	char path[64], error[256];
	path_of(path);
	if (!store_build_write(build, path, 77, NOW, error, sizeof(error)))
		fail_msg("%s", error);
	store_build_free(build);
	struct store *store = store_open(path, error, sizeof(error));
	if (!store)
		fail_msg("%s", error);
	unlink(path);
	return store;
}

#define STORE_OF(lines) open_built(build_of(lines, sizeof(lines) / sizeof(*(lines))))

static void told(bool found, struct span value, const char *wanted, const char *asked)
{
	if (found != (wanted != NULL))
		fail_msg("%s: %s", asked, found ? "found" : "not found");
	if (found && !span_is(value, wanted))
		fail_msg("%s: found as %.*s", asked, (int)value.len, (const char *)value.data);
}

static struct store_entry domain(const struct store *store, bool allow, const char *name, const char *wanted)
{
	struct store_match match = { 0 };
	bool found = store_match_domain(store, allow, span_text(name), NOW, &match);
	told(found, match.value, wanted, name);
	return match.entry;
}

static struct store_entry url(const struct store *store, bool allow, const char *text, const char *wanted)
{
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url parts;
	struct store_match match = { 0 };
	assert_true(canonical_url(span_text(text), out, &parts));
	bool found = store_match_url(store, allow, &parts, NOW, &match);
	told(found, match.value, wanted, text);
	return match.entry;
}

// The bits of what was found; 0: nothing.
static unsigned address_bits(const struct store *store, bool allow, const char *text, uint16_t port)
{
	struct address address;
	struct store_match match;
	assert_true(address_parse(text, &address));
	if (!store_match_address(store, allow, &address, port, NOW, &match))
		return 0;
	assert_true(address_in(&address, &match.address, match.bits));
	assert_true(match.port == 0 || match.port == port);
	return match.port ? 1000 : match.bits;
}

// Lookups ------------------------------------------------------------------------------------------------------------------------

static void names_stand_for_themselves_and_those_below(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "evil.com", .kind = INDICATOR_DOMAIN },
		{ .value = "exact.net", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_EXACT },
		{ .value = "below.net", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_BELOW },
		{ .value = "sub.below.net", .kind = INDICATOR_DOMAIN },
		{ .value = "both.net", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_EXACT, .feed = 0 },
		{ .value = "both.net", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_BELOW, .feed = 1 },
		{ .value = "agreed.net", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_EXACT, .feed = 0 },
		{ .value = "agreed.net",
			.kind = INDICATOR_DOMAIN,
			.flags = INDICATOR_EXACT | INDICATOR_DROP,
			.feed = 1 },
		{ .value = "good.evil.com", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_ALLOW },
	};
	struct store *store = STORE_OF(lines);
	domain(store, false, "evil.com", "evil.com");
	domain(store, false, "a.b.evil.com", "evil.com");
	domain(store, false, "notevil.com", NULL);
	domain(store, false, "com", NULL);
	domain(store, false, "", NULL);
	domain(store, false, "exact.net", "exact.net");
	domain(store, false, "a.exact.net", NULL);
	domain(store, false, "below.net", NULL);
	domain(store, false, "a.below.net", "below.net");
	domain(store, false, "sub.below.net", "sub.below.net");
	domain(store, false, "x.sub.below.net", "sub.below.net");
	domain(store, false, "both.net", "both.net");
	domain(store, false, "a.both.net", "both.net");
	domain(store, false, "a.agreed.net", NULL);
	assert_int_equal(domain(store, false, "agreed.net", "agreed.net").flags, INDICATOR_EXACT | INDICATOR_DROP);
	// Allowed and listed are two spaces
	domain(store, true, "a.good.evil.com", "good.evil.com");
	domain(store, true, "evil.com", NULL);
	domain(store, false, "good.evil.com", "evil.com");
	domain(store, false, "1.2.3.4.5.6.7.8.9.10.11.12.evil.com", "evil.com");
	store_close(store);
}

static void only_ten_labels_and_the_whole_name_are_tried(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "3.4.5.6.7.8.9.evil.com", .kind = INDICATOR_DOMAIN },
		{ .value = "a.1.2.3.4.5.6.7.8.9.10.com", .kind = INDICATOR_DOMAIN },
	};
	struct store *store = STORE_OF(lines);
	domain(store, false, "1.2.3.4.5.6.7.8.9.evil.com", "3.4.5.6.7.8.9.evil.com");
	domain(store, false, "a.1.2.3.4.5.6.7.8.9.10.com", "a.1.2.3.4.5.6.7.8.9.10.com");
	domain(store, false, "b.a.1.2.3.4.5.6.7.8.9.10.com", NULL);
	store_close(store);
}

#define LENGTHS 100u

// A name of len bytes with labels of any length, the same for each len: the last is its own.
static void make_name(uint32_t len, char *out)
{
	char last[8];
	uint32_t number = len * 2654435761u, end = (uint32_t)snprintf(last, sizeof(last), ".t%02u", len);
	for (uint32_t i = 0; i < len; i++) {
		number = number * 1664525u + 1013904223u;
		bool dot = i && out[i - 1] != '.' && i + 1 < len - end && number >> 30 == 0;
		out[i] = dot ? '.' : (char)('a' + number % 26);
	}
	memcpy(out + len - end, last, end);
	out[len] = 0;
}

// Where the label begins from which on it is listed: each name from another one.
static const char *listed_end(const char *name)
{
	const char *ends[12] = { name };
	unsigned count = 0;
	for (const char *at = name + strlen(name); at > name && count < 9; at--)
		if (at[-1] == '.')
			ends[count++] = at;
	ends[count++] = name;
	return ends[strlen(name) % count];
}

static void names_of_any_length_and_any_labels_are_found(void **state)
{
	(void)state;
	struct store_build *build = build_of(NULL, 0);
	char name[LENGTHS + 1];
	for (uint32_t len = 5; len <= LENGTHS; len++) {
		make_name(len, name);
		assert_null(add_line(build, &(struct line) { .value = listed_end(name), .kind = INDICATOR_DOMAIN }));
	}
	struct store *store = open_built(build);
	for (uint32_t len = 5; len <= LENGTHS; len++) {
		struct store_match match;
		make_name(len, name);
		char *exact = malloc(len); // nothing beside it is read
		assert_non_null(exact);
		memcpy(exact, name, len);
		bool found = store_match_domain(store, false, span_of(exact, len), NOW, &match);
		told(found, match.value, listed_end(name), name);
		exact[len - 1] = 'x';
		assert_false(store_match_domain(store, false, span_of(exact, len), NOW, &match));
		free(exact);
	}
	store_close(store);
}

static void urls_stand_for_what_begins_with_them(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "evil.com/a/b", .kind = INDICATOR_URL },
		{ .value = "evil.com/a/b/c.php?id=1", .kind = INDICATOR_URL },
		{ .value = "evil.com:8080/", .kind = INDICATOR_URL },
		{ .value = "exact.com/a", .kind = INDICATOR_URL, .flags = INDICATOR_EXACT },
		{ .value = "query.com/a?x=1", .kind = INDICATOR_URL, .flags = INDICATOR_EXACT },
		{ .value = "/gate.php", .kind = INDICATOR_URL },
		{ .value = "/$rd/gate?ACTION=", .kind = INDICATOR_URL },
		{ .value = "/cab6?", .kind = INDICATOR_URL },
		{ .value = "/?user_auth=new", .kind = INDICATOR_URL },
		{ .value = "/panel/", .kind = INDICATOR_URL },
		{ .value = "1.2.3.4/x", .kind = INDICATOR_URL },
		{ .value = "[2001:db8::1]/x", .kind = INDICATOR_URL },
		{ .value = "cdn.evil.com/a/b", .kind = INDICATOR_URL, .flags = INDICATOR_ALLOW },
	};
	struct store *store = STORE_OF(lines);
	url(store, false, "http://evil.com/a/b", "evil.com/a/b");
	url(store, false, "http://evil.com/a/b/", "evil.com/a/b");
	url(store, false, "http://evil.com/a/b?q", "evil.com/a/b");
	url(store, false, "http://evil.com/a/b/c/d/e", "evil.com/a/b");
	url(store, false, "http://evil.com/a/bc", NULL);
	url(store, false, "http://evil.com/a", NULL);
	url(store, false, "http://evil.com/", NULL);
	url(store, false, "http://www.evil.com/a/b/x", "evil.com/a/b");
	url(store, false, "http://evil.com/a/b/c.php?id=1&n=2", "evil.com/a/b/c.php?id=1");
	url(store, false, "http://evil.com/a/b/c.php?id=12", "evil.com/a/b");
	url(store, false, "http://evil.com:8080/what/ever", "evil.com:8080/");
	url(store, false, "http://evil.com:8081/what/ever", NULL);
	url(store, false, "http://exact.com/a", "exact.com/a");
	url(store, false, "http://exact.com/a?q=1", "exact.com/a");
	url(store, false, "http://exact.com/a/b", NULL);
	url(store, false, "http://www.exact.com/a", NULL);
	url(store, false, "http://query.com/a?x=1", "query.com/a?x=1");
	url(store, false, "http://query.com/a?x=2", NULL);
	url(store, false, "http://query.com/a", NULL);
	url(store, false, "http://any.where/gate.php?x", "/gate.php");
	url(store, false, "http://any.where/gate.phps", NULL);
	url(store, false, "http://any.where/x/gate.php", NULL);
	url(store, false, "/gate.php", "/gate.php");
	url(store, false, "http://any.where/$rd/gate?ACTION=5&x=1", "/$rd/gate?ACTION=");
	url(store, false, "http://any.where/cab6?zzz", "/cab6?");
	url(store, false, "http://any.where/cab6", NULL);
	url(store, false, "http://any.where/?user_auth=new&x", "/?user_auth=new");
	url(store, false, "http://any.where/?user_auth=newer", NULL);
	url(store, false, "http://any.where/panel/a/b", "/panel/");
	url(store, false, "http://any.where/panel", NULL);
	url(store, false, "http://0x1020304/x/y", "1.2.3.4/x");
	url(store, false, "http://[2001:db8::1]/x", "[2001:db8::1]/x");
	url(store, false, "http://9.1.2.3.4.x/x", NULL);
	url(store, true, "http://cdn.evil.com/a/b", "cdn.evil.com/a/b");
	url(store, true, "http://evil.com/a/b", NULL);
	url(store, true, "http://any.where/gate.php", NULL);
	store_close(store);
}

static void deep_paths_and_long_queries_are_looked_up_from_their_beginning(void **state)
{
	(void)state;
	static const struct line lines[] = { { .value = "evil.com/a/b", .kind = INDICATOR_URL },
		{ .value = "/g?a=", .kind = INDICATOR_URL } };
	struct store *store = STORE_OF(lines);
	char text[2000] = "http://1.2.3.4.5.6.7.8.9.evil.com/a/b";
	size_t len = strlen(text);
	while (len < sizeof(text) - 3)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "/x");
	url(store, false, text, "evil.com/a/b");
	len = (size_t)snprintf(text, sizeof(text), "http://h/g?a=1");
	while (len < sizeof(text) - 5)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "&b=2");
	url(store, false, text, "/g?a=");
	store_close(store);
}

static void the_narrowest_network_is_found(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "10.0.0.0", .kind = INDICATOR_NETWORK, .bits = 96 + 8 },
		{ .value = "10.1.0.0", .kind = INDICATOR_NETWORK, .bits = 96 + 16 },
		{ .value = "10.1.2.0", .kind = INDICATOR_NETWORK, .bits = 96 + 24, .expiry_s = NOW + 1 },
		{ .value = "10.1.2.0", .kind = INDICATOR_NETWORK, .bits = 96 + 25, .expiry_s = NOW },
		{ .value = "10.1.2.128", .kind = INDICATOR_NETWORK, .bits = 96 + 32 },
		{ .value = "10.1.2.3", .kind = INDICATOR_ADDRESS },
		{ .value = "10.1.2.3", .kind = INDICATOR_ENDPOINT, .port = 443 },
		{ .value = "10.1.2.4", .kind = INDICATOR_ENDPOINT, .port = 0 },
		{ .value = "203.0.112.0", .kind = INDICATOR_NETWORK, .bits = 96 + 22 },
		{ .value = "2001:db8::", .kind = INDICATOR_NETWORK, .bits = 32 },
		{ .value = "2001:db8:1::", .kind = INDICATOR_NETWORK, .bits = 48 },
		{ .value = "2400::", .kind = INDICATOR_NETWORK, .bits = 18 },
		{ .value = "fc00::", .kind = INDICATOR_NETWORK, .flags = INDICATOR_ALLOW, .bits = 7 },
		{ .value = "192.168.0.0", .kind = INDICATOR_NETWORK, .flags = INDICATOR_ALLOW, .bits = 96 + 16 },
		{ .value = "10.1.2.3", .kind = INDICATOR_ADDRESS, .flags = INDICATOR_ALLOW },
	};
	struct store *store = STORE_OF(lines);
	assert_int_equal(address_bits(store, false, "10.1.2.3", 0), 128);
	assert_int_equal(address_bits(store, false, "10.1.2.3", 80), 128);
	assert_int_equal(address_bits(store, false, "10.1.2.3", 443), 1000);
	assert_int_equal(address_bits(store, false, "10.1.2.4", 0), 96 + 24);
	assert_int_equal(address_bits(store, false, "10.1.2.128", 0), 128);
	assert_int_equal(address_bits(store, false, "10.1.2.129", 0), 96 + 24);
	assert_int_equal(address_bits(store, false, "10.1.3.1", 0), 96 + 16);
	assert_int_equal(address_bits(store, false, "10.255.255.255", 0), 96 + 8);
	assert_int_equal(address_bits(store, false, "11.0.0.0", 0), 0);
	assert_int_equal(address_bits(store, false, "9.255.255.255", 0), 0);
	assert_int_equal(address_bits(store, false, "203.0.115.255", 0), 96 + 22);
	assert_int_equal(address_bits(store, false, "203.0.116.0", 0), 0);
	assert_int_equal(address_bits(store, false, "2001:db8:1::5", 0), 48);
	assert_int_equal(address_bits(store, false, "2001:db8:2::5", 0), 32);
	assert_int_equal(address_bits(store, false, "2001:db9::", 0), 0);
	assert_int_equal(address_bits(store, false, "2400:3fff::1", 0), 18);
	assert_int_equal(address_bits(store, false, "2400:4000::1", 0), 0);
	assert_int_equal(address_bits(store, true, "10.1.2.3", 443), 128);
	assert_int_equal(address_bits(store, true, "192.168.7.7", 0), 96 + 16);
	assert_int_equal(address_bits(store, false, "192.168.7.7", 0), 0);
	assert_int_equal(address_bits(store, true, "fd00::1", 0), 7);
	assert_int_equal(address_bits(store, true, "fe00::1", 0), 0);
	store_close(store);
}

// What names a value besides, and is believed more, is not hidden by what is nearer; dropping is asked for by any.
static void the_most_confident_is_found_and_the_narrowest_of_equals(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "203.0.113.0", .kind = INDICATOR_NETWORK, .bits = 96 + 24, .confidence = 100 },
		{ .value = "203.0.112.0",
			.kind = INDICATOR_NETWORK,
			.bits = 96 + 22,
			.confidence = 10,
			.flags = INDICATOR_DROP },
		{ .value = "203.0.113.9", .kind = INDICATOR_ADDRESS, .confidence = 1 },
		{ .value = "203.0.113.10", .kind = INDICATOR_ADDRESS, .confidence = 100 },
		{ .value = "203.0.113.11", .kind = INDICATOR_ENDPOINT, .port = 80, .confidence = 1 },
		{ .value = "203.0.113.11", .kind = INDICATOR_ADDRESS, .confidence = 100 },
		{ .value = "evil.com", .kind = INDICATOR_DOMAIN, .confidence = 90, .flags = INDICATOR_DROP },
		{ .value = "www.evil.com", .kind = INDICATOR_DOMAIN, .confidence = 5 },
		{ .value = "sure.evil.com", .kind = INDICATOR_DOMAIN, .confidence = 95 },
		{ .value = "only.evil.com", .kind = INDICATOR_DOMAIN, .confidence = 99, .flags = INDICATOR_EXACT },
		{ .value = "evil.com/a/", .kind = INDICATOR_URL, .confidence = 80 },
		{ .value = "evil.com/a/b", .kind = INDICATOR_URL, .confidence = 20 },
		{ .value = "/a/", .kind = INDICATOR_URL, .confidence = 70, .flags = INDICATOR_DROP },
	};
	static const struct {
		const char *name, *found;
		bool drop;
	} names[] = {
		{ "www.evil.com", "evil.com", true },
		{ "x.www.evil.com", "evil.com", true },
		{ "sure.evil.com", "sure.evil.com", true },
		{ "only.evil.com", "only.evil.com", true },
		{ "x.only.evil.com", "evil.com", true },
	};
	struct store *store = STORE_OF(lines);
	struct store_match match;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(store_match_domain(store, false, span_text(names[i].name), NOW, &match));
		assert_true(span_equal(match.value, span_text(names[i].found)));
		assert_int_equal((match.entry.flags & INDICATOR_DROP) != 0, names[i].drop);
	}
	assert_int_equal(address_bits(store, false, "203.0.113.9", 80), 96 + 24);
	assert_int_equal(address_bits(store, false, "203.0.113.10", 80), 128);
	assert_int_equal(address_bits(store, false, "203.0.113.11", 80), 128);
	assert_int_equal(address_bits(store, false, "203.0.112.1", 80), 96 + 22);
	struct address address;
	assert_true(address_parse("203.0.113.10", &address));
	assert_true(store_match_address(store, false, &address, 80, NOW, &match));
	assert_true(match.entry.flags & INDICATOR_DROP);
	url(store, false, "http://evil.com/a/b/c", "evil.com/a/");
	url(store, false, "http://evil.com/a", NULL);
	url(store, false, "http://good.com/a/b", "/a/");
	store_close(store);
}

static void every_kind_is_found_as_itself_only(void **state)
{
	(void)state;
	static const uint8_t bytes[48] = { 1, 2, 3, 4, 5 };
	static const uint8_t lengths[INDICATOR_KINDS] = { 16, 16, 16, 20, 20, 16, 20, 32, 20, 32, 16, 16, 36, 20, 20 };
	for (unsigned kind = 0; kind < INDICATOR_KINDS; kind++) {
		struct store_build *build = store_build_new(10);
		uint32_t feed;
		assert_true(store_build_feed(build, "f", &feed));
		struct indicator indicator = { .value = span_of(bytes, lengths[kind]),
			.kind = (uint8_t)kind,
			.bits = 128,
			.port = 7,
			.confidence = 9,
			.flags = kind & 1 ? INDICATOR_ALLOW : 0 };
		assert_null(store_build_add(build, feed, &indicator));
		struct store *store = open_built(build);
		struct store_entry entry;
		struct store_facts facts;
		for (unsigned other = 0; other < INDICATOR_KINDS; other++) {
			struct indicator asked = indicator;
			asked.kind = (uint8_t)other;
			assert_int_equal(store_find(store, &asked, NOW, &entry), other == kind);
		}
		indicator.flags ^= INDICATOR_ALLOW;
		assert_false(store_find(store, &indicator, NOW, &entry));
		indicator.flags ^= INDICATOR_ALLOW;
		indicator.bits = 127;
		assert_int_equal(store_find(store, &indicator, NOW, &entry), kind != INDICATOR_NETWORK);
		indicator.bits = 128;
		indicator.port = 8;
		assert_int_equal(store_find(store, &indicator, NOW, &entry), kind != INDICATOR_ENDPOINT);
		indicator.port = 7;
		assert_true(store_find(store, &indicator, NOW, &entry));
		assert_int_equal(entry.kind, kind);
		assert_int_equal(entry.flags, indicator.flags);
		assert_true(
			entry.key == store_key((enum indicator_kind)kind, indicator.value,
					     kind == INDICATOR_NETWORK ? 128 : 0, kind == INDICATOR_ENDPOINT ? 7 : 0));
		store_facts(store, &facts);
		assert_int_equal(facts.entries, 1);
		assert_int_equal(facts.allowed, kind & 1);
		assert_int_equal(facts.by_kind[kind], !(kind & 1));
		assert_int_equal(facts.feeds, 1);
		assert_int_equal(facts.built_s, NOW);
		assert_int_equal(facts.digest, 77);
		store_close(store);
	}
	static const struct line lines[] = { { .value = "curl/7.1", .kind = INDICATOR_USER_AGENT } };
	struct store *store = STORE_OF(lines);
	struct store_match match;
	assert_true(store_match_value(store, false, INDICATOR_USER_AGENT, span_text("curl/7.1"), NOW, &match));
	assert_true(span_is(match.value, "curl/7.1"));
	assert_false(store_match_value(store, true, INDICATOR_USER_AGENT, span_text("curl/7.1"), NOW, &match));
	assert_false(store_match_value(store, false, INDICATOR_EMAIL, span_text("curl/7.1"), NOW, &match));
	assert_false(store_match_value(store, false, INDICATOR_USER_AGENT, span_text("curl/7.2"), NOW, &match));
	store_close(store);
}

// Merging ------------------------------------------------------------------------------------------------------------------------

// Of several feeds the date of the one that has listed it longest, and whether that is only an upper bound.
static void the_earliest_date_counts(void **state)
{
	(void)state;
	static const struct {
		uint32_t first_s[2], since_s;
		bool bound[2], earlier;
	} cases[] = {
		{ { 300, 500 }, 300, { false, true }, false },
		{ { 300, 500 }, 300, { true, false }, true },
		{ { 500, 300 }, 300, { false, true }, true },
		{ { 300, 300 }, 300, { true, false }, false },
		{ { 300, 300 }, 300, { false, true }, false },
		{ { 300, 300 }, 300, { true, true }, true },
		{ { 0, 300 }, 300, { false, true }, true },
		{ { 300, 0 }, 300, { true, false }, true },
		{ { 0, 0 }, 0, { false, false }, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct line lines[2];
		for (unsigned feed = 0; feed < 2; feed++)
			lines[feed] = (struct line) { .value = "evil.com",
				.kind = INDICATOR_DOMAIN,
				.flags = cases[i].bound[feed] ? INDICATOR_EARLIER : 0,
				.feed = feed,
				.first_seen_s = cases[i].first_s[feed] };
		struct store *store = STORE_OF(lines);
		struct store_entry entry = domain(store, false, "evil.com", "evil.com");
		assert_int_equal(entry.first_seen_s, cases[i].since_s);
		assert_int_equal(entry.flags, cases[i].earlier ? INDICATOR_EARLIER : 0);
		store_close(store);
	}
}

static void feeds_add_up(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "evil.com",
			.kind = INDICATOR_DOMAIN,
			.confidence = 50,
			.feed = 0,
			.first_seen_s = 500,
			.expiry_s = 2000,
			.technique = "T1071" },
		{ .value = "evil.com",
			.kind = INDICATOR_DOMAIN,
			.flags = INDICATOR_DROP,
			.confidence = 80,
			.feed = 2,
			.first_seen_s = 300,
			.expiry_s = 3000 },
		{ .value = "evil.com",
			.kind = INDICATOR_DOMAIN,
			.confidence = 60,
			.feed = 1,
			.family = "emotet",
			.expiry_s = 1500 },
		// A feed's own repetitions do not add up
		{ .value = "evil.com", .kind = INDICATOR_DOMAIN, .confidence = 70, .feed = 1, .expiry_s = 1600 },
		{ .value = "evil.com",
			.kind = INDICATOR_DOMAIN,
			.confidence = 10,
			.feed = 1,
			.expiry_s = 1700,
			.family = "later" },
		{ .value = "sure.com", .kind = INDICATOR_DOMAIN, .confidence = 99, .feed = 0 },
		{ .value = "sure.com", .kind = INDICATOR_DOMAIN, .confidence = 99, .feed = 1, .expiry_s = 5000 },
		{ .value = "certain.com", .kind = INDICATOR_DOMAIN, .confidence = 100, .feed = 0 },
		{ .value = "certain.com", .kind = INDICATOR_DOMAIN, .confidence = 1, .feed = 1 },
		{ .value = "10.0.0.0", .kind = INDICATOR_NETWORK, .bits = 104, .confidence = 50, .feed = 0 },
		{ .value = "10.0.0.0",
			.kind = INDICATOR_NETWORK,
			.bits = 104,
			.confidence = 50,
			.feed = 1,
			.family = "net" },
	};
	struct store *store = STORE_OF(lines);
	struct store_entry entry = domain(store, false, "evil.com", "evil.com");
	assert_int_equal(entry.confidence, 97); // 1 - 0.5 * 0.2 * 0.3
	assert_int_equal(entry.source_count, 3);
	assert_int_equal(entry.first_seen_s, 300);
	assert_int_equal(entry.expiry_s, 3000);
	assert_int_equal(entry.flags, INDICATOR_DROP);
	assert_true(span_is(entry.family, "emotet"));
	assert_true(span_is(entry.technique, "T1071"));
	static const struct {
		const char *feed, *family;
		uint8_t confidence;
	} sources[] = { { "feed-c", "", 80 }, { "feed-b", "emotet", 70 }, { "feed-a", "", 50 } };
	struct store_source source;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(store_source(store, &entry, i, &source));
		assert_true(span_is(source.feed, sources[i].feed));
		assert_true(span_is(source.family, sources[i].family));
		assert_int_equal(source.confidence, sources[i].confidence);
	}
	assert_false(store_source(store, &entry, 3, &source));
	entry.set = 99999;
	assert_false(store_source(store, &entry, 0, &source));
	entry = domain(store, false, "sure.com", "sure.com");
	assert_int_equal(entry.confidence, 99);
	assert_int_equal(entry.expiry_s, 0);
	assert_int_equal(entry.first_seen_s, 0);
	assert_int_equal(domain(store, false, "certain.com", "certain.com").confidence, 100);
	struct address address;
	struct store_match match;
	assert_true(address_parse("10.9.9.9", &address));
	assert_true(store_match_address(store, false, &address, 0, NOW, &match));
	assert_int_equal(match.entry.confidence, 75);
	assert_true(span_is(match.entry.family, "net"));
	struct store_facts facts;
	store_facts(store, &facts);
	assert_int_equal(facts.entries, 4);
	store_close(store);
}

static void what_expired_is_not_found(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "evil.com", .kind = INDICATOR_DOMAIN, .expiry_s = NOW + 10 },
		{ .value = "below.evil.com", .kind = INDICATOR_DOMAIN, .expiry_s = NOW + 5 },
		{ .value = "gone.com", .kind = INDICATOR_DOMAIN, .expiry_s = NOW },
	};
	struct store *store = STORE_OF(lines);
	struct store_match match;
	struct store_facts facts;
	struct span name = span_text("x.below.evil.com");
	assert_true(store_match_domain(store, false, name, NOW + 4, &match));
	assert_true(span_is(match.value, "below.evil.com"));
	assert_true(store_match_domain(store, false, name, NOW + 5, &match));
	assert_true(span_is(match.value, "evil.com"));
	assert_false(store_match_domain(store, false, name, NOW + 10, &match));
	store_facts(store, &facts);
	assert_int_equal(facts.entries, 2);
	store_close(store);
}

static void more_feeds_than_are_kept_still_add_up(void **state)
{
	(void)state;
	struct store_build *build = store_build_new(1000);
	struct indicator indicator = { .value = span_text("evil.com"), .kind = INDICATOR_DOMAIN };
	for (unsigned i = 0; i < 300; i++) {
		char name[16];
		uint32_t feed;
		snprintf(name, sizeof(name), "f%u", i);
		assert_true(store_build_feed(build, name, &feed));
		indicator.confidence = (uint8_t)(1 + i % 50);
		assert_null(store_build_add(build, feed, &indicator));
	}
	struct store *store = open_built(build);
	struct store_entry entry = domain(store, false, "evil.com", "evil.com");
	struct store_source source;
	assert_int_equal(entry.source_count, 255);
	assert_int_equal(entry.confidence, 99);
	uint8_t before = 100;
	for (unsigned i = 0; i < 255; i++) {
		assert_true(store_source(store, &entry, i, &source));
		assert_true(source.confidence <= before);
		before = source.confidence;
	}
	assert_int_equal(before, 8); // six of each confidence from 50 down: 252 of them reach to 9
	store_close(store);
}

static void what_has_no_form_is_refused(void **state)
{
	(void)state;
	static const struct line lines[] = {
		{ .value = "", .kind = INDICATOR_DOMAIN },
		{ .value = "x", .kind = INDICATOR_KINDS },
		{ .value = "x", .kind = INDICATOR_FILE_MD5 },
		{ .value = "x", .kind = INDICATOR_DOMAIN, .confidence = 101 },
		{ .value = "x", .kind = INDICATOR_DOMAIN, .feed = 3 },
		{ .value = "x", .kind = INDICATOR_DOMAIN, .flags = INDICATOR_EXACT | INDICATOR_BELOW },
		{ .value = "/", .kind = INDICATOR_URL },
		{ .value = "0.0.0.0", .kind = INDICATOR_NETWORK, .bits = 96 },
		{ .value = "10.0.0.0", .kind = INDICATOR_NETWORK, .bits = 103 },
		{ .value = "10.0.0.0", .kind = INDICATOR_NETWORK, .bits = 129 },
		{ .value = "10.0.0.1", .kind = INDICATOR_NETWORK, .bits = 104 },
		{ .value = "::", .kind = INDICATOR_NETWORK, .bits = 0 },
		{ .value = "::", .kind = INDICATOR_NETWORK, .flags = INDICATOR_ALLOW, .bits = 0 },
		{ .value = "::", .kind = INDICATOR_NETWORK, .flags = INDICATOR_ALLOW, .bits = 80 },
		{ .value = "2000::", .kind = INDICATOR_NETWORK, .bits = 15 },
		{ .value = "224.0.0.0", .kind = INDICATOR_NETWORK, .flags = INDICATOR_ALLOW, .bits = 99 },
	};
	struct store_build *build = build_of(NULL, 0);
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const char *wrong = add_line(build, &lines[i]);
		if (!wrong || !wrong[0])
			fail_msg("%s taken", lines[i].value);
	}
	char *long_text = malloc(INDICATOR_VALUE_MAX + 2);
	memset(long_text, 'a', INDICATOR_VALUE_MAX + 1);
	long_text[INDICATOR_VALUE_MAX + 1] = 0;
	assert_non_null(add_line(build, &(struct line) { .value = long_text, .kind = INDICATOR_DOMAIN }));
	assert_null(add_line(build, &(struct line) { .value = long_text + 1, .kind = INDICATOR_DOMAIN }));
	assert_non_null(
		add_line(build, &(struct line) { .value = "a.b", .kind = INDICATOR_DOMAIN, .family = long_text }));
	free(long_text);
	store_close(open_built(build));
	build = store_build_new(2);
	uint32_t feed;
	assert_true(store_build_feed(build, "f", &feed));
	assert_null(add_line(build, &(struct line) { .value = "a.b", .kind = INDICATOR_DOMAIN }));
	assert_null(add_line(build, &(struct line) { .value = "10.0.0.0", .kind = INDICATOR_NETWORK, .bits = 104 }));
	assert_non_null(add_line(build, &(struct line) { .value = "b.c", .kind = INDICATOR_DOMAIN }));
	char error[256] = "";
	assert_false(store_build_write(build, "/nowhere/at/all", 0, NOW, error, sizeof(error)));
	assert_non_null(strstr(error, "/nowhere/at/all: "));
	store_build_free(build);
	assert_null(store_open("/nowhere/at/all", error, sizeof(error)));
	assert_null(store_open("/tmp", error, sizeof(error)));
	assert_null(store_open("/dev/null", error, sizeof(error)));
}

static void an_empty_store_finds_nothing(void **state)
{
	(void)state;
	struct store *store = open_built(store_build_new(0));
	struct store_facts facts;
	store_facts(store, &facts);
	assert_int_equal(facts.entries, 0);
	for (unsigned allow = 0; allow < 2; allow++) {
		domain(store, allow, "evil.com", NULL);
		url(store, allow, "evil.com/x", NULL);
		assert_int_equal(address_bits(store, allow, "10.1.2.3", 443), 0);
	}
	store_close(store);
}

static void many_are_all_found_and_others_are_not(void **state)
{
	(void)state;
	enum { MANY = 30000 };
	struct store_build *build = build_of(NULL, 0);
	char name[32];
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		assert_null(add_line(build, &(struct line) { name, INDICATOR_DOMAIN, INDICATOR_EXACT, .feed = i % 3 }));
	}
	struct store *store = open_built(build);
	unsigned passed = 0;
	for (unsigned i = 0; i < 2 * MANY; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		domain(store, false, name, i < MANY ? name : NULL);
		uint64_t key = store_key(INDICATOR_DOMAIN, span_text(name), 0, 0);
		passed += i >= MANY && store_block_has(store_filter_block(store, key), key);
	}
	assert_in_range(passed, 0, MANY / 100); // the filter's false positives
	struct store_facts facts;
	store_facts(store, &facts);
	assert_int_equal(facts.entries, MANY);
	assert_true(facts.bytes < 24 * MANY);
	store_close(store);
}

// Damage -------------------------------------------------------------------------------------------------------------------------

static const struct line small[] = {
	{ .value = "evil.com", .kind = INDICATOR_DOMAIN, .family = "emotet", .technique = "T1071", .expiry_s = 5000 },
	{ .value = "evil.com", .kind = INDICATOR_DOMAIN, .feed = 1, .family = "other" },
	{ .value = "evil.com/a", .kind = INDICATOR_URL, .feed = 1 },
	{ .value = "/gate.php", .kind = INDICATOR_URL },
	{ .value = "1.2.3.4", .kind = INDICATOR_ADDRESS },
};
static const struct line networks[] = {
	{ .value = "10.0.0.0", .kind = INDICATOR_NETWORK, .bits = 104 },
	{ .value = "10.1.0.0", .kind = INDICATOR_NETWORK, .bits = 112 },
	{ .value = "10.2.0.0", .kind = INDICATOR_NETWORK, .flags = INDICATOR_ALLOW, .bits = 112, .family = "own" },
};

// The bytes of a store's file, on the heap, so that a read past their end is seen.
static uint8_t *bytes_of(struct store_build *build, size_t *len)
{
	struct store *store = open_built(build);
	*len = store->bytes;
	uint8_t *bytes = malloc(*len);
	assert_non_null(bytes);
	memcpy(bytes, store->base, *len);
	store_close(store);
	return bytes;
}

static void look_everywhere(const struct store *store)
{
	struct store_match match;
	struct store_entry entry;
	struct store_source source;
	struct address address;
	uint8_t out[INDICATOR_VALUE_MAX];
	struct canonical_url parts;
	for (unsigned allow = 0; allow < 2; allow++) {
		store_match_domain(store, allow, span_text("www.evil.com"), NOW, &match);
		canonical_url(span_text("evil.com/a/b"), out, &parts);
		store_match_url(store, allow, &parts, NOW, &match);
		canonical_url(span_text("x.y/gate.php"), out, &parts);
		store_match_url(store, allow, &parts, NOW, &match);
		for (unsigned i = 0; i < 3; i++) {
			static const char *const asked[] = { "1.2.3.4", "10.1.2.3", "10.2.2.3" };
			address_parse(asked[i], &address);
			store_match_address(store, allow, &address, 80, NOW, &match);
		}
	}
	for (uint64_t i = 0; i < store->header->entry_count; i++) {
		const struct store_file_entry *at = store_entry_at(store, store->keys[i]);
		if (!at || !store_tell(store, INDICATOR_DOMAIN, store->keys[i], at, NOW, &entry))
			continue;
		for (unsigned n = 0; store_source(store, &entry, n, &source); n++)
			assert_true(source.feed.len < 1000000 && source.family.len < 1000000);
	}
}

// With the checksums made right again, as whoever means harm would.
static bool try_bytes(uint8_t *bytes, size_t len, bool forge)
{
	char error[128] = "";
	struct store_header *header = (struct store_header *)(void *)bytes;
	struct store_header before;
	memcpy(&before, header, sizeof(before));
	if (forge) {
		header->body_hash = XXH3_64bits(bytes + sizeof(*header), len - sizeof(*header));
		header->header_hash = XXH3_64bits(header, offsetof(struct store_header, header_hash));
	}
	struct store *store = store_over(bytes, len, error, sizeof(error));
	memcpy(header, &before, sizeof(before));
	if (!store) {
		assert_true(error[0] != 0);
		return false;
	}
	if (forge)
		look_everywhere(store);
	store_close(store);
	return true;
}

static void a_file_cut_short_is_refused(void **state)
{
	(void)state;
	size_t len;
	uint8_t *bytes = bytes_of(build_of(small, sizeof(small) / sizeof(*small)), &len);
	assert_true(try_bytes(bytes, len, false));
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *part = malloc(cut ? cut : 1);
		memcpy(part, bytes, cut);
		char error[128] = "";
		assert_null(store_over(part, cut, error, sizeof(error)));
		assert_true(error[0] != 0);
		if (cut >= sizeof(struct store_header))
			assert_false(try_bytes(part, cut, true));
		free(part);
	}
	free(bytes);
}

static void flip(uint8_t *bytes, size_t len, size_t step)
{
	static const uint8_t flips[] = { 0x01, 0x10, 0x80, 0xff };
	for (size_t at = 0; at < len; at += at < 1024 || at + 1024 > len ? 1 : step)
		for (unsigned i = 0; i < sizeof(flips); i++) {
			bytes[at] ^= flips[i];
			if (try_bytes(bytes, len, false))
				fail_msg("byte %zu ^ %02x is not seen", at, flips[i]);
			try_bytes(bytes, len, true);
			bytes[at] ^= flips[i];
		}
}

static void a_flipped_bit_is_seen_and_a_forged_file_leads_nowhere(void **state)
{
	(void)state;
	size_t len;
	uint8_t *bytes = bytes_of(build_of(small, sizeof(small) / sizeof(*small)), &len);
	flip(bytes, len, 1);
	free(bytes);
	bytes = bytes_of(build_of(networks, sizeof(networks) / sizeof(*networks)), &len);
	flip(bytes, len, 9973);
	free(bytes);
}

static void what_becomes_of_the_file_does_not_matter_once_it_is_open(void **state)
{
	(void)state;
	enum { MANY = 150000 }; // more than a large page
	struct store_build *build = build_of(NULL, 0);
	char name[32], path[64], error[256];
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		assert_null(add_line(build, &(struct line) { .value = name, .kind = INDICATOR_DOMAIN }));
	}
	path_of(path);
	assert_true(store_build_write(build, path, 77, NOW, error, sizeof(error)));
	store_build_free(build);
	struct store *store = store_open(path, error, sizeof(error));
	assert_non_null(store);
	struct store_facts facts, peeked;
	store_facts(store, &facts);
	assert_true(store_peek(path, &peeked, error, sizeof(error)));
	assert_memory_equal(&facts, &peeked, sizeof(facts));
	assert_int_equal(truncate(path, (off_t)facts.bytes - 1), 0);
	assert_false(store_peek(path, &peeked, error, sizeof(error)));
	assert_null(store_open(path, error, sizeof(error)));
	assert_non_null(strstr(error, "cut short"));
	assert_int_equal(truncate(path, 0), 0); // a mapping of it would end the process now
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		domain(store, false, name, name);
	}
	store_close(store);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_stand_for_themselves_and_those_below),
		cmocka_unit_test(only_ten_labels_and_the_whole_name_are_tried),
		cmocka_unit_test(names_of_any_length_and_any_labels_are_found),
		cmocka_unit_test(urls_stand_for_what_begins_with_them),
		cmocka_unit_test(deep_paths_and_long_queries_are_looked_up_from_their_beginning),
		cmocka_unit_test(the_narrowest_network_is_found),
		cmocka_unit_test(the_most_confident_is_found_and_the_narrowest_of_equals),
		cmocka_unit_test(every_kind_is_found_as_itself_only),
		cmocka_unit_test(the_earliest_date_counts),
		cmocka_unit_test(feeds_add_up),
		cmocka_unit_test(what_expired_is_not_found),
		cmocka_unit_test(more_feeds_than_are_kept_still_add_up),
		cmocka_unit_test(what_has_no_form_is_refused),
		cmocka_unit_test(an_empty_store_finds_nothing),
		cmocka_unit_test(many_are_all_found_and_others_are_not),
		cmocka_unit_test(a_file_cut_short_is_refused),
		cmocka_unit_test(what_becomes_of_the_file_does_not_matter_once_it_is_open),
		cmocka_unit_test(a_flipped_bit_is_seen_and_a_forged_file_leads_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
