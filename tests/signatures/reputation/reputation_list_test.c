// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation lists: what a line may say, what is refused, what a lookup finds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "signatures/reputation/reputation_list.h"

static struct reputation_list *list_of(const char *const *lines)
{
	struct reputation_list *list = reputation_list_new();
	for (; *lines; lines++)
		assert_null(reputation_list_add(list, span_text(*lines), 0));
	assert_true(reputation_list_finish(list));
	return list;
}

static bool finds(const struct reputation_list *list, const struct reputation_indicator *found, const char *text)
{
	if (!text || !found)
		return !text && !found;
	return span_is(reputation_list_text(list, found), text);
}

static bool address_finds(const struct reputation_list *list, const char *address, const char *text)
{
	struct address parsed;
	assert_true(address_parse(address, &parsed));
	return finds(list, reputation_list_find_address(list, &parsed), text);
}

static bool domain_finds(const struct reputation_list *list, const char *name, const char *text)
{
	return finds(list, reputation_list_find_domain(list, span_text(name)), text);
}

static void what_says_nothing_or_too_much_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "0.0.0.0/0", "10.0.0.0/7", "::/0", "::/64", "::ffff:0:0/96", "2001::/15",
		"com", "com.", "1.2.3.4/33", "2001:db8::/129", "1.2.3.4/", "1.2.3.4/8x", "1.2.3.4/-1", "1.2.3",
		"1.2.3.999", "a..b", ".example.com", "*.example.com", "exa mple.com", "example.com,source",
		"b\xc3\xbc"
		"cher.example",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", NULL };
	struct reputation_list *list = reputation_list_new();
	for (const char *const *line = bad; *line; line++)
		if (!reputation_list_add(list, span_text(*line), 0))
			fail_msg("taken: %s", *line);
	assert_null(reputation_list_add(list, span_text(""), 0));
	assert_null(reputation_list_add(list, span_text("  # a comment"), 0));
	assert_int_equal(reputation_list_count(list), 0);
	char longest[REPUTATION_DOMAIN_MAX + 2];
	for (unsigned i = 0; i < sizeof(longest) - 1; i++)
		longest[i] = i % 10 == 9 ? '.' : 'a';
	longest[REPUTATION_DOMAIN_MAX] = 'b';
	longest[REPUTATION_DOMAIN_MAX + 1] = 0;
	assert_non_null(reputation_list_add(list, span_text(longest), 0));
	longest[REPUTATION_DOMAIN_MAX] = 0;
	assert_null(reputation_list_add(list, span_text(longest), 0));
	assert_true(reputation_list_finish(list));
	assert_true(domain_finds(list, longest, longest));
	reputation_list_free(list);
}

static void addresses_are_found_before_the_narrowest_network(void **state)
{
	(void)state;
	static const char *const lines[] = { "203.0.113.5", "203.0.113.0/24", "203.0.0.0/16", "203.0.113.128/25",
		"198.51.100.9/32", "2001:DB8::/32 # ours", "2001:db8:1::7\r\n", "203.0.113.77/24", NULL };
	struct reputation_list *list = list_of(lines);
	assert_true(address_finds(list, "203.0.113.5", "203.0.113.5"));
	assert_true(address_finds(list, "203.0.113.6", "203.0.113.0/24"));
	assert_true(address_finds(list, "203.0.113.127", "203.0.113.0/24"));
	assert_true(address_finds(list, "203.0.113.128", "203.0.113.128/25"));
	assert_true(address_finds(list, "203.0.114.1", "203.0.0.0/16"));
	assert_true(address_finds(list, "203.0.255.255", "203.0.0.0/16"));
	assert_true(address_finds(list, "203.1.0.0", NULL));
	assert_true(address_finds(list, "202.255.255.255", NULL));
	assert_true(address_finds(list, "198.51.100.9", "198.51.100.9/32"));
	assert_true(address_finds(list, "198.51.100.8", NULL));
	assert_true(address_finds(list, "2001:db8:1::7", "2001:db8:1::7"));
	assert_true(address_finds(list, "2001:db8:ffff::", "2001:db8::/32"));
	assert_true(address_finds(list, "2001:db9::", NULL));
	reputation_list_free(list);
}

