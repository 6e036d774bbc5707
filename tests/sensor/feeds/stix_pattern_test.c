// SPDX-License-Identifier: GPL-3.0-or-later
// STIX patterns: which can be looked up one by one, and why others cannot.
#include "sensor/feeds/stix_pattern.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

static const char *parse(const char *text, char *out, size_t size)
{
	static struct stix_pattern pattern; // large
	const char *wrong = stix_pattern_parse(text, &pattern);
	size_t len = 0;
	out[0] = 0;
	for (unsigned i = 0; !wrong && i < pattern.count; i++)
		len += (size_t)snprintf(out + len, size - len, "%s %s %u;",
			pattern.values[i].kind < INDICATOR_KINDS ? indicator_kind_names[pattern.values[i].kind] : "-",
			pattern.values[i].text, pattern.values[i].port);
	return wrong;
}

static void values_joined_by_or(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *values;
	} cases[] = {
		{ "[domain-name:value = 'a.example']", "domain a.example 0;" },
		{ "  ( [ domain-name:value='a' OR ( url:value = 'b' ) ] OR [email-addr:value = 'c'] ) ",
			"domain a 0;url b 0;email c 0;" },
		{ "[url:value = 'it\\'s \\\\ here']", "url it's \\ here 0;" },
		{ "[file:hashes.'SHA-256' = 'x' AND file:name = 'y']", "file_sha256 x 0;" },
		{ "[file:hashes.MD5 = 'x' AND file:hashes.'SHA-1' = 'y']", "file_md5 x 0;file_sha1 y 0;" },
		{ "[network-traffic:dst_port = 8080 AND network-traffic:dst_ref.value = '192.0.2.1']",
			"- 192.0.2.1 8080;" },
		{ "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' AND "
		  "network-traffic:dst_port = 443]",
			"- 192.0.2.1 443;" },
		{ "[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 443]", "address 192.0.2.1 443;" },
		{ "[domain-name:value IN ('a', 'b') OR url:value = 'c']", "domain a 0;domain b 0;url c 0;" },
		{ "[file:hashes.MD5 = 'x' AND file:hashes.'SHA-512' = 'y' AND file:hashes.SSDEEP = 'z']",
			"file_md5 x 0;" },
		{ "[file:name = 'a.exe' OR file:hashes.MD5 = 'b']", "file_md5 b 0;" },
		{ "[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "address 192.0.2.0/24 0;" },
	};
	char text[512];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(parse(cases[i].pattern, text, sizeof(text)));
		assert_string_equal(text, cases[i].values);
	}
}

static void what_cannot_be_looked_up_says_why(void **state)
{
	(void)state;
	static const char *const cases[] = { "", "[", "[]", "[[domain-name:value = 'a']]", "[domain-name:value]",
		"[domain-name:value = ]", "[domain-name:value = 'a'", "[domain-name:value = 'a",
		"[domain-name:value = 'a\\", "([domain-name:value = 'a']", "[domain-name:value = 'a'] )",
		"[domain-name:value != 'a']", "[domain-name:value LIKE 'a%']", "[NOT domain-name:value = 'a']",
		"[domain-name:value = 'a'] AND [domain-name:value = 'b']",
		"[domain-name:value = 'a' AND url:value = 'b']", "[process:name = 'a']",
		"[network-traffic:dst_port = 80]",
		"[network-traffic:dst_port = 99999 AND network-traffic:dst_ref.value = 'a']", "[file:name = 'a.exe']",
		"[file:hashes.SSDEEP = 'a']", "[network-traffic:dst_ref.type = 'ipv4-addr']",
		"[domain-name:value IN ()]", "[domain-name:value IN ('a' 'b')]", "[domain-name:value IN ('a', 'b']",
		"[domain-name:value IN ('a', 'b') AND url:value = 'c']",
		"[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2') AND network-traffic:dst_port = 80]",
		"[domain-name:value = 'a' AND (url:value = 'b' OR url:value = 'c')]",
		"[domain-name:value = 'a'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'" };
	char text[512];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!parse(cases[i], text, sizeof(text)))
			fail_msg("taken: %s as %s", cases[i], text);
}

static void many_and_long_values_are_refused_whole(void **state)
{
	(void)state;
	enum { SIZE = 65536 };
	char *text = malloc(SIZE), out[4096];
	size_t len = (size_t)sprintf(text, "[domain-name:value = 'a'");
	for (unsigned i = 0; i < STIX_VALUES_MAX; i++)
		len += (size_t)sprintf(text + len, " OR domain-name:value = 'a%u'", i);
	strcpy(text + len, "]");
	assert_non_null(parse(text, out, sizeof(out)));
	len = (size_t)sprintf(text, "[url:value = '");
	memset(text + len, 'a', 2 * INDICATOR_VALUE_MAX);
	strcpy(text + len + 2 * INDICATOR_VALUE_MAX, "']");
	assert_non_null(parse(text, out, sizeof(out)));
	// Brackets without end: linear, without recursion
	memset(text, '(', SIZE - 1);
	text[SIZE - 1] = 0;
	assert_non_null(parse(text, out, sizeof(out)));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_joined_by_or),
		cmocka_unit_test(what_cannot_be_looked_up_says_why),
		cmocka_unit_test(many_and_long_values_are_refused_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
