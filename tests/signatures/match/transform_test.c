// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <zlib.h>
#include "signatures/match/search.h"
#include "signatures/match/transform.h"

static uint8_t bytes[1u << 16];

static void becomes(struct transform transform, struct span in, struct span want)
{
	struct transform_arena arena = { bytes, sizeof(bytes), 0 };
	struct span out;
	assert_true(transform_apply(&transform, 1, &arena, NULL, in, &out));
	assert_int_equal(out.len, want.len);
	assert_memory_equal(out.data, want.data, want.len);
}

static void text_becomes(enum transform_kind kind, const char *in, const char *want)
{
	becomes((struct transform) { .kind = (uint8_t)kind }, span_text(in), span_text(want));
}

static void text_transforms(void **state)
{
	(void)state;
	text_becomes(TRANSFORM_STRIP_WHITESPACE, " a b\r\n\tc ", "abc");
	text_becomes(TRANSFORM_COMPRESS_WHITESPACE, "a  b \t c", "a b c");
	text_becomes(TRANSFORM_TO_LOWERCASE, "AbC1", "abc1");
	text_becomes(TRANSFORM_TO_UPPERCASE, "AbC1", "ABC1");
	text_becomes(TRANSFORM_DOTPREFIX, "a.b", ".a.b");
	text_becomes(TRANSFORM_DOMAIN, "www.example.com", "example.com");
	text_becomes(TRANSFORM_DOMAIN, "a.b.example.co.uk", "example.co.uk");
	text_becomes(TRANSFORM_TLD, "www.example.co.uk", "co.uk");
	text_becomes(TRANSFORM_TLD, "www.example.com", "com");
	text_becomes(TRANSFORM_URL_DECODE, "a%20b+c%zz", "a b c%zz");
	text_becomes(TRANSFORM_HEADER_LOWERCASE, "Host: A\r\nUser-Agent: B\r\n", "host: A\r\nuser-agent: B\r\n");
	text_becomes(TRANSFORM_STRIP_PSEUDO_HEADERS, ":method: GET\r\nhost: a\r\n:path: /\r\n", "host: a\r\n");
}

static void keyed_and_coded(void **state)
{
	(void)state;
	becomes((struct transform) { .kind = TRANSFORM_XOR, .argument = span_text(" ") }, span_text("ABC"),
		span_text("abc"));
	becomes((struct transform) { .kind = TRANSFORM_FROM_BASE64 }, span_text("aGVsbG8="), span_text("hello"));
	static const uint8_t md5[16] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28,
		0xe1, 0x7f, 0x72 };
	becomes((struct transform) { .kind = TRANSFORM_TO_MD5 }, span_text("abc"), span_of(md5, 16));
}

static void inflated(void **state)
{
	(void)state;
	uint8_t packed[256];
	uLongf len = sizeof(packed);
	assert_int_equal(compress(packed, &len, (const Bytef *)"hello hello hello", 17), Z_OK);
	becomes((struct transform) { .kind = TRANSFORM_ZLIB_DEFLATE }, span_of(packed, len),
		span_text("hello hello hello"));
	struct transform_arena arena = { bytes, sizeof(bytes), 0 };
	struct transform broken = { .kind = TRANSFORM_GUNZIP };
	struct span out;
	assert_false(transform_apply(&broken, 1, &arena, NULL, span_text("not gzip"), &out));
}

static void an_arena_that_is_full_gives_no_value(void **state)
{
	(void)state;
	struct transform_arena arena = { bytes, 4, 0 };
	struct transform lower = { .kind = TRANSFORM_TO_LOWERCASE };
	struct span out;
	assert_false(transform_apply(&lower, 1, &arena, NULL, span_text("longer"), &out));
	assert_true(transform_apply(&lower, 1, &arena, NULL, span_text("LESS"), &out));
}

// The same sequence every time.
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void searches_agree_with_the_plain_way(void **state)
{
	(void)state;
	uint8_t hay[300];
	uint32_t seed = 7;
	for (unsigned round = 0; round < 2000; round++) {
		uint32_t len = next(&seed) % 300, needle_len = 1 + next(&seed) % 6;
		uint8_t needle[6];
		for (uint32_t i = 0; i < len; i++)
			hay[i] = (uint8_t) "aAbB."[next(&seed) % 5];
		for (uint32_t i = 0; i < needle_len; i++)
			needle[i] = (uint8_t) "ab."[next(&seed) % 3];
		bool nocase = round & 1;
		uint32_t want = SEARCH_NONE;
		for (uint32_t at = 0; at + needle_len <= len && want == SEARCH_NONE; at++)
			if (nocase ? strncasecmp((char *)hay + at, (char *)needle, needle_len) == 0
				   : memcmp(hay + at, needle, needle_len) == 0)
				want = at;
		assert_int_equal(
			search_find((struct span) { hay, len }, (struct span) { needle, needle_len }, nocase), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_transforms),
		cmocka_unit_test(keyed_and_coded),
		cmocka_unit_test(inflated),
		cmocka_unit_test(an_arena_that_is_full_gives_no_value),
		cmocka_unit_test(searches_agree_with_the_plain_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