static void networks_agree_with_a_plain_search(void **state)
{
	(void)state;
	srand(7);
	struct reputation_list *list = reputation_list_new();
	struct address nets[300];
	unsigned bits[300];
	for (unsigned i = 0; i < 300; i++) {
		uint8_t bytes[4] = { 60, (uint8_t)(rand() % 4), (uint8_t)(rand() % 4), (uint8_t)rand() };
		unsigned len = 9 + (unsigned)rand() % 23;
		nets[i] = address_v4(bytes);
		bits[i] = 96 + len;
		char line[64];
		snprintf(line, sizeof(line), "%u.%u.%u.%u/%u", bytes[0], bytes[1], bytes[2], bytes[3], len);
		assert_null(reputation_list_add(list, span_text(line), 0));
	}
	assert_true(reputation_list_finish(list));
	for (unsigned n = 0; n < 5000; n++) {
		uint8_t bytes[4] = { 60, (uint8_t)(rand() % 6), (uint8_t)(rand() % 4), (uint8_t)rand() };
		struct address address = address_v4(bytes);
		unsigned longest = 0;
		for (unsigned i = 0; i < 300; i++)
			if (address_in(&address, &nets[i], bits[i]) && bits[i] > longest)
				longest = bits[i];
		const struct reputation_indicator *found = reputation_list_find_address(list, &address);
		assert_int_equal(found ? found->bits : 0, longest);
	}
	reputation_list_free(list);
}

static void domains_stand_for_all_below_them(void **state)
{
	(void)state;
	static const char *const lines[] = { "Bad.Example", "deep.bad.example.", "other.test", "a.b.c.d.test", NULL };
	struct reputation_list *list = list_of(lines);
	assert_true(domain_finds(list, "bad.example", "bad.example"));
	assert_true(domain_finds(list, "WWW.BAD.EXAMPLE.", "bad.example"));
	assert_true(domain_finds(list, "x.deep.bad.example", "deep.bad.example"));
	assert_true(domain_finds(list, "notbad.example", NULL));
	assert_true(domain_finds(list, "bad.example.com", NULL));
	assert_true(domain_finds(list, "example", NULL));
	assert_true(domain_finds(list, "", NULL));
	assert_true(domain_finds(list, ".", NULL));
	assert_true(domain_finds(list, "..", NULL));
	assert_true(domain_finds(list, "b.c.d.test", NULL));
	assert_true(domain_finds(list, "z.a.b.c.d.test", "a.b.c.d.test"));
	char name[1200]; // longer than a domain can be, and made of nothing but labels
	for (unsigned i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '.' : 'x';
	memcpy(name + sizeof(name) - 12, ".other.test", 12);
	assert_true(domain_finds(list, name, "other.test"));
	assert_true(domain_finds(list, name + 1, "other.test"));
	reputation_list_free(list);
}

static void a_bad_line_leaves_the_rest_of_its_file(void **state)
{
	(void)state;
	char path[] = "/tmp/reputation_list_XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *out = fdopen(fd, "w");
	fputs("# bad ones\n203.0.113.7\n0.0.0.0/0\ncom\n", out);
	for (unsigned i = 0; i < 3000; i++) // one line, several times what is read at once
		fputc('a', out);
	fputs("\nbad.example", out); // no end of line
	fclose(out);
	log_set_level(LOG_ERROR);
	struct reputation_list *list = reputation_list_new();
	assert_true(reputation_list_read_file(list, path));
	assert_false(reputation_list_read_file(list, "/nonexistent/list"));
	assert_false(reputation_list_read_file(list, "/tmp"));
	assert_true(reputation_list_finish(list));
	assert_int_equal(reputation_list_bad_lines(list), 3);
	assert_int_equal(reputation_list_count(list), 2);
	const struct reputation_indicator *found = reputation_list_find_domain(list, span_text("www.bad.example"));
	assert_non_null(found);
	assert_string_equal(reputation_list_file(list, found), path);
	reputation_list_free(list);
	unlink(path);
}

static void an_empty_list_finds_nothing(void **state)
{
	(void)state;
	struct reputation_list *list = list_of((const char *const[]) { NULL });
	assert_true(address_finds(list, "203.0.113.5", NULL));
	assert_true(domain_finds(list, "bad.example", NULL));
	reputation_list_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_says_nothing_or_too_much_is_refused),
		cmocka_unit_test(addresses_are_found_before_the_narrowest_network),
		cmocka_unit_test(networks_agree_with_a_plain_search),
		cmocka_unit_test(domains_stand_for_all_below_them),
		cmocka_unit_test(a_bad_line_leaves_the_rest_of_its_file),
		cmocka_unit_test(an_empty_list_finds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
